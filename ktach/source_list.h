/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sources of this host: what samples it, by netlink or from sysfs. */
#ifndef KTACH_KTACH_SOURCE_LIST_H
#define KTACH_KTACH_SOURCE_LIST_H

#include <stdint.h>

enum source_limits {
	SOURCES_MAX = 32,
	SOURCE_TEXT = 64,
};

/**
 * struct source - a ring, the combined samples, or the rate table
 * @name: as 'set period' takes it
 * @device: its path; "" where it has none
 * @origin: enum origin: who told
 * @period_us: time between two samples
 * @slots: samples that are kept; 0: not known
 * @records: CPUs, or interfaces, of a sample
 * @head: number of the newest sample
 * @missed: ticks that were not served in time
 * @fill_ns_last: cost of the newest sample
 * @fill_ns_max: of the dearest one
 * @backward_events: values that ran backwards in the kernel and were held
 */
struct source {
	char name[SOURCE_TEXT];
	char device[SOURCE_TEXT];
	uint32_t origin;
	uint64_t period_us;
	uint64_t slots;
	uint64_t records;
	uint64_t head;
	uint64_t missed;
	uint64_t fill_ns_last;
	uint64_t fill_ns_max;
	uint64_t backward_events;
};

struct source_list {
	int count;
	struct source source[SOURCES_MAX];
};

/* Fill @l with what is there; @pins: folder of what BPF fills. */
void source_list_read(struct source_list *l, const char *pins);

/**
 * source_set_period() - change a period
 * @name: of a source that has one
 * @period_us: the new one
 * @pins: folder of what BPF fills
 *
 * Return: 0, or -errno after a message.
 */
int source_set_period(const char *name, uint64_t period_us, const char *pins);

#endif /* KTACH_KTACH_SOURCE_LIST_H */
