// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/cpu/core.h"
#include "host/file.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/kernel/proc.h"

enum {
	/* Columns of softnet_stat: the CPU is the last one, since 5.10. */
	SOFTNET_CPU_COLUMN = 12,
	SOFTNET_COLUMNS,
	HZ_PER_KHZ = 1000,
	HZ_PER_MHZ = 1000000,
};

_Static_assert(WIRE_CORE_PACKETS + SOFTNET_COUNTS == WIRE_CORE_COLUMNS,
	       "columns of softnet");

/* Eight hexadecimal digits, and the blank or newline behind them. */
static bool take_hex(const char **at, uint32_t *value)
{
	static const char digits[] = "0123456789abcdef";
	const char *found;
	int i;

	*value = 0;
	for (i = 0; i < 8; i++, ++*at) {
		found = **at ? strchr(digits, **at) : NULL;
		if (!found)
			return false;
		*value = *value << 4 | (uint32_t)(found - digits);
	}
	return **at == ' ' || **at == '\n';
}

static bool take_softnet(const char *at, uint32_t *columns)
{
	int i;

	for (i = 0; i < SOFTNET_COLUMNS; i++) {
		if (*at == ' ')
			at++;
		if (!take_hex(&at, &columns[i]))
			return false;
	}
	return true;
}

/* The kernel's 32 bits wrap, and ours go on; what falls by as much as that begins anew. */
static void count_columns(struct core *c, const uint32_t *columns)
{
	static const int places[SOFTNET_COUNTS] = { 0, 1, 2, 9, 10 };
	uint32_t now, passed;
	int i;

	for (i = 0; i < SOFTNET_COUNTS; i++) {
		now = columns[places[i]];
		passed = now - c->last[i];
		c->total[i] = c->counted && passed <= INT32_MAX ?
				      c->total[i] + passed :
				      now;
		c->last[i] = now;
	}
	c->counted = true;
	c->seen = true;
}

int softnet_parse(const char *text, struct core *cores, uint32_t max)
{
	uint32_t columns[SOFTNET_COLUMNS];
	int err = 0;

	for (; *text; text = proc_next_line(text)) {
		if (take_softnet(text, columns) &&
		    columns[SOFTNET_CPU_COLUMN] < max)
			count_columns(&cores[columns[SOFTNET_CPU_COLUMN]],
				      columns);
		else
			err = -EINVAL;
	}
	return err;
}

/* "2596.150" of MHz. */
static bool take_mhz(const char *at, uint64_t *hz)
{
	uint64_t mhz, thousandths;
	const char *point;

	if (!proc_number(&at, &mhz) || *at++ != '.')
		return false;
	point = at;
	if (!proc_number(&at, &thousandths) || at != point + 3 || *at != '\n' ||
	    __builtin_mul_overflow(mhz, HZ_PER_MHZ, hz) || *hz > INT64_MAX)
		return false;
	*hz += thousandths * HZ_PER_KHZ;
	return *hz; /* 0 is no speed, but not known */
}

uint32_t cpuinfo_hz(const char *text, struct core *cores, uint32_t max)
{
	static const char cpu_name[] = "processor\t: ", mhz[] = "cpu MHz\t\t: ";
	uint64_t cpu = max, hz;
	uint32_t found = 0;

	for (; *text; text = proc_next_line(text)) {
		const char *at = text + sizeof(cpu_name) - 1;

		if (!strncmp(text, cpu_name, sizeof(cpu_name) - 1)) {
			if (!proc_number(&at, &cpu) || *at != '\n')
				cpu = max;
		} else if (cpu < max && !strncmp(text, mhz, sizeof(mhz) - 1) &&
			   take_mhz(text + sizeof(mhz) - 1, &hz)) {
			cores[cpu].hz = hz;
			cores[cpu].seen = true;
			found++;
		}
	}
	return found;
}

struct cores {
	uint32_t count;
	struct core *core;
	int cpus; /* SYS/devices/system/cpu, or -1 */
	bool scaled; /* by cpufreq: it tells the speeds */
	struct host_file cpuinfo;
	struct host_file softnet;
	struct host_trouble no_softnet;
	struct host_trouble no_cpuinfo;
	struct rows rows;
};

/* CPUs come and go, and their folders with them. */
static uint32_t read_scaled(struct cores *s)
{
	uint32_t i, found = 0;
	int64_t khz;
	char name[64];

	for (i = 0; i < s->count; i++) {
		snprintf(name, sizeof(name), "cpu%u/cpufreq/scaling_cur_freq",
			 i);
		if (host_number_at(s->cpus, name, &khz) || khz <= 0 ||
		    khz > INT64_MAX / HZ_PER_KHZ)
			continue;
		s->core[i].hz = (uint64_t)khz * HZ_PER_KHZ;
		s->core[i].seen = true;
		found++;
	}
	return found;
}

static void core_close(void *state)
{
	struct cores *s = state;

	if (s->cpus >= 0)
		close(s->cpus);
	host_file_close(&s->cpuinfo);
	host_file_close(&s->softnet);
	rows_exit(&s->rows);
	free(s->core);
	free(s);
}

/* The network of a reader is another one than the host's, but these counts are
 * of CPUs: each has them all. A reader that is not to be found in this /proc has
 * no network there.
 */
static int open_softnet(struct cores *s, const char *proc)
{
	int err = host_file_open(&s->softnet, proc, "net/softnet_stat");

	if (err)
		err = host_file_open(&s->softnet, proc, "1/net/softnet_stat");
	if (err)
		log_info(
			"core: cannot open %s/net/softnet_stat: %s; drops and squeezes are left out",
			proc, strerror(-err));
	return err;
}

static int open_files(struct cores *s, const struct host_options *o)
{
	int err = open_softnet(s, o->proc);

	s->cpus = host_dir(o->sys, "devices/system/cpu");
	s->scaled = s->cpus >= 0 && read_scaled(s);
	if (!s->scaled && !host_file_open(&s->cpuinfo, o->proc, "cpuinfo"))
		return 0;
	return s->scaled ? 0 : err;
}

static int core_open(void **state, const struct host_options *options)
{
	struct cores *s = calloc(1, sizeof(*s));
	int err = -ENOMEM;

	if (!s)
		return err;
	s->cpus = s->cpuinfo.fd = s->softnet.fd = -1;
	s->rows.kind = WIRE_CORE;
	s->count = possible_cpus(options->sys);
	s->core = calloc(s->count, sizeof(*s->core));
	if (s->core)
		err = open_files(s, options);
	s->softnet.shared = s->cpuinfo.shared = options->memory;
	if (err)
		core_close(s);
	else
		*state = s;
	return err;
}

static int read_softnet(struct cores *s)
{
	int err;

	if (s->softnet.fd < 0)
		return 0;
	err = host_file_read(&s->softnet);
	if (!err)
		err = softnet_parse(s->softnet.text, s->core, s->count);
	host_trouble(&s->no_softnet, "core", s->softnet.path, err);
	return err;
}

static int read_speeds(struct cores *s)
{
	int err;

	if (s->scaled)
		return read_scaled(s) ? 0 : -ENODATA;
	if (s->cpuinfo.fd < 0)
		return 0;
	err = host_file_read(&s->cpuinfo);
	if (!err)
		cpuinfo_hz(s->cpuinfo.text, s->core, s->count);
	host_trouble(&s->no_cpuinfo, "core", s->cpuinfo.path, err);
	return err;
}

static void put_rows(struct cores *s)
{
	uint32_t i;
	int n;

	for (i = 0; i < s->count; i++) {
		const struct core *c = &s->core[i];
		uint64_t *row = c->seen ? rows_add(&s->rows, i) : NULL;

		if (!row)
			continue;
		row[WIRE_CORE_HZ] = c->hz;
		for (n = 0; c->counted && n < SOFTNET_COUNTS; n++)
			row[WIRE_CORE_PACKETS + n] = c->total[n];
	}
}

static int core_read(void *state, const struct host_sink *sink)
{
	struct cores *s = state;
	uint64_t real_ns = clock_real_ns(), mono_ns = clock_mono_ns();
	uint32_t i;
	int err, failed;

	for (i = 0; i < s->count; i++) {
		s->core[i].seen = false;
		s->core[i].hz = WIRE_ABSENT;
	}
	err = read_softnet(s);
	failed = read_speeds(s);
	rows_clear(&s->rows);
	put_rows(s);
	rows_put(&s->rows, sink, WIRE_ORIGIN_PROC, real_ns, mono_ns);
	return err ? err : failed;
}

const struct host_collector host_core = {
	.name = "core",
	.summary = "speed of each CPU, packets it dropped",
	.interval_ns = 10000000000,
	.enabled = true,
	.open = core_open,
	.read = core_read,
	.close = core_close,
};
