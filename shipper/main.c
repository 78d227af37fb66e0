// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ktach-shipper: samples in, frames out. One thread, one loop; main() is the
 * ladder of what is opened, and its reverse.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/cpu/ring_bpf.h"
#include "lib/base/clock.h"
#include "lib/base/hangup.h"
#include "lib/base/log.h"
#include "lib/loop/loop.h"
#include "lib/loop/signals.h"
#include "lib/base/notify.h"
#include "lib/base/options.h"
#include "lib/base/pid_file.h"
#include "shipper/carrier.h"
#include "shipper/config.h"
#include "shipper/flight/door.h"
#include "shipper/identity.h"
#include "shipper/lean.h"
#include "shipper/packets/net.h"
#include "shipper/send/resolve.h"
#include "shipper/self.h"
#include "shipper/sources.h"

enum {
	LOOP_ENTRIES = 64, /* sends, and a handful of polls and timers */
	SAVE_EVERY = 64, /* flushes */
};

struct shipper;

/* An operation that belongs to the whole shipper, and lives as long: the loop
 * runs for those that are closed at the end, too.
 */
struct shipper_op {
	struct loop_op op; /* first: done() gets this from it */
	struct shipper *shipper;
	bool fired;
};

struct shipper {
	struct config config;
	struct pid_file pid_file;
	struct identity identity;
	struct loop loop;
	struct signals signals;
	struct queue queue;
	struct spool spool;
	struct output output;
	struct carrier carrier;
	struct remote remote;
	struct flight *flight;
	struct flight_door door;
	struct sources sources;
	struct self_usage usage;
	struct shipper_op timer;
	struct shipper_op limit; /* of the time that the end may take */
	uint64_t ship_at_ns; /* when the next frame is due */
	uint64_t watchdog_ns; /* how often systemd wants a sign of life */
	uint64_t alive_ns; /* when it had the last one */
	uint64_t flushes;
	uint64_t saved_lost; /* of what has no number, when it was saved last */
	bool ending; /* the frame that says that the node leaves was sent: no sample comes after it */
};

/* The node's own table goes first: it says how to read the rest. */
static void begin_frames(void *owner)
{
	struct shipper *s = owner;

	if (output_empty(&s->output))
		self_put(&s->output, &s->config, &s->identity, &s->carrier,
			 s->flight, &s->usage);
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Rings keep their samples until the rest is sampled, or they are half full. */
static void timer_arm(struct shipper_op *t)
{
	struct shipper *s = t->shipper;
	uint64_t now_ns = clock_mono_ns();
	uint64_t at_ns = sources_due_ns(&s->sources);

	s->ship_at_ns = (now_ns / s->config.ship_ns + 1) * s->config.ship_ns;
	if (s->watchdog_ns)
		at_ns = min(at_ns, now_ns + s->watchdog_ns / 2);
	loop_timeout(&s->loop, &t->op, min(at_ns, s->ship_at_ns));
}

static void sign_of_life(struct shipper *s, uint64_t now_ns)
{
	if (!s->watchdog_ns || now_ns - s->alive_ns < s->watchdog_ns / 4)
		return;
	s->alive_ns = now_ns;
	notify("WATCHDOG=1");
}

/* In a frame of its own: what was put before is on its way. */
static void say_leaving(struct shipper *s, const char *where)
{
	begin_frames(s);
	self_put_leaving(&s->output, where);
	output_flush(&s->output);
}

static void save(struct shipper *s, uint64_t untaken)
{
	uint64_t lost[LOST_CAUSES];

	output_lost(&s->output, lost);
	identity_save(&s->identity, s->output.sequence, untaken, lost);
}

static uint64_t lost_so_far(const struct shipper *s)
{
	uint64_t lost[LOST_CAUSES], all = 0;
	int i;

	output_lost(&s->output, lost);
	for (i = 0; i < LOST_CAUSES; i++)
		all += lost[i];
	return all;
}

/* While frames get through, the collector sees itself how far they came: it need not
 * be saved.
 */
static void save_progress(struct shipper *s)
{
	bool failing = carrier_is_failing(&s->carrier);
	bool in_memory = failing && s->carrier.tcp && !s->output.spool;
	uint64_t lost = lost_so_far(s);

	if (!failing && ++s->flushes % SAVE_EVERY && lost == s->saved_lost)
		return;
	s->saved_lost = lost;
	save(s, in_memory ? s->queue.frames : 0);
}

static void ship(struct shipper *s)
{
	const char *where;

	output_flush(&s->output);
	if (s->flight)
		flight_ship(s->flight, &s->output, false);
	save_progress(s);
	where = carrier_leaves_for(&s->carrier);
	if (!where)
		return;
	say_leaving(s, where);
	carrier_leave(&s->carrier);
}

static void timer_done(struct loop_op *op, int result, uint32_t flags)
{
	struct shipper_op *t = (struct shipper_op *)op;
	struct shipper *s = t->shipper;
	uint64_t now_ns;

	if (s->ending)
		return;
	if (s->output.anew) {
		s->output.anew = false;
		sources_repeat(&s->sources);
	}
	sources_collect(&s->sources, clock_mono_ns());
	now_ns = clock_mono_ns();
	if (now_ns >= s->ship_at_ns)
		ship(s);
	sign_of_life(s, now_ns);
	timer_arm(t);
}

static void flush_expired(struct loop_op *op, int result, uint32_t flags)
{
	struct shipper_op *t = (struct shipper_op *)op;

	t->fired = true;
}

/* Send what is there, and give it a bounded time to leave. */
static void finish_shipping(struct shipper *s)
{
	s->limit =
		(struct shipper_op){ .op.done = flush_expired, .shipper = s };
	notify("STOPPING=1");
	sources_collect(&s->sources, UINT64_MAX);
	output_flush(&s->output);
	if (s->flight)
		flight_ship(s->flight, &s->output, true);
	say_leaving(s, "");
	carrier_hurry(&s->carrier);
	s->ending = true;
	loop_timeout(&s->loop, &s->limit.op,
		     clock_mono_ns() + s->config.flush_ns);
	while (s->queue.frames && !s->limit.fired &&
	       !loop_run_once(&s->loop, true))
		;
	output_end(&s->output);
	save(s, s->output.spool ? 0 : s->queue.frames);
	if (!s->queue.frames)
		return;
	if (s->output.spool)
		log_info("%s: %" PRIu64 " frames wait for the next start",
			 s->config.spool, s->spool.waiting);
	else
		log_warn("%u frames were not taken by %s and are lost",
			 s->queue.frames, carrier_peer(&s->carrier));
}

/* Frames wait in the queue until there is a carrier again. */
static int carrier_replace(struct shipper *s)
{
	int err = 0;

	while (!carrier_stop(&s->carrier) && !err)
		err = loop_run_once(&s->loop, true);
	carrier_close(&s->carrier);
	return err ? err :
		     carrier_open(&s->carrier, &s->config, &s->loop,
				  &s->output);
}

/* Tell the collector, if the node leaves it for another one. */
static void say_where_to(struct shipper *s)
{
	struct peers peers;
	const char *where = peers.list[0].text;

	if (peers_init(&peers, s->config.collector, s->identity.sender.node) ||
	    !strcmp(where, carrier_peer(&s->carrier)))
		return;
	output_flush(&s->output);
	if (carrier_goes_to(&s->carrier, where))
		say_leaving(s, where);
}

static int carrier_change(struct shipper *s, const struct config *old)
{
	int err;

	if (option_texts_same(s->config.collector, old->collector) &&
	    option_texts_same(s->config.transport, old->transport) &&
	    s->config.patience_ns == old->patience_ns)
		return 0;
	say_where_to(s);
	err = carrier_replace(s);
	if (!err)
		return 0;
	/* The new list of collectors cannot be used: go on with the old one. */
	s->config.collector = old->collector;
	s->config.transport = old->transport;
	return carrier_open(&s->carrier, &s->config, &s->loop, &s->output);
}

/* All of it, or nothing. */
static int reload(struct shipper *s, int argc, char **argv)
{
	struct config fresh, old = s->config;
	char changes[2048];
	int err;

	if (config_reload(&fresh, &old, argc, argv, changes, sizeof(changes)))
		return 0;
	if (sealing_open(&s->output.sealing, fresh.key,
			 s->identity.sender.node)) {
		log_error("configuration not changed; going on as before");
		return 0;
	}
	s->config = fresh;
	log_show(fresh.level);
	sources_change(&s->sources, &fresh);
	if (s->flight)
		flight_change(s->flight, &fresh.flight);
	if (!option_texts_same(old.name, fresh.name))
		identity_rename(&s->identity, fresh.name, &old.host);
	err = carrier_change(s, &old);
	log_info("configuration read; %s", changes);
	return err;
}

static int run_shipper(struct shipper *s, int argc, char **argv)
{
	int err = 0;

	s->timer = (struct shipper_op){ .op.done = timer_done, .shipper = s };
	s->watchdog_ns = notify_watchdog_ns();
	timer_arm(&s->timer);
	notify("READY=1");
	while (!err && !s->signals.end) {
		s->loop.stop = s->signals.reload; /* one that came meanwhile */
		err = loop_run(&s->loop);
		if (s->signals.reload && !err) {
			notify("RELOADING=1");
			s->signals.reload = false;
			err = reload(s, argc, argv);
			loop_cancel(&s->loop, &s->timer.op); /* due anew */
			notify("READY=1");
		}
	}
	if (err)
		log_error("the event loop failed: %s", strerror(-err));
	else
		finish_shipping(s);
	return err;
}

/* An io_uring may be refused: by a sysctl, by seccomp, by an old kernel. */
static int loop_open(struct shipper *s)
{
	int err = s->config.no_io_uring ? -EPERM :
					  loop_init(&s->loop, LOOP_ENTRIES);

	if (!err)
		return 0;
	if (!s->config.no_io_uring)
		log_info("no io_uring (%s); going on with ppoll()",
			 strerror(-err));
	return loop_init_polled(&s->loop, LOOP_ENTRIES);
}

static int spool_begin(struct shipper *s)
{
	int err;

	if (!s->config.spool)
		return 0;
	err = spool_open(&s->spool, s->config.spool, s->config.spool_size,
			 s->config.spool_sync);
	if (err)
		return err;
	s->output.spool = &s->spool;
	spool_refill(&s->spool, &s->queue);
	return 0;
}

/* For either carrier, which lowers it to what it takes. */
static uint64_t largest_frame(const struct config *c)
{
	uint64_t frame = c->datagram > STREAM_FRAME_MAX ? c->datagram :
							  STREAM_FRAME_MAX;

	return min(frame, c->queue / 4);
}

/* The rings first: their folders are in that of the counters. */
static int detach_all(const char *pins)
{
	int err = ring_bpf_detach(pins);

	return err ? err : net_detach(pins);
}

/* A program of its own (shipper/enroll/main.c), beside this one or where programs are
 * that nobody calls.
 */
static int start_enrolment(int argc, char **argv)
{
	static const char *const places[] = { "", "../lib/ktach/" };
	char self[PATH_MAX] = "/usr/sbin/ktach-shipper", path[PATH_MAX + 32];
	char *words[argc + 2];
	ssize_t n;
	size_t i;

	log_init("ktach-shipper", log_level_named("info"));
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n > 0)
		self[n] = '\0';
	words[0] = "ktach-shipper enroll";
	words[1] = self;
	memcpy(&words[2], &argv[2], (size_t)(argc - 1) * sizeof(*words));
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%.*s%sktach-enroll",
			 (int)(strrchr(self, '/') - self) + 1, self, places[i]);
		execv(path, words);
	}
	log_error("%s: %s", path, strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	static struct shipper s;
	int err;

	if (argc > 1 && !strcmp(argv[1], RESOLVE_WORD))
		return resolve_main(argc, argv);

	if (argc > 1 && !strcmp(argv[1], "enroll"))
		return start_enrolment(argc, argv);

	hangup_hold();
	log_init("ktach-shipper", log_level_named("info"));
	config_parse(&s.config, argc, argv);
	log_init("ktach-shipper", s.config.level);
	signal(SIGPIPE, SIG_IGN); /* nobody may read its log any more */

	if (s.config.make_id)
		return identity_make_id(s.config.state) ? 1 : 0;
	if (s.config.detach)
		return detach_all(s.config.host.net.pins) ? 1 : 0;
	err = pid_file_claim(&s.pid_file, s.config.pid_file);
	if (err)
		goto out;
	err = identity_init(&s.identity, s.config.state, s.config.name,
			    &s.config.host);
	if (err)
		goto out;
	err = loop_open(&s);
	if (err)
		goto out;
	err = signals_open(&s.signals, &s.loop);
	if (err)
		goto exit_loop;
	err = queue_init(&s.queue, s.config.queue);
	if (err)
		goto close_signals;
	err = output_init(&s.output, &s.identity.sender, &s.queue,
			  largest_frame(&s.config));
	if (err)
		goto exit_queue;
	err = sealing_open(&s.output.sealing, s.config.key,
			   s.identity.sender.node);
	if (err)
		goto exit_output;
	err = spool_begin(&s);
	if (err)
		goto exit_output;
	err = flight_open(&s.flight, &s.config.flight, &s.identity.sender,
			  s.identity.name, &s.output);
	if (err)
		goto close_spool;
	remote_open(&s.remote, &s.loop, &s.output, s.config.agentd);
	s.remote.flight = s.flight;
	s.carrier.remote = &s.remote;
	err = carrier_open(&s.carrier, &s.config, &s.loop, &s.output);
	if (err)
		goto close_spool;
	s.sources.begin = begin_frames;
	s.sources.owner = &s;
	err = sources_open(&s.sources, &s.config, &s.loop, &s.output);
	if (err)
		goto close_carrier;
	flight_door_open(&s.door, &s.loop, s.flight, s.config.flight_socket);
	log_info("%s: sending to %s by %s", s.identity.name,
		 carrier_peer(&s.carrier), s.config.transport);

	lean_after_start();
	err = pid_file_write(&s.pid_file);
	if (!err)
		err = run_shipper(&s, argc, argv);

	flight_door_close(&s.door);
	sources_close(&s.sources);
close_carrier:
	carrier_close(&s.carrier);
	remote_close(&s.remote);
	flight_close(s.flight, &s.output);
close_spool:
	if (s.output.spool)
		spool_close(&s.spool);
exit_output:
	output_exit(&s.output);
exit_queue:
	queue_exit(&s.queue);
close_signals:
	signals_close(&s.signals);
exit_loop:
	loop_exit(&s.loop);
out:
	pid_file_remove(&s.pid_file);
	return err ? 1 : 0;
}
