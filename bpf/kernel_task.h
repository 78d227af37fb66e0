/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The members of the kernel's structures that task.bpf.c reads. Where they are
 * is looked up in the running kernel's BTF when the program is loaded.
 */
#ifndef KTACH_BPF_KERNEL_TASK_H
#define KTACH_BPF_KERNEL_TASK_H

#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head {
	struct list_head *next;
};

struct sched_entity {
	__u64 sum_exec_runtime;		/* ns */
};

struct signal_struct {
	int nr_threads;
	struct list_head thread_head;
	unsigned long long sum_sched_runtime; /* ns: of reaped threads */
};

/* since 6.2 */
struct percpu_counter {
	__s64 count;
};

struct mm_struct {
	struct percpu_counter rss_stat[4];
};

/* until 6.1 */
typedef struct {
	long counter;
} atomic_long_t;

struct mm_rss_stat {
	atomic_long_t count[4];
};

struct mm_struct___atomic {
	struct mm_rss_stat rss_stat;
};

typedef struct {
	__u32 val;
} kuid_t;

struct cred {
	kuid_t euid;
};

struct task_struct {
	unsigned int __state;
	unsigned int flags;
	struct sched_entity se;
	struct mm_struct *mm;
	int exit_state;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct list_head thread_node;
	__u64 start_boottime;
	const struct cred *cred;
	char comm[16];
	struct signal_struct *signal;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

#pragma clang attribute pop

#endif /* KTACH_BPF_KERNEL_TASK_H */
