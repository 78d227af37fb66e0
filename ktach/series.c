// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "ktach/show/csv.h"
#include "ktach/figures/cpu_figures.h"
#include "ktach/figures/format.h"
#include "ktach/show/json.h"
#include "ktach/pace.h"
#include "ktach/series.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
	TITLES_EVERY = 20, /* lines */
	WIDTH = 9, /* of a column */
};

/* A column of a line of text: its title, and its value as text. */
struct column {
	const char *title;
	void (*format)(const struct figures *f, int index,
		       char text[FORMAT_SIZE]);
	int index;
};

static void unknown(char text[FORMAT_SIZE])
{
	snprintf(text, FORMAT_SIZE, "-");
}

static void busy(const struct figures *f, int index, char text[FORMAT_SIZE])
{
	uint64_t shown[CPU_TABLE_VALUES];

	cpu_shown(f->cpu.total, shown);
	format_share(text,
		     cpu_sum(shown) ? cpu_shown_busy(shown) : FIGURE_UNKNOWN);
}

/* Bits of enum state: of these together. */
static void states(const struct figures *f, int index, char text[FORMAT_SIZE])
{
	uint64_t shown[CPU_TABLE_VALUES], sum = 0;
	int i;

	cpu_shown(f->cpu.total, shown);
	for (i = 0; i < CPU_TABLE_VALUES; i++)
		sum += index & 1 << i ? shown[i] : 0;
	format_share(text, cpu_sum(shown) ? sum : FIGURE_UNKNOWN);
}

static void format_softirqs(const struct figures *f, uint64_t value,
			    char text[FORMAT_SIZE])
{
	if (f->softirq.span.interval_ns)
		format_rate(text, value);
	else
		unknown(text);
}

static void vector(const struct figures *f, int index, char text[FORMAT_SIZE])
{
	format_softirqs(f, f->softirq.total[index], text);
}

static void softirqs(const struct figures *f, int index, char text[FORMAT_SIZE])
{
	format_softirqs(f, cpu_sum(f->softirq.total), text);
}

static void load(const struct figures *f, int index, char text[FORMAT_SIZE])
{
	format_load(text, f->load.load[index]);
}

static void tasks(const struct figures *f, int index, char text[FORMAT_SIZE])
{
	format_plain(text, index ? f->load.tasks : f->load.running);
}

static void memory(const struct figures *f, int index, char text[FORMAT_SIZE])
{
	const uint64_t bytes[] = { f->mem.total, f->mem.free, f->mem.available,
				   f->mem.cached,
				   f->mem.swap_free > f->mem.swap_total ?
					   FIGURE_UNKNOWN :
					   f->mem.swap_total -
						   f->mem.swap_free };

	format_memory(text, bytes[index]);
}

/* Of those that are known; and of those that lie on no other. */
static uint64_t sum_of(const struct net_row *row, uint64_t value, uint64_t sum)
{
	if (value == FIGURE_UNKNOWN || row->stacked)
		return sum;
	return sum == FIGURE_UNKNOWN ? value : sum + value;
}

/* Index 0: received, 1: sent. */
static void bytes(const struct figures *f, int index, char text[FORMAT_SIZE])
{
	uint64_t sum = FIGURE_UNKNOWN;
	uint32_t i;

	for (i = 0; i < f->net.rows; i++)
		sum = sum_of(&f->net.row[i],
			     f->net.row[i].traffic[index].bytes_per_s, sum);
	format_bytes(text, sum);
}

static void packets(const struct figures *f, int index, char text[FORMAT_SIZE])
{
	uint64_t sum = FIGURE_UNKNOWN;
	uint32_t i;

	for (i = 0; i < f->net.rows; i++)
		sum = sum_of(&f->net.row[i],
			     f->net.row[i].traffic[index].packets_per_s, sum);
	format_count(text, sum);
}

/* The largest of all interfaces that are counted. */
static void burst(const struct figures *f, int index, char text[FORMAT_SIZE])
{
	uint64_t most = 0;
	bool known = false;
	uint32_t i;

	for (i = 0; i < f->net.rows; i++) {
		const struct net_row *row = &f->net.row[i];

		known |= row->origin == ORIGIN_BPF;
		if (row->traffic[index].burst_bytes > most)
			most = row->traffic[index].burst_bytes;
	}
	if (known)
		format_bytes(text, most * 1000);
	else
		unknown(text);
}

static void lost(const struct figures *f, int index, char text[FORMAT_SIZE])
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < SECTIONS; i++)
		sum += figures_span(f, i)->lost;
	snprintf(text, FORMAT_SIZE, "%" PRIu64, sum);
}

/* What stands between busy and the load adds up to it. */
static const struct column all_columns[] = {
	{ "busy %", busy },
	{ "user", states,
	  1 << STATE_USER | 1 << STATE_NICE | 1 << STATE_GUEST },
	{ "system", states, 1 << STATE_SYSTEM | 1 << STATE_IRQ },
	{ "softirq", states, 1 << STATE_SOFTIRQ },
	{ "steal", states, 1 << STATE_STEAL },
	{ "load", load, 0 },
	{ "mem avl", memory, 2 },
	{ "sirq/s", softirqs },
	{ "rx B/s", bytes, NET_SIDE_RX },
	{ "tx B/s", bytes, NET_SIDE_TX },
	{ "lost", lost },
	{ 0 },
};

static const struct column cpu_columns[] = {
	{ "busy %", busy },
	{ "user", states, 1 << STATE_USER },
	{ "nice", states, 1 << STATE_NICE },
	{ "system", states, 1 << STATE_SYSTEM },
	{ "iowait", states, 1 << STATE_IOWAIT },
	{ "irq", states, 1 << STATE_IRQ },
	{ "softirq", states, 1 << STATE_SOFTIRQ },
	{ "steal", states, 1 << STATE_STEAL },
	{ "guest", states, 1 << STATE_GUEST },
	{ 0 },
};

static const struct column softirq_columns[] = {
	{ "all/s", softirqs },	   { "hi", vector, 0 },
	{ "timer", vector, 1 },	   { "net_tx", vector, 2 },
	{ "net_rx", vector, 3 },   { "block", vector, 4 },
	{ "irq_poll", vector, 5 }, { "tasklet", vector, 6 },
	{ "sched", vector, 7 },	   { "hrtimer", vector, 8 },
	{ "rcu", vector, 9 },	   { 0 },
};

static const struct column net_columns[] = {
	{ "rx B/s", bytes, NET_SIDE_RX },
	{ "rx pkt/s", packets, NET_SIDE_RX },
	{ "rx burst", burst, NET_SIDE_RX },
	{ "tx B/s", bytes, NET_SIDE_TX },
	{ "tx pkt/s", packets, NET_SIDE_TX },
	{ "tx burst", burst, NET_SIDE_TX },
	{ 0 },
};

static const struct column mem_columns[] = {
	{ "total", memory, 0 },	  { "free", memory, 1 },
	{ "avail", memory, 2 },	  { "cached", memory, 3 },
	{ "swapped", memory, 4 }, { 0 },
};

static const struct column load_columns[] = {
	{ "1 min", load, 0 },	 { "5 min", load, 1 },	{ "15 min", load, 2 },
	{ "running", tasks, 0 }, { "tasks", tasks, 1 }, { 0 },
};

static const struct column *columns_of(int section)
{
	static const struct column *const columns[SECTIONS] = {
		[SECTION_CPU] = cpu_columns,
		[SECTION_SOFTIRQ] = softirq_columns,
		[SECTION_NET] = net_columns,
		[SECTION_MEM] = mem_columns,
		[SECTION_LOAD] = load_columns,
	};

	return section < 0 ? all_columns : columns[section];
}

static void put_titles(struct series *s)
{
	const struct column *c;

	paper_put(&s->paper, STYLE_TITLE, "%-8s", "time");
	for (c = columns_of(s->section); c->title; c++)
		paper_put(&s->paper, STYLE_TITLE, " %*s", WIDTH, c->title);
	paper_line(&s->paper);
}

static void put_text(struct series *s, const struct figures *f)
{
	char text[FORMAT_SIZE];
	const struct column *c;

	if (s->lines++ % TITLES_EVERY == 0)
		put_titles(s);
	/* Behind the date. */
	paper_put(&s->paper, STYLE_DIM, "%s",
		  format_time(text, figures_real_ns(f)) + 11);
	for (c = columns_of(s->section); c->title; c++) {
		c->format(f, c->index, text);
		paper_put(&s->paper, STYLE_PLAIN, " %*s", WIDTH, text);
	}
	paper_line(&s->paper);
}

void series_begin(struct series *s, const struct settings *settings,
		  int section)
{
	if (settings->csv && section < 0)
		options_refuse(settings->options, "--csv: name a section");
	*s = (struct series){ .settings = settings, .section = section };
	paper_stream(&s->paper, stdout);
}

/* Print a sample. Return 0, or -EIO after a message. */
static int print_sample(struct series *s, const struct figures *f)
{
	if (s->settings->json)
		return json_print(figures_json(f), true);
	if (s->settings->csv) {
		if (!s->begun)
			csv_titles(stdout, s->section);
		s->begun = true;
		csv_lines(stdout, f, s->section);
	} else {
		s->paper.rows = INT32_MAX;
		put_text(s, f);
	}
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	log_error("cannot write to the standard output: %s", strerror(errno));
	return -EIO;
}

int series_run(struct series *s, struct feed *feed)
{
	uint64_t count = s->settings->count, n = 0, at_ns = clock_mono_ns();
	struct figures f = { 0 };
	int ret = 0;

	if (feed->live)
		at_ns = pace_next(at_ns, feed->wait_ns);
	while (!ret && (!count || n++ < count) && pace_until(at_ns)) {
		ret = feed->next(feed, &f);
		if (!ret)
			ret = print_sample(s, &f);
		at_ns = feed->live ? pace_next(at_ns, feed->wait_ns) :
				     at_ns + feed->wait_ns;
	}
	figures_free(&f);
	return ret < 0 ? ret : 0;
}
