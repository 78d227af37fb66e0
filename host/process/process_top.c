// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/process/process_top.h"
#include "lib/base/resized.h"
#include "lib/wire/wire.h"

enum {
	SHARE_UNIT = 10000,
};

/* Of two that used nothing lately, the one that used more before is told of;
 * so the same ones are from reading to reading.
 */
static bool less_cpu(const struct process_ranked *a,
		     const struct process_ranked *b)
{
	if (a->used_ns != b->used_ns)
		return a->used_ns < b->used_ns;
	if (a->p.cpu_ns != b->p.cpu_ns)
		return a->p.cpu_ns < b->p.cpu_ns;
	return a->p.pid > b->p.pid;
}

static bool less_memory(const struct process_ranked *a,
			const struct process_ranked *b)
{
	if (a->p.rss_bytes != b->p.rss_bytes)
		return a->p.rss_bytes < b->p.rss_bytes;
	return a->p.pid > b->p.pid;
}

int process_top_init(struct process_top *t, uint32_t max, uint64_t tick_ns)
{
	*t = (struct process_top){
		.max = max,
		.tick_ns = tick_ns,
		.cpu = { calloc(max, sizeof(*t->cpu.of)), 0, less_cpu },
		.memory = { calloc(max, sizeof(*t->memory.of)), 0,
			    less_memory },
		.winners = calloc(max, 2 * sizeof(*t->winners)),
	};
	if (t->cpu.of && t->memory.of && t->winners)
		return 0;
	process_top_exit(t);
	return -ENOMEM;
}

void process_top_exit(struct process_top *t)
{
	free(t->cpu.of);
	free(t->memory.of);
	free(t->winners);
	free(t->last.of);
	free(t->now.of);
}

/* --- heap -------------------------------------------------------------------- */

static void rise(struct process_heap *h, const struct process_ranked *r)
{
	uint32_t at = h->count++;

	for (; at && h->less(r, &h->of[(at - 1) / 2]); at = (at - 1) / 2)
		h->of[at] = h->of[(at - 1) / 2];
	h->of[at] = *r;
}

/* In place of the least. */
static void sink(struct process_heap *h, const struct process_ranked *r)
{
	uint32_t at = 0, child;

	while ((child = 2 * at + 1) < h->count) {
		if (child + 1 < h->count &&
		    h->less(&h->of[child + 1], &h->of[child]))
			child++;
		if (!h->less(&h->of[child], r))
			break;
		h->of[at] = h->of[child];
		at = child;
	}
	h->of[at] = *r;
}

static void offer(struct process_heap *h, uint32_t max,
		  const struct process_ranked *r)
{
	if (h->count < max)
		rise(h, r);
	else if (h->less(&h->of[0], r))
		sink(h, r);
}

/* --- the reading before ------------------------------------------------------ */

static const struct process_seen *search(const struct process_list *l,
					 uint32_t pid)
{
	size_t low = 0, high = l->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (l->of[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < l->count && l->of[low].pid == pid ? &l->of[low] : NULL;
}

/* Processes mostly come by pid, and most of them were there: the next one is
 * the next one.
 */
static const struct process_seen *find_last(struct process_top *t,
					    const struct process *p)
{
	const struct process_seen *s;

	while (t->cursor < t->last.count && t->last.of[t->cursor].pid < p->pid)
		t->cursor++;
	if (t->cursor < t->last.count && t->last.of[t->cursor].pid == p->pid)
		s = &t->last.of[t->cursor];
	else
		s = search(&t->last, p->pid);
	return s && s->start_ns == p->start_ns ? s : NULL;
}

static void remember(struct process_list *l, const struct process *p)
{
	void *of = grown(l->of, l->count, &l->room, sizeof(*l->of));

	if (!of)
		return;
	l->of = of;
	l->of[l->count++] = (struct process_seen){
		.pid = p->pid,
		.start_ns = p->start_ns,
		.cpu_ns = p->cpu_ns,
		.at_ns = p->at_ns,
	};
}

static int by_pid(const void *a, const void *b)
{
	const struct process_seen *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static void sort(struct process_list *l)
{
	size_t i;

	for (i = 1; i < l->count; i++) {
		if (l->of[i - 1].pid > l->of[i].pid) {
			qsort(l->of, l->count, sizeof(*l->of), by_pid);
			return;
		}
	}
}

/* --- a reading --------------------------------------------------------------- */

static uint64_t share_of(uint64_t used_ns, uint64_t span_ns)
{
	double share = (double)used_ns * SHARE_UNIT / (double)span_ns;

	if (!span_ns || share >= INT64_MAX)
		return WIRE_ABSENT;
	return (uint64_t)(share + 0.5);
}

/* One that started since the last reading used all its time since then. One
 * that was there and was not seen may have used any part of it.
 */
static void rank_new(const struct process_top *t, struct process_ranked *r)
{
	const struct process *p = &r->p;

	r->share = WIRE_ABSENT;
	r->used_ns = 0;
	if (!t->last_boot_ns) {
		r->used_ns = p->cpu_ns;
	} else if (p->start_ns + t->tick_ns >= t->last_boot_ns) {
		r->used_ns = p->cpu_ns;
		r->share = share_of(r->used_ns, p->at_ns - t->last_mono_ns);
	}
}

/* Times of threads that end while they are added up can be missing once. */
static void rank(struct process_top *t, struct process_ranked *r)
{
	const struct process_seen *last = find_last(t, &r->p);

	if (!last) {
		rank_new(t, r);
		return;
	}
	if (r->p.cpu_ns < last->cpu_ns)
		r->p.cpu_ns = last->cpu_ns;
	r->used_ns = r->p.cpu_ns - last->cpu_ns;
	r->share = share_of(r->used_ns, r->p.at_ns - last->at_ns);
}

static uint64_t *count_of(struct process_counts *c, char state)
{
	switch (state) {
	case 'R':
		return &c->running;
	case 'D':
		return &c->blocked;
	case 'Z':
	case 'X':
		return &c->zombie;
	case 'T':
	case 't':
		return &c->stopped;
	default:
		return &c->sleeping;
	}
}

void process_top_begin(struct process_top *t, uint64_t boot_ns,
		       uint64_t mono_ns)
{
	t->cpu.count = 0;
	t->memory.count = 0;
	t->now.count = 0;
	t->cursor = 0;
	t->counts = (struct process_counts){ 0 };
	t->boot_ns = boot_ns;
	t->mono_ns = mono_ns;
}

void process_top_take(struct process_top *t, const struct process *p)
{
	struct process_ranked r = { .p = *p };

	(*count_of(&t->counts, p->state))++;
	rank(t, &r);
	remember(&t->now, &r.p);
	offer(&t->cpu, t->max, &r);
	offer(&t->memory, t->max, &r);
}

/* Into the order of pids, each once. */
static void add_winner(struct process_top *t, const struct process_ranked *r)
{
	uint32_t at = t->winner_count;

	while (at && t->winners[at - 1]->p.pid > r->p.pid)
		at--;
	if (at && t->winners[at - 1]->p.pid == r->p.pid)
		return;
	memmove(t->winners + at + 1, t->winners + at,
		(t->winner_count - at) * sizeof(*t->winners));
	t->winners[at] = r;
	t->winner_count++;
}

void process_top_end(struct process_top *t)
{
	const struct process_list spare = t->last;
	uint32_t i;

	sort(&t->now);
	t->last = t->now;
	t->now = spare;
	t->last_boot_ns = t->boot_ns;
	t->last_mono_ns = t->mono_ns;
	t->winner_count = 0;
	for (i = 0; i < t->cpu.count; i++)
		add_winner(t, &t->cpu.of[i]);
	for (i = 0; i < t->memory.count; i++)
		add_winner(t, &t->memory.of[i]);
}
