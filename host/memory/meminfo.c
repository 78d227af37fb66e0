// SPDX-License-Identifier: GPL-2.0-or-later
/* The lines of /proc/meminfo that host/memory/memory.c leaves out, which reads the
 * file more often.
 */
#include <errno.h>
#include <unistd.h>

#include "host/memory/memory.h"
#include "host/number_file.h"
#include "lib/kernel/proc.h"

#define KB(name, key)                                       \
	{                                                   \
		name ":", " kB\n", 1024, WIRE_MEMINFO_##key \
	}
#define PAGES(name, key)                              \
	{                                             \
		name ":", "\n", 1, WIRE_MEMINFO_##key \
	}

/* In the kernel's order. */
static const struct number_line lines[] = {
	KB("SwapCached", SWAP_CACHED_BYTES),
	KB("Active", ACTIVE_BYTES),
	KB("Inactive", INACTIVE_BYTES),
	KB("Active(anon)", ACTIVE_ANON_BYTES),
	KB("Inactive(anon)", INACTIVE_ANON_BYTES),
	KB("Active(file)", ACTIVE_FILE_BYTES),
	KB("Inactive(file)", INACTIVE_FILE_BYTES),
	KB("Unevictable", UNEVICTABLE_BYTES),
	KB("Mlocked", MLOCKED_BYTES),
	KB("Zswap", ZSWAP_BYTES),
	KB("Zswapped", ZSWAPPED_BYTES),
	KB("AnonPages", ANONYMOUS_BYTES),
	KB("Mapped", MAPPED_BYTES),
	KB("KReclaimable", KERNEL_RECLAIMABLE_BYTES),
	KB("SUnreclaim", SLAB_UNRECLAIMABLE_BYTES),
	KB("KernelStack", KERNEL_STACKS_BYTES),
	KB("PageTables", PAGE_TABLES_BYTES),
	KB("SecPageTables", SECOND_PAGE_TABLES_BYTES),
	KB("NFS_Unstable", NFS_UNSTABLE_BYTES),
	KB("Bounce", BOUNCE_BYTES),
	KB("WritebackTmp", WRITEBACK_TEMPORARY_BYTES),
	KB("CommitLimit", COMMIT_LIMIT_BYTES),
	KB("Committed_AS", COMMITTED_BYTES),
	KB("VmallocTotal", VMALLOC_TOTAL_BYTES),
	KB("VmallocUsed", VMALLOC_USED_BYTES),
	KB("VmallocChunk", VMALLOC_CHUNK_BYTES),
	KB("Percpu", PERCPU_BYTES),
	KB("HardwareCorrupted", HARDWARE_CORRUPTED_BYTES),
	KB("AnonHugePages", ANONYMOUS_HUGE_BYTES),
	KB("ShmemHugePages", SHARED_HUGE_BYTES),
	KB("ShmemPmdMapped", SHARED_HUGE_MAPPED_BYTES),
	KB("FileHugePages", FILE_HUGE_BYTES),
	KB("FilePmdMapped", FILE_HUGE_MAPPED_BYTES),
	KB("CmaTotal", CMA_TOTAL_BYTES),
	KB("CmaFree", CMA_FREE_BYTES),
	KB("Unaccepted", UNACCEPTED_BYTES),
	KB("Balloon", BALLOON_BYTES),
	PAGES("HugePages_Total", HUGE_PAGES),
	PAGES("HugePages_Free", HUGE_PAGES_FREE),
	PAGES("HugePages_Rsvd", HUGE_PAGES_RESERVED),
	PAGES("HugePages_Surp", HUGE_PAGES_SURPLUS),
	KB("Hugepagesize", HUGE_PAGE_BYTES),
	KB("DirectMap4k", DIRECT_MAP_4K_BYTES),
	KB("DirectMap2M", DIRECT_MAP_2M_BYTES),
	KB("DirectMap1G", DIRECT_MAP_1G_BYTES),
	{ NULL },
};

/* Values that may be more than the memory that there is. */
static bool is_wide(uint64_t key)
{
	static const enum wire_gauge wide[] = {
		WIRE_MEMINFO_ZSWAPPED_BYTES,
		WIRE_MEMINFO_COMMIT_LIMIT_BYTES,
		WIRE_MEMINFO_COMMITTED_BYTES,
		WIRE_MEMINFO_VMALLOC_TOTAL_BYTES,
		WIRE_MEMINFO_VMALLOC_USED_BYTES,
		WIRE_MEMINFO_VMALLOC_CHUNK_BYTES,
		WIRE_MEMINFO_HUGE_PAGE_BYTES,
		WIRE_MEMINFO_DIRECT_MAP_4K_BYTES,
		WIRE_MEMINFO_DIRECT_MAP_2M_BYTES,
		WIRE_MEMINFO_DIRECT_MAP_1G_BYTES,
		WIRE_MEMINFO_BALLOON_BYTES,
		WIRE_MEMINFO_SWAP_CACHED_BYTES,
	};
	size_t i;

	for (i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (key == wide[i])
			return true;
	return false;
}

/* A part that is more than the whole is wrong and left out, see memory.c. */
static void drop_impossible(const char *text, struct numbers *n)
{
	const char *total = proc_behind(text, "MemTotal:");
	uint64_t kb, *value;
	size_t i;

	if (!total || !proc_number(&total, &kb) ||
	    !proc_behind(total, " kB\n") || kb > INT64_MAX / 1024)
		return;
	for (i = 0; lines[i].name; i++) {
		value = numbers_find(n, lines[i].key);
		if (value && !is_wide(lines[i].key) && *value > kb * 1024)
			*value = WIRE_ABSENT;
	}
}

int meminfo_rest(const char *text, struct numbers *n)
{
	const char *at = text;

	if (!number_lines(n, &at, lines))
		return -EINVAL;
	drop_impossible(text, n);
	numbers_gauge(n, WIRE_PAGE_BYTES, (uint64_t)sysconf(_SC_PAGESIZE));
	return 0;
}

static const struct number_file files[] = {
	{ "meminfo", meminfo_rest, true },
	{ NULL },
};

static int meminfo_open(void **state, const struct host_options *options)
{
	return number_files_open(state, "meminfo", options, files, NULL);
}

const struct host_collector host_meminfo = {
	.name = "meminfo",
	.summary =
		"what else memory is used for: active, mapped, kernel, huge pages",
	.interval_ns = 10000000000,
	.enabled = true,
	.open = meminfo_open,
	.read = number_files_read,
	.close = number_files_close,
};
