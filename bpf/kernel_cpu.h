/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What rings.bpf.c reads of the kernel: variables that each CPU has, and the
 * members of their structures. Where they are is looked up in the running kernel's
 * BTF when the program is loaded.
 */
#ifndef KTACH_BPF_KERNEL_CPU_H
#define KTACH_BPF_KERNEL_CPU_H

#include <stdbool.h>

#include <linux/types.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* In the kernel's order. */
enum cpu_usage_stat {
	CPUTIME_USER,
	CPUTIME_NICE,
	CPUTIME_SYSTEM,
	CPUTIME_SOFTIRQ,
	CPUTIME_IRQ,
	CPUTIME_IDLE,
	CPUTIME_IOWAIT,
	CPUTIME_STEAL,
	CPUTIME_GUEST,
	CPUTIME_GUEST_NICE,
	NR_STATS,
};

struct kernel_cpustat {
	bool idle_elapse; /* since 7.x, as all of idle time */
	__u64 idle_entrytime;
	__u64 cpustat[NR_STATS];
};

struct kernel_stat {
	unsigned int softirqs[10];
};

/* since 6.9 */
struct tick_sched {
	unsigned long flags;
	__s64 idle_entrytime; /* this and more until 7.x */
	__s64 idle_sleeptime;
	__s64 iowait_sleeptime;
};

enum tick_sched_flags {
	TS_FLAG_IDLE_ACTIVE = 1 << 2,
	TS_FLAG_NOHZ = 1 << 4,
};

enum tick_nohz_mode {
	NOHZ_MODE_INACTIVE,
};

/* until 6.8 */
struct tick_sched___bits {
	enum tick_nohz_mode nohz_mode;
	unsigned int idle_active : 1;
};

typedef struct {
	int counter;
} atomic_t;

struct rq {
	atomic_t nr_iowait;
};

struct task_struct {
	int pid;
};

/* Their numbers differ from kernel to kernel. */
enum cpuhp_state {
	CPUHP_BRINGUP_CPU,
	CPUHP_AP_ONLINE,
	CPUHP_TEARDOWN_CPU,
	CPUHP_AP_SMPBOOT_THREADS,
};

struct cpuhp_cpu_state {
	enum cpuhp_state state;
};

#pragma clang attribute pop

extern const struct kernel_cpustat kernel_cpustat __ksym;
extern const struct kernel_stat kstat __ksym;
extern const struct tick_sched tick_cpu_sched __ksym;
extern const struct rq runqueues __ksym;
extern const struct cpuhp_cpu_state cpuhp_state __ksym;

#define CPUHP(state) bpf_core_enum_value(enum cpuhp_state, state)

#endif /* KTACH_BPF_KERNEL_CPU_H */
