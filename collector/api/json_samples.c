// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <string.h>

#include "collector/figures/cpu.h"
#include "collector/api/json.h"
#include "collector/figures/told.h"

enum {
	VECTORS = WIRE_SOFTIRQ_VECTORS,
};

static const char *origin_name(uint32_t origin)
{
	static const char *const names[] = {
		[WIRE_ORIGIN_RING] = "ring",
		[WIRE_ORIGIN_PROC] = "proc",
		[WIRE_ORIGIN_BPF] = "bpf",
		[WIRE_ORIGIN_SHIPPER] = "shipper",
		[WIRE_ORIGIN_NETLINK] = "netlink",
	};

	return names[origin]; /* samples_sane() let no other pass */
}

void json_samples_head(struct document *w, const struct samples *s)
{
	static const char *const names[] = { "origin", "sample", "real_ns",
					     "mono_ns", "lost" };
	size_t i;

	for (i = 0; !s->mono_ns && i < sizeof(names) / sizeof(names[0]); i++) {
		json_key(w, names[i]);
		json_none(w);
	}
	if (!s->mono_ns)
		return;
	json_key_text(w, "origin", origin_name(s->origin));
	json_key_count(w, "sample", s->sample);
	json_key_count(w, "real_ns", s->real_ns);
	json_key_count(w, "mono_ns", s->mono_ns);
	json_key_count(w, "lost", s->lost);
}

static void cpu_head(struct document *w, const struct samples *s,
		     const struct samples_row *row)
{
	json_key_count(w, "cpu", row->key);
	json_key_bool(w, "online", cpu_online(s, row));
	json_key_bool(w, "seen", row->cells[WIRE_CPU_FLAGS] & WIRE_CPU_SEEN);
	json_key_count(w, "window_ns", samples_window_ns(row));
}

static double share(const struct book_entry *e, const struct samples *s,
		    const struct samples_row *row)
{
	return row ? told_metric(e, s, row) : told_of_rows(e, s);
}

/* How busy a CPU is, and its states; @row: NULL: of all together. */
static void shares(struct document *w, const struct samples *s,
		   const struct samples_row *row)
{
	const struct book_entry *e = book_find("cpu.busy");
	double busy = share(e, s, row);

	json_key_number(w, e->name, busy);
	json_key(w, "share");
	if (isnan(busy)) {
		json_none(w);
		return;
	}
	json_open(w, '{');
	for (e++; e < book_end(WIRE_CPU); e++)
		if (told_now(e))
			json_key_number(w, e->name, share(e, s, row));
	json_close(w, '}');
}

static void write_cpu(struct document *w, const struct samples *s,
		      const struct samples_row *row, uint32_t kind)
{
	uint32_t i;

	json_open(w, '{');
	cpu_head(w, s, row);
	for (i = WIRE_CPU_USER_NS; i < WIRE_CPU_COLUMNS; i++)
		json_cell(w, book_column(kind, i), samples_cell(s, row, i));
	shares(w, s, row);
	json_close(w, '}');
}

void json_cpu(struct document *w, const struct samples *s)
{
	if (!s->count) {
		json_none(w);
		return;
	}
	json_open(w, '{');
	json_samples_head(w, s);
	shares(w, s, NULL);
	json_each_row(w, s, WIRE_CPU, write_cpu);
	json_close(w, '}');
}

static const char *vector_name(int vector)
{
	return book_column(WIRE_SOFTIRQ, (uint32_t)(WIRE_SOFTIRQ_HI + vector))
		->name;
}

/* Counts and rates of one CPU, or of all; exact times if the rings have them. */
struct softirqs {
	uint64_t count[VECTORS];
	double per_s[VECTORS];
	bool rated;
	uint64_t time_ns[VECTORS];
	uint64_t max_ns[VECTORS];
	bool timed;
};

static void softirqs_add(struct softirqs *all, const struct softirqs *one)
{
	int i;

	for (i = 0; i < VECTORS; i++) {
		all->count[i] += one->count[i];
		if (isnan(all->per_s[i]))
			all->per_s[i] = one->per_s[i];
		else if (!isnan(one->per_s[i]))
			all->per_s[i] += one->per_s[i];
		all->time_ns[i] += one->time_ns[i];
		if (one->max_ns[i] > all->max_ns[i])
			all->max_ns[i] = one->max_ns[i];
	}
	all->timed = all->timed && one->timed;
}

static void times_of(struct softirqs *o, const struct samples *s,
		     const struct samples_row *row)
{
	uint32_t i;

	o->timed = true;
	for (i = 0; i < VECTORS; i++) {
		o->time_ns[i] = samples_cell(s, row, WIRE_SOFTIRQ_TIME_NS + i);
		o->max_ns[i] = samples_cell(s, row, WIRE_SOFTIRQ_MAX_NS + i);
		o->timed = o->timed && o->time_ns[i] != WIRE_ABSENT &&
			   o->max_ns[i] != WIRE_ABSENT;
	}
}

static void softirqs_of(struct softirqs *o, const struct samples *s,
			const struct samples_row *row)
{
	int i;

	*o = (struct softirqs){ .rated = samples_window_ns(row) };
	times_of(o, s, row);
	for (i = 0; i < VECTORS; i++) {
		uint32_t column = (uint32_t)(WIRE_SOFTIRQ_HI + i);

		o->count[i] = row->cells[column];
		o->per_s[i] = samples_rate(s, row, column);
	}
}

/* By vector; null unless @known. */
static void counts_write(struct document *w, const char *key,
			 const uint64_t *values, bool known)
{
	int i;

	json_key(w, key);
	if (!known) {
		json_none(w);
		return;
	}
	json_open(w, '{');
	for (i = 0; i < VECTORS; i++)
		json_key_count(w, vector_name(i), values[i] & INT64_MAX);
	json_close(w, '}');
}

static void softirqs_write(struct document *w, const struct softirqs *o)
{
	int i;

	counts_write(w, "count", o->count, true);
	counts_write(w, "time_ns", o->time_ns, o->timed);
	counts_write(w, "max_ns", o->max_ns, o->timed);
	json_key(w, "per_s");
	if (!o->rated) {
		json_none(w);
		return;
	}
	json_open(w, '{');
	for (i = 0; i < VECTORS; i++)
		json_key_number(w, vector_name(i), o->per_s[i]);
	json_close(w, '}');
}

static void softirq_rows(struct document *w, const struct samples *s,
			 struct softirqs *all)
{
	struct softirqs one;
	size_t i;

	json_key(w, "cpus");
	json_open(w, '[');
	for (i = 0; i < s->count; i++) {
		if (!samples_current(s, s->rows[i]))
			continue;
		softirqs_of(&one, s, s->rows[i]);
		softirqs_add(all, &one);
		json_open(w, '{');
		cpu_head(w, s, s->rows[i]);
		softirqs_write(w, &one);
		json_close(w, '}');
	}
	json_close(w, ']');
}

void json_softirq(struct document *w, const struct samples *s)
{
	struct softirqs all = { .rated = true, .timed = true };
	int i;

	for (i = 0; i < VECTORS; i++)
		all.per_s[i] = NAN;

	if (!s->count) {
		json_none(w);
		return;
	}
	json_open(w, '{');
	json_samples_head(w, s);
	json_key(w, "vectors");
	json_open(w, '[');
	for (i = 0; i < VECTORS; i++)
		json_text(w, vector_name(i));
	json_close(w, ']');
	softirq_rows(w, s, &all);
	softirqs_write(w, &all);
	json_close(w, '}');
}
