// SPDX-License-Identifier: GPL-2.0-or-later
/* Chunks are read again and again, a little at a time: damage is told before
 * somebody asks for what is lost.
 */

#include "collector/history/chunk/chunk.h"
#include "collector/history/write/writer.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/node_id.h"

enum {
	BYTES_AT_ONCE = 4 << 20,
};

#define TELL_EVERY_NS UINT64_C(60000000000)

static void tell(struct writer *w, const struct engine_piece *p)
{
	struct scrub *s = &w->scrub;
	uint64_t now = clock_mono_ns();
	char text[NODE_ID_TEXT_SIZE];

	s->found++;
	if (s->told_ns && now - s->told_ns < TELL_EVERY_NS)
		return;
	s->told_ns = now;
	node_id_format(p->key.node, text);
	log_error(
		"history: %s is damaged, a chunk of node %s; end the collector, 'ktach-collector check --repair' deletes it",
		p->name, text);
}

static bool is_whole(const void *data, size_t size)
{
	struct chunk c;
	int err = chunk_open(&c, data, size);

	chunk_close(&c);
	return err != -EBADMSG;
}

static int look_at(void *context, const struct engine_piece *p)
{
	struct writer *w = context;

	if (!p->data.data || p->orphan || !is_whole(p->data.data, p->data.size))
		tell(w, p);
	w->scrub.bytes += p->data.size;
	return w->scrub.bytes >= BYTES_AT_ONCE;
}

/* Parts first: they are the newest ones. */
static void next_tier(struct scrub *s)
{
	static const int next[ENGINE_PIECES] = { [ENGINE_PARTS] = TIER_RAW,
						 [TIER_RAW] = TIER_MINUTE,
						 [TIER_MINUTE] = TIER_FIVE,
						 [TIER_FIVE] = ENGINE_PARTS };

	s->walk = (struct engine_walk){ .tier = next[s->walk.tier] };
	if (s->walk.tier != ENGINE_PARTS)
		return;
	s->damaged = s->found;
	s->found = 0;
}

void scrub(struct writer *w)
{
	struct scrub *s = &w->scrub;
	int tiers;

	s->bytes = 0;
	for (tiers = 0; tiers < ENGINE_PIECES; tiers++) {
		if (w->e->ops->walk(w->e, &s->walk, look_at, w) == 1)
			break;
		next_tier(s);
	}
	if (s->found > s->damaged)
		s->damaged = s->found;
}
