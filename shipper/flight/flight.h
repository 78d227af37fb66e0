/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flight recorder: the last samples, at their full resolution, in memory of a
 * bounded size. A trigger freezes what is around it, as an incident that goes over the
 * feed where there is room.
 *
 *   output_put() --> each table --> recorder: frames, the oldest make room
 *                        `--> triggers --> from, until --> incident --> pieces in the feed
 *                                            1 ms buckets of BPF --^
 *
 * Half of the memory is the recorder's, the other half that of incidents that were not
 * sent yet. One that finds no room there is dropped, and counted.
 */
#ifndef KTACH_SHIPPER_FLIGHT_FLIGHT_H
#define KTACH_SHIPPER_FLIGHT_FLIGHT_H

#include "shipper/flight/trigger.h"
#include "shipper/queue/output.h"

enum flight_limits {
	FLIGHT_MEMORY_MIN = 256 << 10, /* bytes */
	FLIGHT_MEMORY_MAX = 2 * INCIDENT_SIZE_MAX,
	FLIGHT_WAITING = 16, /* incidents that were not sent yet */
	FLIGHT_BUDGET = 128 << 10, /* bytes of incidents that leave together */
	FLIGHT_RECORD_S = 4, /* of 1 ms buckets, unless told otherwise */
	FLIGHT_REPLY_SIZE = 256,
	FLIGHT_PRESSURE_PERCENT = 100, /* trigger_setup.pressure's */
};

/* After an incident others begin no sooner. */
#define FLIGHT_PAUSE_NS UINT64_C(10000000000)

/**
 * struct flight_setup - how it is to be
 * @memory: bytes; 0: there is no recorder
 * @before_ns: how much an incident has of the time before its trigger
 * @after_ns: and of the time after it
 * @triggers: what sets it off
 * @pins: of the 1 ms buckets
 */
struct flight_setup {
	uint64_t memory;
	uint64_t before_ns;
	uint64_t after_ns;
	struct trigger_setup triggers;
	const char *pins;
};

/**
 * struct flight_counts - since the start
 * @triggers: all that were seen
 * @incidents: that were frozen
 * @dropped: of them, for want of room
 */
struct flight_counts {
	uint64_t triggers;
	uint64_t incidents;
	uint64_t dropped;
};

/* An incident that is ready. */
struct flight_waiting {
	uint64_t id;
	uint8_t *data;
	size_t size;
	size_t sent;
};

/**
 * struct flight - the recorder
 * @setup: how it is to be
 * @name: of this node
 * @recorder: what is put, as frames
 * @frames: of it
 * @triggers: what was seen
 * @head: of the incident under way
 * @until_ns: when it is over, CLOCK_MONOTONIC; 0: none is under way
 * @quiet_ns: until then none begins, CLOCK_MONOTONIC
 * @waiting: incidents that are ready, the oldest first
 * @waiting_count: of them
 * @waiting_bytes: of them
 * @counts: since the start
 */
struct flight {
	struct flight_setup setup;
	const char *name;
	struct output recorder;
	struct queue frames;
	struct triggers triggers;
	struct incident_head head;
	uint64_t until_ns;
	uint64_t quiet_ns;
	struct flight_waiting waiting[FLIGHT_WAITING];
	unsigned int waiting_count;
	size_t waiting_bytes;
	struct flight_counts counts;
};

/**
 * flight_open() - begin to record
 * @flight: set; NULL: there is no recorder
 * @setup: how it is to be; texts stay the caller's
 * @sender: of @output; must stay
 * @name: of this node; must stay
 * @output: whose tables are recorded
 *
 * Return: 0 or -ENOMEM.
 */
int flight_open(struct flight **flight, const struct flight_setup *setup,
		const struct wire_sender *sender, const char *name,
		struct output *output);
void flight_close(struct flight *f, struct output *output);

/* Other triggers and times; its memory stays as it is. */
void flight_change(struct flight *f, const struct flight_setup *setup);

/* Freeze what is around now. The answer, a line: "ok ..." or "error ...". */
void flight_freeze(struct flight *f, enum incident_cause cause,
		   const char *text, char answer[FLIGHT_REPLY_SIZE]);

/* Samples have been put and flushed: see to incidents, and let them leave if there is
 * room. @last: no samples follow.
 */
void flight_ship(struct flight *f, struct output *output, bool last);

/* Bytes in use. */
size_t flight_memory(const struct flight *f);

/* Of flight_make.c: the incident under way, to be freed. NULL: there was no memory. */
uint8_t *flight_make(struct flight *f, size_t *size);

#endif /* KTACH_SHIPPER_FLIGHT_FLIGHT_H */
