// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/facts/cpu_model.h"
#include "host/facts/fact.h"
#include "host/facts/facts.h"
#include "host/file.h"
#include "lib/kernel/proc.h"

/* Which core a CPU is part of: its socket in the upper half. */
struct core_ids {
	size_t count;
	uint64_t *id;
};

static int compare_ids(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* How many differ, in the bits from @shift on. */
static uint32_t distinct(struct core_ids *ids, int shift)
{
	uint32_t n = 0;
	size_t i;

	if (ids->count)
		qsort(ids->id, ids->count, sizeof(*ids->id), compare_ids);
	for (i = 0; i < ids->count; i++)
		n += !i || ids->id[i] >> shift != ids->id[i - 1] >> shift;
	return n;
}

static void add_core(struct core_ids *ids, uint64_t socket, uint64_t core)
{
	ids->id[ids->count++] = socket << 32 | (core & UINT32_MAX);
}

static uint32_t count_lines(const char *text, const char *name)
{
	size_t size = strlen(name);
	uint32_t n = 0;

	for (; *text; text = proc_next_line(text))
		n += !strncmp(text, name, size);
	return n;
}

static bool number_of(const char *text, const char *name, uint64_t *value)
{
	size_t size = strlen(name);
	const char *at = text + size;

	return !strncmp(text, name, size) && proc_number(&at, value) &&
	       *at == '\n' && *value <= UINT32_MAX;
}

/* A CPU has its socket's line before its core's. */
static int find_cores(const char *text, struct cpu_facts *f)
{
	uint32_t lines = count_lines(text, "core id");
	struct core_ids ids = { 0 };
	uint64_t socket = 0, core;

	ids.id = calloc(lines + 1, sizeof(*ids.id));
	if (!ids.id)
		return -ENOMEM;
	for (; *text; text = proc_next_line(text)) {
		if (number_of(text, "core id\t\t: ", &core))
			add_core(&ids, socket, core);
		else
			number_of(text, "physical id\t: ", &socket);
	}
	f->placed = (uint32_t)ids.count;
	f->cores = distinct(&ids, 0);
	f->sockets = distinct(&ids, 32);
	free(ids.id);
	return 0;
}

static bool has_word(const char *at, size_t size, const char *word)
{
	const char *found = memmem(at, size, word, strlen(word));

	return found && (found == at || found[-1] == ' ') &&
	       (found + strlen(word) == at + size ||
		found[strlen(word)] == ' ');
}

int cpuinfo_facts(const char *text, struct cpu_facts *f)
{
	const char *flags;
	size_t size;

	*f = (struct cpu_facts){ 0 };
	flags = fact_line(text, "flags\t\t: ", &size);
	f->has_flags = flags;
	f->guest = flags && has_word(flags, size, "hypervisor");
	f->threads = count_lines(text, "processor\t");
	return find_cores(text, f);
}

/* The first of a core's CPUs, which is its own alone; kernels before 5.3 have it
 * under the older name. On Arm, the ids of cores begin anew in each cluster: they
 * are taken where there is nothing better.
 */
static bool core_of(int dir, uint32_t cpu, uint64_t *core)
{
	static const char *const files[] = { "core_cpus_list",
					     "thread_siblings_list" };
	char name[64], text[1024];
	int64_t id;
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *at = text;

		snprintf(name, sizeof(name), "cpu%u/topology/%s", cpu,
			 files[i]);
		if (host_text_at(dir, name, text, sizeof(text)) > 0 &&
		    proc_number(&at, core))
			return true;
	}
	snprintf(name, sizeof(name), "cpu%u/topology/core_id", cpu);
	if (host_number_at(dir, name, &id))
		return false;
	*core = (uint64_t)id;
	return true;
}

/* Where cpuinfo has no cores, /sys has: but for CPUs that are offline. */
static void cores_of_sys(const char *sys, struct cpu_facts *f)
{
	uint32_t i, cpus = possible_cpus(sys);
	struct core_ids ids = { .id = calloc(cpus, sizeof(*ids.id)) };
	int dir = host_dir(sys, "devices/system/cpu");
	uint64_t core;
	int64_t socket;
	char name[64];

	for (i = 0; dir >= 0 && ids.id && i < cpus; i++) {
		snprintf(name, sizeof(name),
			 "cpu%u/topology/physical_package_id", i);
		if (core_of(dir, i, &core) &&
		    !host_number_at(dir, name, &socket))
			add_core(&ids, (uint64_t)socket, core);
	}
	f->placed = (uint32_t)ids.count;
	f->cores = distinct(&ids, 0);
	f->sockets = distinct(&ids, 32);
	free(ids.id);
	if (dir >= 0)
		close(dir);
}

/* "0-3,8": how many. 0: it is no such list, or not whole. */
uint32_t cpu_list_count(const char *at)
{
	uint64_t first, last, count = 0;

	do {
		if (!proc_number(&at, &first))
			return 0;
		last = first;
		if (*at == '-' && (at++, !proc_number(&at, &last)))
			return 0;
		if (last < first || last > UINT16_MAX)
			return 0;
		count += last - first + 1;
	} while (*at++ == ',');
	return at[-1] == '\n' ? (uint32_t)count : 0;
}

static uint32_t online(const char *sys)
{
	struct host_file file;
	uint32_t count;

	if (host_file_once(&file, sys, "devices/system/cpu/online"))
		return 0;
	count = cpu_list_count(file.text);
	host_file_close(&file);
	return count;
}

/* If a file was cut off, or a CPU could not be read, there seem to be fewer cores
 * than there are. So the number of CPUs with a place has to be the number of CPUs.
 */
static void add_counts(struct rows *rows, const struct host_options *o,
		       struct cpu_facts *f)
{
	uint32_t cpus = online(o->sys);

	if (!cpus)
		return;
	fact_number(rows, WIRE_FACT_THREADS, cpus);
	if (!f->placed)
		cores_of_sys(o->sys, f);
	if (f->placed != cpus)
		return;
	fact_number(rows, WIRE_FACT_SOCKETS, f->sockets);
	fact_number(rows, WIRE_FACT_CORES, f->cores);
}

void fact_cpus(struct rows *rows, const struct host_options *o)
{
	char model[WIRE_TEXT_MAX + 1];
	struct host_file file;
	struct cpu_facts f;

	if (host_file_once(&file, o->proc, "cpuinfo"))
		return;
	fact_add(rows, WIRE_FACT_CPU_MODEL, model,
		 cpu_model(file.text, model, sizeof(model)));
	if (!cpuinfo_facts(file.text, &f))
		add_counts(rows, o, &f);
	host_file_close(&file);
}
