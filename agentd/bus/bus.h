/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bus to systemd: the system's, or systemd's own where that is away. It may go and
 * come back at any time; what was asked meanwhile is answered with an error.
 */
#ifndef KTACH_AGENTD_BUS_BUS_H
#define KTACH_AGENTD_BUS_BUS_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "lib/base/list.h"
#include "lib/loop/loop.h"

#define SYSTEMD_PATH	"/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER "org.freedesktop.systemd1.Manager"

/**
 * struct bus_job - something that systemd is asked to do
 * @link: of those that are not over
 * @slot: of the call
 * @path: systemd's name of it, once it has one
 * @done: it is over: NULL, or what went wrong. The job may be freed then
 */
struct bus_job {
	struct list link;
	struct bus *bus;
	sd_bus_slot *slot;
	char path[128];
	void (*done)(struct bus_job *job, const char *problem);
};

/**
 * struct bus - the connection
 * @bus: NULL: there is none
 * @loop: that it runs on
 * @in: waits for what comes
 * @out: waits for room for what goes
 * @waits_in: @in is under way
 * @waits_out: @out is under way
 * @due: something came, or there is room again
 * @direct: systemd's own socket
 * @ready: systemd has answered
 * @told: that there is none
 * @again_ns: when to try again
 * @pause_ns: how long it waits then
 * @jobs: that are not over
 * @came: the connection is new: nothing is known
 * @went: there is none any more
 * @owner: what both get
 */
struct bus {
	sd_bus *bus;
	struct loop *loop;
	struct loop_op in;
	struct loop_op out;
	bool waits_in;
	bool waits_out;
	bool due;
	bool direct;
	bool ready;
	bool told;
	uint64_t again_ns;
	uint64_t pause_ns;
	struct list jobs;
	void (*came)(void *owner);
	void (*went)(void *owner);
	void *owner;
};

/* Fill in @came, @went and @owner, then open it. */
void bus_open(struct bus *b, struct loop *loop);
void bus_close(struct bus *b);

/* Take what came, and connect again where it is time: when @due, and once a second. */
void bus_turn(struct bus *b, uint64_t now_ns);

/* systemd's name on the bus, or NULL on its own socket, for sd_bus_match_signal(). */
const char *bus_sender(const struct bus *b);

/* Begin a call to systemd's manager. NULL where there is no bus. */
sd_bus_message *bus_call(struct bus *b, const char *method);

/**
 * bus_send_job() - send a call that makes a job, and wait until that is over
 * @b: the bus
 * @job: with its @done; not under way
 * @m: the call, which is let go of; NULL: there is no bus
 *
 * @done may be called before this returns.
 */
void bus_send_job(struct bus *b, struct bus_job *job, sd_bus_message *m);

/* The same for "StartUnit", "StopUnit" and "RestartUnit". */
void bus_unit_job(struct bus *b, struct bus_job *job, const char *method,
		  const char *unit);

/* Forget a job, which goes on. */
void bus_leave_job(struct bus_job *job);

/* Forget that a unit has failed, and how often it was started. */
void bus_reset_failed(struct bus *b, const char *unit);

#endif /* KTACH_AGENTD_BUS_BUS_H */
