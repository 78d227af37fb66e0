// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ktach/record_sample.h"

/*
 * One walk over the figures serves both ways, so that what is written is what
 * is read. The order of the walk is the format: another order is another
 * version of the file.
 */
struct walk {
	bool packing;
	int error;
	struct numbers *to;
	const uint64_t *from;
	size_t left;
};

static void push(struct walk *w, uint64_t value)
{
	struct numbers *n = w->to;

	if (n->count == n->room) {
		size_t room = n->room ? 2 * n->room : 512;
		uint64_t *at = reallocarray(n->at, room, sizeof(*at));

		if (!at) {
			w->error = -ENOMEM;
			return;
		}
		n->at = at;
		n->room = room;
	}
	n->at[n->count++] = value;
}

static uint64_t pop(struct walk *w)
{
	if (!w->left) {
		w->error = -EBADMSG;
		return 0;
	}
	w->left--;
	return *w->from++;
}

static void number(struct walk *w, uint64_t *value)
{
	if (w->error)
		return;
	if (w->packing)
		push(w, *value);
	else
		*value = pop(w);
}

static void small(struct walk *w, uint32_t *value)
{
	uint64_t wide = *value;

	number(w, &wide);
	if (wide > UINT32_MAX)
		w->error = -EBADMSG;
	*value = (uint32_t)wide;
}

static void numbers(struct walk *w, uint64_t *value, int count)
{
	while (count-- > 0)
		number(w, value++);
}

/* A text fills whole numbers; its last byte is NUL. */
static void text(struct walk *w, char *at, size_t size)
{
	size_t i;

	for (i = 0; i < size; i += sizeof(uint64_t)) {
		size_t n = size - i < sizeof(uint64_t) ? size - i :
							 sizeof(uint64_t);
		uint64_t word = 0;

		memcpy(&word, at + i, n);
		word = le64toh(word);
		number(w, &word);
		word = htole64(word);
		memcpy(at + i, &word, n);
	}
	if (!w->packing)
		at[size - 1] = '\0';
}

static void span(struct walk *w, struct span *s)
{
	small(w, &s->origin);
	number(w, &s->real_ns);
	number(w, &s->mono_ns);
	number(w, &s->interval_ns);
	number(w, &s->sample);
	number(w, &s->lost);
	number(w, &s->missed);
	if (s->origin >= ORIGINS)
		w->error = -EBADMSG;
}

/* The number of rows, and room for them. */
static uint32_t rows(struct walk *w, uint32_t *count)
{
	small(w, count);
	if (*count > RECORD_ROWS_MAX)
		w->error = -EBADMSG;
	return w->error ? 0 : *count;
}

static void cpus(struct walk *w, struct cpu_figures *f)
{
	uint32_t i, exact = f->has_exact, count;

	span(w, &f->span);
	small(w, &f->online);
	small(w, &exact);
	f->has_exact = exact;
	numbers(w, f->total, CPU_TABLE_VALUES);
	if (exact)
		numbers(w, f->total_exact, CPU_TABLE_VALUES);
	count = rows(w, &f->rows);
	if (!w->packing && !w->error)
		w->error = cpu_figures_room(f, count);
	for (i = 0; i < count && !w->error; i++) {
		small(w, &f->row[i].cpu);
		small(w, &f->row[i].flags);
		numbers(w, f->row[i].values, CPU_TABLE_VALUES);
		if (exact)
			numbers(w, f->row[i].exact, CPU_TABLE_VALUES);
	}
}

static void traffic(struct walk *w, struct net_traffic *t)
{
	number(w, &t->bytes);
	number(w, &t->packets);
	number(w, &t->errors);
	number(w, &t->drops);
	number(w, &t->bytes_per_s);
	number(w, &t->packets_per_s);
	numbers(w, t->average_bytes_per_s, NET_AVERAGES);
	number(w, &t->burst_bytes);
	number(w, &t->burst_p99_bytes);
	/* These are not in a recording. */
	if (!w->packing)
		t->device_bytes_per_s = t->device_packets_per_s =
			FIGURE_UNKNOWN;
}

static void net(struct walk *w, struct net_figures *f)
{
	uint32_t i, count;
	int side;

	span(w, &f->span);
	count = rows(w, &f->rows);
	if (!w->packing && !w->error)
		w->error = net_figures_room(f, count);
	for (i = 0; i < count && !w->error; i++) {
		text(w, f->row[i].name, sizeof(f->row[i].name));
		small(w, &f->row[i].origin);
		for (side = 0; side < NET_SIDES; side++)
			traffic(w, &f->row[i].traffic[side]);
		if (!w->packing)
			net_forget_queue(&f->row[i]);
	}
}

static void mem(struct walk *w, struct mem_figures *f)
{
	span(w, &f->span);
	number(w, &f->total);
	number(w, &f->free);
	number(w, &f->available);
	number(w, &f->buffers);
	number(w, &f->cached);
	number(w, &f->shared);
	number(w, &f->swap_total);
	number(w, &f->swap_free);
}

static void load(struct walk *w, struct load_figures *f)
{
	span(w, &f->span);
	numbers(w, f->load, 3);
	number(w, &f->running);
	number(w, &f->tasks);
	number(w, &f->uptime_s);
}

static void notes(struct walk *w, struct figures *f)
{
	uint32_t count = (uint32_t)f->notes, i;

	small(w, &count);
	if (count > NOTES_MAX)
		w->error = -EBADMSG;
	for (i = 0; i < count && !w->error; i++)
		text(w, f->note[i], sizeof(f->note[i]));
	f->notes = w->error ? 0 : (int)count;
}

static void walk(struct walk *w, struct figures *f)
{
	text(w, f->host, sizeof(f->host));
	text(w, f->release, sizeof(f->release));
	cpus(w, &f->cpu);
	cpus(w, &f->softirq);
	net(w, &f->net);
	mem(w, &f->mem);
	load(w, &f->load);
	notes(w, f);
}

int sample_pack(struct numbers *n, const struct figures *f)
{
	struct walk w = { .packing = true, .to = n };

	n->count = 0;
	walk(&w, (struct figures *)f); /* which packing does not change */
	return w.error;
}

int sample_unpack(struct figures *f, const uint64_t *at, size_t count)
{
	struct walk w = { .from = at, .left = count };

	walk(&w, f);
	return w.error ? w.error : w.left ? -EBADMSG : 0;
}
