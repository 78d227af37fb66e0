// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ktach-shipper: samples in, frames out. One thread, one io_uring; main() is
 * the ladder of what is opened, and its reverse.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "shipper/config.h"
#include "shipper/cpu_source.h"
#include "shipper/dev_watch.h"
#include "shipper/identity.h"
#include "shipper/net_source.h"
#include "shipper/output.h"

enum {
	LOOP_ENTRIES = 128, /* every frame, and a handful of polls and timers */
	FLUSH_MS = 1000, /* at the end: how long sends may take */
};

struct shipper {
	struct config config;
	struct identity identity;
	struct loop loop;
	struct output output;
	struct cpu_source times;
	struct cpu_source softirqs;
	struct net_source net;
	struct dev_watch watch;
};

/* An operation that belongs to the whole shipper. */
struct shipper_op {
	struct loop_op op; /* first: done() gets this from it */
	struct shipper *shipper;
	int fd;
	bool fired;
};

static void put_node(struct shipper *s)
{
	uint64_t cells[WIRE_NODE_REQUIRED] = {
		[WIRE_NODE_PERIOD_NS] = s->config.interval_ns,
		[WIRE_NODE_SEND_FAILED] = s->output.failed,
	};
	struct wire_text text[WIRE_NODE_TEXTS] = {
		[WIRE_NODE_NAME] = { s->identity.name,
				     strlen(s->identity.name) },
		[WIRE_NODE_VERSION] = { KTACH_VERSION,
					sizeof(KTACH_VERSION) - 1 },
	};
	struct wire_table table = {
		.kind = WIRE_NODE,
		.schema = 1,
		.origin = WIRE_ORIGIN_SHIPPER,
		.real_ns = clock_real_ns(),
		.mono_ns = clock_mono_ns(),
		.columns = WIRE_NODE_REQUIRED,
		.rows = 1,
		.texts = WIRE_NODE_TEXTS,
		.cells = cells,
		.text = text,
	};

	output_put(&s->output, &table);
}

/* The node's own table goes first: it says how to read the rest. */
static void collect(struct shipper *s)
{
	put_node(s);
	cpu_source_collect(&s->times);
	cpu_source_collect(&s->softirqs);
	net_source_collect(&s->net);
	output_flush(&s->output);
}

/* Ticks lie on multiples of the interval; those that passed are left out. */
static void timer_arm(struct shipper_op *t)
{
	uint64_t interval_ns = t->shipper->config.interval_ns;

	loop_timeout(&t->shipper->loop, &t->op,
		     (clock_mono_ns() / interval_ns + 1) * interval_ns);
}

static void timer_done(struct loop_op *op, int result, uint32_t flags)
{
	struct shipper_op *t = (struct shipper_op *)op;

	if (result == -ECANCELED)
		return;
	collect(t->shipper);
	timer_arm(t);
}

static void signal_done(struct loop_op *op, int result, uint32_t flags)
{
	struct shipper_op *s = (struct shipper_op *)op;

	s->shipper->loop.stop = true;
}

static int signal_open(struct shipper_op *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->fd < 0)
		return -errno;
	loop_poll(&s->shipper->loop, &s->op, s->fd, POLLIN);
	return 0;
}

static void devices_changed(void *data)
{
	struct shipper *s = data;

	cpu_source_device_changed(&s->times);
	cpu_source_device_changed(&s->softirqs);
}

static void flush_expired(struct loop_op *op, int result, uint32_t flags)
{
	struct shipper_op *t = (struct shipper_op *)op;

	t->fired = true;
}

/* Ship what is there, and give the sends a bounded time to leave. */
static void finish(struct shipper *s)
{
	struct shipper_op limit = {
		.op.done = flush_expired,
		.shipper = s,
	};

	collect(s);
	loop_timeout(&s->loop, &limit.op,
		     clock_mono_ns() + FLUSH_MS * UINT64_C(1000000));
	while (s->output.under_way && !limit.fired &&
	       !loop_run_once(&s->loop, true))
		;
}

static int run(struct shipper *s)
{
	struct shipper_op timer = { .op.done = timer_done, .shipper = s };
	struct shipper_op signals = { .op.done = signal_done, .shipper = s };
	int err = signal_open(&signals);

	if (err) {
		log_error("cannot wait for signals: %s", strerror(-err));
		return err;
	}
	timer_arm(&timer);
	err = loop_run(&s->loop);
	if (err)
		log_error("the event loop failed: %s", strerror(-err));
	else
		finish(s);
	close(signals.fd);
	return err;
}

static int loop_open(struct shipper *s)
{
	int err = loop_init(&s->loop, LOOP_ENTRIES);

	if (err)
		log_error("cannot make an io_uring: %s%s", strerror(-err),
			  err == -EPERM ?
				  " (is kernel.io_uring_disabled set?)" :
				  "");
	return err;
}

int main(int argc, char **argv)
{
	static struct shipper s;
	int err;

	config_parse(&s.config, argc, argv);
	log_init("ktach-shipper", s.config.debug ? LOG_DEBUG : LOG_INFO);

	err = identity_init(&s.identity, s.config.state, s.config.name);
	if (err)
		goto out;
	err = loop_open(&s);
	if (err)
		goto out;
	err = output_open(&s.output, &s.loop, &s.identity.sender,
			  s.config.collector, s.config.datagram);
	if (err)
		goto exit_loop;
	err = cpu_source_open(&s.times, &cpu_source_times, &s.loop, &s.output);
	if (err)
		goto close_output;
	err = cpu_source_open(&s.softirqs, &cpu_source_softirqs, &s.loop,
			      &s.output);
	if (err)
		goto close_times;
	err = dev_watch_open(&s.watch, &s.loop, devices_changed, &s);
	if (err)
		goto close_softirqs;
	net_source_open(&s.net, &s.config, &s.loop, &s.output);
	log_info("%s: sending to %s", s.identity.name, s.output.peer);

	err = run(&s);

	net_source_close(&s.net);
	dev_watch_close(&s.watch);
close_softirqs:
	cpu_source_close(&s.softirqs);
close_times:
	cpu_source_close(&s.times);
close_output:
	output_close(&s.output);
exit_loop:
	loop_exit(&s.loop);
out:
	return err ? 1 : 0;
}
