// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <string.h>

#include "ktach/series.h"
#include "ktach/top.h"
#include "lib/base/log.h"

/* What the file lacks is said at the end, when the rest was shown. */
static int report(const struct record_reader *r, const char *path)
{
	if (r->damaged)
		log_warn("%s: damaged in %" PRIu64 " places: %" PRIu64
			 " bytes were left out",
			 path, r->damaged, r->skipped);
	if (r->cut)
		log_warn("%s: its end is missing, after %" PRIu64
			 " whole samples",
			 path, r->samples);
	return r->damaged || r->cut ? EXIT_AMISS : EXIT_OK;
}

static int print(const struct settings *s, struct replay_feed *feed)
{
	int section = settings_section(s, 1, SERIES_ALL);
	struct series series;

	series_begin(&series, s, section);
	return series_run(&series, &feed->feed);
}

int run_replay(const struct settings *s)
{
	bool in_top = s->operand_count == 2 && !strcmp(s->operands[1], "top");
	struct replay_feed feed;
	int err, status;

	if (!s->operand_count)
		options_refuse(s->options, "expected a file");
	if (!in_top)
		settings_section(s, 1, SERIES_ALL);
	if (replay_feed_open(&feed, s, s->operands[0]))
		return EXIT_FAILED;
	err = in_top ? top_run(s, &feed.feed) : print(s, &feed);
	status = report(&feed.reader, s->operands[0]);
	replay_feed_close(&feed);
	return err ? EXIT_FAILED : status;
}
