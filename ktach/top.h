/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The live view: state, and what it looks like on any paper. */
#ifndef KTACH_KTACH_TOP_H
#define KTACH_KTACH_TOP_H

#include "ktach/feed.h"
#include "ktach/show/trend.h"
#include "ktach/top_parts.h"

/**
 * struct top - the view's state
 * @settings: the command line
 * @feed: samples
 * @f: the one that is shown
 * @trends: what was shown before it
 * @order: of CPUs, softirqs and interfaces
 * @first: interfaces that are passed over
 * @interval_ns: time between two samples, of a live feed
 * @paused: the sample stays
 * @help: the keys are explained instead
 * @ended: the feed has no more
 * @quit: the user has enough
 * @below: there is room for subjects below the rest
 * @parts: subjects
 */
struct top {
	const struct settings *settings;
	struct feed *feed;
	struct figures f;
	struct trends trends;
	enum order order;
	uint32_t first;
	uint64_t interval_ns;
	bool paused;
	bool help;
	bool ended;
	bool quit;
	bool below;
	struct top_parts parts;
};

/**
 * top_run() - show samples until the feed or the user ends
 * @s: interval, count and order
 * @feed: the samples
 *
 * On the full screen where the terminal can do it, else one screen of lines
 * after the other.
 *
 * Return: 0, or -errno after a message.
 */
int top_run(const struct settings *s, struct feed *feed);

/* Draw on @p, whose rows are the screen's; @t->first becomes one that it can show. */
void top_draw(struct top *t, struct paper *p);

/* What a key of ncurses does; keys that mean nothing are ignored. */
void top_key(struct top *t, int key);

/* The full screen. Return 0; -ENOTTY if the terminal can't; -errno. */
int top_screen(struct top *t);

/* Take the next sample, if there is one. Return 0, or -errno after a message. */
int top_step(struct top *t);

#endif /* KTACH_KTACH_TOP_H */
