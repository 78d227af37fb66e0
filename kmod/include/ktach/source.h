/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a source of samples and ktach_aggregator agree on.
 *
 * A source knows how to fill records, one for each CPU. It registers
 * upward and gets in return a ring that user space maps, a device node, a
 * folder of attributes and a timer that calls it back. It has no code for any
 * of these.
 */
#ifndef KTACH_SOURCE_H
#define KTACH_SOURCE_H

#include <linux/cpumask.h>
#include <linux/types.h>

enum ktach_source_limits {
	KTACH_PERIOD_US_MIN = 100,
	KTACH_PERIOD_US_MAX = 60 * 1000 * 1000,
	KTACH_SLOTS_MIN = 2,
	KTACH_SLOTS_MAX = 65536,
	KTACH_SLOTS_DEFAULT = 256,
	KTACH_RECORD_BYTES_MAX = 4096,
	KTACH_RING_BYTES_MAX = 64 << 20,
};

struct ktach_feed;

enum ktach_unit {
	KTACH_UNIT_NS, /* of time: combined to a share */
	KTACH_UNIT_COUNT, /* of events: combined to a rate */
};

/**
 * struct ktach_series - a run of u64 counters in a record
 * @offset: bytes from the record's start to the first
 * @count: how many there are
 * @metric: enum ktach_metric that the first becomes in combined samples; the
 *	others become those that follow it
 * @unit: what they count
 *
 * A series that begins behind the source's record_size is not there.
 */
struct ktach_series {
	u32 offset;
	u16 count;
	u8 metric;
	u8 unit;
};

/**
 * struct ktach_source - a source of samples, static in its module
 * @name: its name under /sys/class/ktach and in the ring's header
 * @nodename: its node under /dev
 * @kind: enum ktach_ring_kind of its records
 * @features: which optional parts the records have, as KTACH_RING_TIMING
 * @record_size: bytes of a record, in multiples of 8; each begins with struct
 *	ktach_record
 * @period_us: time between two samples at the start; sysfs may change it later
 * @slots: slots of the ring at the start, a power of two; as @period_us. 0:
 *	KTACH_SLOTS_DEFAULT, or with many CPUs as many as fit
 * @sample: fills a record for each CPU that is in @seen; that of CPU i is at
 *	@records + i * @stride and holds what it held some samples ago, so
 *	every field is to be written.
 *	Context: hard interrupt, on any CPU, never two at a time. It may
 *	read the memory of other CPUs, but neither wait for nor wake one.
 * @backward_events: times that a value ran backwards and was held; counted by
 *	@sample and published with the samples
 * @series: what of a record goes into combined samples; ends with a count of 0.
 *	NULL: nothing does
 * @now_ns: CLOCK_MONOTONIC of the sample that @sample is to make, as its slot
 *	has it; the aggregator's
 * @seen: CPUs that have been online since the source was registered, brought
 *	up to date before each call of @sample; the aggregator's
 * @cpus: one more than the last of them; the same
 * @feed: the aggregator's
 */
struct ktach_source {
	const char *name;
	const char *nodename;
	u32 kind;
	u32 features;
	u32 record_size;
	unsigned int period_us;
	unsigned int slots;
	void (*sample)(struct ktach_source *source, void *records,
		       size_t stride);

	u64 backward_events;
	const struct ktach_series *series;
	u64 now_ns;
	unsigned int cpus;
	struct cpumask seen;
	struct ktach_feed *feed;
};

/**
 * ktach_source_register() - give a source its ring and start sampling
 * @source: stays the aggregator's until ktach_source_unregister()
 *
 * The first sample may be taken before this returns.
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL or -ERANGE for a limit that @source breaks, which the
 * kernel's log names; -EEXIST for a name that is in use; -ENOMEM.
 */
int ktach_source_register(struct ktach_source *source);

/**
 * ktach_source_unregister() - stop sampling and take the device away
 * @source: registered before
 *
 * Never waits for a reader: files and mappings that are open keep the ring's
 * memory, and learn that it is no longer live. After this returns, @sample is
 * not running and is not called again.
 *
 * Context: process, may sleep.
 */
void ktach_source_unregister(struct ktach_source *source);

#endif /* KTACH_SOURCE_H */
