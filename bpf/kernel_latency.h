/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The members of the kernel's structures that latency.bpf.c reads. Where they are is
 * looked up in the running kernel's BTF when the program is loaded.
 */
#ifndef KTACH_BPF_KERNEL_LATENCY_H
#define KTACH_BPF_KERNEL_LATENCY_H

#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct task_struct {
	unsigned int __state;
	int pid;
};

struct gendisk {
	int major;
	int first_minor;
};

struct request_queue {
	struct gendisk *disk;
};

struct request {
	struct request_queue *q;
};

#pragma clang attribute pop

#endif /* KTACH_BPF_KERNEL_LATENCY_H */
