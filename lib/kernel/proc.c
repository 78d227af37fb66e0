// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
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

/* Sysfs makes a file for one read, and tells a page as its size. */
static bool is_whole(int fd, size_t used)
{
	struct statfs fs;
	struct stat s;

	if (fstat(fd, &s) || !S_ISREG(s.st_mode))
		return false;
	return s.st_size == (off_t)used ||
	       (!fstatfs(fd, &fs) && fs.f_type == SYSFS_MAGIC);
}

static size_t drop_returns(char *text, size_t used)
{
	char *from = memchr(text, '\r', used), *to = from, *end = text + used;

	for (; from && from < end; from++)
		if (from[0] != '\r' || from[1] != '\n')
			*to++ = *from;
	return to ? (size_t)(to - text) : used;
}

size_t text_ends(int fd, char *text, size_t used)
{
	if (used && text[used - 1] != '\n' && is_whole(fd, used))
		text[used++] = '\n';
	text[used] = '\0';
	used = drop_returns(text, used);
	text[used] = '\0';
	return used;
}

int proc_read(struct proc_file *p)
{
	ssize_t n = pread(p->fd, p->text, p->size - 1, 0);

	if (n < 0)
		return -errno;
	if ((size_t)n + 1 < p->size)
		text_ends(p->fd, p->text, (size_t)n);
	else
		p->text[n] = '\0';
	return 0;
}

/* Counters that a kernel prints as signed get below 0. */
static bool pass_negative(const char **at, uint64_t *value)
{
	const char *p = *at + 1;

	if (**at != '-' || !isdigit((unsigned char)*p))
		return false;
	while (isdigit((unsigned char)*p))
		p++;
	*at = p;
	*value = UINT64_MAX;
	return true;
}

/* The hottest loop of a sample: most of what a file has is numbers. */
bool proc_number(const char **at, uint64_t *value)
{
	const char *begin = *at, *p = begin;
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
		return p != begin && pass_negative(at, value);
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

/* Whether the rest of the row makes sense without @column. */
static bool leave_out(uint64_t *row, uint32_t column)
{
	if (column < WIRE_CPU_STEAL_NS)
		return false;
	row[WIRE_CPU_FLAGS] |= (uint64_t)WIRE_CPU_NO_STEAL
			       << (column - WIRE_CPU_STEAL_NS);
	return true;
}

/*
 * hz divides a second on every architecture. A kernel that has fewer values ends the
 * line early: they are 0. One that makes no sense, such as the time that some
 * hypervisors say they stole, costs itself only, or its CPU where that's time is a part of
 * how busy it is.
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
		if (ticks > INT64_MAX / tick_ns) {
			rows = rows && leave_out(row, WIRE_CPU_USER_NS + i);
			ticks = 0;
		}
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
	/* Other lines follow those of the CPUs; without them the last CPU's may be
	 * cut off.
	 */
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

/* As the kernel names them; -1: one that we do not know. @at goes behind the colon. */
static int vector_named(const char **at)
{
	static const char *const names[CPU_TABLE_VALUES] = {
		"HI:",	     "TIMER:",	 "NET_TX:", "NET_RX:",	"BLOCK:",
		"IRQ_POLL:", "TASKLET:", "SCHED:",  "HRTIMER:", "RCU:",
	};
	const char *end;
	int i;

	while (**at == ' ')
		(*at)++;
	for (i = 0; i < CPU_TABLE_VALUES; i++) {
		end = proc_behind(*at, names[i]);
		if (!end)
			continue;
		*at = end;
		return i;
	}
	return -1;
}

/* One of each CPU, and the end of the line: without that, it may be cut off. */
static bool softirqs_counts(const char *at, uint64_t *cell, int rows)
{
	for (; rows > 0; rows--, cell += CPU_TABLE_COLUMNS)
		if (!proc_number(&at, cell))
			return false;
	return *at == '\n';
}

/* In whatever order, but all of them: a line that is missing is damage. */
int softirqs_parse(const char *text, uint64_t *cells, uint32_t max)
{
	int rows = softirqs_keys(text, cells, max);
	unsigned int seen = 0;

	if (rows <= 0)
		return -EINVAL;
	for (text = proc_next_line(text); *text; text = proc_next_line(text)) {
		const char *at = text;
		int vector = vector_named(&at);

		if (vector < 0 || seen & 1u << vector)
			continue;
		if (!softirqs_counts(at, &cells[2 + vector], rows))
			return -EINVAL;
		seen |= 1u << vector;
	}
	return seen == (1u << CPU_TABLE_VALUES) - 1 ?
		       softirqs_sane(cells, rows) :
		       -EINVAL;
}
