/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Agents as they are: what their files say, what systemd says, what is seen of them. */
#ifndef KTACH_AGENTD_AGENTS_MODEL_H
#define KTACH_AGENTD_AGENTS_MODEL_H

#include "agentd/agent/folder.h"
#include "agentd/agents/probe.h"
#include "agentd/agents/records.h"
#include "agentd/bus/unit_watch.h"
#include "lib/loop/loop.h"

/* What its file asks for, until systemd was told. */
enum agent_want {
	WANT_NOTHING,
	WANT_START,
	WANT_STOP,
};

/**
 * struct health - of an agent that runs
 * @next_ns: when to look again
 * @busy: a check is under way
 * @failures: in a row
 * @checks: in all
 * @restarts: in a row, which did not help
 * @restarted_ns: when the last one was
 * @not_before_ns: when it may be restarted again
 * @last: what the last check said; empty: all is well
 */
struct health {
	uint64_t next_ns;
	bool busy;
	unsigned int failures;
	uint64_t checks;
	unsigned int restarts;
	uint64_t restarted_ns;
	uint64_t not_before_ns;
	char last[RECORD_TEXT_SIZE];
};

/**
 * struct beat - its heartbeats
 * @at_ns: when the last one came, CLOCK_MONOTONIC; 0: none since it was started
 * @pid: that it named
 * @cpu: per cent of a CPU, as it says; negative: it does not
 * @memory: bytes, as it says; negative: it does not
 * @refused: heartbeats in its name that were not its own
 */
struct beat {
	uint64_t at_ns;
	int pid;
	double cpu;
	double memory;
	uint64_t refused;
};

/**
 * struct wish - how it is desired to be, from afar
 * @revision: that says so
 * @state: "running", "stopped", or NULL or "": nothing is desired
 * @why: it is not so; NULL: it is
 * @held: somebody has said otherwise since: root on this host, or an order
 * @next_ns: when to try again
 */
struct wish {
	uint64_t revision;
	const char *state;
	const char *why;
	bool held;
	uint64_t next_ns;
};

/**
 * struct agent - one
 * @list: that it is in
 * @definition: the last good one
 * @problem: of its file; empty: none
 * @seen: the file is there; while the folder is read
 * @good: @definition is one, so there is a unit
 * @gone: the file is not there any more
 * @want: what is to be done about it
 * @changed: the file says something else than what runs
 * @missed: so often systemd had no unit of it
 * @meant: somebody wanted it to end
 * @failed_ticks: so long systemd says that it has failed
 * @stale: @record is to be written
 * @unit: systemd's
 * @record: what is kept
 * @because: why it is stopped or restarted, until it has ended
 * @health: as it is checked
 * @probe: a check by connection
 * @command: a check by command
 * @restart: because its health failed
 * @follow: start or stop because of its file
 * @beat: its heartbeats
 * @wish: how it is desired to be
 */
struct agent {
	struct agents *list;
	struct definition definition;
	char problem[AGENT_PROBLEM_SIZE];
	bool seen;
	bool good;
	bool gone;
	enum agent_want want;
	bool changed;
	unsigned int missed;
	bool meant;
	unsigned int failed_ticks;
	bool stale;
	struct unit_watch unit;
	struct record record;
	char because[RECORD_TEXT_SIZE];
	struct health health;
	struct probe probe;
	struct bus_job command;
	struct bus_job restart;
	struct bus_job follow;
	struct beat beat;
	struct wish wish;
};

enum {
	AGENTS_MAX = 256,
};

/**
 * struct agents - the list
 * @all: of them, sorted by name
 * @count: how many
 * @room: in @all
 * @bus: to systemd
 * @loop: that all runs on
 * @records: what is kept
 * @folder: of the files
 * @boot: this boot's id
 * @watch: of @folder
 * @watch_fd: inotify
 * @watching: the folder is there, and followed
 * @read_again: something in the folder has changed
 * @reload: systemd has to read its units again
 * @reloading: it does
 * @reloaded: slot of the call
 * @listed: slot of the question which units there are
 * @saved_ns: when records were written last
 * @refused_told_ns: when the log told of a heartbeat that was refused; 0: never
 */
struct agents {
	struct agent **all;
	size_t count;
	size_t room;
	struct bus bus;
	struct loop *loop;
	struct records records;
	const char *folder;
	char boot[BOOT_ID_SIZE];
	struct loop_op watch;
	int watch_fd;
	bool watching;
	bool read_again;
	bool reload;
	bool reloading;
	sd_bus_slot *reloaded;
	sd_bus_slot *listed;
	uint64_t saved_ns;
	uint64_t refused_told_ns;
};

#endif /* KTACH_AGENTD_AGENTS_MODEL_H */
