// SPDX-License-Identifier: GPL-2.0-or-later
/* Chunks are packed again where the thread has nothing else to do: what takes ten times
 * as long as writing them does, and makes them smaller.
 */
#include "collector/history/chunk/chunk.h"
#include "collector/history/fold/rollup.h"
#include "collector/history/write/writer.h"
#include "lib/base/clock.h"

enum {
	KEYS_MAX = 1 << 16, /* that wait; others are found by the next start */
	BYTES_AT_ONCE = 4 << 20, /* that are looked through */
	SHARE = 5, /* it takes so much of the time, and leaves the rest to others */
};

void repack_note(struct writer *w, const struct engine_merge *made)
{
	struct repack *r = &w->repack;

	if (!made->chunks[TIER_RAW].size ||
	    r->keys.used - r->taken >= KEYS_MAX * sizeof(made->key))
		return;
	if (r->taken && r->taken >= r->keys.used / 2) {
		memmove(r->keys.data, r->keys.data + r->taken,
			r->keys.used - r->taken);
		r->keys.used -= r->taken;
		r->taken = 0;
	}
	/* Without memory it stays as it is. */
	buffer_put(&r->keys, &made->key, sizeof(made->key));
}

/* Those of before: they were written while nobody had time, or by another version. */
static int find_old(void *context, const struct engine_piece *p)
{
	struct writer *w = context;
	struct repack *r = &w->repack;
	const uint8_t *data = p->data.data;

	r->bytes += p->data.size;
	if (data && p->data.size && !p->orphan &&
	    data[0] != CHUNK_VERSION_AGAIN && writer_has(w, p->key.node)) {
		r->found = p->key;
		return 1;
	}
	return r->bytes >= BYTES_AT_ONCE ? 2 : 0;
}

/* Return 1 with a key, 0 if there is none at the moment. */
static int next_key(struct writer *w, struct engine_key *key)
{
	struct repack *r = &w->repack;
	int ret;

	if (r->taken < r->keys.used) {
		memcpy(key, r->keys.data + r->taken, sizeof(*key));
		r->taken += sizeof(*key);
		return 1;
	}
	r->bytes = 0;
	r->walk.tier = TIER_RAW;
	ret = r->all_found ? 0 : w->e->ops->walk(w->e, &r->walk, find_old, w);
	r->all_found = r->all_found || !ret;
	*key = r->found;
	return ret == 1;
}

struct packing {
	struct fold *f;
	enum tier tier;
	struct engine_blob *to;
};

/* Nothing is made of one that is damaged, or packed already, or no smaller then. */
static int pack_again(void *context, const void *data, size_t size)
{
	const struct packing *p = context;
	struct chunk_writer *out = p->f->writers[p->tier];
	const uint8_t *version = data;
	const void *made;
	struct chunk c;
	size_t made_size;
	int ret;

	if (!size || *version == CHUNK_VERSION_AGAIN ||
	    (p->f->merge_max && size > p->f->merge_max))
		return 0;
	ret = chunk_open(&c, data, size);
	if (!ret)
		ret = chunk_begin(out, COLUMN_SMALLEST);
	while (!ret) {
		ret = chunk_next(&c, &p->f->block, 0, CHUNK_ALL, 0);
		if (ret != 1)
			break;
		p->f->block.group = p->tier == TIER_RAW ? 0 : ROLLUP_PARTS;
		ret = chunk_put(out, &p->f->block);
	}
	chunk_close(&c);
	if (ret || chunk_empty(out))
		return ret == -ENOMEM ? ret : 0;
	made = chunk_finish(out, &made_size);
	return made_size < size ? outbox_copy(p->to, made, made_size) : 0;
}

/* Nobody else writes what it reads meanwhile. Megabytes of the slower zstd are given back. */
static int pack_key(struct writer *w, const struct engine_key *key)
{
	struct engine_merge made = { .key = *key };
	struct packing p = { .f = &w->fold };
	int err = 0, any = 0;

	for (p.tier = TIER_RAW; !err && p.tier < TIERS; p.tier++) {
		p.to = &made.chunks[p.tier];
		err = w->e->ops->chunk(w->e, p.tier, key, pack_again, &p);
		err = err == -ENOENT ? 0 : err;
		any |= p.to->size != 0;
	}
	if (!err && any)
		err = w->e->ops->merge(w->e, &made, 1);
	outbox_free_merge(&made);
	for (p.tier = TIER_RAW; p.tier < TIERS; p.tier++)
		chunk_writer_shrink(w->fold.writers[p.tier]);
	if (err)
		fold_shrink(&w->fold);
	return err == -EIO ? err : 0;
}

int repack_one(struct writer *w)
{
	struct engine_key key;
	int err, found = next_key(w, &key);

	if (!found || !writer_has(w, key.node))
		return found;
	err = pack_key(w, &key);
	return err ? err : 1;
}

int repack(struct writer *w)
{
	uint64_t now = clock_mono_ns();
	int ret;

	if (now < w->repack.next_ns)
		return 0;
	ret = repack_one(w);
	w->repack.next_ns =
		clock_mono_ns() + (clock_mono_ns() - now) * (SHARE - 1);
	return ret < 0 ? ret : 0;
}
