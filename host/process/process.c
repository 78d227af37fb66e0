// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Processes: the few that use the most, found here, of all that a BPF iterator
 * or /proc has; how many there are in each state; how many ended.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/numbers.h"
#include "host/collector.h"
#include "host/name.h"
#include "host/process/process_details.h"
#include "host/process/process_exits.h"
#include "host/process/process_way.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
	DEFAULT_MAX = 10,
};

/**
 * struct process_state - the collector
 * @options: what it was opened with
 * @way: how processes are read
 * @way_state: its state
 * @top: who uses the most
 * @details: what else is told of these
 * @exits: how many tasks ended
 * @has_exits: whether that can be known
 * @rows: WIRE_PROCESS
 * @numbers: gauges and counters
 * @trouble: whether it was said
 * @exits_trouble: the same of @exits
 * @unread_said: the same of single processes
 */
struct process_state {
	struct host_options options;
	const struct process_way *way;
	void *way_state;
	struct process_top top;
	struct process_details details;
	struct process_exits exits;
	bool has_exits;
	struct rows rows;
	struct numbers numbers;
	struct host_trouble trouble;
	struct host_trouble exits_trouble;
	bool unread_said;
};

/* --- opening ----------------------------------------------------------------- */

static void explain_no_bpf(int err)
{
	switch (-err) {
	case EXDEV:
		log_info("process: read from /proc, not by BPF: not in the "
			 "host's PID namespace");
		break;
	case EPERM:
	case EACCES:
		log_info("process: read from /proc, not by BPF: no right to; "
			 "run as root or with CAP_BPF and CAP_PERFMON");
		break;
	default:
		log_info("process: read from /proc, not by BPF: %s; Linux 6.1 "
			 "with BTF is needed, debug messages tell more",
			 strerror(-err));
	}
}

static int open_proc(struct process_state *s)
{
	s->way = &process_proc;
	return s->way->open(&s->way_state, &s->options);
}

static int open_way(struct process_state *s)
{
	int err = 0;

	if (!s->options.no_bpf && host_is_own(&s->options)) {
		s->way = &process_bpf;
		err = s->way->open(&s->way_state, &s->options);
		if (!err)
			return 0;
		explain_no_bpf(err);
	}
	return open_proc(s);
}

static void open_exits(struct process_state *s)
{
	int err = process_exits_open(&s->exits, &s->options);

	s->has_exits = !err;
	host_trouble(&s->exits_trouble, "process", "count of exits", err);
}

static int open_all(struct process_state *s)
{
	const uint64_t max = s->options.processes ? s->options.processes :
						    DEFAULT_MAX;
	int err = process_top_init(&s->top, (uint32_t)max,
				   process_units().tick_ns);

	if (err)
		return err;
	err = process_details_open(&s->details, &s->options, 2 * (uint32_t)max);
	if (err)
		goto exit_top;
	err = open_way(s);
	if (err)
		goto close_details;
	open_exits(s);
	return 0;
close_details:
	process_details_close(&s->details);
exit_top:
	process_top_exit(&s->top);
	return err;
}

static int process_open(void **state, const struct host_options *o)
{
	struct process_state *s = calloc(1, sizeof(*s));
	int err = -ENOMEM;

	if (s) {
		s->options = *o;
		s->rows.kind = WIRE_PROCESS;
		err = open_all(s);
	}
	if (!err) {
		*state = s;
		return 0;
	}
	log_warn("process: cannot read %s: %s; processes are left out", o->proc,
		 strerror(-err));
	free(s);
	return err;
}

static void process_close(void *state)
{
	struct process_state *s = state;

	if (s->has_exits)
		process_exits_close(&s->exits);
	s->way->close(s->way_state);
	process_details_close(&s->details);
	process_top_exit(&s->top);
	rows_exit(&s->rows);
	numbers_exit(&s->numbers);
	free(s);
}

/* --- reading ----------------------------------------------------------------- */

static void take_process(void *arg, const struct process *p)
{
	process_top_take(arg, p);
}

/* Processes that could not be read, or -errno. */
static int read_once(struct process_state *s)
{
	process_top_begin(&s->top, clock_ns(CLOCK_BOOTTIME), clock_mono_ns());
	return s->way->read(s->way_state, take_process, &s->top);
}

/* What could be loaded may still be refused later: /proc from then on. */
static int change_way(struct process_state *s)
{
	const struct process_way *old = s->way;
	void *old_state = s->way_state;
	int err = open_proc(s);

	if (err) {
		s->way = old;
		s->way_state = old_state;
		return err;
	}
	old->close(old_state);
	return read_once(s);
}

static int read_all(struct process_state *s)
{
	int err = read_once(s);

	if (err < 0 && s->way == &process_bpf) {
		explain_no_bpf(err);
		err = change_way(s);
	}
	if (err >= 0)
		process_top_end(&s->top);
	return err;
}

static void add_counts(struct process_state *s, int unread)
{
	const struct process_counts *c = &s->top.counts;

	if (unread == PROCESSES_HIDDEN && !s->unread_said)
		log_warn("process: %s hides others' processes (hidepid): only "
			 "our own are told of, counts by state are missing; "
			 "run as root, or of the group of its option gid=",
			 s->options.proc);
	else if (unread && !s->unread_said)
		log_warn("process: %d processes of %s cannot be read; counts "
			 "by state are missing",
			 unread, s->options.proc);
	s->unread_said = unread;
	if (unread)
		return;
	numbers_gauge(&s->numbers, WIRE_PROCESSES,
		      c->running + c->blocked + c->sleeping + c->zombie +
			      c->stopped);
	numbers_gauge(&s->numbers, WIRE_PROCESSES_RUNNING, c->running);
	numbers_gauge(&s->numbers, WIRE_PROCESSES_BLOCKED, c->blocked);
	numbers_gauge(&s->numbers, WIRE_TASKS_SLEEPING, c->sleeping);
	numbers_gauge(&s->numbers, WIRE_TASKS_ZOMBIE, c->zombie);
	numbers_gauge(&s->numbers, WIRE_TASKS_STOPPED, c->stopped);
}

static void add_exits(struct process_state *s)
{
	uint64_t exits;
	int err;

	if (!s->has_exits)
		return;
	err = process_exits_read(&s->exits, &exits);
	if (!err)
		numbers_counter(&s->numbers, WIRE_EXITS, exits);
	host_trouble(&s->exits_trouble, "process", "count of exits", err);
}

static void add_rows(struct process_state *s)
{
	uint32_t i;

	rows_clear(&s->rows);
	process_details_begin(&s->details, s->top.winners, s->top.winner_count);
	for (i = 0; i < s->top.winner_count; i++)
		process_details_add(&s->details, &s->rows, s->top.winners[i]);
}

static int process_read(void *state, const struct host_sink *sink)
{
	struct process_state *s = state;
	int unread;

	numbers_begin(&s->numbers);
	unread = read_all(s);
	host_trouble(&s->trouble, "process", s->options.proc,
		     unread < 0 ? unread : 0);
	add_exits(s);
	if (unread >= 0)
		add_counts(s, unread);
	numbers_put(&s->numbers, sink);
	if (unread < 0)
		return unread;
	add_rows(s);
	rows_put(&s->rows, sink, s->way->origin, s->numbers.real_ns,
		 s->numbers.mono_ns);
	return 0;
}

const struct host_collector host_process = {
	.name = "process",
	.summary = "processes: those that use the most CPU and memory",
	.interval_ns = 10000000000,
	.enabled = true,
	.open = process_open,
	.read = process_read,
	.close = process_close,
};
