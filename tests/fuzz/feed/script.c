// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "lib/base/clock.h"
#include "lib/wire/wire_format.h"
#include "lib/wire/wire_schema.h"
#include "tests/fuzz/feed/script.h"
#include "tests/fuzz/script_base.h"

enum {
	FRAME_MAX = 1200,
	ROWS = 4,
};

enum way {
	FLIPPED,
	CUT,
	SHORTENED,
	BEHIND_GARBAGE,
	OTHER_LENGTH,
	WAYS
};

static void put_garbage(struct script *s)
{
	uint8_t garbage[300];
	size_t i, size = 1 + pick(sizeof(garbage));

	for (i = 0; i < size; i++)
		garbage[i] = (uint8_t)pick(256);
	put(s, garbage, size);
}

static size_t make_frame(const struct script *s, const struct seal *seal,
			 uint64_t sequence, uint8_t frame[FRAME_MAX])
{
	const uint64_t now_ns = clock_real_ns();
	uint64_t cells[ROWS * 2];
	const struct wire_table t = {
		.kind = WIRE_GAUGES,
		.schema = 1,
		.origin = WIRE_ORIGIN_PROC,
		.real_ns = now_ns,
		.mono_ns = clock_mono_ns(),
		.columns = WIRE_VALUE_COLUMNS,
		.rows = 1 + pick(ROWS),
		.cells = cells,
	};
	struct wire_encoder e;
	unsigned int i;

	for (i = 0; i < ROWS; i++) {
		cells[2 * i] = WIRE_LOAD_1MIN + i;
		cells[2 * i + 1] = pick(1u << (1 + pick(30)));
	}
	wire_begin(&e, frame, FRAME_MAX - WIRE_SEAL_SIZE, now_ns);
	wire_put(&e, &t, 0);
	if (!seal)
		return wire_finish(&e, &s->sender, sequence);
	return seal_frame(seal, frame,
			  wire_finish_to_seal(&e, &s->sender, sequence));
}

/* Of a frame that the collector must not take as it was meant. */
static void put_spoilt(struct script *s, uint8_t *frame, size_t size)
{
	switch ((enum way)pick(WAYS)) {
	case FLIPPED:
		frame[pick((unsigned int)size)] ^= (uint8_t)(1 << pick(8));
		break;
	case CUT:
		put(s, frame, pick((unsigned int)size));
		return;
	case SHORTENED:
		size -= 1 + pick((unsigned int)size - 1);
		break;
	case BEHIND_GARBAGE:
		put_garbage(s);
		break;
	case OTHER_LENGTH:
		frame[8 + pick(4)] ^= (uint8_t)(1 << pick(8));
		break;
	case WAYS:
		break;
	}
	put(s, frame, size);
	if (pick(2))
		put_garbage(s);
}

void script_make(struct script *s, const struct seal_key *fleet,
		 unsigned int seed)
{
	unsigned int node = seed % SCRIPT_NODES, i, frames, bad;
	struct seal_key key;
	uint8_t frame[FRAME_MAX];
	struct seal seal;
	bool sealed = node % 2;
	uint64_t sequence = 0;
	size_t size;

	state = UINT64_C(0x9e3779b97f4a7c15) * (seed + UINT64_C(1));
	memset(s, 0, offsetof(struct script, sender));
	s->size = 0;
	s->frames = 0;
	s->sender = (struct wire_sender){ .session = clock_real_ns() };
	memcpy(s->sender.node, &node, sizeof(node));
	s->sender.node[15] = 1;
	memcpy(s->sender.boot, s->sender.node, sizeof(s->sender.boot));
	if (sealed) {
		seal_derive(&key, fleet, s->sender.node);
		seal_start(&seal, &key);
	}
	s->spoilt = pick(2);
	s->piece = pick(2) ? 0 : 1 + pick(pick(2) ? 8 : 400);
	s->stays = pick(2);
	s->reset = pick(2);
	frames = 1 + pick(SCRIPT_FRAMES);
	bad = s->spoilt ? pick(frames) : frames;
	for (i = 0; i < frames && i <= bad; i++) {
		/* Some were lost on the way, or went elsewhere. */
		sequence += pick(8) ? 1 : 1 + pick(5);
		size = make_frame(s, sealed ? &seal : NULL, sequence, frame);
		if (i == bad) {
			put_spoilt(s, frame, size);
			break;
		}
		put(s, frame, size);
		s->frames = sequence;
		if (!pick(8))
			put(s, frame, size); /* again: it is known */
	}
}
