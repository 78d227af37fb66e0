/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An incident that is coming: its pieces, in memory and in a journal. */
#ifndef KTACH_COLLECTOR_INCIDENTS_PART_H
#define KTACH_COLLECTOR_INCIDENTS_PART_H

#include "collector/incidents/incidents.h"

/**
 * struct incidents_part - one
 * @next: another one
 * @node: whose
 * @id: of the node's
 * @data: of it, with zeroes where nothing came yet
 * @total: bytes of it
 * @ranges: that came, in order, apart from each other
 * @range_count: of them
 * @journaled: bytes of its journal
 * @heard_ns: when the last piece came, CLOCK_MONOTONIC
 */
struct incidents_part {
	struct incidents_part *next;
	uint8_t node[WIRE_ID_SIZE];
	uint64_t id;
	uint8_t *data;
	size_t total;
	struct part_range {
		size_t from;
		size_t to;
	} ranges[INCIDENTS_RANGES];
	size_t range_count;
	size_t journaled;
	uint64_t heard_ns;
};

struct incidents_part *part_new(const uint8_t *node,
				const struct incident_piece *piece);
void part_free(struct incidents_part *p);

/* All of the piece is there. */
bool part_has(const struct incidents_part *p,
	      const struct incident_piece *piece);

/* False: it does not belong to this incident, or leaves too many gaps, or pieces have so
 * much in common that the journal has the whole twice.
 */
bool part_add(struct incidents_part *p, const struct incident_piece *piece);
bool part_is_whole(const struct incidents_part *p);

/* Append a piece to a journal. Return 0 or -errno. */
int part_write(const char *path, const struct incident_piece *piece);

/* All of a journal's pieces, as far as they are whole. NULL: there are none. */
struct incidents_part *part_read(const char *path, const uint8_t *node,
				 uint64_t id);

#endif /* KTACH_COLLECTOR_INCIDENTS_PART_H */
