// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ktach/figures/figures.h"
#include "tables/book.h"
#include "tables/formulas.h"

/* Shares of a CPU's states, as formulas see them. */
struct shares_view {
	struct book_row book;
	const uint64_t *shares;
};

static double share_rate(const struct book_row *r, uint32_t column)
{
	const struct shares_view *v = (const struct shares_view *)r;

	return (double)v->shares[column - WIRE_CPU_USER_NS] * 1e9 / SHARE_ONE;
}

static uint64_t share_of(const struct book_entry *e, const uint64_t *shares)
{
	const struct shares_view view = { { NULL, share_rate, NULL }, shares };
	double share = e->formula(e, &view.book);

	return isnan(share) ? 0 : (uint64_t)(share * SHARE_ONE + 0.5);
}

/* The figure that is made of a state first; how busy a CPU is begins with one, too. */
static const struct book_entry *state_entry(int state)
{
	const struct book_entry *e;

	for (e = book_first(WIRE_CPU);
	     e->what != BOOK_FIGURE || e->formula == formula_cpu_busy ||
	     e->inputs[0].column != WIRE_CPU_USER_NS + state;
	     e++)
		;
	return e;
}

const char *state_name(int state)
{
	return state_entry(state)->name;
}

const char *vector_name(int vector)
{
	return book_column(WIRE_SOFTIRQ, (uint32_t)(WIRE_SOFTIRQ_HI + vector))
		->name;
}

static const char *const section_names[SECTIONS] = {
	[SECTION_CPU] = "cpu",	 [SECTION_SOFTIRQ] = "softirq",
	[SECTION_NET] = "net",	 [SECTION_MEM] = "mem",
	[SECTION_LOAD] = "load",
};

static const char *const origin_names[ORIGINS] = {
	[ORIGIN_NONE] = "none", [ORIGIN_NETLINK] = "netlink",
	[ORIGIN_RING] = "ring", [ORIGIN_BPF] = "bpf",
	[ORIGIN_PROC] = "proc", [ORIGIN_SHIPPER] = "shipper",
};

void figures_free(struct figures *f)
{
	free(f->cpu.row);
	free(f->softirq.row);
	free(f->net.row);
	memset(f, 0, sizeof(*f));
}

/* Rows of @size at *@row, of which there are *@room. */
static int grow_rows(void **row, uint32_t *room, uint32_t rows, size_t size)
{
	void *grown;

	if (rows <= *room)
		return 0;
	grown = reallocarray(*row, rows, size);
	if (!grown)
		return -ENOMEM;
	*row = grown;
	*room = rows;
	return 0;
}

int cpu_figures_room(struct cpu_figures *f, uint32_t rows)
{
	return grow_rows((void **)&f->row, &f->room, rows, sizeof(*f->row));
}

int net_figures_room(struct net_figures *f, uint32_t rows)
{
	return grow_rows((void **)&f->row, &f->room, rows, sizeof(*f->row));
}

void figures_note(struct figures *f, const char *format, ...)
{
	va_list args;

	if (f->notes == NOTES_MAX)
		return;
	va_start(args, format);
	vsnprintf(f->note[f->notes++], NOTE_SIZE, format, args);
	va_end(args);
}

uint64_t cpu_busy(const uint64_t *shares)
{
	static const struct book_entry *busy;

	if (!busy)
		busy = book_find("cpu.busy");
	return share_of(busy, shares);
}

uint64_t cpu_state(const uint64_t *shares, int state)
{
	return share_of(state_entry(state), shares);
}

uint64_t cpu_sum(const uint64_t *values)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < CPU_TABLE_VALUES; i++)
		sum += values[i];
	return sum;
}

static uint64_t known_or_0(uint64_t value)
{
	return value == FIGURE_UNKNOWN ? 0 : value;
}

uint64_t net_device_rate(const struct net_row *row, int side)
{
	const struct net_traffic *t = &row->traffic[side];

	return row->origin == ORIGIN_BPF ? t->device_bytes_per_s :
					   t->bytes_per_s;
}

uint64_t net_both(const struct net_traffic *traffic)
{
	return known_or_0(traffic[NET_SIDE_RX].bytes_per_s) +
	       known_or_0(traffic[NET_SIDE_TX].bytes_per_s);
}

const struct span *figures_span(const struct figures *f, enum section section)
{
	switch (section) {
	case SECTION_CPU:
		return &f->cpu.span;
	case SECTION_SOFTIRQ:
		return &f->softirq.span;
	case SECTION_NET:
		return &f->net.span;
	case SECTION_MEM:
		return &f->mem.span;
	default:
		return &f->load.span;
	}
}

uint64_t figures_real_ns(const struct figures *f)
{
	uint64_t newest_ns = 0;
	int i;

	for (i = 0; i < SECTIONS; i++) {
		const struct span *s = figures_span(f, i);

		if (s->origin && s->real_ns > newest_ns)
			newest_ns = s->real_ns;
	}
	return newest_ns;
}

const char *section_name(enum section section)
{
	return section_names[section];
}

int section_find(const char *name)
{
	int i;

	for (i = 0; i < SECTIONS; i++)
		if (!strcmp(name, section_names[i]))
			return i;
	return strcmp(name, "memory") ? -EINVAL : SECTION_MEM;
}

const char *origin_name(uint32_t origin)
{
	return origin < ORIGINS && origin_names[origin] ? origin_names[origin] :
							  "unknown";
}
