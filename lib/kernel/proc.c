// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/kernel/cpu_table.h"
#include "lib/kernel/proc.h"

enum {
	FILE_BASE = 16384, /* what else is in a file before or after its CPUs */
	CPUS_UNTOLD = 1024, /* room where nothing tells how many there may be */
	CPU_BYTES = 256, /* of a CPU: its line, or its column in ten lines */
	ONLINE = WIRE_CPU_ONLINE | WIRE_CPU_SEEN,
};

/* Such a file holds a list of ranges, such as "0-3,8-11": its last number counts. */
static uint32_t cpus_of(const char *sys, const char *name)
{
	char path[PATH_MAX], text[256] = "";
	size_t i = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/devices/system/cpu/%s", sys, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		ssize_t n = read(fd, text, sizeof(text) - 1);

		close(fd);
		for (i = n > 0 ? (size_t)n : 0; i && text[i - 1] < '0'; i--)
			;
		while (i && isdigit((unsigned char)text[i - 1]))
			i--;
	}
	if (isdigit((unsigned char)text[i]))
		return (uint32_t)atoi(text + i) + 1;
	return 0;
}

uint32_t possible_cpus(const char *sys)
{
	static const char *const files[] = { "possible", "present", "online" };
	uint32_t cpus = 0;
	size_t i;

	for (i = 0; !cpus && i < sizeof(files) / sizeof(files[0]); i++)
		cpus = cpus_of(sys, files[i]);
	return cpus ? cpus : CPUS_UNTOLD;
}

int proc_open(struct proc_file *p, const char *path, uint32_t cpus)
{
	p->path = path;
	p->size = FILE_BASE + (size_t)cpus * CPU_BYTES;
	p->text = malloc(p->size);
	if (!p->text)
		return -ENOMEM;
	p->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (p->fd < 0) {
		free(p->text);
		return -errno;
	}
	return 0;
}

void proc_close(struct proc_file *p)
{
	close(p->fd);
	free(p->text);
}

int proc_read(struct proc_file *p)
{
	ssize_t n = pread(p->fd, p->text, p->size - 1, 0);

	if (n < 0)
		return -errno;
	p->text[n] = '\0';
	return 0;
}

/* The hottest loop of a sample: most of what a file has is numbers. */
bool proc_number(const char **at, uint64_t *value)
{
	const char *p = *at;
	unsigned int digit;
	uint64_t v = 0;

	while (*p == ' ')
		p++;
	*at = p;
	for (; (digit = (unsigned char)*p - '0') <= 9; p++) {
		if (v < UINT64_MAX / 10)
			v = v * 10 + digit;
		else if (__builtin_mul_overflow(v, 10, &v) ||
			 __builtin_add_overflow(v, digit, &v))
			v = UINT64_MAX;
	}
	if (p == *at)
		return false;
	*at = p;
	*value = v;
	return true;
}

const char *proc_behind(const char *at, const char *word)
{
	for (; *word; at++, word++)
		if (*at != *word)
			return NULL;
	return at;
}

const char *proc_next_line(const char *at)
{
	const char *end = strchr(at, '\n');

	return end ? end + 1 : at + strlen(at);
}

/*
 * hz divides a second on every architecture. A kernel that has fewer values ends the
 * line early: they are 0. One that makes no sense, such as the time that some
 * hypervisors say they stole, costs its CPU only.
 *
 * Return: 1; 0: the CPU is left out; -EINVAL: it is no line of a CPU.
 */
static int stat_row(const char *at, uint64_t cpu, uint64_t tick_ns,
		    uint64_t *row)
{
	int i, rows = 1;

	row[WIRE_CPU_KEY] = cpu;
	row[WIRE_CPU_FLAGS] = ONLINE;
	for (i = 0; i < CPU_TABLE_VALUES; i++) {
		uint64_t ticks = 0;

		if (!proc_number(&at, &ticks) && (*at != '\n' || !i))
			return -EINVAL;
		if (*at != ' ' && *at != '\n')
			return -EINVAL;
		if (ticks > INT64_MAX / tick_ns)
			rows = 0;
		row[2 + i] = ticks * tick_ns;
	}
	return rows;
}

int stat_parse(const char *text, uint64_t hz, uint64_t *cells, uint32_t max)
{
	const char *at = proc_next_line(text); /* the first line is the sum */
	const char *field;
	uint32_t rows = 0;

	if (!proc_behind(text, "cpu "))
		return -EINVAL;
	for (; (field = proc_behind(at, "cpu")); at = proc_next_line(at)) {
		uint64_t cpu;
		int taken;

		if (rows == max || !proc_number(&field, &cpu))
			return -EINVAL;
		taken = stat_row(field, cpu, 1000000000 / hz,
				 cells + (size_t)rows * CPU_TABLE_COLUMNS);
		if (taken < 0)
			return -EINVAL;
		rows += (uint32_t)taken;
	}
	/* Lines follow the CPUs; without them, a CPU may be cut off. */
	return rows && at[0] && at[1] && at[2] && at[3] ? (int)rows : -EINVAL;
}

/* The line of titles: "  CPU0  CPU1 ..." gives each row its key. */
static int softirqs_keys(const char *at, uint64_t *cells, uint32_t max)
{
	uint32_t rows = 0;

	while (*at && *at != '\n') {
		uint64_t *row = cells + (size_t)rows * CPU_TABLE_COLUMNS;

		while (*at == ' ')
			at++;
		if (*at == '\n')
			break;
		at = proc_behind(at, "CPU");
		if (rows++ == max || !at ||
		    !proc_number(&at, &row[WIRE_SOFTIRQ_KEY]))
			return -EINVAL;
		row[WIRE_SOFTIRQ_FLAGS] = ONLINE;
	}
	return (int)rows;
}

/* As in stat_row(): a value that makes no sense costs its CPU only. */
static int softirqs_sane(uint64_t *cells, int rows)
{
	int from, to = 0, i;

	for (from = 0; from < rows; from++) {
		const uint64_t *row = cells + (size_t)from * CPU_TABLE_COLUMNS;

		for (i = 2; i < CPU_TABLE_COLUMNS && row[i] <= INT64_MAX; i++)
			;
		if (i < CPU_TABLE_COLUMNS)
			continue;
		if (to < from)
			memcpy(cells + (size_t)to * CPU_TABLE_COLUMNS, row,
			       CPU_TABLE_COLUMNS * sizeof(*row));
		to++;
	}
	return to ? to : -EINVAL;
}

int softirqs_parse(const char *text, uint64_t *cells, uint32_t max)
{
	const char *at = text;
	int rows = softirqs_keys(text, cells, max);
	int vector, row;

	if (rows <= 0)
		return -EINVAL;
	for (vector = 0; vector < CPU_TABLE_VALUES; vector++) {
		at = strchr(proc_next_line(at), ':');
		if (!at)
			return -EINVAL;
		at++;
		for (row = 0; row < rows; row++)
			if (!proc_number(&at, &cells[row * CPU_TABLE_COLUMNS +
						     2 + vector]))
				return -EINVAL;
	}
	/* The file ends its last line; without that, it may be cut off. */
	return *at == '\n' ? softirqs_sane(cells, rows) : -EINVAL;
}
