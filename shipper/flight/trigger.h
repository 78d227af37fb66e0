/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sets the flight recorder off: looked for in each table that is sampled. */
#ifndef KTACH_SHIPPER_FLIGHT_TRIGGER_H
#define KTACH_SHIPPER_FLIGHT_TRIGGER_H

#include "lib/wire/incident.h"

/**
 * struct trigger_setup - what is looked for
 * @causes: a bit for each enum incident_cause
 * @softirq_ns: a CPU that does nothing but softirqs for so long
 * @busy_ns: a CPU that is never idle for so long
 * @pressure: ten-thousandths of the last 10 s in which tasks waited
 */
struct trigger_setup {
	unsigned int causes;
	uint64_t softirq_ns;
	uint64_t busy_ns;
	uint64_t pressure;
};

/* Read a list of causes, with commas between. False: one of them is not known. */
bool trigger_causes(const char *list, unsigned int *causes);

/**
 * struct trigger - it is there
 * @cause: enum incident_cause
 * @value: as of struct incident_head
 * @real_ns: when
 * @mono_ns: when
 * @text: in words
 */
struct trigger {
	enum incident_cause cause;
	uint64_t value;
	uint64_t real_ns;
	uint64_t mono_ns;
	char text[INCIDENT_TEXT_SIZE];
};

enum trigger_limits {
	TRIGGER_MOUNTS = 32, /* that hang, and are told apart */
	TRIGGER_PRESSURES = 4,
};

/* A CPU's run of something, over consecutive samples. */
struct trigger_run {
	uint64_t ns;
	bool told;
};

struct trigger_cpu {
	uint64_t key;
	uint64_t idle_ns;
	uint64_t softirq_ns;
	struct trigger_run busy;
	struct trigger_run softirq;
};

/**
 * struct triggers - what was seen so far
 * @setup: what is looked for
 * @cpus: of the table before, in its order
 * @cpu_count: of them
 * @cpu_mono_ns: when that was
 * @softirq_mono_ns: of the table of softirqs before
 * @oom_kills: counted so far
 * @oom_known: they are
 * @mounts: that hang
 * @mount_count: of them
 * @mounts_known: a table of mounts was seen
 * @pressed: which pressures are over the limit
 */
struct triggers {
	struct trigger_setup setup;
	struct trigger_cpu *cpus;
	uint32_t cpu_count;
	uint64_t cpu_mono_ns;
	uint64_t softirq_mono_ns;
	uint64_t oom_kills;
	bool oom_known;
	uint64_t mounts[TRIGGER_MOUNTS];
	uint32_t mount_count;
	bool mounts_known;
	bool pressed[TRIGGER_PRESSURES];
};

void triggers_exit(struct triggers *t);

/* Look at a table; true: @found is filled. */
bool triggers_look(struct triggers *t, const struct wire_table *table,
		   struct trigger *found);

#endif /* KTACH_SHIPPER_FLIGHT_TRIGGER_H */
