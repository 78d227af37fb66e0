// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "host/memory/load.h"
#include "host/number_file.h"
#include "lib/kernel/proc.h"

/* "0.31 0.25 0.20 2/345 6789": what runs, of all threads; the newest pid, and what a
 * newer kernel has behind it.
 */
int loadavg_parse(const char *text, struct loadavg *l)
{
	uint64_t pid;
	int i;

	for (i = 0; i < 3; i++)
		if (!number_hundredths(&text, &l->load[i]))
			return -EINVAL;
	if (!proc_number(&text, &l->running) || *text++ != '/' ||
	    !proc_number(&text, &l->threads) || l->threads > INT64_MAX ||
	    l->running > INT64_MAX || !proc_number(&text, &pid) ||
	    (*text != '\n' && *text != ' '))
		return -EINVAL;
	return 0;
}

int load_parse(const char *text, struct numbers *n)
{
	struct loadavg l;
	int i;

	if (loadavg_parse(text, &l))
		return -EINVAL;
	for (i = 0; i < 3; i++)
		numbers_gauge(n, WIRE_LOAD_1MIN + (uint64_t)i, l.load[i]);
	numbers_gauge(n, WIRE_THREADS, l.threads);
	return 0;
}

static const struct number_file files[] = {
	{ "loadavg", load_parse, true },
	{ NULL },
};

static int load_open(void **state, const struct host_options *options)
{
	return number_files_open(state, "load", options, files, NULL);
}

const struct host_collector host_load = {
	.name = "load",
	.summary = "load averages and threads",
	.interval_ns = 1000000000,
	.enabled = true,
	.open = load_open,
	.read = number_files_read,
	.close = number_files_close,
};
