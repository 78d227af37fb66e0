/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host is: it changes seldom. */
#ifndef KTACH_HOST_FACTS_FACTS_H
#define KTACH_HOST_FACTS_FACTS_H

#include "host/rows.h"

/* Each adds what it finds. */
void fact_cpus(struct rows *rows, const struct host_options *o);
void fact_machine(struct rows *rows, const struct host_options *o);
void fact_addresses(struct rows *rows, const struct host_options *o);

/**
 * struct cpu_facts - what /proc/cpuinfo tells
 * @threads: CPUs that are online
 * @placed: of them, those whose core it tells
 * @cores: with threads of their own; 0: not told
 * @sockets: 0: not told
 * @has_flags: it tells of a CPU's features, as x86 does
 * @guest: whether it says that there is a hypervisor
 */
struct cpu_facts {
	uint32_t threads;
	uint32_t placed;
	uint32_t cores;
	uint32_t sockets;
	bool has_flags;
	bool guest;
};

/* Read /proc/cpuinfo. Return 0 or -ENOMEM. */
int cpuinfo_facts(const char *text, struct cpu_facts *f);

/* CPUs of a list such as "0-3,8", with its newline; 0 if it is none. */
uint32_t cpu_list_count(const char *at);

/* The hypervisor by the machine's DMI: "kvm", "vmware"; NULL on a physical machine.
 */
const char *fact_hypervisor(const char *vendor, const char *product);

#endif /* KTACH_HOST_FACTS_FACTS_H */
