// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/incident_write.h"
#include "lib/base/clean.h"

enum {
	LINE_SIZE = 512,
	SHARE = 10000, /* of gauges: all */
};

static uint64_t real_of(const struct decoded *d, uint64_t mono_ns)
{
	return d->head.real_ns + (mono_ns - d->head.mono_ns);
}

static void write_line(struct document *w, uint64_t real_ns, const char *series,
		       const char *row, const char *value)
{
	char line[LINE_SIZE];

	snprintf(line, sizeof(line), "%" PRIu64 ".%09" PRIu64 ",%s,%s,%s\r\n",
		 real_ns / 1000000000, real_ns % 1000000000, series, row,
		 value);
	write_text(w, line);
}

static void write_value(struct document *w, uint64_t real_ns,
			const char *series, const char *row, double value)
{
	char text[32];

	if (!isfinite(value))
		return;
	snprintf(text, sizeof(text), "%.6g", value);
	write_line(w, real_ns, series, row, text);
}

static void write_number(struct document *w, uint64_t real_ns,
			 const char *series, const char *row, uint64_t value)
{
	char text[32];

	if (value == WIRE_ABSENT)
		return;
	snprintf(text, sizeof(text), "%" PRIu64, value);
	write_line(w, real_ns, series, row, text);
}

/* Quoted; one that a table would take for a formula gets a space before it. */
static void quote(char *to, size_t size, const char *text, size_t length)
{
	const struct wire_text told = { text, length };
	char clean[128];
	size_t i, n = 0;

	clean_text(clean, sizeof(clean), &told);
	to[n++] = '"';
	if (strchr("=+-@", clean[0]) && clean[0])
		to[n++] = ' ';
	for (i = 0; clean[i] && n + 4 < size; i++) {
		to[n++] = clean[i];
		if (clean[i] == '"')
			to[n++] = '"';
	}
	to[n++] = '"';
	to[n] = '\0';
}

static void write_cpus(struct document *w, const struct decoded *d)
{
	const struct incident_share *share;
	struct decoded_samples s, before;
	char row[24], name[32];
	size_t count, i;
	uint64_t *keys = incident_keys(d, WIRE_CPU, &count);

	decoded_begin(&s, d, WIRE_CPU);
	for (decoded_next(&s), before = s; decoded_next(&s); before = s)
		for (i = 0; keys && i < count; i++)
			for (share = incident_shares; share->name; share++) {
				snprintf(row, sizeof(row), "%" PRIu64, keys[i]);
				snprintf(name, sizeof(name), "cpu_%s",
					 share->name);
				write_value(w, real_of(d, decoded_mono_ns(&s)),
					    name, row,
					    incident_share(&before, &s, keys[i],
							   share));
			}
	free(keys);
}

static void write_softirqs(struct document *w, const struct decoded *d)
{
	struct decoded_samples s, before;
	char row[24], name[32];
	size_t count, i;
	uint64_t *keys = incident_keys(d, WIRE_SOFTIRQ, &count);
	uint32_t v;

	decoded_begin(&s, d, WIRE_SOFTIRQ);
	for (decoded_next(&s), before = s; decoded_next(&s); before = s)
		for (i = 0; keys && i < count; i++)
			for (v = 0; v < WIRE_SOFTIRQ_VECTORS; v++) {
				snprintf(row, sizeof(row), "%" PRIu64, keys[i]);
				snprintf(name, sizeof(name), "softirq_%s",
					 incident_vectors[v]);
				write_value(w, real_of(d, decoded_mono_ns(&s)),
					    name, row,
					    incident_rate(&before, &s, keys[i],
							  WIRE_SOFTIRQ_HI + v));
			}
	free(keys);
}

static void write_pressures(struct document *w, const struct decoded *d)
{
	const struct incident_pressure *p;
	struct decoded_samples s, before;

	decoded_begin(&s, d, WIRE_COUNTERS);
	if (!decoded_next_with(&s, incident_pressures->key))
		return;
	for (before = s; decoded_next_with(&s, incident_pressures->key);
	     before = s)
		for (p = incident_pressures; p->name; p++)
			write_value(w, real_of(d, decoded_mono_ns(&s)),
				    "pressure", p->name,
				    incident_rate(&before, &s, p->key,
						  WIRE_VALUE) /
					    1e9);
}

static void write_buckets(struct document *w, const struct decoded *d)
{
	static const char *const ways[INCIDENT_WAYS] = { "net_rx_bytes",
							 "net_tx_bytes" };
	char name[64];
	uint32_t i;
	size_t n;
	int way;

	for (n = 0; n < d->bucket_count; n++) {
		const struct incident_buckets *b = &d->buckets[n];

		quote(name, sizeof(name), b->name, strlen(b->name));
		for (i = 0; i < b->count; i++)
			for (way = 0; way < INCIDENT_WAYS; way++)
				write_number(
					w,
					real_of(d, (b->first_ms + i) * 1000000),
					ways[way], name, b->bytes[way][i]);
	}
}

static void write_process(struct document *w, const struct decoded *d,
			  const struct wire_table *t, uint32_t row)
{
	const uint64_t *cells = t->cells + (size_t)row * t->columns;
	const struct wire_text *name =
		&t->text[(size_t)row * t->texts + WIRE_PROCESS_NAME];
	uint64_t real_ns = real_of(d, t->mono_ns);
	char text[160], quoted[300];
	size_t size;

	snprintf(text, sizeof(text), "%" PRIu64 " %.*s",
		 cells[WIRE_PROCESS_KEY],
		 (int)(name->size < 100 ? name->size : 100), name->data);
	size = strlen(text);
	quote(quoted, sizeof(quoted), text, size);
	if (cells[WIRE_PROCESS_CPU_SHARE] != WIRE_ABSENT)
		write_value(w, real_ns, "process_cpu", quoted,
			    (double)cells[WIRE_PROCESS_CPU_SHARE] / SHARE);
	write_number(w, real_ns, "process_rss_bytes", quoted,
		     cells[WIRE_PROCESS_RSS_BYTES]);
}

void incident_write_csv(struct document *w, const struct decoded *d)
{
	uint32_t row;
	size_t i;

	write_text(w, "time,series,row,value\r\n");
	write_cpus(w, d);
	write_softirqs(w, d);
	write_pressures(w, d);
	write_buckets(w, d);
	for (i = 0; i < d->table_count; i++)
		for (row = 0; d->tables[i].kind == WIRE_PROCESS &&
			      row < d->tables[i].rows;
		     row++)
			write_process(w, d, &d->tables[i], row);
}
