// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening a history: its lock, its file, its tables as this version has them. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "collector/base/folder.h"
#include "collector/history/sqlite/database.h"
#include "collector/history/sqlite/migrate.h"
#include "collector/history/sqlite/sqlite.h"
#include "collector/history/sqlite/wal.h"
#include "lib/base/log.h"

enum database_limits {
	BUSY_MS = 5000, /* a person may be reading */
};

static int wrong_version(struct database *d, int64_t version)
{
	snprintf(d->problem, sizeof(d->problem),
		 "history.db has schema %lld, this program knows %d",
		 (long long)version, SCHEMA_VERSION);
	return -EPROTO;
}

static int prepare(struct database *d, const char *sql, sqlite3_stmt **s)
{
	if (sqlite3_prepare_v3(d->db, sql, -1, SQLITE_PREPARE_PERSISTENT, s,
			       NULL))
		return database_failed(d);
	return 0;
}

static int prepare_all(struct database *d)
{
	int i, err = 0;

	for (i = 0; !err && i < SCHEMA_STATEMENTS; i++)
		err = prepare(d, schema_sql[i], &d->sql[i]);
	for (i = 0; !err && i < TIERS; i++) {
		err = prepare(d, schema_put_chunk[i], &d->put[i]);
		if (!err)
			err = prepare(d, schema_get_chunk[i], &d->get[i]);
		if (!err)
			err = prepare(d, schema_next_chunk[i], &d->next[i]);
		if (!err)
			err = prepare(d, schema_drop_chunks[i], &d->drop[i]);
		if (!err)
			err = prepare(d, schema_drop_node[i], &d->drop_node[i]);
	}
	return err;
}

/* The tables first, as statements are prepared on them. */
static int make_schema(struct database *d)
{
	int64_t version = database_number(d, "PRAGMA user_version");
	int err = 0;

	if (version < 0)
		return -EIO;
	if (version > SCHEMA_VERSION)
		return wrong_version(d, version);
	if (!version)
		err = database_run(d, schema_create);
	else if (version < SCHEMA_VERSION)
		err = migrate_schema(d, version);
	if (!err)
		err = prepare_all(d);
	if (!err && version && version < SCHEMA_VERSION)
		err = migrate_rows(d, version);
	return err;
}

static int open_file(struct database *d, const char *folder, int flags)
{
	if (asprintf(&d->path, "%s/history.db", folder) < 0) {
		d->path = NULL;
		return -ENOMEM;
	}
	if (sqlite3_open_v2(d->path, &d->db, flags, NULL) != SQLITE_OK)
		return database_failed(d);
	sqlite3_busy_timeout(d->db, BUSY_MS);
	return 0;
}

/* The write-ahead log is made with the first transaction. A lock that is not there any
 * more keeps no other one out.
 */
static const char *const names[DATABASE_FILES] = { "history.db",
						   "history.db-wal",
						   LOCK_NAME };

/* Of the folder, with the slash. */
static int folder_size(const struct database *d)
{
	return (int)(strlen(d->path) - strlen(names[0]));
}

static int look_at_file(const struct database *d, int which,
			struct database_file *file)
{
	char path[PATH_MAX];
	struct stat s;

	snprintf(path, sizeof(path), "%.*s%s", folder_size(d), d->path,
		 names[which]);
	if (stat(path, &s))
		return -errno;
	*file = (struct database_file){ s.st_dev, s.st_ino };
	return 0;
}

static int remember_files(struct database *d)
{
	struct stat locked;
	int i, err = 0;

	for (i = 0; !err && i < DATABASE_FILES; i++)
		err = look_at_file(d, i, &d->files[i]);
	if (err)
		snprintf(d->problem, sizeof(d->problem), "%.*s%s: %s",
			 folder_size(d), d->path, names[i - 1], strerror(-err));
	/* The one that we hold, whatever is there by its name. */
	if (!err && !fstat(d->lock.fd, &locked))
		d->files[DATABASE_FILES - 1] =
			(struct database_file){ locked.st_dev, locked.st_ino };
	return err;
}

int database_present(struct database *d)
{
	struct database_file file;
	int i, err;

	for (i = 0; i < DATABASE_FILES; i++) {
		err = look_at_file(d, i, &file);
		if (!err && file.inode == d->files[i].inode &&
		    file.device == d->files[i].device)
			continue;
		/* What lies there now is not ours to delete at the end. */
		sqlite3_file_control(d->db, NULL, SQLITE_FCNTL_PERSIST_WAL,
				     &(int){ 1 });
		snprintf(d->problem, sizeof(d->problem), "'%.*s%s' was %s",
			 folder_size(d) < 200 ? folder_size(d) : 200, d->path,
			 names[i], err ? "deleted" : "replaced");
		return -ENOENT;
	}
	return 0;
}

static uint64_t count_lost(const struct database *d, const char *folder)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/history.db-wal", folder);
	return wal_count_lost(path, d->lock.same_boot);
}

/* An id of the log must not come back once its row is gone. */
static int find_last_log(struct database *d)
{
	int64_t last = database_number(d, schema_sql[SCHEMA_LAST_LOG]);

	d->engine.last_log = (uint64_t)last;
	return last < 0 ? -EIO : 0;
}

static int open_writable(struct database *d, const char *folder)
{
	int err;

	d->engine.lost = count_lost(d, folder);
	err = open_file(d, folder, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);

	/* FULL: what was acknowledged is gone at the sender. FAST: Debian's SQLite writes
	 * zeroes over all that is deleted, which is all of the log.
	 */
	if (!err)
		err = database_run(d, "PRAGMA journal_mode=WAL; "
				      "PRAGMA synchronous=FULL; "
				      "PRAGMA secure_delete=FAST;");
	if (!err)
		err = database_begin(d);
	if (!err)
		err = make_schema(d);
	if (!err)
		err = database_commit(d);
	if (!err)
		err = find_last_log(d);
	return err ? err : remember_files(d);
}

static int open_readable(struct database *d, const char *folder)
{
	int err = open_file(d, folder, SQLITE_OPEN_READONLY);
	int64_t version;

	if (err)
		return err;
	version = database_number(d, "PRAGMA user_version");
	if (version < 0)
		return -EIO;
	if (version != SCHEMA_VERSION)
		return wrong_version(d, version);
	return prepare_all(d);
}

static int hold_folder(struct database *d, const char *folder)
{
	pid_t holder = 0;
	int err = lock_take(&d->lock, folder, &holder);

	if (err == -EBUSY)
		snprintf(d->problem, sizeof(d->problem),
			 "process %d writes to it", holder);
	else if (err)
		snprintf(d->problem, sizeof(d->problem),
			 LOCK_NAME " cannot be opened: %s", strerror(-err));
	return err;
}

static const char *advice(int err)
{
	if (err == -EPROTO)
		return "name another one with --data";
	if (err == -EBUSY)
		return "end that one or name another folder with --data";
	return "make it writable or name another one with --data";
}

static struct database *make_handle(void)
{
	struct database *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->lock.fd = -1;
	d->engine.ops = &database_ops;
	return d;
}

int database_open(struct database **database, const char *folder)
{
	struct database *d = make_handle();
	int err = folder_make(folder);

	if (!d)
		return -ENOMEM;
	if (err)
		snprintf(d->problem, sizeof(d->problem), "cannot be made: %s",
			 strerror(-err));
	if (!err)
		err = hold_folder(d, folder);
	if (!err)
		err = open_writable(d, folder);
	if (!err) {
		*database = d;
		return 0;
	}
	log_error("data folder '%s': %s; %s", folder, d->problem, advice(err));
	database_close(d);
	return err;
}

int database_read(struct database **database, const char *folder)
{
	struct database *d = make_handle();
	int err;

	if (!d)
		return -ENOMEM;
	err = open_readable(d, folder);
	if (!err) {
		*database = d;
		return 0;
	}
	log_error(
		"data folder '%s': %s; name the folder of a history of this version with --data",
		folder, d->problem);
	database_close(d);
	return err;
}

void database_close(struct database *d)
{
	int i;

	for (i = 0; i < SCHEMA_STATEMENTS; i++)
		sqlite3_finalize(d->sql[i]);
	for (i = 0; i < TIERS; i++) {
		sqlite3_finalize(d->put[i]);
		sqlite3_finalize(d->get[i]);
		sqlite3_finalize(d->next[i]);
		sqlite3_finalize(d->drop[i]);
		sqlite3_finalize(d->drop_node[i]);
	}
	sqlite3_close(d->db);
	lock_release(&d->lock);
	free(d->path);
	free(d);
}

int sqlite_open(struct engine **engine, const char *folder)
{
	struct database *d;
	int err = database_open(&d, folder);

	if (!err)
		*engine = &d->engine;
	return err;
}

int sqlite_read(struct engine **engine, const char *folder)
{
	struct database *d;
	int err = database_read(&d, folder);

	if (!err)
		*engine = &d->engine;
	return err;
}
