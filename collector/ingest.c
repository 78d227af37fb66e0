// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/ingest.h"
#include "collector/store.h"
#include "lib/clock.h"
#include "lib/log.h"

/* Anybody can send garbage: it must not fill the disk with log lines. */
#define TELL_EVERY_NS UINT64_C(60000000000)

int ingest_init(struct ingest *in, struct nodes *nodes, struct store *store)
{
	memset(in, 0, sizeof(*in));
	in->nodes = nodes;
	in->store = store;
	in->room.cells_max = WIRE_CELLS_MAX;
	in->room.text_max = WIRE_FRAME_MAX;
	in->room.cells = malloc(WIRE_CELLS_MAX * sizeof(in->room.cells[0]));
	in->room.text = malloc(WIRE_FRAME_MAX * sizeof(in->room.text[0]));
	in->room.stamps = malloc(WIRE_SAMPLES_MAX * sizeof(in->room.stamps[0]));
	if (in->room.cells && in->room.text && in->room.stamps)
		return 0;
	ingest_exit(in);
	return -ENOMEM;
}

void ingest_exit(struct ingest *in)
{
	free(in->room.cells);
	free(in->room.text);
	free(in->room.stamps);
}

const char *ingest_reason_name(unsigned int reason)
{
	switch (reason) {
	case DROP_VALUE:
		return "value";
	case DROP_DUPLICATE:
		return "duplicate";
	case DROP_LATE:
		return "late";
	case DROP_STRAGGLER:
		return "straggler";
	case DROP_FULL:
		return "full";
	case DROP_SOCKET:
		return "socket";
	default:
		return wire_error_name((enum wire_error)reason);
	}
}

/* Duplicates and the like are daily business of UDP. */
static bool worth_a_line(unsigned int reason)
{
	return reason <= DROP_VALUE || reason == DROP_FULL;
}

void ingest_drop(struct ingest *in, unsigned int reason, const char *from)
{
	uint64_t now = clock_mono_ns();

	in->dropped[reason]++;
	if (!worth_a_line(reason) ||
	    (in->told_ns && now - in->told_ns < TELL_EVERY_NS))
		return;
	in->told_ns = now;
	log_warn(
		"frame from %s dropped (%s); /api/v1/nodes counts them, the next line comes in a minute at the earliest",
		from, ingest_reason_name(reason));
}

static unsigned int reason_of(enum node_verdict verdict)
{
	switch (verdict) {
	case NODE_DUPLICATE:
		return DROP_DUPLICATE;
	case NODE_LATE:
		return DROP_LATE;
	case NODE_STRAGGLER:
		return DROP_STRAGGLER;
	case NODE_FULL:
		return DROP_FULL;
	default:
		return DROP_VALUE;
	}
}

/* The other kinds have no place in the table of nodes or in the history. */
static bool is_kept(uint32_t kind)
{
	return kind <= WIRE_NET;
}

static void take_tables(struct ingest *in, struct node *node,
			struct wire_frame *frame, const char *from)
{
	enum node_verdict verdict;
	struct wire_table table;
	int ret;

	while ((ret = wire_next(frame, &table, &in->room)) == 1) {
		if (!is_kept(table.kind))
			continue;
		verdict = node_take(in->nodes, node, &table);
		if (verdict != NODE_OK)
			ingest_drop(in, reason_of(verdict), from);
		/* What a full table of nodes can't show is still history. */
		if (verdict == NODE_ABSURD || !in->store)
			continue;
		store_put(in->store,
			  &(struct store_node){ .id = node->id_text,
						.name = node->name,
						.version = node->version },
			  &table);
	}
	if (ret)
		ingest_drop(in, WIRE_E_TABLE, from);
}

void ingest_frame(struct ingest *in, const void *data, size_t size,
		  const char *from)
{
	struct node_time now = { .real_ns = clock_real_ns(),
				 .mono_ns = clock_mono_ns() };
	enum node_verdict verdict;
	struct wire_frame frame;
	enum wire_error error;
	struct node *node;

	in->frames++;
	in->bytes += size;
	error = wire_open(&frame, data, size);
	if (error) {
		ingest_drop(in, error, from);
		return;
	}
	verdict = nodes_take(in->nodes, &frame, &now, &node);
	if (verdict != NODE_OK)
		ingest_drop(in, reason_of(verdict), from);
	else
		take_tables(in, node, &frame, from);
}
