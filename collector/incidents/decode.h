/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An incident in memory: its head, buckets of 1 ms, and tables in the order of time.
 * What is damaged, or never came, is passed over.
 */
#ifndef KTACH_COLLECTOR_INCIDENTS_DECODE_H
#define KTACH_COLLECTOR_INCIDENTS_DECODE_H

#include "lib/wire/incident.h"

enum decode_limits {
	DECODE_CELLS_MAX =
		8 << 20, /* of an incident: what is beyond is left out */
	DECODE_TABLES_MAX = 1 << 18,
	DECODE_BUCKETS_MAX = 1 << 22, /* both ways, of all interfaces */
	DECODE_DAMAGED_MAX = 16
			     << 20, /* bytes of what only seems to be frames */
	DECODE_PARTS_MAX =
		16, /* tables of one moment in which a row is looked for */
};

/**
 * struct decoded - an incident
 * @head: what it is about; all zeroes if it has none
 * @has_head: it has
 * @cut: something was left out, or is damaged
 * @buckets: of interfaces, an interface's one after the other
 * @bucket_count: of them
 * @tables: by kind, then by time; their rows in the order of their keys
 * @table_count: of them
 * @cells: of all tables
 * @numbers: of all buckets
 */
struct decoded {
	struct incident_head head;
	bool has_head;
	bool cut;
	struct incident_buckets *buckets;
	size_t bucket_count;
	struct wire_table *tables;
	size_t table_count;
	size_t cells;
	size_t numbers;
};

/* Return 0, -ENOMEM, or -EPROTO: no frame of it is good. */
int decode_incident(struct decoded *d, const void *data, size_t size);
void decode_free(struct decoded *d);

/* The head alone. */
bool decode_head(struct incident_head *head, const void *data, size_t size);

/**
 * struct decoded_samples - of a kind: a sample is the tables of one moment
 * @d: of which
 * @kind: of the tables
 * @at: the sample's first table
 * @end: behind its last one
 */
struct decoded_samples {
	const struct decoded *d;
	uint32_t kind;
	size_t at;
	size_t end;
};

/* Before the first sample of a kind. */
void decoded_begin(struct decoded_samples *s, const struct decoded *d,
		   uint32_t kind);

/* The next one; false: there is none. */
bool decoded_next(struct decoded_samples *s);

/* The next one that has a row; false: there is none. */
bool decoded_next_with(struct decoded_samples *s, uint64_t key);

/* When it was, CLOCK_MONOTONIC. */
uint64_t decoded_mono_ns(const struct decoded_samples *s);

/* A row of it; @text, unless NULL, is set to its texts. NULL: it has no such row. */
const uint64_t *decoded_row(const struct decoded_samples *s, uint64_t key,
			    const struct wire_text **text);

/* A row's column, if the table has it: else WIRE_ABSENT. */
uint64_t decoded_value(const struct decoded_samples *s, uint64_t key,
		       uint32_t column);

/* Milliseconds from the trigger to a time of the node's CLOCK_MONOTONIC. */
double decoded_ms(const struct decoded *d, uint64_t mono_ns);

#endif /* KTACH_COLLECTOR_INCIDENTS_DECODE_H */
