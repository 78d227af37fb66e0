/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples one after the other, as lines: what watch and replay print. */
#ifndef KTACH_KTACH_SERIES_H
#define KTACH_KTACH_SERIES_H

#include "ktach/feed.h"

enum {
	SERIES_ALL = -1,	/* in place of a section: a line of all of them */
};

/**
 * struct series - lines so far
 * @settings: json, csv or text
 * @section: enum section or SERIES_ALL
 * @paper: for text
 * @lines: of text since the last titles
 * @begun: CSV has its titles
 */
struct series {
	const struct settings *settings;
	int section;
	struct paper paper;
	int lines;
	bool begun;
};

/* Exits with EXIT_USAGE when the settings don't go together. */
void series_begin(struct series *s, const struct settings *settings,
		  int section);

/* Print the samples of @feed, up to s->count. Return 0, or -errno after a
 * message.
 */
int series_run(struct series *s, struct feed *feed);

#endif /* KTACH_KTACH_SERIES_H */
