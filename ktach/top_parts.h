/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subjects of host/ in the live view: a page each, and what of them has room. */
#ifndef KTACH_KTACH_TOP_PARTS_H
#define KTACH_KTACH_TOP_PARTS_H

#include "ktach/show/account.h"

enum top_page {
	PAGE_ALL, /* CPUs, softirqs, interfaces, and what else has room */
	PAGE_PROCESS,
	PAGE_DISK,
	PAGE_MOUNT,
	PAGE_PRESSURE,
	PAGE_LINK,
	PAGE_SENSOR,
	PAGES
};

enum top_part_limits {
	TOP_FILTER_SIZE = 32,
};

/**
 * struct top_part - a subject
 * @collector: who is asked
 * @state: of it; NULL: it was not opened
 * @failed: it could not be
 * @now: the last reading
 * @before: the one before it
 */
struct top_part {
	const struct host_collector *collector;
	void *state;
	bool failed;
	struct reading now;
	struct reading before;
};

/**
 * struct top_parts - all of them, and what is looked at
 * @host: options of the collectors; NULL: there is nothing to ask, as of a recording
 * @page: what is shown
 * @sort: number of the field that rows are sorted by, from 1; 0: as the subject has it
 * @reverse: the other way round
 * @filter: rows that have this, "" for all
 * @typing: what is typed belongs to it
 * @mark: row that is marked, from 1
 * @first: rows that are passed over
 * @whole: all of the marked row is shown
 * @part: by page
 */
struct top_parts {
	const struct host_options *host;
	enum top_page page;
	int sort;
	bool reverse;
	char filter[TOP_FILTER_SIZE];
	bool typing;
	uint32_t mark;
	uint32_t first;
	bool whole;
	struct top_part part[PAGES];
};

/* Ask who is on the paper. */
void top_parts_step(struct top_parts *parts, bool roomy);
void top_parts_close(struct top_parts *parts);

/* Whether the key was one of theirs. */
bool top_parts_key(struct top_parts *parts, int key);

/* The page, in the lines of @p. */
void top_parts_draw(struct top_parts *parts, struct paper *p);

/* What of the subjects has room in @lines below the rest. */
void top_parts_below(struct top_parts *parts, struct paper *p, int lines);

/* Names of the pages, the one that is shown in brackets. */
void top_parts_title(const struct top_parts *parts, struct paper *p);

#endif /* KTACH_KTACH_TOP_PARTS_H */
