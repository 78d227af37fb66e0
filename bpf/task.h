/* SPDX-License-Identifier: GPL-2.0-only */
/* What a read of task.bpf.c's iterator gives: a record a process, no head, no
 * end. Private to the program and to host/process/process_bpf.c: one build, no ABI.
 */
#ifndef KTACH_BPF_TASK_H
#define KTACH_BPF_TASK_H

#include <linux/types.h>

/**
 * struct task_record - a process
 * @cpu_ns: user and system, of its threads, living or dead
 * @start_ns: CLOCK_BOOTTIME when it was forked
 * @rss_pages: resident; as near as the kernel's own /proc/PID/stat
 * @pid: as the initial PID namespace has it
 * @parent: its parent's
 * @uid: effective, as the initial user namespace has it
 * @state: the kernel's TASK_* and EXIT_* bits
 * @threads: not reaped
 * @kernel: a kernel thread
 * @name: of its leader
 */
struct task_record {
	__u64 cpu_ns;
	__u64 start_ns;
	__u64 rss_pages;
	__u32 pid;
	__u32 parent;
	__u32 uid;
	__u32 state;
	__u32 threads;
	__u32 kernel;
	char name[16];
};

#endif /* KTACH_BPF_TASK_H */
