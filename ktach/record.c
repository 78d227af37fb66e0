// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>

#include "ktach/feed.h"
#include "ktach/pace.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

static int keep_samples(const struct settings *s, struct live_feed *live,
			struct record_writer *w, uint64_t *samples)
{
	struct feed *feed = &live->feed;
	uint64_t at_ns = clock_mono_ns();
	struct figures f = { 0 };
	int err = 0;

	while (!err && (!s->count || *samples < s->count)) {
		at_ns = pace_next(at_ns, feed->wait_ns);
		if (!pace_until(at_ns))
			break;
		err = feed->next(feed, &f);
		if (!err)
			err = record_append(w, live->readers.told, &f);
		if (!err)
			++*samples;
	}
	figures_free(&f);
	return err;
}

int run_record(const struct settings *s)
{
	static struct record_writer writer;
	struct live_feed feed;
	uint64_t samples = 0;
	int err;

	if (s->operand_count != 1)
		options_refuse(s->options, "expected one file");
	if (live_feed_open(&feed, s, SECTION_ALL))
		return EXIT_FAILED;
	err = record_create(&writer, s->operands[0], s->interval_ns);
	if (!err) {
		pace_catch();
		err = keep_samples(s, &feed, &writer, &samples);
		if (record_finish(&writer))
			err = -1;
		log_info("%s: %" PRIu64 " samples", s->operands[0], samples);
	}
	live_feed_close(&feed);
	return err ? EXIT_FAILED : EXIT_OK;
}
