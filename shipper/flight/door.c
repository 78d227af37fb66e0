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

/* Who does not take the answer goes without one. */
static void take_word(struct loop_op *op, int result, uint32_t flags)
{
	struct flight_door *d = (struct flight_door *)op;
	char text[INCIDENT_TEXT_SIZE + sizeof(verb)];
	char answer[FLIGHT_REPLY_SIZE];
	struct sockaddr_un from;
	socklen_t size = sizeof(from);
	ssize_t n;

	if (result < 0)
		return;
	n = recvfrom(d->fd, text, sizeof(text) - 1, MSG_DONTWAIT,
		     (struct sockaddr *)&from, &size);
	if (n >= 0) {
		text[n] = '\0';
		answer_word(d, text, answer);
		sendto(d->fd, answer, strlen(answer), MSG_DONTWAIT,
		       (const struct sockaddr *)&from, size);
	}
	loop_poll(d->loop, &d->op, d->fd, POLLIN);
}

static int bind_socket(struct flight_door *d)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (strlen(d->path) >= sizeof(a.sun_path))
		return -ENAMETOOLONG;
	strcpy(a.sun_path, d->path);
	d->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (d->fd < 0)
		return -errno;
	unlink(d->path);
	if (!bind(d->fd, (const struct sockaddr *)&a, sizeof(a)) &&
	    !chmod(d->path, 0660))
		return 0;
	return -errno;
}

void flight_door_open(struct flight_door *d, struct loop *loop,
		      struct flight *flight, const char *path)
{
	int err;

	*d = (struct flight_door){ .op.done = take_word,
				   .loop = loop,
				   .flight = flight,
				   .path = path,
				   .fd = -1 };
	if (!flight)
		return;
	err = bind_socket(d);
	d->open = !err;
	if (d->open) {
		loop_poll(loop, &d->op, d->fd, POLLIN);
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
	close(d->fd);
	unlink(d->path);
}
