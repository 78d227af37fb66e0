/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An incident: what a node's flight recorder had around a trigger. It is a run of
 * unsealed frames of the wire, each with a CRC, which lie one after the other:
 *
 *   a frame with WIRE_INCIDENT_HEAD, frames with WIRE_INCIDENT_BUCKETS, one an
 *   interface, then frames of samples, as the recorder has them
 *
 * Over the feed it goes in pieces, tables WIRE_INCIDENT_PIECE of ordinary frames: so
 * they are numbered, sealed, spooled, acknowledged and accounted for as samples are.
 *
 * All below is varints and texts (a varint, and so many bytes):
 *
 *   piece     id, size of the whole, offset, then bytes of it
 *   head      version, id, from_ns, to_ns, real_ns and mono_ns of the trigger, cause,
 *             value, triggers, flags, text, node's name; what follows is ignored
 *   buckets   ifindex, name, first_ms, count, then for each direction: how many of
 *             them are not 0, and for each of those: how many zeroes are before it,
 *             and its bytes
 */
#ifndef KTACH_LIB_WIRE_INCIDENT_H
#define KTACH_LIB_WIRE_INCIDENT_H

#include "lib/wire/cursor.h"
#include "lib/wire/pen.h"
#include "lib/wire/wire.h"

enum incident_limits {
	INCIDENT_VERSION = 1,
	INCIDENT_SIZE_MAX = 8 << 20, /* bytes */
	INCIDENT_TEXT_SIZE = 160,
	INCIDENT_NAME_SIZE = 65,
	INCIDENT_IFNAME_SIZE = 16,
	INCIDENT_BUCKETS_MAX = 1 << 16,
	INCIDENT_WAYS = 2, /* received, sent */
	INCIDENT_PIECE_HEAD = 30, /* bytes at most */
};

/* What set it off. */
enum incident_cause {
	INCIDENT_OPERATOR = 1,
	INCIDENT_COLLECTOR, /* over the feed: an operator there, or an alarm */
	INCIDENT_BURST, /* value: bytes of a millisecond */
	INCIDENT_SOFTIRQ, /* value: ns */
	INCIDENT_BUSY, /* value: ns */
	INCIDENT_PRESSURE, /* value: ten-thousandths of the time */
	INCIDENT_OOM, /* value: processes killed */
	INCIDENT_MOUNT,
	INCIDENT_CAUSES
};

/* "operator", "burst", ...; "" for one that is not known. */
const char *incident_cause_name(unsigned int cause);

enum incident_flags {
	INCIDENT_CUT = 1, /* there was no room for all of the time before it */
	INCIDENT_NO_BUCKETS =
		2, /* no buckets of 1 ms are recorded on the node */
};

/**
 * struct incident_head - what it is about
 * @id: of the node's: the trigger's real time, in ns, or a little more
 * @from_ns: what is in it, real time
 * @to_ns: the same
 * @real_ns: of the trigger
 * @mono_ns: of the trigger, which buckets are numbered by
 * @cause: enum incident_cause
 * @value: of that, in its unit
 * @triggers: within it, from 1 on
 * @flags: enum incident_flags
 * @text: in words
 * @node: its name
 */
struct incident_head {
	uint64_t id;
	uint64_t from_ns;
	uint64_t to_ns;
	uint64_t real_ns;
	uint64_t mono_ns;
	uint32_t cause;
	uint64_t value;
	uint64_t triggers;
	uint64_t flags;
	char text[INCIDENT_TEXT_SIZE];
	char node[INCIDENT_NAME_SIZE];
};

void incident_put_head(struct pen *pen, const struct incident_head *h);
bool incident_get_head(struct incident_head *h, const void *data, size_t size);

/**
 * struct incident_buckets - of an interface
 * @ifindex: its number
 * @name: of it
 * @first_ms: number of the first bucket: milliseconds of CLOCK_MONOTONIC
 * @count: of them
 * @bytes: of each, received and sent
 */
struct incident_buckets {
	uint64_t ifindex;
	char name[INCIDENT_IFNAME_SIZE];
	uint64_t first_ms;
	uint32_t count;
	uint32_t *bytes[INCIDENT_WAYS];
};

void incident_put_buckets(struct pen *pen, const struct incident_buckets *b);

/* @memory: room for INCIDENT_WAYS * INCIDENT_BUCKETS_MAX numbers. */
bool incident_get_buckets(struct incident_buckets *b, const void *data,
			  size_t size, uint32_t *memory);

/**
 * struct incident_piece - in the feed
 * @id: of the incident
 * @total: bytes of it
 * @at: where this piece belongs
 * @data: of it
 * @size: of that, at least 1
 */
struct incident_piece {
	uint64_t id;
	uint64_t total;
	uint64_t at;
	const uint8_t *data;
	size_t size;
};

/* As much as fits: returns bytes of @piece->data, 0 for none. */
size_t incident_put_piece(struct wire_encoder *e,
			  const struct incident_piece *piece);

/* The next one of a frame of samples; @at as of wire_next_bytes(). One that makes no
 * sense is passed over.
 */
bool incident_next_piece(const uint8_t **at, const uint8_t *end,
			 struct incident_piece *piece);

#endif /* KTACH_LIB_WIRE_INCIDENT_H */
