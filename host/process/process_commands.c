// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/file.h"
#include "host/process/process_commands.h"

enum {
	COMMAND_MAX = 4096, /* bytes read */
};

#define DEADLINE_NS UINT64_C(1000000000)

/**
 * struct command_answer - what was read
 * @size: bytes, or -errno
 * @bytes: the file's beginning
 */
struct command_answer {
	int size;
	char bytes[COMMAND_MAX];
};

/**
 * struct process_command - of a process
 * @probe: see there
 * @path: of the file
 * @pid: whose
 * @start_ns: so that another process of that pid has another one
 * @asked: in this reading
 * @latest: the thread's, until the probe is answered
 * @answer: the owner's copy: what was answered last
 */
struct process_command {
	struct probe probe;
	char *path;
	uint32_t pid;
	uint64_t start_ns;
	bool asked;
	struct command_answer latest;
	struct command_answer answer;
};

static struct process_command *command_of(struct probe *p)
{
	return (struct process_command *)((char *)p -
					  offsetof(struct process_command,
						   probe));
}

static void read_command(struct probe *p)
{
	struct process_command *command = command_of(p);
	struct command_answer *a = &command->latest;

	a->size = host_bytes_at(AT_FDCWD, command->path, a->bytes,
				sizeof(a->bytes));
}

static void free_command(struct probe *p)
{
	free(command_of(p)->path);
	free(command_of(p));
}

/* Doubtful, as probe.h has it: not waited for as long as others. */
static struct process_command *new_command(const char *proc,
					   const struct process *p)
{
	struct process_command *command = calloc(1, sizeof(*command));

	if (!command)
		return NULL;
	command->probe.run = read_command;
	command->probe.free = free_command;
	command->probe.doubtful = true;
	command->pid = p->pid;
	command->start_ns = p->start_ns;
	if (asprintf(&command->path, "%s/%u/cmdline", proc, p->pid) < 0) {
		free(command);
		return NULL;
	}
	return command;
}

int process_commands_open(struct process_commands *c, const char *proc,
			  uint32_t max)
{
	int err;

	*c = (struct process_commands){
		.proc = proc,
		.of = calloc(max, sizeof(struct process_command *)),
		.max = max,
	};
	if (!c->of)
		return -ENOMEM;
	err = probe_pool_new(&c->pool, DEADLINE_NS);
	if (err)
		free(c->of);
	return err;
}

void process_commands_close(struct process_commands *c)
{
	while (c->count)
		probe_drop(c->pool, &c->of[--c->count]->probe);
	probe_pool_free(c->pool);
	free(c->of);
}

static struct process_command *find_command(const struct process_commands *c,
					    const struct process *p)
{
	uint32_t i;

	for (i = 0; i < c->count; i++)
		if (c->of[i]->pid == p->pid &&
		    c->of[i]->start_ns == p->start_ns)
			return c->of[i];
	return NULL;
}

/* Those of the last reading make room for those of this one. */
static void drop_unasked(struct process_commands *c)
{
	uint32_t i, kept = 0;

	for (i = 0; i < c->count; i++) {
		if (c->of[i]->asked)
			c->of[kept++] = c->of[i];
		else
			probe_drop(c->pool, &c->of[i]->probe);
	}
	c->count = kept;
}

void process_commands_ask(struct process_commands *c, const struct process *p)
{
	struct process_command *command = find_command(c, p);

	if (!command) {
		if (c->count == c->max)
			drop_unasked(c);
		if (c->count == c->max)
			return;
		command = new_command(c->proc, p);
		if (!command)
			return;
		c->of[c->count++] = command;
	}
	command->asked = true;
	probe_ask(c->pool, &command->probe);
}

void process_commands_wait(struct process_commands *c)
{
	uint32_t i;

	drop_unasked(c);
	probe_go(c->pool);
	probe_wait(c->pool);
	for (i = 0; i < c->count; i++) {
		struct process_command *command = c->of[i];

		command->asked = false;
		if (probe_answered(c->pool, &command->probe))
			command->answer = command->latest;
	}
}

const char *process_commands_find(struct process_commands *c,
				  const struct process *p, size_t *size)
{
	const struct process_command *command = find_command(c, p);

	if (!command || command->answer.size <= 0)
		return NULL;
	*size = (size_t)command->answer.size;
	return command->answer.bytes;
}
