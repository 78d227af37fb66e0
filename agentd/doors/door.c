// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "agentd/doors/door.h"
#include "lib/base/clock.h"
#include "lib/base/container.h"
#include "lib/base/log.h"

enum {
	BACKLOG = 16,
};

#define TELL_EVERY_NS UINT64_C(60000000000)

static void wait_for_visitors(struct door *d);

static void end_visit(struct visitor *v)
{
	struct door *d = v->door;
	int i;

	for (i = 0; i < DOOR_VISITORS_MAX; i++)
		if (d->visitors[i] == v)
			d->visitors[i] = NULL;
	close(v->fd);
	free(v->answer);
	free(v);
	wait_for_visitors(d);
}

static void sent(struct loop_op *op, int result, uint32_t flags)
{
	struct visitor *v = container_of(op, struct visitor, op);

	v->sent += result > 0 ? (size_t)result : 0;
	if (result <= 0 || v->sent >= v->size)
		end_visit(v);
	else
		loop_send(v->door->loop, op, v->fd, v->answer + v->sent,
			  v->size - v->sent);
}

void visitor_answer(struct visitor *v, char *answer, size_t size)
{
	v->answer = answer;
	v->size = answer ? size : 0;
	v->answered = true;
	v->until_ns = clock_mono_ns() + DOOR_PATIENCE_NS;
	v->op.done = sent;
	loop_send(v->door->loop, &v->op, v->fd, v->answer, v->size);
}

static void received(struct loop_op *op, int result, uint32_t flags)
{
	struct visitor *v = container_of(op, struct visitor, op);
	struct door *d = v->door;

	if (result <= 0) {
		end_visit(v);
		return;
	}
	v->used += (size_t)result;
	v->request[v->used] = '\0';
	if (d->ready(v))
		return;
	if (v->used >= d->request_max)
		d->full(v);
	else
		loop_recv(d->loop, op, v->fd, v->request + v->used,
			  d->request_max - v->used);
}

static void begin_visit(struct door *d, int place, int fd)
{
	struct visitor *v = calloc(1, sizeof(*v) + d->request_max + 1);

	if (!v) {
		close(fd);
		return;
	}
	v->door = d;
	v->fd = fd;
	v->until_ns = clock_mono_ns() + DOOR_PATIENCE_NS;
	v->op.done = received;
	d->visitors[place] = v;
	loop_recv(d->loop, &v->op, fd, v->request, d->request_max);
}

/* The oldest one that may go; NULL: each is answered, or has its request worked out. */
static struct visitor *find_idle(const struct door *d)
{
	struct visitor *v, *found = NULL;
	int i;

	for (i = 0; i < DOOR_VISITORS_MAX; i++) {
		v = d->visitors[i];
		if (v && !v->answered && v->until_ns != UINT64_MAX &&
		    (!found || v->until_ns < found->until_ns))
			found = v;
	}
	return found;
}

/* What is under way ends by it, and somebody else has the place. */
static void push_out(struct door *d, struct visitor *v)
{
	uint64_t now_ns = clock_mono_ns();

	v->ending = true;
	shutdown(v->fd, SHUT_RDWR);
	d->pushed++;
	if (d->told_ns && now_ns - d->told_ns < TELL_EVERY_NS)
		return;
	log_warn(
		"%s: %lu connection%s closed for newer ones: no whole request came (the next line comes in a minute at the earliest)",
		d->name, d->pushed, d->pushed == 1 ? "" : "s");
	d->told_ns = now_ns;
	d->pushed = 0;
}

static bool is_any_ending(const struct door *d)
{
	int i;

	for (i = 0; i < DOOR_VISITORS_MAX; i++)
		if (d->visitors[i] && d->visitors[i]->ending)
			return true;
	return false;
}

static int free_place(const struct door *d)
{
	int i = 0;

	while (i < DOOR_VISITORS_MAX && d->visitors[i])
		i++;
	return i;
}

/* Whether anybody does. */
static bool is_waiting(const struct door *d)
{
	struct pollfd p = { .fd = d->fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

static void came(struct loop_op *op, int result, uint32_t flags)
{
	struct door *d = container_of(op, struct door, accept);
	int place, fd = 0;

	d->accepting = false;
	while (fd >= 0 && (place = free_place(d)) < DOOR_VISITORS_MAX) {
		fd = accept4(d->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			begin_visit(d, place, fd);
	}
	if (fd >= 0 && is_waiting(d) && find_idle(d))
		push_out(d, find_idle(d));
	wait_for_visitors(d);
}

/* Others wait in the socket's queue until a place is free, or can be made so. */
static void wait_for_visitors(struct door *d)
{
	if (d->accepting || d->fd < 0 || is_any_ending(d) ||
	    (free_place(d) == DOOR_VISITORS_MAX && !find_idle(d)))
		return;
	d->accepting = true;
	loop_poll(d->loop, &d->accept, d->fd, POLLIN);
}

int door_listen(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int err, fd = socket(AF_UNIX,
			     SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	strcpy(a.sun_path, path);
	unlink(path);
	if (!bind(fd, (struct sockaddr *)&a, sizeof(a)) && !chmod(path, 0666) &&
	    !listen(fd, BACKLOG))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

void door_open(struct door *d, struct loop *loop, int fd)
{
	d->loop = loop;
	d->fd = fd;
	if (!d->request_max)
		d->request_max = DOOR_REQUEST_MAX;
	d->accept.done = came;
	wait_for_visitors(d);
}

/* What is under way ends by it. */
void door_sweep(struct door *d, uint64_t now_ns)
{
	int i;

	for (i = 0; i < DOOR_VISITORS_MAX; i++)
		if (d->visitors[i] && now_ns >= d->visitors[i]->until_ns)
			shutdown(d->visitors[i]->fd, SHUT_RDWR);
}

/* The loop is over. */
void door_close(struct door *d)
{
	int i;

	for (i = 0; i < DOOR_VISITORS_MAX; i++) {
		if (!d->visitors[i])
			continue;
		close(d->visitors[i]->fd);
		free(d->visitors[i]->answer);
		free(d->visitors[i]);
	}
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}
