// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include <ncurses.h>

#include "ktach/pace.h"
#include "ktach/top.h"
#include "lib/base/clock.h"

/* Steps of the keys + and -. */
static const uint64_t intervals_ns[] = {
	100000000,  200000000,	500000000,   1000000000,
	2000000000, 5000000000, 10000000000, 60000000000,
};

enum {
	PAGE = 10, /* interfaces that a page key passes over */
	INTERVALS = sizeof(intervals_ns) / sizeof(intervals_ns[0]),
};

static void slower(struct top *t)
{
	int i;

	for (i = 0; i < INTERVALS; i++) {
		if (intervals_ns[i] <= t->interval_ns)
			continue;
		t->interval_ns = intervals_ns[i];
		return;
	}
}

static void faster(struct top *t)
{
	int i;

	for (i = INTERVALS; i-- > 0;) {
		if (intervals_ns[i] >= t->interval_ns)
			continue;
		t->interval_ns = intervals_ns[i];
		return;
	}
}

/* What is too much is cut when it is drawn. */
static void scroll_to(struct top *t, int64_t first)
{
	t->first = first < 0 ? 0 : (uint32_t)first;
}

void top_key(struct top *t, int key)
{
	if (!t->help && top_parts_key(&t->parts, key))
		return;
	switch (key) {
	case KEY_UP:
		scroll_to(t, (int64_t)t->first - 1);
		break;
	case KEY_DOWN:
		scroll_to(t, (int64_t)t->first + 1);
		break;
	case KEY_PPAGE:
		scroll_to(t, (int64_t)t->first - PAGE);
		break;
	case KEY_NPAGE:
		scroll_to(t, (int64_t)t->first + PAGE);
		break;
	case KEY_HOME:
		scroll_to(t, 0);
		break;
	case KEY_END:
		scroll_to(t, INT32_MAX);
		break;
	case 'q':
	case 'Q':
		t->quit = true;
		break;
	case 'p':
	case ' ':
		t->paused = !t->paused;
		break;
	case 's':
		t->order = (t->order + 1) % ORDERS;
		break;
	case '+':
		slower(t);
		break;
	case '-':
		faster(t);
		break;
	case 'h':
	case '?':
		t->help = !t->help;
		break;
	default:
		t->help = false;
		break;
	}
}

int top_step(struct top *t)
{
	int ret;

	if (t->ended)
		return 0;
	ret = t->feed->next(t->feed, &t->f);
	if (ret > 0)
		t->ended = true;
	if (!ret) {
		trends_add(&t->trends, &t->f);
		top_parts_step(&t->parts, t->below);
	}
	return ret < 0 ? ret : 0;
}

static uint64_t wait_ns(const struct top *t)
{
	return t->feed->live ? t->interval_ns : t->feed->wait_ns;
}

/* One screen of lines after the other, for terminals that can't do more. */
static int plain(struct top *t)
{
	uint64_t at_ns = clock_mono_ns(), n = 0, count = t->settings->count;
	struct paper p;
	int err = 0;

	if (t->feed->live)
		at_ns = pace_next(at_ns, wait_ns(t));
	while (!err && (!count || n++ < count) && pace_until(at_ns)) {
		err = top_step(t);
		if (err || t->ended)
			break;
		paper_stream(&p, stdout);
		view_summary(&p, &t->f);
		paper_line(&p);
		if (fflush(stdout))
			err = -errno;
		at_ns = pace_next(at_ns, wait_ns(t));
	}
	return err;
}

int top_run(const struct settings *s, struct feed *feed)
{
	struct top t = {
		.settings = s,
		.feed = feed,
		.order = s->order,
		.interval_ns = s->interval_ns,
		.parts.host = feed->live ? &s->host : NULL,
	};
	int err;

	pace_catch();
	err = top_screen(&t);
	if (err == -ENOTTY)
		err = plain(&t);
	figures_free(&t.f);
	trends_free(&t.trends);
	top_parts_close(&t.parts);
	return err;
}

int run_top(const struct settings *s)
{
	struct live_feed feed;
	int err;

	if (live_feed_open(&feed, s, SECTION_ALL))
		return EXIT_FAILED;
	err = top_run(s, &feed.feed);
	live_feed_close(&feed);
	return err ? EXIT_FAILED : EXIT_OK;
}
