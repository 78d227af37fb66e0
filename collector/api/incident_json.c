// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/incident_write.h"
#include "lib/base/clean.h"
#include "lib/base/node_id.h"

enum {
	TEXT_SIZE = 256,
	SHARE = 10000, /* of gauges: all */
};

void incident_write_entry(struct document *w, const struct incidents_entry *e)
{
	const struct incident_head *h = &e->head;
	char id[INCIDENTS_ID_SIZE], node[NODE_ID_TEXT_SIZE];
	char name[INCIDENT_NAME_SIZE], text[INCIDENT_TEXT_SIZE];
	const struct wire_text told[] = { { h->node, strlen(h->node) },
					  { h->text, strlen(h->text) } };

	incidents_format_id(e, id);
	node_id_format(e->node, node);
	clean_text(name, sizeof(name), &told[0]);
	clean_text(text, sizeof(text), &told[1]);
	json_key_text(w, "id", id);
	json_key_text(w, "node", name);
	json_key_text(w, "node_id", node);
	json_key_text(w, "cause", incident_cause_name(h->cause));
	json_key_text(w, "text", text);
	json_key_count(w, "value", h->value);
	json_key_count(w, "triggers", h->triggers);
	json_key_count(w, "time_ns", h->real_ns);
	json_key_count(w, "from_ns", h->from_ns);
	json_key_count(w, "to_ns", h->to_ns);
	json_key_count(w, "bytes", e->size);
	json_key_bool(w, "whole", !e->torn && !(h->flags & INCIDENT_CUT));
}

/* --- series of several samples ------------------------------------------------ */

static void write_times(struct document *w, const struct decoded *d,
			uint32_t kind)
{
	struct decoded_samples s;
	bool first = true;

	json_key(w, "ms");
	json_open(w, '[');
	for (decoded_begin(&s, d, kind); decoded_next(&s); first = false)
		if (!first)
			json_number(w, decoded_ms(d, decoded_mono_ns(&s)));
	json_close(w, ']');
}

static void write_share(struct document *w, const struct decoded *d,
			uint64_t cpu, const struct incident_share *share)
{
	struct decoded_samples s, before;

	json_key(w, share->name);
	json_open(w, '[');
	decoded_begin(&s, d, WIRE_CPU);
	for (decoded_next(&s), before = s; decoded_next(&s); before = s)
		json_number(w, incident_share(&before, &s, cpu, share));
	json_close(w, ']');
}

static void write_rates(struct document *w, const struct decoded *d,
			uint32_t kind, uint64_t key, uint32_t column)
{
	struct decoded_samples s, before;

	json_open(w, '[');
	decoded_begin(&s, d, kind);
	for (decoded_next(&s), before = s; decoded_next(&s); before = s)
		json_number(w, incident_rate(&before, &s, key, column));
	json_close(w, ']');
}

static bool has_sample(const struct decoded *d, uint32_t kind)
{
	struct decoded_samples s;

	decoded_begin(&s, d, kind);
	return decoded_next(&s);
}

static void write_cpu(struct document *w, const struct decoded *d)
{
	const struct incident_share *share;
	size_t count, i;
	uint64_t *keys = incident_keys(d, WIRE_CPU, &count);

	json_key(w, "cpu");
	json_open(w, '{');
	write_times(w, d, WIRE_CPU);
	json_key(w, "cpus");
	json_open(w, '[');
	for (i = 0; keys && i < count; i++) {
		json_open(w, '{');
		json_key_count(w, "cpu", keys[i]);
		for (share = incident_shares; share->name; share++)
			write_share(w, d, keys[i], share);
		json_close(w, '}');
	}
	json_close(w, ']');
	json_close(w, '}');
	free(keys);
}

/* Whether a vector ran at all. */
static bool has_run(const struct decoded *d, uint64_t cpu, uint32_t column)
{
	struct decoded_samples s;
	uint64_t first, last;

	decoded_begin(&s, d, WIRE_SOFTIRQ);
	decoded_next(&s);
	first = last = decoded_value(&s, cpu, column);
	while (decoded_next(&s))
		last = decoded_value(&s, cpu, column);
	return first != last;
}

static void write_softirq(struct document *w, const struct decoded *d)
{
	size_t count, i;
	uint64_t *keys = incident_keys(d, WIRE_SOFTIRQ, &count);
	uint32_t vector;

	json_key(w, "softirq");
	json_open(w, '{');
	write_times(w, d, WIRE_SOFTIRQ);
	json_key(w, "cpus");
	json_open(w, '[');
	for (i = 0; keys && i < count; i++) {
		json_open(w, '{');
		json_key_count(w, "cpu", keys[i]);
		for (vector = 0; vector < WIRE_SOFTIRQ_VECTORS; vector++) {
			uint32_t column = WIRE_SOFTIRQ_HI + vector;

			if (!has_run(d, keys[i], column))
				continue;
			json_key(w, incident_vectors[vector]);
			write_rates(w, d, WIRE_SOFTIRQ, keys[i], column);
		}
		json_close(w, '}');
	}
	json_close(w, ']');
	json_close(w, '}');
	free(keys);
}

static void write_pressure(struct document *w, const struct decoded *d)
{
	const struct incident_pressure *p;
	struct decoded_samples s, before;

	json_key(w, "pressure");
	json_open(w, '[');
	decoded_begin(&s, d, WIRE_COUNTERS);
	decoded_next_with(&s, incident_pressures->key);
	for (before = s; decoded_next_with(&s, incident_pressures->key);
	     before = s) {
		json_open(w, '{');
		json_key_number(w, "ms", decoded_ms(d, decoded_mono_ns(&s)));
		for (p = incident_pressures; p->name; p++)
			json_key_number(w, p->name,
					incident_rate(&before, &s, p->key,
						      WIRE_VALUE) /
						1e9);
		json_close(w, '}');
	}
	json_close(w, ']');
}

/* --- milliseconds -------------------------------------------------------------- */

static void write_way(struct document *w, const char *key,
		      const struct incident_buckets *b, int way)
{
	uint32_t i;

	json_key(w, key);
	json_open(w, '[');
	for (i = 0; i < b->count; i++)
		json_count(w, b->bytes[way][i]);
	json_close(w, ']');
}

static void write_buckets(struct document *w, const struct decoded *d)
{
	size_t i;

	json_key(w, "buckets");
	json_open(w, '[');
	for (i = 0; i < d->bucket_count; i++) {
		const struct incident_buckets *b = &d->buckets[i];
		const struct wire_text told = { b->name, strlen(b->name) };
		char name[INCIDENT_IFNAME_SIZE];

		clean_text(name, sizeof(name), &told);
		json_open(w, '{');
		json_key_count(w, "ifindex", b->ifindex);
		json_key_text(w, "interface", name);
		json_key_number(w, "ms", decoded_ms(d, b->first_ms * 1000000));
		write_way(w, "rx_bytes", b, 0);
		write_way(w, "tx_bytes", b, 1);
		json_close(w, '}');
	}
	json_close(w, ']');
}

/* --- processes ------------------------------------------------------------------ */

static void write_process(struct document *w, const struct wire_table *t,
			  uint32_t row)
{
	static const struct {
		const char *key;
		enum wire_process_text text;
	} texts[] = {
		{ "name", WIRE_PROCESS_NAME },
		{ "user", WIRE_PROCESS_USER },
		{ "command", WIRE_PROCESS_COMMAND },
	};
	const uint64_t *cells = t->cells + (size_t)row * t->columns;
	char text[TEXT_SIZE];
	size_t i;

	json_open(w, '{');
	json_key_count(w, "pid", cells[WIRE_PROCESS_KEY]);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		clean_text(text, sizeof(text),
			   &t->text[(size_t)row * t->texts + texts[i].text]);
		json_key_text(w, texts[i].key, text);
	}
	json_key_number(w, "cpu_share",
			cells[WIRE_PROCESS_CPU_SHARE] == WIRE_ABSENT ?
				NAN :
				(double)cells[WIRE_PROCESS_CPU_SHARE] / SHARE);
	json_key(w, "rss_bytes");
	if (cells[WIRE_PROCESS_RSS_BYTES] == WIRE_ABSENT)
		json_none(w);
	else
		json_count(w, cells[WIRE_PROCESS_RSS_BYTES]);
	json_close(w, '}');
}

static void write_processes(struct document *w, const struct decoded *d)
{
	struct decoded_samples s;
	uint32_t row;
	size_t i;

	json_key(w, "processes");
	json_open(w, '[');
	for (decoded_begin(&s, d, WIRE_PROCESS); decoded_next(&s);) {
		json_open(w, '{');
		json_key_number(w, "ms", decoded_ms(d, decoded_mono_ns(&s)));
		json_key(w, "rows");
		json_open(w, '[');
		for (i = s.at; i < s.end; i++)
			for (row = 0; row < d->tables[i].rows; row++)
				write_process(w, &d->tables[i], row);
		json_close(w, ']');
		json_close(w, '}');
	}
	json_close(w, ']');
}

void incident_write_json(struct document *w, const struct incidents_entry *e,
			 const struct decoded *d)
{
	json_open(w, '{');
	incident_write_entry(w, e);
	json_key_bool(w, "cut", d->cut);
	if (has_sample(d, WIRE_CPU))
		write_cpu(w, d);
	if (has_sample(d, WIRE_SOFTIRQ))
		write_softirq(w, d);
	write_pressure(w, d);
	write_buckets(w, d);
	write_processes(w, d);
	json_close(w, '}');
}
