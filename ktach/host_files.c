// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "host/file.h"
#include "host/load.h"
#include "host/memory.h"
#include "ktach/host_files.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/proc.h"

enum {
	LOAD_HUNDREDTH = LOAD_ONE / 100,
};

static const struct {
	enum wire_gauge gauge;
	size_t offset;
	bool optional; /* a kernel without swap has no such line */
} mem_fields[] = {
	{ WIRE_MEMORY_TOTAL_BYTES, offsetof(struct mem_figures, total) },
	{ WIRE_MEMORY_FREE_BYTES, offsetof(struct mem_figures, free) },
	{ WIRE_MEMORY_AVAILABLE_BYTES,
	  offsetof(struct mem_figures, available) },
	{ WIRE_MEMORY_BUFFERS_BYTES, offsetof(struct mem_figures, buffers) },
	{ WIRE_MEMORY_CACHED_BYTES, offsetof(struct mem_figures, cached) },
	{ WIRE_MEMORY_SHARED_BYTES, offsetof(struct mem_figures, shared) },
	{ WIRE_SWAP_TOTAL_BYTES, offsetof(struct mem_figures, swap_total),
	  true },
	{ WIRE_SWAP_FREE_BYTES, offsetof(struct mem_figures, swap_free), true },
};

static void mem_take(const struct numbers *n, struct mem_figures *f)
{
	size_t i;

	for (i = 0; i < sizeof(mem_fields) / sizeof(mem_fields[0]); i++) {
		const uint64_t *found = numbers_find(n, mem_fields[i].gauge);
		uint64_t value = mem_fields[i].optional ? 0 : FIGURE_UNKNOWN;

		if (found)
			value = *found == WIRE_ABSENT ? FIGURE_UNKNOWN : *found;
		*(uint64_t *)((char *)f + mem_fields[i].offset) = value;
	}
}

int mem_parse(const char *text, struct mem_figures *f)
{
	struct numbers n = { 0 };
	int err;

	numbers_begin(&n);
	err = meminfo_read(text, &n);
	if (!err)
		mem_take(&n, f);
	numbers_exit(&n);
	return err;
}

static int load_take(const char *text, struct load_figures *f)
{
	struct loadavg l;
	int i, err = loadavg_parse(text, &l);

	if (err)
		return err;
	for (i = 0; i < 3; i++)
		f->load[i] = l.load[i] * LOAD_HUNDREDTH;
	f->running = l.running;
	f->tasks = l.threads;
	return 0;
}

static int uptime_parse(const char *text, uint64_t *uptime_s)
{
	return proc_number(&text, uptime_s) && *text == '.' ? 0 : -EINVAL;
}

static struct span span_now(void)
{
	return (struct span){
		.origin = ORIGIN_PROC,
		.real_ns = clock_real_ns(),
		.mono_ns = clock_mono_ns(),
	};
}

/* The file @name below @proc, parsed by @take; one message if that fails. */
static int take_file(const char *proc, const char *name,
		     int (*take)(const char *text, void *to), void *to)
{
	struct host_file file;
	int err = host_file_once(&file, proc, name);

	if (!err) {
		err = take(file.text, to);
		host_file_close(&file);
	}
	if (err)
		log_error("cannot read %s/%s: %s", proc, name, strerror(-err));
	return err;
}

static int take_meminfo(const char *text, void *to)
{
	return mem_parse(text, to);
}

static int take_loadavg(const char *text, void *to)
{
	return load_take(text, to);
}

static int take_uptime(const char *text, void *to)
{
	return uptime_parse(text, to);
}

int mem_read(const char *proc, struct mem_figures *f)
{
	f->span = span_now();
	return take_file(proc, "meminfo", take_meminfo, f);
}

int load_read(const char *proc, struct load_figures *f)
{
	int err;

	f->span = span_now();
	err = take_file(proc, "loadavg", take_loadavg, f);
	return err ? err : take_file(proc, "uptime", take_uptime, &f->uptime_s);
}
