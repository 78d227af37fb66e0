/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command lines: they are in a process's own memory, and whoever reads that
 * waits for whoever changes its mappings, which may hang.
 */
#ifndef KTACH_HOST_PROCESS_PROCESS_COMMANDS_H
#define KTACH_HOST_PROCESS_PROCESS_COMMANDS_H

#include <stddef.h>
#include <stdint.h>

#include "host/probe.h"
#include "host/process/process_stat.h"

struct process_command;

/**
 * struct process_commands - of the processes that are told of
 * @proc: path of /proc
 * @pool: who reads them
 * @of: one a process
 * @count: of them
 * @max: at most
 */
struct process_commands {
	const char *proc;
	struct probe_pool *pool;
	struct process_command **of;
	uint32_t count;
	uint32_t max;
};

/* @max: processes that may be asked for at once. Return 0 or -errno: nothing to
 * close then.
 */
int process_commands_open(struct process_commands *c, const char *proc,
			  uint32_t max);
void process_commands_close(struct process_commands *c);

/* A reading: ask for each process, wait for those that answer. Others are
 * forgotten.
 */
void process_commands_ask(struct process_commands *c, const struct process *p);
void process_commands_wait(struct process_commands *c);

/**
 * process_commands_find() - what was read
 * @c: all of them
 * @p: whose
 * @size: filled: bytes
 *
 * Return: arguments, a NUL after each, as they were when it was answered last;
 * NULL if it never was, or there are none.
 */
const char *process_commands_find(struct process_commands *c,
				  const struct process *p, size_t *size);

#endif /* KTACH_HOST_PROCESS_PROCESS_COMMANDS_H */
