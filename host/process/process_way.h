/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two ways to read all processes. */
#ifndef KTACH_HOST_PROCESS_PROCESS_WAY_H
#define KTACH_HOST_PROCESS_PROCESS_WAY_H

#include <limits.h>

#include "host/options.h"
#include "host/process/process_stat.h"
#include "lib/wire/wire.h"

/* Others' processes are not shown to us: nobody knows how many there are. */
#define PROCESSES_HIDDEN INT_MAX

/**
 * struct process_way - one of them
 * @origin: what its tables are of
 * @open: gets ready; 0 or -errno, after which there is nothing to close
 * @read: hands over each process. How many more there are that could not be
 *        read, PROCESSES_HIDDEN, or -errno
 * @close: the reverse of open
 */
struct process_way {
	enum wire_origin origin;
	int (*open)(void **state, const struct host_options *options);
	int (*read)(void *state, process_take *take, void *arg);
	void (*close)(void *state);
};

/* An iterator over tasks, of the initial PID namespace: -EXDEV elsewhere. */
extern const struct process_way process_bpf;

/* A file a process in /proc. */
extern const struct process_way process_proc;

/* The kernel's TASK_* and EXIT_* bits as the letter of /proc/PID/stat. */
char process_state(uint32_t bits);

#endif /* KTACH_HOST_PROCESS_PROCESS_WAY_H */
