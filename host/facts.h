/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host is: it changes seldom. */
#ifndef KTACH_HOST_FACTS_H
#define KTACH_HOST_FACTS_H

#include "host/rows.h"

/* A fact that was found; nothing if there is no text. */
void fact_add(struct rows *rows, enum wire_fact fact, const char *text,
	      size_t size);
void fact_number(struct rows *rows, enum wire_fact fact, uint64_t number);

/**
 * fact_line() - find a line "name: value" or NAME=value
 * @text: the file
 * @name: what the line begins with, up to the value, blanks included
 * @size: set to the value's length
 *
 * Return: the value, without quotes around it and blanks behind; NULL if there
 * is no such line, or it was cut off.
 */
const char *fact_line(const char *text, const char *name, size_t *size);

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

/* Whose machine this is by its DMI: "kvm", "vmware"; NULL if it is a real one. */
const char *fact_hypervisor(const char *vendor, const char *product);

#endif /* KTACH_HOST_FACTS_H */
