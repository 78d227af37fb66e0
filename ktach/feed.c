// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "ktach/feed.h"
#include "lib/base/log.h"

static int live_next(struct feed *feed, struct figures *f)
{
	struct live_feed *l = (struct live_feed *)feed;

	return readers_read(&l->readers, f);
}

int live_feed_open(struct live_feed *l, const struct settings *s,
		   unsigned int sections)
{
	struct readers_options options = settings_readers(s, sections);

	l->feed = (struct feed){
		.next = live_next,
		.wait_ns = s->interval_ns,
		.live = true,
	};
	return readers_open(&l->readers, &options, s->interval_ns);
}

void live_feed_close(struct live_feed *l)
{
	readers_close(&l->readers);
}

/* Time between two samples at the speed that was asked for. */
static uint64_t wait_ns(const struct replay_feed *r, const struct figures *a,
			const struct figures *b)
{
	uint64_t from_ns = figures_real_ns(a), to_ns = figures_real_ns(b);

	if (!r->speed || to_ns <= from_ns)
		return 0;
	return (to_ns - from_ns) / r->speed;
}

static int replay_next(struct feed *feed, struct figures *f)
{
	struct replay_feed *r = (struct replay_feed *)feed;
	struct figures given = r->ahead;

	if (r->state) {
		if (r->state < 0)
			log_error("cannot read the recording: %s",
				  strerror(-r->state));
		return r->state;
	}
	/* The caller's memory becomes that of the sample after this one. */
	r->ahead = *f;
	*f = given;
	r->state = record_next(&r->reader, &r->ahead);
	feed->wait_ns = r->state ? 0 : wait_ns(r, f, &r->ahead);
	return 0;
}

int replay_feed_open(struct replay_feed *r, const struct settings *s,
		     const char *path)
{
	int err;

	memset(r, 0, sizeof(*r));
	r->feed.next = replay_next;
	r->speed = s->speed;
	err = record_open(&r->reader, path);
	if (err)
		return err;
	r->state = record_next(&r->reader, &r->ahead);
	return 0;
}

void replay_feed_close(struct replay_feed *r)
{
	record_close(&r->reader);
	figures_free(&r->ahead);
}
