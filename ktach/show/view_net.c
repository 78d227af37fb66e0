// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdlib.h>

#include "ktach/figures/format.h"
#include "ktach/show/views.h"

enum {
	BUCKETS_PER_S = 1000, /* a burst is the bytes of 1 ms */
	NAME_COLUMN = 12,
	DEVICE_FROM = 100, /* columns of paper, with the device's own rates */
	QUEUE_FROM = 116, /* and with what its queueing discipline did */
};

static uint64_t interface_weight(const void *arg, uint32_t i)
{
	const struct net_figures *f = arg;
	const struct net_traffic *t = f->row[i].traffic;

	return net_both(t);
}

static enum style style_of(uint64_t value)
{
	return value && value != FIGURE_UNKNOWN ? STYLE_PLAIN : STYLE_DIM;
}

static void put_side(struct paper *p, const struct net_row *row, int side)
{
	const struct net_traffic *t = &row->traffic[side];
	uint64_t burst = t->burst_bytes * BUCKETS_PER_S;
	char text[FORMAT_SIZE];

	paper_put(p, style_of(t->bytes_per_s), " %7s",
		  format_bytes(text, t->bytes_per_s));
	paper_put(p, style_of(t->packets_per_s), " %7s",
		  format_count(text, t->packets_per_s));
	if (row->origin != ORIGIN_BPF)
		paper_put(p, STYLE_DIM, " %7s ", "-");
	else
		/* Ten times the mean in one ms is a burst to look at. */
		paper_put(p,
			  burst > 10 * t->bytes_per_s ? STYLE_WARN :
							style_of(burst),
			  " %7s ", format_bytes(text, burst));
}

/* Of what was received before XDP, and of what was offered and sent. */
static void put_device(struct paper *p, const struct net_row *row)
{
	char text[FORMAT_SIZE];
	int side;

	for (side = 0; side < NET_SIDES; side++) {
		uint64_t rate = net_device_rate(row, side);

		paper_put(p, style_of(rate), " %7s", format_bytes(text, rate));
	}
}

static void put_queue(struct paper *p, const struct net_row *row)
{
	uint64_t drops = row->queue[NET_QUEUE_DROPS];
	uint64_t queued = row->queue[NET_QUEUE_BACKLOG_BYTES];
	char text[FORMAT_SIZE];

	paper_put(p, drops && drops != FIGURE_UNKNOWN ? STYLE_WARN : STYLE_DIM,
		  " %7s", format_count(text, drops));
	paper_put(p, style_of(queued), " %7s", format_bytes(text, queued));
}

static void put_trend(struct paper *p, const char *name,
		      const struct trends *trends)
{
	int width = paper_width(p) - p->column - 2;

	if (!trends || width < TREND_COLUMNS_MIN)
		return;
	paper_put(p, STYLE_PLAIN, "  ");
	view_rate_trend(p, trends, trend_of_net(trends, name), width,
			STYLE_IOWAIT);
}

/* What is not counted is not lost. */
static uint64_t count_of(uint64_t value)
{
	return value == FIGURE_UNKNOWN ? 0 : value;
}

static void put_row(struct paper *p, const struct net_row *row,
		    const struct trends *trends)
{
	const struct net_traffic *rx = &row->traffic[NET_SIDE_RX];
	const struct net_traffic *tx = &row->traffic[NET_SIDE_TX];
	uint64_t lost = count_of(rx->errors) + count_of(rx->drops) +
			count_of(tx->errors) + count_of(tx->drops);
	char text[FORMAT_SIZE];

	paper_put(p, STYLE_PLAIN, "%-*s", NAME_COLUMN, row->name);
	put_side(p, row, NET_SIDE_RX);
	put_side(p, row, NET_SIDE_TX);
	paper_put(p, lost ? STYLE_WARN : STYLE_DIM, " %8s",
		  format_count(text, lost));
	if (paper_width(p) >= DEVICE_FROM)
		put_device(p, row);
	if (paper_width(p) >= QUEUE_FROM)
		put_queue(p, row);
	put_trend(p, row->name, trends);
	paper_line(p);
}

/* Sent is offered where our programs count it, before the queueing discipline. */
static void put_titles(struct paper *p, const struct net_figures *f)
{
	bool is_offered = f->span.origin == ORIGIN_BPF;

	paper_put(p, STYLE_TITLE, "%-*s %7s %7s %7s  %7s %7s %7s  %8s",
		  NAME_COLUMN, "interface", "rx B/s", "pkt/s", "burst",
		  is_offered ? "offered" : "tx B/s", "pkt/s", "burst",
		  "err+drop");
	if (paper_width(p) >= DEVICE_FROM)
		paper_put(p, STYLE_TITLE, " %7s %7s", "dev rx", "dev tx");
	if (paper_width(p) >= QUEUE_FROM)
		paper_put(p, STYLE_TITLE, " %7s %7s", "q drops", "queued");
	paper_line(p);
}

/* Lines for interfaces: besides the title, the last one tells of those that have
 * none.
 */
static uint32_t room_of(const struct net_figures *f, int rows)
{
	uint32_t room = rows > 1 ? (uint32_t)rows - 1 : 0;

	return room < f->rows && room > 1 ? room - 1 : room;
}

uint32_t view_net_first(const struct net_figures *f, uint32_t first, int rows)
{
	uint32_t room = room_of(f, rows);
	uint32_t last = room && room < f->rows ? f->rows - room : 0;

	return first < last ? first : last;
}

static void put_others(struct paper *p, uint32_t above, uint32_t below)
{
	if (above)
		paper_put(p, STYLE_DIM, "%" PRIu32 " above%s", above,
			  below ? ", " : "");
	if (below)
		paper_put(p, STYLE_DIM, "and %" PRIu32 " more", below);
	paper_line(p);
}

int view_net_table(struct paper *p, const struct net_figures *f,
		   enum order order, uint32_t first, int rows,
		   const struct trends *trends)
{
	uint32_t *numbers = order_rows(f->rows, order, interface_weight, f), i;
	uint32_t room = room_of(f, rows), shown;

	if (!room || !numbers) {
		free(numbers);
		return 0;
	}
	put_titles(p, f);
	for (i = first; i < f->rows && i - first < room; i++)
		put_row(p, &f->row[numbers[i]], trends);
	free(numbers);
	shown = i - first;
	if (shown < f->rows && shown + 2 <= (uint32_t)rows) {
		put_others(p, first, f->rows - i);
		shown++;
	}
	return (int)shown + 1;
}
