// SPDX-License-Identifier: GPL-2.0-or-later
/* What could not be folded or merged: it is kept, and stops nobody else. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collector/history/frames/frame_log.h"
#include "collector/history/write/writer.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/node_id.h"

enum {
	ASIDE_ROWS_MAX = 64,
};

#define TELL_EVERY_NS UINT64_C(60000000000)

static void tell(struct writer *w, const uint8_t *uid, const char *what,
		 int why)
{
	uint64_t now = clock_mono_ns();
	char text[NODE_ID_TEXT_SIZE];

	w->trouble.aside++;
	memcpy(w->trouble.node, uid, WIRE_ID_SIZE);
	if (w->aside_told_ns && now - w->aside_told_ns < TELL_EVERY_NS)
		return;
	w->aside_told_ns = now;
	node_id_format(uid, text);
	log_error(
		"history: %s of node %s could not be %s (%s) and are set aside; others are not concerned",
		what, text, what[0] == 'f' ? "folded" : "merged",
		why == -ELOOP ?
			"this program was killed while it tried" :
		why == -EFBIG ?
			"an hour of it takes more than its share of memory" :
			strerror(-why));
}

/* As a row of the log, so that they can be one again. */
static int make_row(struct writer *w, const struct buffer *frames)
{
	const uint8_t *at = frames->data, *end = at + frames->used;
	const struct open_frame *f;
	int err = frame_log_begin(&w->log);

	while (!err && (f = open_next(&at, end)))
		err = frame_log_put(&w->log, f, f + 1);
	return err ? err : frame_log_finish(&w->log);
}

static int put_row(struct writer *w, const struct open_node *n)
{
	sqlite3_stmt *s = w->d->sql[SCHEMA_PUT_ASIDE];
	const int64_t real_ns = (int64_t)clock_real_ns();
	const int64_t rows = ASIDE_ROWS_MAX;
	int err;

	sqlite3_bind_blob(s, 2, n->uid, WIRE_ID_SIZE, SQLITE_TRANSIENT);
	sqlite3_bind_text(s, 3, KTACH_VERSION, -1, SQLITE_STATIC);
	sqlite3_bind_blob64(s, 4, w->log.data, w->log.used, SQLITE_STATIC);
	err = database_step(w->d, s, 1, &real_ns);
	sqlite3_clear_bindings(s);
	return err ? err :
		     database_step(w->d, w->d->sql[SCHEMA_TRIM_ASIDE], 1,
				   &rows);
}

int aside_frames(struct writer *w, struct open_node *n, int why)
{
	int err = make_row(w, &n->frames);

	if (!err)
		err = put_row(w, n);
	if (!err && !n->id)
		err = database_put_node(w->d, n->uid, &n->id);
	if (!err) {
		const int64_t values[] = { n->id, w->last_log, INT64_MAX, 0 };

		err = database_step(w->d, w->d->sql[SCHEMA_FOLDED], 4, values);
	}
	if (!err)
		tell(w, n->uid, "frames", why);
	return err;
}

int aside_parts(struct writer *w, int64_t node, uint64_t slot, int why)
{
	const int64_t values[] = { node, (int64_t)slot };
	int err = database_step(w->d, w->d->sql[SCHEMA_PARTS_ASIDE], 2, values);
	uint8_t uid[WIRE_ID_SIZE];

	database_uid(w->d, node, uid);
	if (!err)
		tell(w, uid, "chunks", why);
	return err;
}

/* Who has tried all that is set aside: an older program does not know of it. */
#define MAKE_TRIED                          \
	"CREATE TABLE IF NOT EXISTS tried(" \
	"version TEXT NOT NULL, memory INTEGER NOT NULL)"
#define IS_TRIED                                                   \
	"SELECT count(*) FROM tried WHERE version='" KTACH_VERSION \
	"' AND memory>=%lld"
#define PUT_TRIED \
	"DELETE FROM tried; INSERT INTO tried VALUES('" KTACH_VERSION "', %lld)"

/* Each version tries once, and once more with more memory than at the start before; a
 * little more is another kernel's share of the same.
 */
static bool is_tried(struct writer *w)
{
	const uint64_t limit = w->policy.memory_limit;
	char sql[sizeof(IS_TRIED) + 32];

	snprintf(sql, sizeof(sql), IS_TRIED, (long long)(limit - limit / 8));
	return database_number(w->d, sql) > 0;
}

static int note_tried(struct writer *w)
{
	char sql[sizeof(PUT_TRIED) + 32];

	snprintf(sql, sizeof(sql), PUT_TRIED,
		 (long long)w->policy.memory_limit);
	return database_run(w->d, sql);
}

static int retry_frames(struct writer *w, bool all)
{
	sqlite3_stmt *retry = w->d->sql[SCHEMA_RETRY_ASIDE];
	sqlite3_stmt *take = w->d->sql[SCHEMA_TAKE_ASIDE];
	int err;

	sqlite3_bind_text(retry, 1, KTACH_VERSION, -1, SQLITE_STATIC);
	sqlite3_bind_int64(retry, 2, w->last_log);
	sqlite3_bind_int(retry, 3, all);
	sqlite3_bind_text(take, 1, KTACH_VERSION, -1, SQLITE_STATIC);
	sqlite3_bind_int(take, 2, all);
	err = database_step(w->d, retry, 0, NULL);
	return err ? err : database_step(w->d, take, 0, NULL);
}

static int64_t count_aside(struct writer *w)
{
	return database_number(w->d, schema_sql[SCHEMA_COUNT_ASIDE]);
}

static int retry_all(struct writer *w, int64_t *before)
{
	int err = database_run(w->d, MAKE_TRIED);
	bool all;

	*before = count_aside(w);
	if (err || *before < 0)
		return err ? err : -EIO;
	all = !is_tried(w);
	err = retry_frames(w, all);
	if (!err && all)
		err = database_step(w->d, w->d->sql[SCHEMA_RETRY_PARTS], 0,
				    NULL);
	return err ? err : note_tried(w);
}

static void count_left(struct writer *w, int64_t before)
{
	int64_t left = count_aside(w);

	if (left > 0) {
		w->trouble.aside = (uint64_t)left;
		database_last_aside(w->d, w->trouble.node);
	}
	if (before > left)
		log_info(
			"history: what was set aside is tried again, once: %lld times frames or chunks",
			(long long)(before - left));
}

int aside_retry(struct writer *w)
{
	int64_t before = 0;
	int err = database_begin(w->d);

	if (!err)
		err = retry_all(w, &before);
	if (!err)
		err = database_commit(w->d);
	if (err)
		database_rollback(w->d);
	else
		count_left(w, before);
	return err;
}
