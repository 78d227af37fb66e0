// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as an incident: as a file of frames, as the tables of a frame whose CRC is good,
 * and as the parts of one. Whatever is taken stays within its bounds.
 */
#include <stdlib.h>
#include <string.h>

#include "collector/incidents/decode.h"
#include "lib/wire/wire_bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_buckets(const struct incident_buckets *b)
{
	uint64_t sum = 0;
	uint32_t i;
	int way;

	for (way = 0; way < INCIDENT_WAYS; way++)
		for (i = 0; i < b->count; i++)
			sum += b->bytes[way][i];
	if (sum > (UINT64_C(1) << 49) || strlen(b->name) >= sizeof(b->name))
		abort();
}

static void check_samples(const struct decoded *d)
{
	struct decoded_samples s;
	uint32_t kind;

	for (kind = 1; kind < WIRE_KINDS; kind++)
		for (decoded_begin(&s, d, kind); decoded_next(&s);)
			if (decoded_row(&s, 1, NULL) &&
			    decoded_value(&s, 1, 0) != 1)
				abort();
}

static void decode(const uint8_t *data, size_t size)
{
	struct decoded d;
	size_t i;

	if (decode_incident(&d, data, size))
		return;
	for (i = 0; i < d.bucket_count; i++)
		check_buckets(&d.buckets[i]);
	if (d.cells > DECODE_CELLS_MAX || d.numbers > DECODE_BUCKETS_MAX)
		abort();
	check_samples(&d);
	decode_free(&d);
}

static void take_pieces(const uint8_t *data, size_t size)
{
	const uint8_t *at = data;
	struct incident_piece piece;

	while (incident_next_piece(&at, data + size, &piece))
		if (piece.at + piece.size > piece.total || piece.data < data ||
		    piece.data + piece.size > data + size)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint32_t memory[INCIDENT_WAYS * INCIDENT_BUCKETS_MAX];
	static uint8_t frame[WIRE_FRAME_MAX];
	static const struct wire_sender sender;
	struct incident_buckets buckets;
	struct incident_head head;

	if (size > sizeof(frame) - WIRE_HEADER_SIZE)
		return 0;
	if (incident_get_buckets(&buckets, data, size, memory))
		check_buckets(&buckets);
	if (incident_get_head(&head, data, size) &&
	    (strlen(head.text) >= sizeof(head.text) ||
	     strlen(head.node) >= sizeof(head.node)))
		abort();
	take_pieces(data, size);
	decode(data, size);
	decode(frame,
	       wire_message(frame, WIRE_SAMPLES, &sender, 1, 1, data, size));
	return 0;
}
