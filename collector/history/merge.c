// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/history/fold.h"
#include "collector/history/rollup.h"
#include "lib/log.h"

/* A chunk that can't be read is told and left behind: the rest goes on. */
static int add_chunk(void *context, int64_t id, const void *data, size_t size)
{
	struct fold *f = context;
	struct chunk c;
	int ret = chunk_open(&c, data, size);

	while (!ret) {
		ret = chunk_next(&c, &f->block, 0, CHUNK_ALL, 0);
		if (ret != 1)
			break;
		ret = f->block.kind < WIRE_KINDS ?
			      gather_block(&f->gathers[f->block.kind],
					   &f->block) :
			      0;
	}
	chunk_close(&c);
	if (ret != -EBADMSG)
		return ret;
	f->damaged++;
	log_error(
		"history: a chunk is damaged and was left out; 'ktach-collector check' tells more");
	return 0;
}

/* A block of samples goes to all tiers. */
static int put_tiers(struct fold *f)
{
	int tier, err = chunk_put(f->writers[SCHEMA_RAW], &f->block);

	for (tier = SCHEMA_MINUTE; !err && tier < SCHEMA_TIERS; tier++) {
		err = rollup_make(&f->block, schema_bucket_ns[tier], &f->sum);
		if (!err)
			err = chunk_put(f->writers[tier], &f->sum);
	}
	return err;
}

static int put_kinds(struct fold *f)
{
	uint32_t kind;
	int tier, err = 0;

	for (tier = 0; !err && tier < SCHEMA_TIERS; tier++)
		err = chunk_begin(f->writers[tier]);
	for (kind = 0; !err && kind < WIRE_KINDS; kind++) {
		size_t count = gather_sort(&f->gathers[kind]);

		if (!count)
			continue;
		err = gather_build(&f->gathers[kind], kind, 0, count,
				   &f->block);
		if (!err)
			err = put_tiers(f);
	}
	return err;
}

static int put_chunks(struct fold *f, int64_t key)
{
	int tier, err = put_kinds(f);

	for (tier = 0; !err && tier < SCHEMA_TIERS; tier++) {
		size_t size;
		const void *data = chunk_finish(f->writers[tier], &size);

		if (chunk_empty(f->writers[tier]))
			break;
		f->chunks++;
		err = database_step_blob(f->d, f->d->put[tier], 1, &key, data,
					 size);
	}
	return err;
}

int fold_merge(struct fold *f, int64_t node, uint64_t slot, bool expired)
{
	const int64_t whose[] = { node, (int64_t)slot };
	int64_t key = schema_key(slot, node);
	int err = 0;

	if (!expired) {
		fold_clear(f);
		err = database_chunk(f->d, SCHEMA_RAW, key, add_chunk, f);
		if (!err || err == -ENOENT)
			err = database_parts(f->d, node, slot, add_chunk, f);
		if (!err)
			err = put_chunks(f, key);
	}
	if (err)
		return err;
	return database_step(f->d, f->d->sql[SCHEMA_TAKE_PARTS], 2, whose);
}
