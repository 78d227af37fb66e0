// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/file.h"
#include "host/process/process_details.h"
#include "host/process/redact.h"

enum {
	PATH_SIZE = 32, /* bytes of "PID/cgroup" */
};

int process_details_open(struct process_details *d,
			 const struct host_options *o, uint32_t max)
{
	int err;

	d->proc = host_dir(o->proc, ".");
	if (d->proc < 0)
		return d->proc;
	d->command_lines = o->command_lines;
	d->redact = o->redact ? o->redact : REDACT_DEFAULT;
	d->units = process_units();
	users_init(&d->users, host_options_root(o));
	if (!d->command_lines)
		return 0;
	err = process_commands_open(&d->commands, o->proc, max);
	if (err)
		close(d->proc);
	return err;
}

void process_details_close(struct process_details *d)
{
	if (d->command_lines)
		process_commands_close(&d->commands);
	close(d->proc);
}

void process_details_begin(struct process_details *d,
			   const struct process_ranked *const *ranked,
			   uint32_t count)
{
	uint32_t i;

	users_refresh(&d->users);
	if (!d->command_lines)
		return;
	for (i = 0; i < count; i++)
		if (!ranked[i]->p.kernel)
			process_commands_ask(&d->commands, &ranked[i]->p);
	process_commands_wait(&d->commands);
}

static const char *path_of(uint32_t pid, const char *name, char *path)
{
	snprintf(path, PATH_SIZE, "%u/%s", pid, name);
	return path;
}

/* Bytes, or -errno. */
static int read_text(struct process_details *d, uint32_t pid, const char *name)
{
	char path[PATH_SIZE];

	return host_text_at(d->proc, path_of(pid, name, path), d->text,
			    sizeof(d->text));
}

/* The kernel's quick sum is off by what each CPU holds back; where the kernel
 * knows better, this file does.
 */
static uint64_t rss_of(struct process_details *d, const struct process *p)
{
	uint64_t bytes;

	if (p->kernel || read_text(d, p->pid, "statm") < 0 ||
	    process_statm_parse(d->text, &d->units, &bytes))
		return p->rss_bytes;
	return bytes;
}

/* Near the beginning of a file that is long where there are many CPUs. */
static int read_uid(struct process_details *d, uint32_t pid, uint32_t *uid)
{
	char path[PATH_SIZE];
	int n = host_bytes_at(d->proc, path_of(pid, "status", path), d->text,
			      sizeof(d->text) - 1);

	if (n < 0)
		return n;
	d->text[n] = '\0';
	return process_uid_parse(d->text, uid);
}

static void add_user(struct process_details *d, struct rows *rows,
		     const struct process *p)
{
	uint32_t uid = p->uid;
	const char *name;

	if (uid == PROCESS_NO_UID && read_uid(d, p->pid, &uid))
		return;
	name = users_name(&d->users, uid);
	rows_text(rows, WIRE_PROCESS_USER, name, strlen(name));
}

static void add_cgroup(struct process_details *d, struct rows *rows,
		       const struct process *p)
{
	const char *path;
	size_t size;

	if (read_text(d, p->pid, "cgroup") < 0)
		return;
	path = process_cgroup_parse(d->text, &size);
	if (path)
		rows_text(rows, WIRE_PROCESS_CGROUP, path, size);
}

static void add_command(struct process_details *d, struct rows *rows,
			const struct process *p)
{
	char line[WIRE_TEXT_MAX + 1];
	const char *args;
	size_t size;

	if (!d->command_lines)
		return;
	args = process_commands_find(&d->commands, p, &size);
	if (args)
		rows_text(rows, WIRE_PROCESS_COMMAND, line,
			  redact(args, size, d->redact, line, sizeof(line)));
}

/* Kernel threads have longer names here than in their task. */
static void add_name(struct process_details *d, struct rows *rows,
		     const struct process *p)
{
	int n = p->kernel ? read_text(d, p->pid, "comm") : -1;

	if (n > 0)
		rows_text(rows, WIRE_PROCESS_NAME, d->text, (size_t)n);
	else
		rows_text(rows, WIRE_PROCESS_NAME, p->name, strlen(p->name));
}

void process_details_add(struct process_details *d, struct rows *rows,
			 const struct process_ranked *r)
{
	const struct process *p = &r->p;
	uint64_t *row = rows_add(rows, p->pid);

	if (!row)
		return;
	row[WIRE_PROCESS_STATE] = (uint64_t)p->state;
	row[WIRE_PROCESS_CPU_NS] = p->cpu_ns;
	row[WIRE_PROCESS_CPU_SHARE] = r->share;
	row[WIRE_PROCESS_RSS_BYTES] = rss_of(d, p);
	row[WIRE_PROCESS_THREADS] = p->threads;
	row[WIRE_PROCESS_START_NS] = p->start_ns;
	row[WIRE_PROCESS_PARENT] = p->parent;
	add_name(d, rows, p);
	add_user(d, rows, p);
	add_cgroup(d, rows, p);
	add_command(d, rows, p);
}
