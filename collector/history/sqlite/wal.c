// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/history/sqlite/wal.h"

enum {
	HEADER_WORDS = 8, /* magic, version, page size, number, salts, sums */
	FRAME_WORDS = 6, /* page, pages after a commit or 0, salts, sums */
	PAGE_MAX = 65536,
	SUMMED_BYTES = 8, /* of a frame's head */
};

#define MAGIC UINT32_C(0x377f0682) /* | 1: sums are of big-endian words */

/**
 * struct wal - a log under way
 * @f: the file
 * @page_size: bytes
 * @big: see MAGIC
 * @salts: of frames that are not old
 * @sums: up to here
 * @page: of the frame under way
 */
struct wal {
	FILE *f;
	uint32_t page_size;
	bool big;
	uint32_t salts[2];
	uint32_t sums[2];
	uint8_t page[PAGE_MAX];
};

static void add_sums(struct wal *w, const void *data, size_t size)
{
	const uint8_t *at = data;
	uint32_t pair[2];

	for (; size >= sizeof(pair); size -= sizeof(pair), at += sizeof(pair)) {
		memcpy(pair, at, sizeof(pair));
		w->sums[0] += (w->big ? be32toh(pair[0]) : le32toh(pair[0])) +
			      w->sums[1];
		w->sums[1] += (w->big ? be32toh(pair[1]) : le32toh(pair[1])) +
			      w->sums[0];
	}
}

static bool is_sum(const struct wal *w, const uint32_t *sums)
{
	return be32toh(sums[0]) == w->sums[0] && be32toh(sums[1]) == w->sums[1];
}

/* Whether it is whole. One that is not may tell the page's size all the same: we know
 * of no other one than SQLite's default.
 */
static bool read_header(struct wal *w)
{
	uint32_t h[HEADER_WORDS];

	w->page_size = 4096;
	if (fread(h, sizeof(h), 1, w->f) != 1)
		return false;
	w->big = be32toh(h[0]) & 1;
	memcpy(w->salts, &h[4], sizeof(w->salts));
	add_sums(w, h, 6 * sizeof(h[0]));
	return (be32toh(h[0]) & ~UINT32_C(1)) == MAGIC && is_sum(w, &h[6]) &&
	       be32toh(h[2]) == w->page_size;
}

static bool read_frame(struct wal *w, uint32_t h[FRAME_WORDS])
{
	return fread(h, FRAME_WORDS * sizeof(h[0]), 1, w->f) == 1 &&
	       fread(w->page, w->page_size, 1, w->f) == 1;
}

/* A bit of one frame's salts is no end: those behind it have the right ones. */
static bool is_old(const struct wal *w, const uint32_t h[FRAME_WORDS])
{
	return memcmp(&h[2], w->salts, sizeof(w->salts));
}

static uint64_t count_commits(struct wal *w, bool whole)
{
	uint32_t h[FRAME_WORDS];
	uint64_t ended = 0;
	bool first = true;

	for (; read_frame(w, h); first = false) {
		if (!whole && first)
			memcpy(w->salts, &h[2], sizeof(w->salts));
		add_sums(w, h, SUMMED_BYTES);
		add_sums(w, w->page, w->page_size);
		whole = whole && !is_old(w, h) && is_sum(w, &h[4]);
		if (!whole && !is_old(w, h) && h[1])
			ended++;
	}
	return ended;
}

uint64_t wal_count_lost(const char *path, bool same_boot)
{
	struct wal *w = calloc(1, sizeof(*w));
	uint64_t ended = 0;

	if (w)
		w->f = fopen(path, "re");
	if (w && w->f) {
		ended = count_commits(w, read_header(w));
		fclose(w->f);
	}
	free(w);
	return ended && !same_boot ? ended - 1 : ended;
}
