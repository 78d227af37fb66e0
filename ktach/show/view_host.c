// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>

#include "ktach/figures/format.h"
#include "ktach/show/views.h"

enum {
	MEM_BAR = 20,
};

void view_title(struct paper *p, const struct figures *f)
{
	char text[FORMAT_SIZE];

	paper_put(p, STYLE_TITLE, "%s", *f->host ? f->host : "-");
	paper_put(p, STYLE_DIM, "  Linux %s", f->release);
	if (f->load.span.origin && f->load.uptime_s != FIGURE_UNKNOWN)
		paper_put(p, STYLE_DIM, "  up %s",
			  format_uptime(text, f->load.uptime_s));
	paper_put(p, STYLE_DIM, "  %s", format_time(text, figures_real_ns(f)));
	paper_line(p);
}

/* @whole less @part; what is not known of one is not known of it. */
static uint64_t rest_of(uint64_t whole, uint64_t part)
{
	return whole == FIGURE_UNKNOWN || part > whole ? FIGURE_UNKNOWN :
							 whole - part;
}

static uint64_t mem_used(const struct mem_figures *f)
{
	return rest_of(f->total, f->available);
}

static uint64_t part_of(uint64_t part, uint64_t whole)
{
	if (part == FIGURE_UNKNOWN || whole == FIGURE_UNKNOWN)
		return FIGURE_UNKNOWN;
	return whole ? (uint64_t)((unsigned __int128)part * SHARE_ONE / whole) :
		       FIGURE_UNKNOWN;
}

static void put_part(struct paper *p, const char *name, uint64_t bytes)
{
	char text[FORMAT_SIZE];

	paper_pair(p, name, format_memory(text, bytes));
}

void view_mem_total(struct paper *p, const struct mem_figures *f)
{
	uint64_t share = part_of(mem_used(f), f->total);
	char text[FORMAT_SIZE];

	paper_put(p, STYLE_TITLE, "%-9s", "memory");
	paper_put(p,
		  share != FIGURE_UNKNOWN && share >= 9000 ? STYLE_BAD :
							     STYLE_PLAIN,
		  "%5s %% used", format_share(text, share));
	put_part(p, "of", f->total);
	put_part(p, "available", f->available);
	put_part(p, "cached", f->cached);
	if (f->swap_total && f->swap_total != FIGURE_UNKNOWN)
		put_part(p, "swap used", rest_of(f->swap_total, f->swap_free));
	paper_line(p);
}

void view_mem(struct paper *p, const struct mem_figures *f)
{
	const struct {
		const char *name;
		uint64_t bytes;
	} lines[] = {
		{ "total", f->total },	       { "used", mem_used(f) },
		{ "available", f->available }, { "free", f->free },
		{ "buffers", f->buffers },     { "cached", f->cached },
		{ "shared", f->shared },       { "swap total", f->swap_total },
		{ "swap free", f->swap_free },
	};
	char text[FORMAT_SIZE];
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		uint64_t share = part_of(lines[i].bytes, f->total);
		struct bar_part part = {
			share == FIGURE_UNKNOWN ? 0 : share,
			STYLE_USER,
		};

		paper_put(p, STYLE_TITLE, "%-11s", lines[i].name);
		paper_put(p, STYLE_PLAIN, "%10s ",
			  format_memory(text, lines[i].bytes));
		paper_put(p, STYLE_DIM, "%6s %%  ", format_share(text, share));
		paper_bar(p, MEM_BAR, &part, 1);
		paper_line(p);
	}
}

static void put_loads(struct paper *p, const struct load_figures *f)
{
	char text[FORMAT_SIZE];
	int i;

	for (i = 0; i < 3; i++)
		paper_put(p, STYLE_PLAIN, "%s%s", i ? "  " : " ",
			  format_load(text, f->load[i]));
}

void view_load_total(struct paper *p, const struct load_figures *f)
{
	char text[FORMAT_SIZE];

	paper_put(p, STYLE_TITLE, "%-9s", "load");
	put_loads(p, f);
	if (paper_pair(p, "running", format_plain(text, f->running)))
		paper_put(p, STYLE_DIM, "  of %s tasks",
			  format_plain(text, f->tasks));
	paper_line(p);
}

void view_load(struct paper *p, const struct load_figures *f)
{
	char text[FORMAT_SIZE];

	view_load_total(p, f);
	paper_put(p, STYLE_TITLE, "%-9s", "uptime");
	paper_put(p, STYLE_PLAIN, "  %s", format_uptime(text, f->uptime_s));
	paper_line(p);
}

void view_origins(struct paper *p, const struct figures *f)
{
	const char *before = "";
	int i;

	paper_put(p, STYLE_DIM, "from     ");
	for (i = 0; i < SECTIONS; i++) {
		const struct span *s = figures_span(f, i);

		if (!s->origin)
			continue;
		paper_put(p, STYLE_DIM, "%s%s %s", before, section_name(i),
			  origin_name(s->origin));
		if (s->interval_ns)
			paper_put(p, STYLE_DIM, " (%" PRIu64 " ms)",
				  (s->interval_ns + 500000) / 1000000);
		before = ", ";
	}
	paper_line(p);
}

static void put_losses(struct paper *p, const struct figures *f)
{
	int i;

	for (i = 0; i < SECTIONS; i++) {
		const struct span *s = figures_span(f, i);

		if (!s->lost && !s->missed)
			continue;
		paper_put(p, STYLE_WARN,
			  "%s: %" PRIu64
			  " samples lost by this reader, %" PRIu64
			  " ticks missed by the kernel",
			  section_name(i), s->lost, s->missed);
		paper_line(p);
	}
}

void view_notes(struct paper *p, const struct figures *f)
{
	int i;

	put_losses(p, f);
	for (i = 0; i < f->notes; i++)
		paper_wrap(p, STYLE_WARN, 2, f->note[i]);
}
