// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/memory/memory.h"
#include "host/number_file.h"
#include "lib/kernel/proc.h"

#define KB(name, key)                                       \
	{                                                   \
		name ":", " kB\n", 1024, WIRE_##key##_BYTES \
	}

/* In the kernel's order. */
static const struct number_line meminfo[] = {
	KB("MemTotal", MEMORY_TOTAL),
	KB("MemFree", MEMORY_FREE),
	KB("MemAvailable", MEMORY_AVAILABLE),
	KB("Buffers", MEMORY_BUFFERS),
	KB("Cached", MEMORY_CACHED),
	KB("SwapTotal", SWAP_TOTAL),
	KB("SwapFree", SWAP_FREE),
	KB("Dirty", MEMORY_DIRTY),
	KB("Writeback", MEMORY_WRITEBACK),
	KB("Shmem", MEMORY_SHARED),
	KB("Slab", MEMORY_SLAB),
	KB("SReclaimable", MEMORY_RECLAIMABLE),
	{ NULL },
};

/* The value of a line, to which @text goes; WIRE_ABSENT if there is none from
 * there on: @text stays then.
 */
static uint64_t line_value(const char **text, const char *name,
			   const char *rest)
{
	const char *line = *text, *at = NULL;
	uint64_t value;

	for (; *line; line = proc_next_line(line)) {
		at = proc_behind(line, name);
		if (at)
			break;
	}
	if (!at || !proc_number(&at, &value) || !proc_behind(at, rest))
		return WIRE_ABSENT;
	*text = line;
	return value;
}

/* Huge pages of the default size; others are in /sys, and rare. Their lines are near
 * the end of the file.
 */
static void take_huge(const char *text, struct numbers *n)
{
	uint64_t total = line_value(&text, "HugePages_Total:", "\n");
	uint64_t unused = line_value(&text, "HugePages_Free:", "\n");
	uint64_t kb = line_value(&text, "Hugepagesize:", " kB\n");

	if (kb == WIRE_ABSENT || __builtin_mul_overflow(kb, 1024, &kb))
		return;
	if (total != WIRE_ABSENT &&
	    !__builtin_mul_overflow(total, kb, &total) && total <= INT64_MAX)
		numbers_gauge(n, WIRE_MEMORY_HUGE_TOTAL_BYTES, total);
	if (unused != WIRE_ABSENT &&
	    !__builtin_mul_overflow(unused, kb, &unused) && unused <= INT64_MAX)
		numbers_gauge(n, WIRE_MEMORY_HUGE_FREE_BYTES, unused);
}

/* A part that is more than the whole is wrong, and left out: hypervisors, and file
 * systems that show a container its own memory, get some of them wrong.
 */
static void drop_impossible(struct numbers *n, uint64_t part, uint64_t whole)
{
	uint64_t *p = numbers_find(n, part), *w = numbers_find(n, whole);

	if (p && w && *p > *w)
		*p = WIRE_ABSENT;
}

int meminfo_read(const char *text, struct numbers *n)
{
	static const enum wire_gauge parts[] = {
		WIRE_MEMORY_FREE_BYTES,	       WIRE_MEMORY_AVAILABLE_BYTES,
		WIRE_MEMORY_BUFFERS_BYTES,     WIRE_MEMORY_CACHED_BYTES,
		WIRE_MEMORY_SLAB_BYTES,	       WIRE_MEMORY_SHARED_BYTES,
		WIRE_MEMORY_DIRTY_BYTES,       WIRE_MEMORY_WRITEBACK_BYTES,
		WIRE_MEMORY_RECLAIMABLE_BYTES,
	};
	size_t i;

	if (!number_lines(n, &text, meminfo))
		return -EINVAL;
	take_huge(text, n);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		drop_impossible(n, parts[i], WIRE_MEMORY_TOTAL_BYTES);
	drop_impossible(n, WIRE_MEMORY_RECLAIMABLE_BYTES,
			WIRE_MEMORY_SLAB_BYTES);
	drop_impossible(n, WIRE_SWAP_FREE_BYTES, WIRE_SWAP_TOTAL_BYTES);
	drop_impossible(n, WIRE_MEMORY_HUGE_FREE_BYTES,
			WIRE_MEMORY_HUGE_TOTAL_BYTES);
	return 0;
}

/* pgpgin and pgpgout are in kB, pswpin and pswpout in pages. */
int vmstat_read(const char *text, struct numbers *n)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	const struct number_line vmstat[] = {
		{ "pgpgin ", "\n", 1024, WIRE_PAGES_IN_BYTES, true },
		{ "pgpgout ", "\n", 1024, WIRE_PAGES_OUT_BYTES, true },
		{ "pswpin ", "\n", page, WIRE_SWAPPED_IN_BYTES, true },
		{ "pswpout ", "\n", page, WIRE_SWAPPED_OUT_BYTES, true },
		{ "pgfault ", "\n", 1, WIRE_FAULTS, true },
		{ "pgmajfault ", "\n", 1, WIRE_MAJOR_FAULTS, true },
		{ "oom_kill ", "\n", 1, WIRE_OOM_KILLS, true },
		{ NULL },
	};

	return number_lines(n, &text, vmstat) ? 0 : -EINVAL;
}

enum {
	VMSTAT_LINE_MAX = 80, /* a name of up to some 40, a number */
};

static const struct number_file files[] = {
	{ "meminfo", meminfo_read, true },
	{ "vmstat", vmstat_read, false, VMSTAT_LINE_MAX },
	{ NULL },
};

/* Reading vmstat costs as much as three other files. */
static const struct number_file without_paging[] = {
	{ "meminfo", meminfo_read, true },
	{ NULL },
};

static int memory_open(void **state, const struct host_options *options)
{
	return number_files_open(state, "memory", options,
				 options->no_paging ? without_paging : files,
				 NULL);
}

const struct host_collector host_memory = {
	.name = "memory",
	.summary = "memory, swap and paging",
	.interval_ns = 1000000000,
	.enabled = true,
	.open = memory_open,
	.read = number_files_read,
	.close = number_files_close,
};
