// SPDX-License-Identifier: GPL-2.0-or-later
/* A sample of a recording is what there was with a sample of the CPUs. */
#include <stdlib.h>
#include <string.h>

#include "collector/api/incident_write.h"
#include "lib/wire/wire_schema.h"

/* Kinds of a sample: CPUs, then what there was of others since the sample before. */
static const uint32_t kinds[] = { WIRE_CPU, WIRE_SOFTIRQ, WIRE_NET, WIRE_LINK,
				  WIRE_GAUGES };

enum {
	KINDS = sizeof(kinds) / sizeof(kinds[0]),
};

/**
 * struct recording - that is being written
 * @w: where it goes
 * @frame: of WIRE_FRAME_MAX bytes
 * @encoder: of it
 * @sender: of all frames
 * @sequence: of the last frame
 * @frames: of the sample
 * @time: of the sample, real, ns
 */
struct recording {
	struct document *w;
	uint8_t *frame;
	struct wire_encoder *encoder;
	struct wire_sender sender;
	uint64_t sequence;
	uint64_t frames;
	uint64_t time;
};

static void begin_frame(struct recording *r)
{
	wire_begin(r->encoder, r->frame, WIRE_FRAME_MAX, r->time);
	r->frames++;
}

static void end_frame(struct recording *r)
{
	size_t size = wire_finish(r->encoder, &r->sender, ++r->sequence);

	write_bytes(r->w, r->frame, size);
}

static void put_table(struct recording *r, const struct wire_table *t)
{
	uint32_t first = 0;

	while (first < t->rows) {
		uint32_t rows = wire_put(r->encoder, t, first);

		first += rows;
		if (rows)
			continue;
		if (wire_empty(r->encoder))
			return;
		end_frame(r);
		begin_frame(r);
	}
}

static void put_sample(struct recording *r, const struct decoded_samples *s)
{
	size_t i;

	for (i = s->at; i < s->end; i++)
		put_table(r, &s->d->tables[i]);
}

static void put_facts(struct recording *r, const struct wire_table *like,
		      const char *name)
{
	const uint64_t key = WIRE_FACT_HOST_NAME;
	const struct wire_text text = { name, strlen(name) };
	struct wire_table t = *like;

	t.kind = WIRE_FACTS;
	t.schema = wire_schema(WIRE_FACTS)->schema;
	t.columns = WIRE_FACT_COLUMNS;
	t.rows = 1;
	t.texts = WIRE_FACT_TEXTS;
	t.cells = &key;
	t.text = &text;
	put_table(r, &t);
}

/* The last table of all: how many frames it was, and of which period. */
static void put_node(struct recording *r, const char *name, uint64_t period_ns)
{
	const struct wire_text texts[WIRE_NODE_TEXTS] = {
		[WIRE_NODE_NAME] = { name, strlen(name) },
		[WIRE_NODE_VERSION] = { KTACH_VERSION,
					sizeof(KTACH_VERSION) - 1 },
	};
	uint64_t cells[WIRE_NODE_REQUIRED] = {
		[WIRE_NODE_KEY] = r->frames,
		[WIRE_NODE_PERIOD_NS] = period_ns,
	};
	struct wire_table t = {
		.kind = WIRE_NODE,
		.schema = wire_schema(WIRE_NODE)->schema,
		.origin = WIRE_ORIGIN_SHIPPER,
		.columns = WIRE_NODE_REQUIRED,
		.rows = 1,
		.texts = WIRE_NODE_TEXTS,
		.cells = cells,
		.text = texts,
	};

	if (!wire_put(r->encoder, &t, 0)) {
		end_frame(r);
		begin_frame(r);
		cells[WIRE_NODE_KEY] = r->frames;
		wire_put(r->encoder, &t, 0);
	}
	end_frame(r);
	r->frames = 0;
}

/* The last one up to a time; false: there is none since the one before. */
static bool move_to(struct decoded_samples *s, uint64_t mono_ns)
{
	struct decoded_samples next = *s;
	bool moved = false;

	while (decoded_next(&next) && decoded_mono_ns(&next) <= mono_ns) {
		*s = next;
		moved = true;
	}
	return moved;
}

static void put_all(struct recording *r, const struct decoded *d)
{
	struct decoded_samples s[KINDS];
	uint64_t before_ns = 0, now_ns, period_ns;
	unsigned int i;

	for (i = 0; i < KINDS; i++)
		decoded_begin(&s[i], d, kinds[i]);
	while (decoded_next(&s[0])) {
		const struct wire_table *cpu = &d->tables[s[0].at];

		now_ns = decoded_mono_ns(&s[0]);
		period_ns = before_ns ? now_ns - before_ns : 0;
		r->time = cpu->real_ns;
		begin_frame(r);
		put_sample(r, &s[0]);
		/* Rings of the same period tick together, within a little. */
		for (i = 1; i < KINDS; i++)
			if (move_to(&s[i], now_ns + period_ns / 2))
				put_sample(r, &s[i]);
		put_facts(r, cpu, d->head.node);
		put_node(r, d->head.node, period_ns);
		before_ns = now_ns;
	}
}

void incident_write_recording(struct document *w,
			      const struct incidents_entry *e,
			      const struct decoded *d)
{
	struct recording r = { .w = w,
			       .frame = malloc(WIRE_FRAME_MAX),
			       .encoder = calloc(1, sizeof(*r.encoder)),
			       .sender.session = d->head.real_ns };

	memcpy(r.sender.node, e->node, sizeof(r.sender.node));
	if (r.frame && r.encoder)
		put_all(&r, d);
	else
		w->failed = true;
	free(r.frame);
	free(r.encoder);
}
