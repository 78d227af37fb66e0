// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ktach-shipper: samples in, frames out. One thread, one loop; main() is the
 * ladder of what is opened, and its reverse.
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
#include "shipper/carrier.h"
#include "shipper/config.h"
#include "shipper/cpu_source.h"
#include "shipper/dev_watch.h"
#include "shipper/identity.h"
#include "shipper/net_source.h"
#include "shipper/output.h"

enum {
	LOOP_ENTRIES = 64, /* sends, and a handful of polls and timers */
	FLUSH_MS = 3000, /* at the end: for sends and acknowledgements */
};

struct shipper {
	struct config config;
	struct identity identity;
	struct loop loop;
	struct queue queue;
	struct output output;
	struct carrier carrier;
	struct cpu_source times;
	struct cpu_source softirqs;
	struct net_source net;
	struct dev_watch watch;
	uint64_t ship_at_ns; /* when the next frame is due */
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
		[WIRE_NODE_PERIOD_NS] = s->config.ship_ns,
		[WIRE_NODE_SEND_FAILED] = carrier_failed(&s->carrier),
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
	if (output_empty(&s->output))
		put_node(s);
	cpu_source_collect(&s->times);
	cpu_source_collect(&s->softirqs);
	net_source_collect(&s->net);
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The next multiple of a period; those that passed are left out. */
static uint64_t next_tick(uint64_t now_ns, uint64_t period_ns)
{
	return (now_ns / period_ns + 1) * period_ns;
}

/* Rings keep their samples until the rest is sampled, or they are half full. */
static void timer_arm(struct shipper_op *t)
{
	struct shipper *s = t->shipper;
	uint64_t now_ns = clock_mono_ns();
	uint64_t patience_ns = min(cpu_source_patience_ns(&s->times),
				   cpu_source_patience_ns(&s->softirqs));
	uint64_t at_ns = next_tick(now_ns, s->config.interval_ns);

	if (patience_ns < at_ns - now_ns)
		at_ns = now_ns + patience_ns;
	s->ship_at_ns = next_tick(now_ns, s->config.ship_ns);
	loop_timeout(&s->loop, &t->op, min(at_ns, s->ship_at_ns));
}

static void timer_done(struct loop_op *op, int result, uint32_t flags)
{
	struct shipper_op *t = (struct shipper_op *)op;
	struct shipper *s = t->shipper;

	if (result == -ECANCELED)
		return;
	collect(s);
	if (clock_mono_ns() >= s->ship_at_ns)
		output_flush(&s->output);
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
	output_flush(&s->output);
	loop_timeout(&s->loop, &limit.op,
		     clock_mono_ns() + FLUSH_MS * UINT64_C(1000000));
	while (s->queue.frames && !limit.fired &&
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

/* An io_uring may be refused: by a sysctl, by seccomp, by an old kernel. */
static void loop_open(struct shipper *s)
{
	int err = s->config.no_io_uring ? -EPERM :
					  loop_init(&s->loop, LOOP_ENTRIES);

	if (!err)
		return;
	loop_init_polled(&s->loop);
	if (!s->config.no_io_uring)
		log_info("no io_uring (%s); going on with ppoll()",
			 strerror(-err));
}

static int sources_open(struct shipper *s)
{
	int err = cpu_source_open(&s->times, &cpu_source_times, &s->output);

	if (err)
		return err;
	err = cpu_source_open(&s->softirqs, &cpu_source_softirqs, &s->output);
	if (err)
		goto close_times;
	err = dev_watch_open(&s->watch, &s->loop, devices_changed, s);
	if (err)
		goto close_softirqs;
	net_source_open(&s->net, &s->config, &s->loop, &s->output);
	return 0;

close_softirqs:
	cpu_source_close(&s->softirqs);
close_times:
	cpu_source_close(&s->times);
	return err;
}

static void sources_close(struct shipper *s)
{
	net_source_close(&s->net);
	dev_watch_close(&s->watch);
	cpu_source_close(&s->softirqs);
	cpu_source_close(&s->times);
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
	loop_open(&s);
	err = queue_init(&s.queue, s.config.queue);
	if (err)
		goto exit_loop;
	err = output_init(&s.output, &s.identity.sender, &s.queue,
			  min(s.config.datagram, s.config.queue / 4));
	if (err)
		goto exit_queue;
	err = carrier_open(&s.carrier, &s.config, &s.loop, &s.output);
	if (err)
		goto exit_output;
	err = sources_open(&s);
	if (err)
		goto close_carrier;
	log_info("%s: sending to %s", s.identity.name,
		 carrier_peer(&s.carrier));

	err = run(&s);

	sources_close(&s);
close_carrier:
	carrier_close(&s.carrier);
exit_output:
	output_exit(&s.output);
exit_queue:
	queue_exit(&s.queue);
exit_loop:
	loop_exit(&s.loop);
out:
	return err ? 1 : 0;
}
