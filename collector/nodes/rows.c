// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/nodes/rows.h"
#include "lib/base/barrier.h"

enum {
	/* With up to so many rows, a new one moves those behind it. */
	MOVED_MAX = 4096,
	/* With more, so many new ones wait until all are moved in at once. */
	LATE_MAX = 512,
	/* Rows that may be looked at for each one that comes. */
	LOOKS = 16,
	LOOKS_MIN = 256,
};

/* How often old rows are looked for, which looks at all rows. */
#define FORGET_EVERY_NS UINT64_C(1000000000)

static void row_free(struct samples_row *row)
{
	free(row->texts);
	free(row->told);
	free(row);
}

/* Atomically, as other threads take from it, too. */
static bool budget_take(struct samples_budget *budget)
{
	if (budget->left && (ssize_t)add_relaxed(budget->all, -1) > 0) {
		budget->left--;
		return true;
	}
	if (budget->left)
		add_relaxed(budget->all, 1);
	budget->refused++;
	return false;
}

static void budget_give(struct samples_budget *budget, size_t rows)
{
	budget->left += rows;
	add_relaxed(budget->all, rows);
}

void samples_clear(struct samples *s, struct samples_budget *budget)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		row_free(s->rows[i]);
	for (i = 0; i < s->late_count; i++)
		row_free(s->late[i]);
	budget_give(budget, s->count + s->late_count);
	free(s->rows);
	free(s->late);
	memset(s, 0, sizeof(*s));
}

/* Where @key is in a sorted list, or belongs. */
static size_t find_place(struct samples_row *const *rows, size_t count,
			 uint64_t key)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows[middle]->key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(struct samples_row *const *rows, size_t count, size_t at,
		  uint64_t key)
{
	return at < count && rows[at]->key == key;
}

/* Rows come in order: look behind the last hit. */
static size_t locate_row(const struct samples *s, uint64_t key, size_t hint)
{
	return is_at(s->rows, s->count, hint, key) ?
		       hint :
		       find_place(s->rows, s->count, key);
}

static int grow_rows(struct samples *s, size_t more)
{
	size_t room = s->room ? 2 * s->room : 8;
	struct samples_row **rows;

	if (s->count + more <= s->room)
		return 0;
	if (room < s->count + more)
		room = s->count + more;
	rows = realloc(s->rows, room * sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	s->rows = rows;
	s->room = room;
	return 0;
}

/* Begin at the end, so that each row is moved once only. */
static void merge_late(struct samples *s)
{
	size_t from = s->count, late = s->late_count, to = from + late;

	while (late) {
		if (from && s->rows[from - 1]->key > s->late[late - 1]->key)
			s->rows[--to] = s->rows[--from];
		else
			s->rows[--to] = s->late[--late];
	}
	s->count += s->late_count;
	s->late_count = 0;
}

int samples_settle(struct samples *s)
{
	int err = s->late_count ? grow_rows(s, s->late_count) : 0;

	if (!err)
		merge_late(s);
	return err;
}

static void put_at(struct samples_row **rows, size_t count, size_t at,
		   struct samples_row *row)
{
	memmove(&rows[at + 1], &rows[at], (count - at) * sizeof(*rows));
	rows[at] = row;
}

static struct samples_row *make_row(struct samples *s, uint64_t key,
				    struct samples_budget *budget)
{
	struct samples_row *row;

	if (!budget_take(budget))
		return NULL;
	row = calloc(1, sizeof(*row) + (s->copies * s->columns + s->optional) *
					       sizeof(row->cells[0]));
	if (!row) {
		budget_give(budget, 1);
		return NULL;
	}
	row->key = key;
	s->new_rows = true;
	return row;
}

static struct samples_row *insert(struct samples *s, size_t at, uint64_t key,
				  struct samples_budget *budget)
{
	struct samples_row *row = grow_rows(s, 1) ? NULL :
						    make_row(s, key, budget);

	if (row)
		put_at(s->rows, s->count++, at, row);
	return row;
}

static int make_room_for_late(struct samples *s)
{
	if (s->late_count == LATE_MAX)
		return samples_settle(s);
	if (!s->late)
		s->late = malloc(LATE_MAX * sizeof(*s->late));
	return s->late ? 0 : -ENOMEM;
}

static struct samples_row *get_late(struct samples *s, uint64_t key,
				    struct samples_budget *budget)
{
	size_t at = find_place(s->late, s->late_count, key);
	struct samples_row *row;

	if (is_at(s->late, s->late_count, at, key))
		return s->late[at];
	if (make_room_for_late(s))
		return NULL;
	if (!s->late_count)
		at = 0;
	row = make_row(s, key, budget);
	if (row) {
		put_at(s->late, s->late_count++, at, row);
		budget->late = true;
	}
	return row;
}

/* Those that the samples so far lacked: the new one's rows are yet to come. All rows
 * are looked at, so that a few that come often do not make it worth while.
 */
void rows_forget_old(struct samples *s, struct samples_budget *budget)
{
	size_t i, kept = 0;

	if (s->mono_ns - s->forgot_ns < FORGET_EVERY_NS ||
	    LOOKS * s->came + LOOKS_MIN < s->count || samples_settle(s))
		return;
	s->forgot_ns = s->mono_ns;
	s->came = 0;
	for (i = 0; i < s->count; i++) {
		struct samples_row *row = s->rows[i];
		uint64_t periods_ns = SAMPLES_OLD_PERIODS * row->every_ns;

		if (s->mono_ns - row->now_ns > SAMPLES_AGE_NS &&
		    s->mono_ns - row->now_ns > periods_ns)
			row_free(row);
		else
			s->rows[kept++] = row;
	}
	budget_give(budget, s->count - kept);
	s->count = kept;
}

struct samples_row *rows_get(struct samples *s, size_t *at, uint64_t key,
			     struct samples_budget *budget)
{
	*at = locate_row(s, key, *at);
	if (is_at(s->rows, s->count, *at, key))
		return s->rows[*at];
	if (s->late_count || (s->count > MOVED_MAX && *at < s->count))
		return get_late(s, key, budget);
	return insert(s, *at, key, budget);
}

const struct samples_row *samples_find(const struct samples *s, uint64_t key)
{
	size_t at = locate_row(s, key, 0);

	return is_at(s->rows, s->count, at, key) ? s->rows[at] : NULL;
}
