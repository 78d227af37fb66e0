// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "ktach/host_files.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/proc.h"

static const struct {
	const char *name;
	size_t offset;
	bool required;
} mem_fields[] = {
	{ "MemTotal:", offsetof(struct mem_figures, total), true },
	{ "MemFree:", offsetof(struct mem_figures, free), true },
	{ "MemAvailable:", offsetof(struct mem_figures, available), true },
	{ "Buffers:", offsetof(struct mem_figures, buffers), true },
	{ "Cached:", offsetof(struct mem_figures, cached), true },
	{ "Shmem:", offsetof(struct mem_figures, shared), true },
	/* A kernel without swap has no such lines. */
	{ "SwapTotal:", offsetof(struct mem_figures, swap_total), false },
	{ "SwapFree:", offsetof(struct mem_figures, swap_free), false },
};

enum {
	MEM_FIELDS = sizeof(mem_fields) / sizeof(mem_fields[0]),
};

/* "Name:   123 kB" at the beginning of a line. */
static bool mem_field(const char *text, const char *name, uint64_t *bytes)
{
	size_t size = strlen(name);

	for (; *text; text = proc_next_line(text)) {
		if (strncmp(text, name, size))
			continue;
		text += size;
		if (!proc_number(&text, bytes) || strncmp(text, " kB\n", 4))
			return false;
		*bytes *= 1024;
		return true;
	}
	return false;
}

int meminfo_parse(const char *text, struct mem_figures *f)
{
	int i;

	for (i = 0; i < MEM_FIELDS; i++) {
		uint64_t bytes = 0;

		if (!mem_field(text, mem_fields[i].name, &bytes) &&
		    mem_fields[i].required)
			return -EINVAL;
		*(uint64_t *)((char *)f + mem_fields[i].offset) = bytes;
	}
	return 0;
}

/* "0.31" into thousandths: the kernel writes two digits. */
static bool take_load(const char **at, uint64_t *load)
{
	uint64_t whole, hundredths;

	if (!proc_number(at, &whole) || *(*at)++ != '.' ||
	    !proc_number(at, &hundredths))
		return false;
	*load = whole * LOAD_ONE + hundredths * (LOAD_ONE / 100);
	return true;
}

int loadavg_parse(const char *text, struct load_figures *f)
{
	int i;

	for (i = 0; i < 3; i++)
		if (!take_load(&text, &f->load[i]))
			return -EINVAL;
	if (!proc_number(&text, &f->running) || *text++ != '/' ||
	    !proc_number(&text, &f->tasks))
		return -EINVAL;
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
	char path[PATH_MAX];
	struct proc_file p;
	int err;

	snprintf(path, sizeof(path), "%s/%s", proc, name);
	err = proc_open(&p, path, 0);
	if (!err) {
		err = proc_read(&p);
		if (!err)
			err = take(p.text, to);
		proc_close(&p);
	}
	if (err)
		log_error("cannot read %s: %s", path, strerror(-err));
	return err;
}

static int take_meminfo(const char *text, void *to)
{
	return meminfo_parse(text, to);
}

static int take_loadavg(const char *text, void *to)
{
	return loadavg_parse(text, to);
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
