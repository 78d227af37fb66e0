// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "host/number_file.h"
#include "host/memory/system.h"
#include "lib/kernel/proc.h"

/* The line of interrupts has the sum, then each of them. */
static const struct number_line lines[] = {
	{ "intr ", " ", 1, WIRE_INTERRUPTS, true },
	{ "ctxt ", "\n", 1, WIRE_CONTEXT_SWITCHES, true },
	{ "processes ", "\n", 1, WIRE_FORKS, true },
	{ "procs_running ", "\n", 1, WIRE_TASKS_RUNNING },
	{ "procs_blocked ", "\n", 1, WIRE_TASKS_BLOCKED },
	{ NULL },
};

int system_parse(const char *text, struct numbers *n)
{
	return number_lines(n, &text, lines) ? 0 : -EINVAL;
}

int system_forks(const char *text, uint64_t *forks)
{
	for (; *text; text = proc_next_line(text)) {
		const char *at = proc_behind(text, "processes ");

		if (at)
			return proc_number(&at, forks) && *at == '\n' &&
					       *forks <= INT64_MAX ?
				       0 :
				       -EINVAL;
	}
	return -EINVAL;
}

static const struct number_file files[] = {
	{ "stat", system_parse, true },
	{ NULL },
};

static int system_open(void **state, const struct host_options *options)
{
	return number_files_open(state, "system", options, files,
				 options->stat);
}

const struct host_collector host_system = {
	.name = "system",
	.summary = "context switches, forks, interrupts, what runs and waits",
	.interval_ns = 1000000000,
	.enabled = true,
	.open = system_open,
	.read = number_files_read,
	.close = number_files_close,
};
