// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/process/process_stat.h"
#include "lib/kernel/proc.h"

enum {
	NSEC_PER_SEC = 1000000000,
	KERNEL_THREAD = 0x00200000, /* PF_KTHREAD */
};

struct process_units process_units(void)
{
	return (struct process_units){
		.tick_ns = NSEC_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK),
		.page_bytes = (uint64_t)sysconf(_SC_PAGESIZE),
	};
}

/* --- numbers ----------------------------------------------------------------- */

/* The next field, a whole number of nothing but digits, times @unit. What ends
 * without a blank behind it may be cut off.
 */
static int take_number(const char **at, uint64_t unit, uint64_t *value)
{
	unsigned long long v;
	char *end;

	if (!isdigit((unsigned char)**at))
		return -EINVAL;
	errno = 0;
	v = strtoull(*at, &end, 10);
	if (errno || v > INT64_MAX / unit)
		return -ERANGE;
	if (!isspace((unsigned char)*end))
		return -EINVAL;
	*at = end + 1;
	*value = v * unit;
	return 0;
}

static int skip_fields(const char **at, int fields)
{
	for (; fields; fields--) {
		const char *end = strchr(*at, ' ');

		if (!end)
			return -EINVAL;
		*at = end + 1;
	}
	return 0;
}

/* --- stat -------------------------------------------------------------------- */

/* Newlines and backslashes are escaped, nothing else is. */
static void set_name(const char *from, const char *end, char *name)
{
	size_t n = 0;

	while (from < end && n < PROCESS_NAME) {
		char c = *from++;

		if (c == '\\' && from < end && (*from == 'n' || *from == '\\'))
			c = *from++ == 'n' ? '\n' : '\\';
		name[n++] = c;
	}
	name[n] = '\0';
}

/* Fields of stat, by their numbers in proc(5), that have a plain number. */
enum {
	PARENT = 4,
	FLAGS = 9,
	UTIME = 14,
	STIME = 15,
	THREADS = 20,
	START = 22,
	RSS = 24,
};

/* Fields from PARENT on. */
static int take_fields(const char *at, const struct process_units *u,
		       uint64_t *value)
{
	static const int wanted[] = { PARENT,  FLAGS, UTIME, STIME,
				      THREADS, START, RSS };
	int field = PARENT, err;
	size_t i;

	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		uint64_t unit = 1;

		err = skip_fields(&at, wanted[i] - field);
		if (err)
			return err;
		if (wanted[i] == UTIME || wanted[i] == STIME ||
		    wanted[i] == START)
			unit = u->tick_ns;
		else if (wanted[i] == RSS)
			unit = u->page_bytes;
		err = take_number(&at, unit, &value[wanted[i]]);
		if (err)
			return err;
		field = wanted[i] + 1;
	}
	return 0;
}

/* A name may have any character, also ") R 1 (": it ends at the last one. */
int process_stat_parse(const char *text, const struct process_units *units,
		       struct process *p)
{
	const char *name, *end = strrchr(text, ')'), *at = text;
	uint64_t pid, value[RSS + 1];
	int err = take_number(&at, 1, &pid);

	name = at;
	if (err)
		return err;
	if (*name++ != '(' || !end || end < name || end[1] != ' ' ||
	    !isalpha((unsigned char)end[2]) || end[3] != ' ')
		return -EINVAL;
	err = take_fields(end + 4, units, value);
	if (err)
		return err;
	if (pid > INT32_MAX || value[PARENT] > INT32_MAX ||
	    value[THREADS] > INT32_MAX ||
	    value[UTIME] + value[STIME] > INT64_MAX)
		return -ERANGE;
	p->pid = (uint32_t)pid;
	p->parent = (uint32_t)value[PARENT];
	p->threads = (uint32_t)value[THREADS];
	p->cpu_ns = value[UTIME] + value[STIME];
	p->start_ns = value[START];
	p->rss_bytes = value[RSS];
	p->state = end[2];
	p->kernel = value[FLAGS] & KERNEL_THREAD;
	set_name(name, end, p->name);
	return 0;
}

/* --- others ------------------------------------------------------------------ */

int process_statm_parse(const char *text, const struct process_units *units,
			uint64_t *rss_bytes)
{
	const char *at = text;
	int err = skip_fields(&at, 1);

	return err ? err : take_number(&at, units->page_bytes, rss_bytes);
}

/* "Uid:", then the real one, the effective one, and two more. */
int process_uid_parse(const char *text, uint32_t *uid)
{
	const char *at = text;
	uint64_t real, effective;
	int err;

	while (*at && strncmp(at, "Uid:\t", 5))
		at = proc_next_line(at);
	if (!*at)
		return -EINVAL;
	at += 5;
	err = take_number(&at, 1, &real);
	if (!err)
		err = take_number(&at, 1, &effective);
	if (err)
		return err;
	if (effective >= PROCESS_NO_UID)
		return -ERANGE;
	*uid = (uint32_t)effective;
	return 0;
}

/* How much a line "ID:CONTROLLERS:PATH" tells; *path is where its path is. */
static int merit(const char *line, size_t length, const char **path)
{
	const char *end = line + length;
	const char *controllers = memchr(line, ':', length);
	const char *second;

	if (!controllers)
		return 0;
	controllers++;
	second = memchr(controllers, ':', (size_t)(end - controllers));
	if (!second || second + 1 == end)
		return 0;
	*path = second + 1;
	if (end - *path == 1)
		return 1;
	if (second == controllers)
		return 4;
	return !strncmp(controllers, "name=systemd:", 13) ? 3 : 2;
}

const char *process_cgroup_parse(const char *text, size_t *size)
{
	const char *line, *best = NULL;
	int most = 0;

	for (line = text; *line; line = proc_next_line(line)) {
		size_t length = strcspn(line, "\n");
		const char *path;
		int m = merit(line, length, &path);

		if (m <= most)
			continue;
		most = m;
		best = path;
		*size = (size_t)(line + length - path);
	}
	return best;
}
