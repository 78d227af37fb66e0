/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A node's snapshot as JSON, from a sender that is no ktach-shipper. It becomes a frame,
 * and goes on as any other: members of rows are the book's columns, by their names.
 *
 *   {"node_name": ..., "timestamp": ..., "cpu": [...], "memory": {...}, "disks": [...]}
 *        |                  |               '-- tables of the frame
 *        '-- the node's id  '-- when they were read, by the sender's clock
 *
 * docs/api.md has an example, docs/openapi.yaml the schema.
 */
#ifndef KTACH_COLLECTOR_API_POSTED_H
#define KTACH_COLLECTOR_API_POSTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/nodes/node.h"
#include "lib/wire/wire.h"

enum posted_limits {
	POSTED_BODY_MAX = 65536, /* bytes; it has less */
	POSTED_ROWS_MAX = 256, /* of a table */
	POSTED_INTERVAL_S = 60, /* if it does not say how often it comes */
	POSTED_INTERVAL_MAX_S = 3600,
	POSTED_PROBLEM_SIZE = 256,
};

/* A time may be so far from ours. */
#define POSTED_FAR_NS UINT64_C(3600000000000)

/**
 * struct posted - a snapshot that was read
 * @name: of the node
 * @id: that follows from it
 * @real_ns: when it was taken, real time
 * @interval_ns: how often one comes
 * @encoder: has its tables
 * @frame: they are in it
 * @problem: what is wrong, if something is: it names the member
 */
struct posted {
	char name[NODE_NAME_SIZE];
	uint8_t id[WIRE_ID_SIZE];
	uint64_t real_ns;
	uint64_t interval_ns;
	struct wire_encoder encoder;
	uint8_t frame[WIRE_FRAME_MAX];
	char problem[POSTED_PROBLEM_SIZE];
};

/**
 * posted_read() - read a body
 * @p: filled; large: not for a stack
 * @body: JSON
 * @size: of it, bytes
 * @now_ns: real time, of what does not say when it was taken
 *
 * Return: whether it is good; else @p->problem says why it is not.
 */
bool posted_read(struct posted *p, const char *body, size_t size,
		 uint64_t now_ns);

/* Whether a node's id is one that follows from a name here. */
bool posted_is(const uint8_t *id);

#endif /* KTACH_COLLECTOR_API_POSTED_H */
