// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/clean.h"
#include "lib/base/log.h"
#include "shipper/flight/door.h"

static const char verb[] = "freeze";

static void answer_word(struct flight_door *d, char *text,
			char answer[FLIGHT_REPLY_SIZE])
{
	size_t size = sizeof(verb) - 1;

	text[strcspn(text, "\n")] = '\0';
	clean_string(text);
	if (strncmp(text, verb, size) || (text[size] && text[size] != ' ')) {
		snprintf(answer, FLIGHT_REPLY_SIZE,
			 "error expected: freeze TEXT\n");
		return;
	}
	text += size;
	text += strspn(text, " ");
	flight_freeze(d->flight, INCIDENT_OPERATOR,
		      *text ? text : "by an operator on the host", answer);
}

static void wait_for_word(struct flight_door *d)
{
	loop_poll(d->loop, &d->op, d->client < 0 ? d->fd : d->client, POLLIN);
}

/* Who does not take the answer goes without one. */
static void take_word(struct flight_door *d)
{
	char text[INCIDENT_TEXT_SIZE + sizeof(verb)];
	char answer[FLIGHT_REPLY_SIZE];
	ssize_t n = recv(d->client, text, sizeof(text) - 1, MSG_DONTWAIT);

	if (n > 0) {
		text[n] = '\0';
		answer_word(d, text, answer);
		send(d->client, answer, strlen(answer),
		     MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	close(d->client);
	d->client = -1;
}

static void take_news(struct loop_op *op, int result, uint32_t flags)
{
	struct flight_door *d = (struct flight_door *)op;

	if (result < 0)
		return;
	if (d->client < 0)
		d->client = accept4(d->fd, NULL, NULL, SOCK_CLOEXEC);
	else
		take_word(d);
	wait_for_word(d);
}

static int bind_socket(struct flight_door *d)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (strlen(d->path) >= sizeof(a.sun_path))
		return -ENAMETOOLONG;
	strcpy(a.sun_path, d->path);
	d->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (d->fd < 0)
		return -errno;
	unlink(d->path);
	if (!bind(d->fd, (const struct sockaddr *)&a, sizeof(a)) &&
	    !chmod(d->path, 0660) && !listen(d->fd, 8))
		return 0;
	return -errno;
}

void flight_door_open(struct flight_door *d, struct loop *loop,
		      struct flight *flight, const char *path)
{
	int err;

	*d = (struct flight_door){ .op.done = take_news,
				   .loop = loop,
				   .flight = flight,
				   .path = path,
				   .fd = -1,
				   .client = -1 };
	if (!flight)
		return;
	err = bind_socket(d);
	d->open = !err;
	if (d->open) {
		wait_for_word(d);
		return;
	}
	if (d->fd >= 0)
		close(d->fd);
	log_warn("flight recorder: no 'ktach freeze': %s: %s", path,
		 strerror(-err));
}

void flight_door_close(struct flight_door *d)
{
	if (!d->open)
		return;
	if (d->client >= 0)
		close(d->client);
	close(d->fd);
	unlink(d->path);
}
