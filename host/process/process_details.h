/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read of the few processes that are told of. */
#ifndef KTACH_HOST_PROCESS_PROCESS_DETAILS_H
#define KTACH_HOST_PROCESS_PROCESS_DETAILS_H

#include <stdbool.h>

#include "host/options.h"
#include "host/process/process_commands.h"
#include "host/process/process_top.h"
#include "host/rows.h"
#include "host/process/users.h"

enum process_details_limits {
	PROCESS_TEXT = 8192,		/* bytes read of a file */
};

/**
 * struct process_details - where from
 * @proc: descriptor of /proc
 * @command_lines: they are read
 * @commands: then
 * @redact: words that secrets follow
 * @units: what numbers are in
 * @users: their names
 * @text: of the last file
 */
struct process_details {
	int proc;
	bool command_lines;
	struct process_commands commands;
	const char *redact;
	struct process_units units;
	struct users users;
	char text[PROCESS_TEXT];
};

/* @max: processes that are told of at once. Return 0 or -errno: nothing to close
 * then.
 */
int process_details_open(struct process_details *d,
			 const struct host_options *options, uint32_t max);
void process_details_close(struct process_details *d);

/* A reading: of all these processes, before a row of each is added. */
void process_details_begin(struct process_details *d,
			   const struct process_ranked *const *ranked,
			   uint32_t count);

/**
 * process_details_add() - a row of WIRE_PROCESS
 * @d: where from
 * @rows: where to
 * @r: the process: what cannot be read of it any more is left out
 */
void process_details_add(struct process_details *d, struct rows *rows,
			 const struct process_ranked *r);

#endif /* KTACH_HOST_PROCESS_PROCESS_DETAILS_H */
