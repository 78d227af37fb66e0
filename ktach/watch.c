// SPDX-License-Identifier: GPL-2.0-or-later
#include "ktach/series.h"

/* A line of all of them needs all sections. */
static unsigned int sections_of(int section)
{
	return section < 0 ? SECTION_ALL : 1U << section;
}

int run_watch(const struct settings *s)
{
	int section = settings_section(s, 0, SERIES_ALL), err;
	struct series series;
	struct live_feed feed;

	series_begin(&series, s, section);
	if (live_feed_open(&feed, s, sections_of(section)))
		return EXIT_FAILED;
	err = series_run(&series, &feed.feed);
	live_feed_close(&feed);
	return err ? EXIT_FAILED : EXIT_OK;
}
