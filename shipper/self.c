// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <sys/resource.h>

#include "lib/base/clock.h"
#include "shipper/self.h"

enum {
	FIRST_ALWAYS = 10,
	FIRST_EVERY = 16,
};

static uint64_t ns(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000000 + (uint64_t)t->tv_usec * 1000;
}

static void usage_read(struct self_usage *usage, uint64_t now_ns)
{
	struct rusage u;

	if (now_ns < usage->due_ns || getrusage(RUSAGE_SELF, &u))
		return;
	usage->due_ns = now_ns + SELF_USAGE_NS;
	usage->cpu_ns = ns(&u.ru_utime) + ns(&u.ru_stime);
	usage->memory_bytes = (uint64_t)u.ru_maxrss * 1024;
}

_Static_assert(WIRE_NODE_LOST_KEY - WIRE_NODE_LOST_QUEUE == (int)LOST_KEY &&
		       WIRE_NODE_KEY_BEFORE - WIRE_NODE_QUEUE_BEFORE ==
			       (int)LOST_KEY,
	       "columns of losses");

static void losses(const struct output *o, const struct identity *identity,
		   uint64_t *cells)
{
	output_lost(o, &cells[WIRE_NODE_LOST_QUEUE]);
	memcpy(&cells[WIRE_NODE_QUEUE_BEFORE], identity->lost,
	       sizeof(identity->lost));
	if (o->spool)
		cells[WIRE_NODE_SPOOLED_BYTES] = o->spool->bytes;
}

static void tell_flight(const struct flight *flight, uint64_t *cells)
{
	const struct flight_counts none = { 0 };
	const struct flight_counts *c = flight ? &flight->counts : &none;

	cells[WIRE_NODE_TRIGGERS] = c->triggers;
	cells[WIRE_NODE_INCIDENTS] = c->incidents;
	cells[WIRE_NODE_INCIDENTS_DROPPED] = c->dropped;
	cells[WIRE_NODE_FLIGHT_BYTES] = flight ? flight_memory(flight) : 0;
}

/* What is the same in all of a session's frames is in the first ones, of which one
 * may be lost, and now and then.
 */
static bool tells_first(const struct output *o)
{
	return o->sequence < FIRST_ALWAYS || o->sequence % FIRST_EVERY == 0;
}

void self_put(struct output *output, const struct config *config,
	      const struct identity *identity, const struct carrier *carrier,
	      const struct flight *flight, struct self_usage *usage)
{
	const struct queue *q = output->queue;
	uint64_t cells[WIRE_NODE_COLUMNS] = {
		[WIRE_NODE_PERIOD_NS] = config->ship_ns,
		[WIRE_NODE_SEND_FAILED] = carrier_failed(carrier),
		[WIRE_NODE_SAMPLE_NS] = config->interval_ns,
		[WIRE_NODE_QUEUED_FRAMES] = q->frames,
		[WIRE_NODE_QUEUED_BYTES] = q->frames ? q->tail - q->first : 0,
		[WIRE_NODE_RECONNECTS] = carrier_reconnects(carrier),
		[WIRE_NODE_UNKNOWN] = carrier_unknown(carrier),
		[WIRE_NODE_ACCEPTS] = carrier_accepts(carrier),
		[WIRE_NODE_FIRST] = identity->first,
		[WIRE_NODE_UNTAKEN] = identity->untaken,
	};
	struct wire_text text[WIRE_NODE_TEXTS] = {
		[WIRE_NODE_NAME] = { identity->name, strlen(identity->name) },
		[WIRE_NODE_VERSION] = { KTACH_VERSION,
					sizeof(KTACH_VERSION) - 1 },
	};
	struct wire_table table = {
		.kind = WIRE_NODE,
		.schema = 5,
		.origin = WIRE_ORIGIN_SHIPPER,
		.real_ns = clock_real_ns(),
		.mono_ns = clock_mono_ns(),
		.columns = flight || tells_first(output) ? WIRE_NODE_COLUMNS :
							   WIRE_NODE_FIRST,
		.rows = 1,
		.texts = WIRE_NODE_TEXTS,
		.cells = cells,
		.text = text,
	};

	usage_read(usage, table.mono_ns);
	cells[WIRE_NODE_CPU_NS] = usage->cpu_ns;
	cells[WIRE_NODE_MEMORY_BYTES] = usage->memory_bytes;
	losses(output, identity, cells);
	tell_flight(flight, cells);
	output_put(output, &table);
}

void self_put_leaving(struct output *output, const char *where)
{
	const uint64_t key = WIRE_FACT_LEAVES;
	const struct wire_text text = { where, strlen(where) };
	const struct wire_table word = {
		.kind = WIRE_FACTS,
		.schema = 1,
		.origin = WIRE_ORIGIN_SHIPPER,
		.real_ns = clock_real_ns(),
		.mono_ns = clock_mono_ns(),
		.columns = WIRE_FACT_COLUMNS,
		.rows = 1,
		.texts = WIRE_FACT_TEXTS,
		.cells = &key,
		.text = &text,
	};

	output_put(output, &word);
}
