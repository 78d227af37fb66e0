/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What systemd knows of one service, kept up to date by its signals. */
#ifndef KTACH_AGENTD_BUS_UNIT_WATCH_H
#define KTACH_AGENTD_BUS_UNIT_WATCH_H

#include "agentd/agent/unit.h"
#include "agentd/bus/bus.h"

enum {
	INVOCATION_SIZE = 16,
};

/**
 * struct unit_state - systemd's properties of the same names
 * @known: systemd was asked
 * @load: loaded, not-found, ...
 * @active: active, activating, deactivating, inactive, failed, reloading
 * @sub: running, auto-restart, ...
 * @result: success, exit-code, signal, oom-kill, timeout, watchdog, ...
 * @main_pid: 0: none
 * @n_restarts: by systemd itself, since somebody started it
 * @invocation: of this start; zeroes: it has not been started
 * @exit_code: CLD_EXITED and the like
 * @exit_status: or the signal
 * @start_us: when the program began, us since 1970
 * @exit_us: when it ended; 0: it runs
 * @group: its control group, once it has been asked for
 */
struct unit_state {
	bool known;
	char load[16];
	char active[16];
	char sub[24];
	char result[24];
	uint32_t main_pid;
	uint32_t n_restarts;
	uint8_t invocation[INVOCATION_SIZE];
	int32_t exit_code;
	int32_t exit_status;
	uint64_t start_us;
	uint64_t exit_us;
	char group[256];
};

/**
 * struct unit_watch - a service that is looked at
 * @bus: NULL: it is not
 * @unit: its name
 * @state: as it is
 * @changed: it was another one before
 * @signals: slot
 * @answer: slot of what was asked
 * @group_answer: slot
 */
struct unit_watch {
	struct bus *bus;
	char unit[UNIT_NAME_SIZE];
	struct unit_state state;
	void (*changed)(struct unit_watch *w, const struct unit_state *before);
	sd_bus_slot *signals;
	sd_bus_slot *answer;
	sd_bus_slot *group_answer;
};

/* Fill in @unit and @changed first. Anew whenever the bus is. Return 0 or -errno. */
int unit_watch_begin(struct unit_watch *w, struct bus *bus);

/* The state stays as it was, and is not known any more. */
void unit_watch_end(struct unit_watch *w);

/* Ask for all of it again: after systemd has read its files. */
void unit_watch_ask(struct unit_watch *w);

bool unit_is_up(const struct unit_state *s);

#endif /* KTACH_AGENTD_BUS_UNIT_WATCH_H */
