// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agentd/bus/bus.h"
#include "lib/base/clock.h"
#include "lib/base/container.h"
#include "lib/base/log.h"

#define SYSTEMD "org.freedesktop.systemd1"
#define PRIVATE_SOCKET "/run/systemd/private"
#define PAUSE_MIN_NS UINT64_C(1000000000)
#define PAUSE_MAX_NS UINT64_C(30000000000)

static void finish_job(struct bus_job *job, const char *problem)
{
	bus_leave_job(job);
	job->done(job, problem);
}

void bus_leave_job(struct bus_job *job)
{
	list_remove(&job->link);
	job->slot = sd_bus_slot_unref(job->slot);
}

static void lose_jobs(struct bus *b)
{
	struct list *link;

	while ((link = list_first(&b->jobs)))
		finish_job(
			container_of(link, struct bus_job, link),
			"systemd's bus went away meanwhile: whether it is done is not known");
}

static void disconnect(struct bus *b, const char *why)
{
	if (!b->told)
		log_warn(
			"systemd cannot be asked: %s; agents run on, and this is tried again",
			why);
	b->told = true;
	if (b->waits_in)
		loop_cancel(b->loop, &b->in);
	if (b->waits_out)
		loop_cancel(b->loop, &b->out);
	b->again_ns = clock_mono_ns() + b->pause_ns;
	b->pause_ns = b->pause_ns * 2 < PAUSE_MAX_NS ? b->pause_ns * 2 :
						       PAUSE_MAX_NS;
	b->ready = false;
	lose_jobs(b);
	b->went(b->owner);
	b->bus = sd_bus_close_unref(b->bus);
}

const char *bus_sender(const struct bus *b)
{
	return b->direct ? NULL : SYSTEMD;
}

/* "done" is all well; the others are one word each, as "failed" or "timeout". */
static int on_job_removed(sd_bus_message *m, void *owner, sd_bus_error *error)
{
	struct bus *b = owner;
	const char *path, *unit, *result;
	struct list *link;
	uint32_t id;

	if (sd_bus_message_read(m, "uoss", &id, &path, &unit, &result) < 0)
		return 0;
	for (link = b->jobs.next; link != &b->jobs; link = link->next) {
		struct bus_job *job = container_of(link, struct bus_job, link);

		if (strcmp(job->path, path))
			continue;
		finish_job(job, strcmp(result, "done") ? result : NULL);
		break;
	}
	return 0;
}

/* systemd is there: whatever comes from now on is known. */
static int on_subscribed(sd_bus_message *m, void *owner, sd_bus_error *error)
{
	struct bus *b = owner;

	if (sd_bus_message_is_method_error(m, NULL)) {
		/* bus_turn() sees it. */
		log_debug("Subscribe: %s",
			  sd_bus_message_get_error(m)->message);
		return -ECONNRESET;
	}
	if (b->told)
		log_info("systemd can be asked again");
	b->told = false;
	b->pause_ns = PAUSE_MIN_NS;
	b->ready = true;
	b->came(b->owner);
	return 0;
}

static int connect_private(sd_bus **bus)
{
	int err = sd_bus_new(bus);

	if (err < 0)
		return err;
	err = sd_bus_set_address(*bus, "unix:path=" PRIVATE_SOCKET);
	if (err >= 0)
		err = sd_bus_start(*bus);
	if (err < 0)
		*bus = sd_bus_unref(*bus);
	return err;
}

static int connect_any(struct bus *b)
{
	int err = sd_bus_open_system(&b->bus);

	b->direct = err < 0;
	return err < 0 ? connect_private(&b->bus) : err;
}

static int subscribe(struct bus *b)
{
	sd_bus_message *m = NULL;
	int err = sd_bus_match_signal_async(b->bus, NULL, bus_sender(b),
					    SYSTEMD_PATH, SYSTEMD_MANAGER,
					    "JobRemoved", on_job_removed, NULL,
					    b);

	if (err < 0)
		return err;
	m = bus_call(b, "Subscribe");
	err = m ? sd_bus_call_async(b->bus, NULL, m, on_subscribed, b, 0) :
		  -ENOMEM;
	sd_bus_message_unref(m);
	return err;
}

static void connect_again(struct bus *b)
{
	int err = connect_any(b);

	if (err >= 0)
		err = subscribe(b);
	if (err < 0)
		disconnect(b, strerror(-err));
}

static void came_in(struct loop_op *op, int result, uint32_t flags)
{
	struct bus *b = container_of(op, struct bus, in);

	b->waits_in = false;
	b->due = true;
}

static void went_out(struct loop_op *op, int result, uint32_t flags)
{
	struct bus *b = container_of(op, struct bus, out);

	b->waits_out = false;
	b->due = true;
}

static void wait_for_more(struct bus *b)
{
	int fd = sd_bus_get_fd(b->bus), events = sd_bus_get_events(b->bus);

	if (fd < 0 || events < 0) {
		disconnect(b, strerror(fd < 0 ? -fd : -events));
		return;
	}
	if ((events & POLLIN) && !b->waits_in) {
		b->waits_in = true;
		loop_poll(b->loop, &b->in, fd, POLLIN);
	}
	if ((events & POLLOUT) && !b->waits_out) {
		b->waits_out = true;
		loop_poll(b->loop, &b->out, fd, POLLOUT);
	}
}

void bus_turn(struct bus *b, uint64_t now_ns)
{
	int n = 1;

	b->due = false;
	if (!b->bus && !b->waits_in && !b->waits_out && now_ns >= b->again_ns)
		connect_again(b);
	while (b->bus && n > 0) {
		n = sd_bus_process(b->bus, NULL);
		if (n < 0)
			disconnect(b, strerror(-n));
	}
	if (b->bus)
		wait_for_more(b);
}

void bus_open(struct bus *b, struct loop *loop)
{
	b->loop = loop;
	b->in.done = came_in;
	b->out.done = went_out;
	b->pause_ns = PAUSE_MIN_NS;
	list_init(&b->jobs);
}

/* The loop is over: what waits on it never ends. */
void bus_close(struct bus *b)
{
	lose_jobs(b);
	b->went(b->owner);
	b->bus = sd_bus_flush_close_unref(b->bus);
}

sd_bus_message *bus_call(struct bus *b, const char *method)
{
	sd_bus_message *m = NULL;

	b->due = true; /* there may be no room for it at once */
	if (b->bus)
		sd_bus_message_new_method_call(b->bus, &m, SYSTEMD,
					       SYSTEMD_PATH, SYSTEMD_MANAGER,
					       method);
	return m;
}

static int on_job_made(sd_bus_message *m, void *owner, sd_bus_error *error)
{
	struct bus_job *job = owner;
	const sd_bus_error *e = sd_bus_message_get_error(m);
	const char *path;

	if (e)
		finish_job(job, e->message ? e->message : e->name);
	else if (sd_bus_message_read(m, "o", &path) < 0)
		finish_job(job, "systemd's answer is not understood");
	else
		snprintf(job->path, sizeof(job->path), "%s", path);
	return 0;
}

void bus_send_job(struct bus *b, struct bus_job *job, sd_bus_message *m)
{
	int err = m && b->ready ? 0 : -ENOTCONN;

	job->bus = b;
	job->path[0] = '\0';
	list_append(&b->jobs, &job->link);
	if (!err)
		err = sd_bus_call_async(b->bus, &job->slot, m, on_job_made, job,
					0);
	sd_bus_message_unref(m);
	if (err < 0)
		finish_job(job, err == -ENOTCONN ? "systemd's bus is away" :
						   strerror(-err));
}

void bus_unit_job(struct bus *b, struct bus_job *job, const char *method,
		  const char *unit)
{
	sd_bus_message *m = bus_call(b, method);

	if (m)
		sd_bus_message_append(m, "ss", unit, "replace");
	bus_send_job(b, job, m);
}

void bus_reset_failed(struct bus *b, const char *unit)
{
	sd_bus_message *m = bus_call(b, "ResetFailedUnit");

	if (!m)
		return;
	sd_bus_message_set_expect_reply(m, 0);
	if (sd_bus_message_append(m, "s", unit) >= 0)
		sd_bus_send(b->bus, m, NULL);
	sd_bus_message_unref(m);
}
