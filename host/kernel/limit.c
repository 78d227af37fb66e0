// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel has only so many of. */
#include <errno.h>

#include "host/kernel/limit.h"
#include "host/number_file.h"
#include "lib/kernel/proc.h"

int limit_number(const char *text, struct numbers *n, uint64_t key)
{
	uint64_t value;

	if (!proc_number(&text, &value) || *text != '\n' || value > INT64_MAX)
		return -EINVAL;
	numbers_gauge(n, key, value);
	return 0;
}

/* "892\t0\t2466165": allocated; free, which is always 0; at most. */
int limit_files(const char *text, struct numbers *n)
{
	uint64_t open, unused, max;

	if (!proc_number(&text, &open) || *text++ != '\t' ||
	    !proc_number(&text, &unused) || *text++ != '\t' ||
	    !proc_number(&text, &max) || *text != '\n' || unused > open ||
	    open > INT64_MAX)
		return -EINVAL;
	numbers_gauge(n, WIRE_FILES_OPEN, open);
	if (max <= INT64_MAX)
		numbers_gauge(n, WIRE_FILES_MAX, max);
	return 0;
}

#define NUMBER(name, key)                                    \
	static int name(const char *text, struct numbers *n) \
	{                                                    \
		return limit_number(text, n, key);           \
	}

NUMBER(take_entropy, WIRE_ENTROPY_BITS)
NUMBER(take_pool, WIRE_ENTROPY_POOL_BITS)
NUMBER(take_threads, WIRE_THREADS_MAX)
NUMBER(take_pids, WIRE_PIDS_MAX)

static const struct number_file files[] = {
	{ "sys/fs/file-nr", limit_files, true },
	{ "sys/kernel/random/entropy_avail", take_entropy, true,
	  .optional = true },
	{ "sys/kernel/random/poolsize", take_pool, true, .optional = true },
	{ "sys/kernel/threads-max", take_threads, true, .optional = true },
	{ "sys/kernel/pid_max", take_pids, true, .optional = true },
	{ NULL },
};

static int limit_open(void **state, const struct host_options *options)
{
	return number_files_open(state, "limit", options, files, NULL);
}

const struct host_collector host_limit = {
	.name = "limit",
	.summary =
		"what the kernel has so many of: open files, threads, process ids, entropy",
	.interval_ns = 10000000000,
	.enabled = true,
	.open = limit_open,
	.read = number_files_read,
	.close = number_files_close,
};
