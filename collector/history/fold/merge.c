// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/history/fold/fold.h"
#include "collector/history/fold/rollup.h"
#include "lib/base/log.h"

/* Room for the newest minutes must be left, or there is no end of cutting. */
static bool is_late_cut(size_t at, size_t count)
{
	return at >= count / 2;
}

/* Up to where tables make whole buckets of all tiers; of the finer tier, if one
 * of the other takes most of them; all, if one of both does.
 */
static size_t find_cut(const struct gather *g, size_t count)
{
	uint64_t last_ns = gather_real_ns(g, count - 1), bucket_ns;
	size_t at;
	int tier;

	for (tier = TIER_FIVE; tier > TIER_RAW; tier--) {
		bucket_ns = tier_bucket_ns[tier];
		for (at = count; at; at--)
			if (gather_real_ns(g, at - 1) / bucket_ns !=
			    last_ns / bucket_ns)
				break;
		if (is_late_cut(at, count))
			return at;
	}
	return count;
}

/* A block of samples goes to all tiers. */
static int put_tiers(struct fold *f)
{
	int tier, err = chunk_put(f->writers[TIER_RAW], &f->block);

	if (!err)
		err = rollup_make(&f->block, &tier_bucket_ns[TIER_MINUTE],
				  f->sums, TIERS - TIER_MINUTE);
	for (tier = TIER_MINUTE; !err && tier < TIERS; tier++)
		err = chunk_put(f->writers[tier], &f->sums[tier - TIER_MINUTE]);
	return err;
}

_Static_assert(TIERS - TIER_MINUTE == ROLLUP_MAX_TIERS, "in one pass");

/* Tables of a kind become one of all chunks; @all: or those that make whole
 * buckets, and the rest stays.
 */
static int put_kind(struct fold *f, uint32_t kind, bool all)
{
	struct gather *g = &f->gathers[kind];
	size_t count = gather_sort(g), end = count;
	int err;

	if (!count)
		return 0;
	if (!all)
		end = find_cut(g, count);
	err = gather_build(g, kind, 0, end, &f->block);
	if (!err)
		err = put_tiers(f);
	f->bytes -= gather_bytes(g);
	if (!err)
		err = gather_drop(g, end);
	f->bytes += gather_bytes(g);
	return err;
}

static int put_kinds(struct fold *f, bool all)
{
	uint32_t kind;
	int err = 0;

	for (kind = 0; !err && kind < WIRE_KINDS; kind++)
		err = put_kind(f, kind, all);
	return err;
}

static int gather_table(struct fold *f)
{
	struct gather *g = &f->gathers[f->block.kind];
	size_t before = gather_bytes(g);
	int err = gather_block(g, &f->block);

	f->bytes += gather_bytes(g) - before;
	if (!err && f->bytes > FOLD_GATHERED_MAX)
		err = put_kinds(f, false);
	return err;
}

/* A chunk that can't be read is told and left behind: the rest goes on. */
static int add_chunk(void *context, const void *data, size_t size)
{
	struct fold *f = context;
	struct chunk c;
	int ret;

	f->merged += size;
	if (f->merge_max && f->merged > f->merge_max)
		return -EFBIG;
	ret = chunk_open(&c, data, size);
	while (!ret) {
		ret = chunk_next(&c, &f->block, 0, CHUNK_ALL, 0);
		if (ret != 1)
			break;
		ret = f->block.kind < WIRE_KINDS ? gather_table(f) : 0;
	}
	chunk_close(&c);
	if (ret != -EBADMSG)
		return ret;
	f->damaged++;
	log_error(
		"history: a chunk is damaged and was left out; 'ktach-collector check' tells more");
	return 0;
}

static int begin_chunks(struct fold *f)
{
	int tier, err = 0;

	for (tier = 0; !err && tier < TIERS; tier++)
		err = chunk_begin(f->writers[tier], COLUMN_SMALL);
	return err;
}

static int put_chunks(struct fold *f, struct engine_merge *made)
{
	int tier, err = put_kinds(f, true);

	for (tier = 0; !err && tier < TIERS; tier++) {
		size_t size;
		const void *data = chunk_finish(f->writers[tier], &size);

		if (chunk_empty(f->writers[tier]))
			break;
		f->chunks++;
		err = outbox_copy(&made->chunks[tier], data, size);
	}
	return err;
}

struct merging {
	struct fold *f;
	struct engine_merge *made;
};

static int add_part(void *context, const void *data, size_t size)
{
	const struct merging *m = context;

	m->made->parts++;
	return add_chunk(m->f, data, size);
}

int fold_merge(struct fold *f, struct engine *e, const struct engine_key *key,
	       bool expired, struct engine_merge *made)
{
	struct merging m = { f, made };
	int err;

	*made = (struct engine_merge){ .key = *key };
	if (expired) {
		made->parts = SIZE_MAX;
		return 0;
	}
	fold_clear(f);
	f->merged = 0;
	err = begin_chunks(f);
	if (!err)
		err = e->ops->chunk(e, TIER_RAW, key, add_chunk, f);
	if (!err || err == -ENOENT)
		err = e->ops->parts(e, key, add_part, &m);
	return err ? err : put_chunks(f, made);
}
