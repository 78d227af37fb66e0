// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ktach-agentd: sees to it that what /etc/ktach/agents.d says of this host's agents is
 * so. systemd runs them; they run on while this one does not. One thread, one loop.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "agentd/agents/agents.h"
#include "agentd/config.h"
#include "agentd/doors/beats.h"
#include "agentd/doors/operator.h"
#include "agentd/doors/beat_http.h"
#include "agentd/doors/gate.h"
#include "agentd/doors/status.h"
#include "lib/base/clock.h"
#include "lib/base/container.h"
#include "lib/base/hangup.h"
#include "lib/base/notify.h"
#include "lib/base/pid_file.h"
#include "lib/loop/loop.h"
#include "lib/loop/signals.h"

enum {
	/* A probe of each agent, visitors, and a handful of polls. */
	LOOP_ENTRIES = AGENTS_MAX + 3 * DOOR_VISITORS_MAX + 32,
};

#define TICK_NS UINT64_C(1000000000)

struct agentd {
	struct config config;
	struct pid_file pid_file;
	struct loop loop;
	struct signals signals;
	struct agents agents;
	struct operator operator;
	struct beats beats;
	struct beat_http http;
	struct gate gate;
	struct status status;
	struct loop_op timer;
	uint64_t next_ns; /* tick */
	uint64_t watchdog_ns; /* how often systemd wants a sign of life */
	uint64_t alive_ns; /* when it had the last one */
};

static void sign_of_life(struct agentd *d, uint64_t now_ns)
{
	if (!d->watchdog_ns || now_ns - d->alive_ns < d->watchdog_ns / 4)
		return;
	d->alive_ns = now_ns;
	notify("WATCHDOG=1");
}

static void tick(struct loop_op *op, int result, uint32_t flags)
{
	struct agentd *d = container_of(op, struct agentd, timer);
	uint64_t now_ns = clock_mono_ns();

	bus_turn(&d->agents.bus, now_ns);
	agents_tick(&d->agents, now_ns);
	status_tick(&d->status, &d->agents, now_ns);
	d->agents.bus.due = true; /* it may have asked for something */
	door_sweep(&d->operator.door, now_ns);
	door_sweep(&d->http.door, now_ns);
	gate_tick(&d->gate, now_ns);
	sign_of_life(d, now_ns);
	d->next_ns = now_ns + TICK_NS;
	loop_timeout(&d->loop, op, d->next_ns);
}

static void reload(struct agentd *d, int argc, char **argv)
{
	struct config fresh;
	char changes[512];

	notify("RELOADING=1");
	if (!agentd_config_reload(&fresh, &d->config, argc, argv, changes,
				  sizeof(changes))) {
		d->config = fresh;
		log_show(fresh.level);
		log_info("configuration read; %s", changes);
	}
	d->agents.read_again = true;
	notify("READY=1");
}

static int run_agentd(struct agentd *d, int argc, char **argv)
{
	int err = 0;

	d->watchdog_ns = notify_watchdog_ns();
	d->timer.done = tick;
	loop_timeout(&d->loop, &d->timer, clock_mono_ns());
	log_info("watching over the agents of %s", d->config.agents);
	notify("READY=1");
	while (!err && !d->signals.end) {
		d->loop.stop = false;
		if (d->agents.bus.due)
			bus_turn(&d->agents.bus, clock_mono_ns());
		err = loop_run_once(&d->loop, true);
		if (d->signals.reload && !err)
			reload(d, argc, argv);
		d->signals.reload = false;
	}
	notify("STOPPING=1");
	if (err)
		log_error("the event loop failed: %s", strerror(-err));
	return err;
}

int main(int argc, char **argv)
{
	static struct agentd d;
	int err;

	hangup_hold();
	log_init("ktach-agentd", LOG_INFO);
	agentd_config_parse(&d.config, argc, argv);
	log_init("ktach-agentd", d.config.level);
	if (sodium_init() < 0) {
		log_error("libsodium cannot be used here");
		return 1;
	}
	err = pid_file_claim(&d.pid_file, d.config.pid_file);
	if (err)
		goto out;
	err = loop_init_polled(&d.loop, LOOP_ENTRIES);
	if (err)
		goto out;
	err = signals_open(&d.signals, &d.loop);
	if (err)
		goto exit_loop;
	d.operator.gate = & d.gate;
	err = operator_open(&d.operator, & d.loop, &d.agents, d.config.run);
	if (err)
		goto close_signals;
	err = beats_open(&d.beats, &d.loop, &d.agents, d.config.run);
	if (err)
		goto close_operator;
	err = beat_http_open(&d.http, &d.loop, &d.agents, d.config.http);
	if (err)
		goto close_beats;
	err = gate_open(&d.gate, &d.loop, &d.agents, &d.config.gate,
			d.config.run, d.config.state);
	if (err)
		goto close_http;
	err = agents_open(&d.agents, &d.loop, d.config.agents, d.config.state);
	if (err)
		goto close_gate;
	status_open(&d.status, d.config.run);
	err = pid_file_write(&d.pid_file);
	if (!err)
		err = run_agentd(&d, argc, argv);

	status_close(&d.status);
	agents_close(&d.agents); /* what visitors wait for ends with it */
close_gate:
	gate_close(&d.gate);
close_http:
	beat_http_close(&d.http);
close_beats:
	beats_close(&d.beats);
close_operator:
	operator_close(&d.operator);
close_signals:
	signals_close(&d.signals);
exit_loop:
	loop_exit(&d.loop);
out:
	pid_file_remove(&d.pid_file);
	return err ? 1 : 0;
}
