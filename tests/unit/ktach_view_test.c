// SPDX-License-Identifier: GPL-2.0-or-later
/* What views draw: what stands where, and never beyond the paper's edge. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ncurses.h>

#include "ktach/figures/format.h"
#include "ktach/top.h"

enum {
	LINES_MAX = 400,
	LINE_MAX_BYTES = 1200,
};

/* A paper in memory, that checks its edges. */
static struct sheet {
	char line[LINES_MAX][LINE_MAX_BYTES];
	int at;
	int rows;
	int columns;
} sheet;

static void sheet_write(struct paper *p, enum style style, const char *text)
{
	char *line = sheet.line[sheet.at];

	assert_in_range(style, 0, STYLES - 1);
	assert_true(sheet.at < sheet.rows);
	strncat(line, text, LINE_MAX_BYTES - strlen(line) - 1);
	assert_true(text_columns(line) <= sheet.columns);
}

static void sheet_newline(struct paper *p)
{
	sheet.at++;
}

static struct paper new_sheet(int columns, int rows, bool utf8)
{
	memset(&sheet, 0, sizeof(sheet));
	sheet.rows = rows;
	sheet.columns = columns;
	return (struct paper){
		.write = sheet_write,
		.newline = sheet_newline,
		.columns = columns,
		.rows = rows,
		.utf8 = utf8,
	};
}

/* The first line that begins with @begin, or NULL. */
static const char *line_of(const char *begin)
{
	int i;

	for (i = 0; i < LINES_MAX; i++)
		if (!strncmp(sheet.line[i], begin, strlen(begin)))
			return sheet.line[i];
	return NULL;
}

static void make_cpus(struct cpu_figures *f, uint32_t cpus, bool shares)
{
	uint32_t i;

	cpu_figures_room(f, cpus);
	f->rows = cpus;
	f->online = cpus;
	f->span.origin = ORIGIN_RING;
	f->span.interval_ns = 1000000000;
	for (i = 0; i < cpus; i++) {
		struct cpu_row *row = &f->row[i];

		memset(row, 0, sizeof(*row));
		row->cpu = i;
		row->flags = WIRE_CPU_ONLINE | WIRE_CPU_SEEN;
		row->values[STATE_USER] = shares ? i * 100 % 10001 : i;
		row->values[shares ? STATE_IDLE : 3] =
			shares ? 10000 - row->values[STATE_USER] : i * 1000;
	}
	memcpy(f->total, f->row[cpus - 1].values, sizeof(f->total));
}

static void make(struct figures *f, uint32_t cpus, uint32_t interfaces)
{
	uint32_t i;

	memset(f, 0, sizeof(*f));
	strcpy(f->host, "a-host");
	strcpy(f->release, "6.1.0-56-amd64");
	make_cpus(&f->cpu, cpus, true);
	make_cpus(&f->softirq, cpus, false);
	net_figures_room(&f->net, interfaces);
	f->net.rows = interfaces;
	f->net.span.origin = ORIGIN_BPF;
	for (i = 0; i < interfaces; i++) {
		memset(&f->net.row[i], 0, sizeof(f->net.row[i]));
		snprintf(f->net.row[i].name, IF_NAMESIZE, "eth%u", i);
		f->net.row[i].origin = i ? ORIGIN_BPF : ORIGIN_PROC;
		f->net.row[i].traffic[NET_SIDE_RX].bytes_per_s = i * 1000;
		f->net.row[i].traffic[NET_SIDE_RX].burst_bytes = i * 100;
	}
	f->mem = (struct mem_figures){ { .origin = ORIGIN_PROC },
				       1ULL << 34,
				       1ULL << 32,
				       3ULL << 32,
				       0,
				       1ULL << 30 };
	f->load = (struct load_figures){
		{ .origin = ORIGIN_PROC }, { 310, 1220, 100000 }, 2, 345, 200000
	};
}

static void numbers_as_people_read_them(void **state)
{
	static const struct {
		uint64_t value;
		const char *count;
		const char *memory;
	} cases[] = {
		{ 0, "0", "0 B" },
		{ 999, "999", "999 B" },
		{ 1000, "1.00k", "1000 B" },
		{ 1023, "1.02k", "1023 B" },
		{ 1024, "1.02k", "1.00 KiB" },
		{ 9999, "10.0k", "9.76 KiB" },
		{ 99949, "99.9k", "97.6 KiB" },
		{ 999499, "999k", "976 KiB" },
		{ 999500, "1.00M", "976 KiB" },
		{ 1ULL << 30, "1.07G", "1.00 GiB" },
		{ INT64_MAX, "9.22E", "8.00 EiB" },
		{ FIGURE_UNKNOWN, "-", "-" },
	};
	char text[FORMAT_SIZE];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(format_count(text, cases[i].value),
				    cases[i].count);
		assert_string_equal(format_memory(text, cases[i].value),
				    cases[i].memory);
	}
	assert_string_equal(format_rate(text, 0), "0.0");
	assert_string_equal(format_rate(text, 1250), "1.2");
	assert_string_equal(format_rate(text, 99949), "99.9");
	assert_string_equal(format_rate(text, 99950), "100");
	assert_string_equal(format_rate(text, 1234567), "1.24k");
	assert_string_equal(format_share(text, 10000), "100.0");
	assert_string_equal(format_uptime(text, 59), "59 s");
	assert_string_equal(format_uptime(text, 3 * 3600 + 61), "3 h 1 min");
	assert_string_equal(format_uptime(text, 50 * 3600), "2 d 2 h");
}

static void a_bar_is_as_long_as_its_parts(void **state)
{
	static const struct bar_part parts[] = {
		{ 5000, STYLE_USER },
		{ 2000, STYLE_SYSTEM },
		{ 9000, STYLE_IOWAIT }, /* more than is left */
	};
	struct paper p = new_sheet(80, 4, false);

	paper_bar(&p, 10, parts, 2);
	paper_put(&p, STYLE_PLAIN, "|");
	paper_line(&p);
	paper_bar(&p, 10, parts, 3);
	paper_put(&p, STYLE_PLAIN, "|");
	assert_string_equal(sheet.line[0], "#####==   |");
	assert_string_equal(sheet.line[1], "#####==~~~|");
	p = new_sheet(80, 4, true);
	paper_bar(&p, 10, parts, 2);
	assert_string_equal(sheet.line[0], "█████▓▓   ");
}

static void heat_tells_little_from_nothing(void **state)
{
	assert_int_equal(heat_level(0, 100), 0);
	assert_int_equal(heat_level(1, UINT64_MAX), 1);
	assert_int_equal(heat_level(100, 100), PAPER_HEATS - 1);
	assert_int_equal(heat_level(200, 100), PAPER_HEATS - 1);
	assert_true(heat_level(25, 100) < heat_level(50, 100));
	assert_int_equal(heat_level(5, 0), 0);
}

static void long_texts_are_wrapped_between_words(void **state)
{
	struct paper p = new_sheet(20, 10, false);

	paper_put(&p, STYLE_PLAIN, "ab ");
	paper_wrap(&p, STYLE_PLAIN, 3,
		   "one two three four five six-seven-eight-nine-ten-eleven x");
	assert_string_equal(sheet.line[0], "ab one two three");
	assert_string_equal(sheet.line[1], "   four five");
	assert_string_equal(sheet.line[2], "   six-seven-eight-n");
	assert_string_equal(sheet.line[3], "   ine-ten-eleven x");
}

static void the_summary_has_every_section(void **state)
{
	struct paper p = new_sheet(80, 24, false);
	struct figures f;

	make(&f, 4, 2);
	figures_note(&f, "something is missing");
	view_summary(&p, &f);
	assert_non_null(strstr(sheet.line[0], "a-host  Linux 6.1.0-56-amd64"));
	assert_non_null(strstr(line_of("cpu"), "3.0 % busy"));
	assert_non_null(strstr(line_of("load"), "0.31  1.22  100.00"));
	assert_non_null(strstr(line_of("memory"), "25.0 % used"));
	assert_non_null(strstr(line_of("softirqs"), "net_rx 3.0"));
	assert_non_null(strstr(line_of("eth1"), "1000"));
	assert_non_null(strstr(line_of("from"), "cpu ring (1000 ms)"));
	assert_non_null(line_of("something is missing"));
	figures_free(&f);
}

static void bursts_are_dashes_where_nobody_counts_them(void **state)
{
	struct paper p = new_sheet(100, 24, false);
	struct figures f;

	make(&f, 1, 2);
	assert_int_equal(view_net_table(&p, &f.net, ORDER_NUMBER, 0, 20, NULL),
			 3);
	assert_non_null(strstr(line_of("eth0"), "      - "));
	/* 100 bytes in 1 ms are 100 kB/s. */
	assert_non_null(strstr(line_of("eth1"), " 97.7Ki "));
	f.net.row[1].queue[NET_QUEUE_DROPS] = 4711;
	f.net.row[1].queue[NET_QUEUE_BACKLOG_BYTES] = FIGURE_UNKNOWN;
	p = new_sheet(120, 24, false);
	view_net_table(&p, &f.net, ORDER_NUMBER, 0, 20, NULL);
	assert_non_null(strstr(sheet.line[0], "dev tx q drops  queued"));
	assert_non_null(strstr(line_of("eth1"), "  4.71k       -"));
	p = new_sheet(100, 24, false);
	view_net_table(&p, &f.net, ORDER_ACTIVITY, 0, 2, NULL);
	assert_non_null(line_of("eth1"));
	assert_null(line_of("eth0"));
	figures_free(&f);
}

static void busy_cpus_come_first_when_asked(void **state)
{
	struct paper p = new_sheet(80, 300, false);
	struct figures f;

	make(&f, 8, 1);
	f.cpu.row[5].flags = WIRE_CPU_SEEN;
	f.cpu.row[6].flags = 0;
	view_cpu_table(&p, &f.cpu, ORDER_ACTIVITY);
	assert_int_equal(strncmp(sheet.line[2], "7    ", 5), 0);
	assert_non_null(strstr(line_of("5"), "offline"));
	assert_non_null(strstr(line_of("6"), "never came up"));
	figures_free(&f);
}

/* Every size of screen, every number of CPUs: nothing leaves the screen (the
 * sheet checks), and the last line has the keys.
 */
static void top_fits_any_screen(void **state)
{
	static const int sizes[][2] = { { 80, 24 }, { 200, 50 }, { 40, 10 },
					{ 20, 5 },  { 132, 43 }, { 10, 2 },
					{ 1, 1 },   { 300, 100 } };
	static const uint32_t cpus[] = { 1, 2, 8, 64, 255, 1024 };
	struct feed feed = { .live = true };
	struct top t = { .feed = &feed, .interval_ns = 1000000000 };
	size_t i, j;

	for (j = 0; j < sizeof(cpus) / sizeof(cpus[0]); j++) {
		make(&t.f, cpus[j], 40);
		figures_note(&t.f, "%0150d", 7);
		for (i = 0; i < 2 * j; i++)
			trends_add(&t.trends, &t.f);
		for (i = 0; i < 2 * sizeof(sizes) / sizeof(sizes[0]); i++) {
			const int *size = sizes[i / 2];
			struct paper p = new_sheet(size[0], size[1], i % 2);
			const char *last = sheet.line[size[1] - 1];

			top_draw(&t, &p);
			assert_int_equal(strncmp(last, "q quit",
						 size[0] < 6 ? size[0] : 6),
					 0);
		}
		trends_free(&t.trends);
		figures_free(&t.f);
	}
}

/* 255 CPUs in 80x24: each has its cell. */
static void top_shows_all_cpus_as_heat(void **state)
{
	struct feed feed = { .live = true };
	struct top t = { .feed = &feed, .interval_ns = 1000000000 };
	struct paper p = new_sheet(80, 24, false);
	int i, cells = 0;

	make(&t.f, 255, 3);
	for (i = 0; i < 255; i++) {
		t.f.cpu.row[i].values[STATE_USER] = 10000;
		t.f.cpu.row[i].values[STATE_IDLE] = 0;
	}
	top_draw(&t, &p);
	for (i = 0; i < 24; i++) {
		const char *at = sheet.line[i];
		char *end;

		strtol(at, &end, 10);
		if (end != at && end - at == 5)
			while ((end = strchr(end, '@'))) {
				end++;
				cells++;
			}
	}
	assert_int_equal(cells, 255);
	assert_non_null(line_of("net_rx"));
	assert_non_null(line_of("eth0"));
	figures_free(&t.f);
}

static void a_trend_has_the_newest_on_the_right(void **state)
{
	struct paper p = new_sheet(20, 4, false);
	struct trends t = { 0 };
	struct figures f;
	int i;

	make(&f, 2, 2);
	/* More samples than are kept: 0 %, 25 %, 50 %, 75 %, 100 %, 0 % ... */
	for (i = 0; i < 2 * TREND_SAMPLES + 5; i++) {
		f.cpu.row[1].values[STATE_USER] = i % 5 * 2500;
		f.cpu.row[1].values[STATE_IDLE] = 10000 - i % 5 * 2500;
		f.net.row[1].traffic[NET_SIDE_RX].bytes_per_s = i % 5;
		trends_add(&t, &f);
	}
	view_share_trend(&p, &t, trend_of_cpu(&t, 1), 6);
	paper_line(&p);
	view_rate_trend(&p, &t, trend_of_net(&t, "eth1"), 6, STYLE_IOWAIT);
	assert_string_equal(sheet.line[0], "@ :=*@");
	assert_string_equal(sheet.line[1], "@ :=*@");
	assert_int_equal(trend_largest(&t, trend_of_cpu(&t, 1), 2), 10000);
	assert_null(trend_of_cpu(&t, 2));
	assert_null(trend_of_net(&t, "eth2"));
	trends_free(&t);
	figures_free(&f);
}

/* Who comes begins with nothing, who goes is forgotten, the rest go on. */
static void trends_follow_names(void **state)
{
	struct trends t = { 0 };
	struct figures f;

	make(&f, 1, 3);
	trends_add(&t, &f);
	strcpy(f.net.row[0].name, "new0");
	f.net.row[0].traffic[NET_SIDE_RX].bytes_per_s = 7;
	f.net.row[1] = f.net.row[2];
	f.net.rows = 2;
	trends_add(&t, &f);
	assert_null(trend_of_net(&t, "eth0"));
	assert_null(trend_of_net(&t, "eth1"));
	assert_int_equal(trend_of_net(&t, "eth2")->value[0], 2000);
	assert_int_equal(trend_of_net(&t, "eth2")->value[1], 2000);
	assert_int_equal(trend_of_net(&t, "new0")->value[0], 0);
	assert_int_equal(trend_of_net(&t, "new0")->value[1], 7);
	trends_free(&t);
	figures_free(&f);
}

/* Full to three quarters: of four lines the upper one is empty. */
static void a_graph_is_as_high_as_cpus_were_busy(void **state)
{
	struct paper p = new_sheet(9, 4, false);
	struct trends t = { 0 };
	struct figures f;

	make(&f, 1, 0);
	f.cpu.total[STATE_IDLE] = 2500;
	f.cpu.total[STATE_USER] = 7500;
	trends_add(&t, &f);
	f.cpu.total[STATE_IDLE] = 9990;
	f.cpu.total[STATE_USER] = 10;
	trends_add(&t, &f);
	view_busy_graph(&p, &t, 4);
	assert_string_equal(sheet.line[0], "100 %    ");
	assert_string_equal(sheet.line[1], "       @ ");
	assert_string_equal(sheet.line[2], "       @ ");
	assert_string_equal(sheet.line[3], "  0 %  @.");
	trends_free(&t);
	figures_free(&f);
}

static void a_vector_keeps_its_line(void **state)
{
	struct paper p = new_sheet(80, 10, false);
	struct trends t = { 0 };
	struct figures f;

	make(&f, 4, 1);
	trends_add(&t, &f);
	assert_int_equal(view_softirq_vectors(&f.softirq, &t), 2);
	f.softirq.total[STATE_USER] = 0;
	assert_int_equal(view_softirq_vectors(&f.softirq, NULL), 1);
	assert_int_equal(view_softirq_heat(&p, &f.softirq, ORDER_NUMBER, 9, &t),
			 2);
	assert_non_null(strstr(sheet.line[0], "hi           0.0/s"));
	assert_int_equal(strncmp(sheet.line[1], "net_rx", 6), 0);
	/* The busier one has the only line; in this order it is the first. */
	p = new_sheet(80, 10, false);
	view_softirq_heat(&p, &f.softirq, ORDER_NUMBER, 1, &t);
	assert_int_equal(strncmp(sheet.line[0], "net_rx", 6), 0);
	trends_free(&t);
	figures_free(&f);
}

static void exact_shares_stand_beside_the_rest(void **state)
{
	struct paper p = new_sheet(80, 10, false);
	struct figures f;

	make(&f, 4, 1);
	f.cpu.has_exact = f.softirq.has_exact = true;
	f.cpu.total_exact[0] = 1234;
	f.softirq.total_exact[3] = 250;
	view_cpu_total(&p, &f.cpu);
	view_softirq_heat(&p, &f.softirq, ORDER_ACTIVITY, 1, NULL);
	assert_non_null(strstr(sheet.line[0], "3.0 % busy  exact 12.3  user"));
	assert_string_equal(sheet.line[1], "net_rx       3.0/s   2.5 %   =*@");
	figures_free(&f);
}

/* Of the line @text in tenths: what stands behind @name. */
static int tenths(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	int whole = -1, tenth = 0;

	if (at)
		sscanf(at + strlen(name), "%d.%d", &whole, &tenth);
	return whole * 10 + tenth;
}

/* Eight states of 1/8 each but for rounding, and guests in user and nice. */
static void what_stands_beside_busy_adds_up_to_it(void **state)
{
	static const char *const parts[] = { " user ", " nice ",    " system ",
					     " irq ",  " softirq ", " steal ",
					     " guest " };
	static const uint64_t values[] = { 1249, 1244, 1246, 1252, 1254,
					   1251, 1253, 1251, 643,  437 };
	struct paper p = new_sheet(140, 10, false);
	int busy, sum = 0, i, n = 0;
	struct figures f;
	const char *at;

	make(&f, 1, 1);
	memcpy(f.cpu.total, values, sizeof(values));
	memcpy(f.cpu.row[0].values, values, sizeof(values));
	view_cpu_total(&p, &f.cpu);
	view_cpu_table(&p, &f.cpu, ORDER_NUMBER);
	busy = tenths(sheet.line[0], "cpu");
	assert_int_equal(busy, 1000 - 125 - tenths(sheet.line[0], " iowait "));
	for (i = 0; i < 7; i++)
		sum += tenths(sheet.line[0], parts[i]);
	assert_int_equal(sum, busy);
	/* Busy, the states from user to steal, guest: iowait is no part of it. */
	for (at = sheet.line[2], sum = 0; (at = strchr(at, '.')); at++, n++)
		sum += (n ? n == 4 ? 0 : -1 : 1) * tenths(at - 3, "");
	assert_int_equal(n, 9);
	assert_int_equal(sum, 0);
	figures_free(&f);
}

static void interfaces_without_room_are_counted(void **state)
{
	struct paper p = new_sheet(80, 24, false);
	struct figures f;

	make(&f, 1, 9);
	assert_int_equal(view_net_table(&p, &f.net, ORDER_NUMBER, 0, 5, NULL),
			 5);
	assert_non_null(line_of("eth2"));
	assert_null(line_of("eth3"));
	assert_string_equal(sheet.line[4], "and 6 more");
	figures_free(&f);
}

/* The number of the first interface on the screen after @key. */
static int first_after(struct top *t, int key)
{
	struct paper p = new_sheet(80, 24, false);
	const char *line;

	top_key(t, key);
	top_draw(t, &p);
	line = line_of("eth");
	assert_non_null(line);
	return atoi(line + 3);
}

static void keys_reach_interfaces_without_room(void **state)
{
	struct feed feed = { .live = true };
	struct top t = { .feed = &feed, .interval_ns = 1000000000 };
	char above[32];
	int last;

	make(&t.f, 1, 40);
	assert_int_equal(first_after(&t, KEY_UP), 0);
	assert_non_null(line_of("and "));
	assert_int_equal(first_after(&t, KEY_DOWN), 1);
	assert_non_null(line_of("1 above, and "));
	assert_int_equal(first_after(&t, KEY_NPAGE), 11);
	assert_int_equal(first_after(&t, KEY_PPAGE), 1);
	assert_int_equal(first_after(&t, KEY_PPAGE), 0);
	last = first_after(&t, KEY_END);
	assert_in_range(last, 21, 38);
	assert_non_null(line_of("eth39"));
	snprintf(above, sizeof(above), "%d above", last);
	assert_string_equal(line_of(above), above);
	assert_int_equal(first_after(&t, KEY_DOWN), last);
	assert_int_equal(first_after(&t, KEY_UP), last - 1);
	/* They go, and the rest moves up. */
	t.f.net.rows = 22;
	assert_in_range(first_after(&t, 0), 1, 20);
	assert_non_null(line_of("eth21"));
	t.f.net.rows = 40;
	assert_int_equal(first_after(&t, KEY_HOME), 0);
	figures_free(&t.f);
}

static void pairs_are_whole(void **state)
{
	struct paper p = new_sheet(20, 2, false);

	assert_true(paper_pair(&p, "abc", "1.0"));
	assert_true(paper_pair(&p, "de", "234567"));
	assert_false(paper_pair(&p, "f", "1"));
	assert_string_equal(sheet.line[0], "  abc 1.0  de 234567");
}

/* A table of softirqs that is too wide leaves out what did not run. */
static void softirqs_fit_a_terminal(void **state)
{
	struct paper p = new_sheet(80, 24, false);
	struct figures f;

	make(&f, 3, 1);
	f.softirq.row[1].flags = WIRE_CPU_SEEN;
	view_softirq_table(&p, &f.softirq, ORDER_NUMBER);
	assert_non_null(strstr(sheet.line[0], " hi   net_rx"));
	assert_null(strstr(sheet.line[0], "rcu"));
	assert_non_null(strstr(line_of("1 "), "offline"));
	p = new_sheet(110, 24, false);
	view_softirq_table(&p, &f.softirq, ORDER_NUMBER);
	assert_non_null(strstr(sheet.line[0], " block irq_poll  tasklet"));
	assert_non_null(strstr(sheet.line[0], "rcu"));
	figures_free(&f);
}

static void keys(void **state)
{
	struct feed feed = { .live = true };
	struct top t = { .feed = &feed, .interval_ns = 1000000000 };

	top_key(&t, 's');
	assert_int_equal(t.order, ORDER_ACTIVITY);
	top_key(&t, 's');
	assert_int_equal(t.order, ORDER_NUMBER);
	top_key(&t, '+');
	assert_int_equal(t.interval_ns, 2000000000);
	top_key(&t, '-');
	top_key(&t, '-');
	assert_int_equal(t.interval_ns, 500000000);
	t.interval_ns = 1;
	top_key(&t, '-');
	assert_int_equal(t.interval_ns, 1);
	t.interval_ns = 3600000000000;
	top_key(&t, '+');
	assert_int_equal(t.interval_ns, 3600000000000);
	top_key(&t, 'p');
	assert_true(t.paused);
	top_key(&t, ' ');
	assert_false(t.paused);
	top_key(&t, 'h');
	assert_true(t.help);
	top_key(&t, 'x');
	assert_false(t.help);
	top_key(&t, 'q');
	assert_true(t.quit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_as_people_read_them),
		cmocka_unit_test(a_bar_is_as_long_as_its_parts),
		cmocka_unit_test(heat_tells_little_from_nothing),
		cmocka_unit_test(long_texts_are_wrapped_between_words),
		cmocka_unit_test(the_summary_has_every_section),
		cmocka_unit_test(bursts_are_dashes_where_nobody_counts_them),
		cmocka_unit_test(busy_cpus_come_first_when_asked),
		cmocka_unit_test(top_fits_any_screen),
		cmocka_unit_test(top_shows_all_cpus_as_heat),
		cmocka_unit_test(a_trend_has_the_newest_on_the_right),
		cmocka_unit_test(trends_follow_names),
		cmocka_unit_test(a_graph_is_as_high_as_cpus_were_busy),
		cmocka_unit_test(a_vector_keeps_its_line),
		cmocka_unit_test(exact_shares_stand_beside_the_rest),
		cmocka_unit_test(what_stands_beside_busy_adds_up_to_it),
		cmocka_unit_test(interfaces_without_room_are_counted),
		cmocka_unit_test(keys_reach_interfaces_without_room),
		cmocka_unit_test(pairs_are_whole),
		cmocka_unit_test(softirqs_fit_a_terminal),
		cmocka_unit_test(keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
