// SPDX-License-Identifier: GPL-2.0-or-later
/* Collector "mount": the space of file systems, asked for by threads. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/file.h"
#include "host/collector.h"
#include "host/mount/mount_list.h"
#include "host/mount/mount_probe.h"
#include "host/rows.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#define INTERVAL_NS UINT64_C(30000000000)
#define DEADLINE_NS UINT64_C(2000000000)

/**
 * struct mounts - the collector's state
 * @options: the caller's
 * @file: mountinfo of the host
 * @own: it is our own namespace's
 * @blind: another host's, whose root is not known
 * @seen: the file's text when @list was made of it
 * @list: the mounts
 * @pool: asks them
 * @rows: the table
 * @trouble: whether it was told that the file could not be read
 * @refused: the same, of a mount
 */
struct mounts {
	const struct host_options *options;
	struct host_file file;
	bool own;
	bool blind;
	char *seen;
	struct mount_list list;
	struct probe_pool *pool;
	struct rows rows;
	struct host_trouble trouble;
	struct host_trouble refused;
};

static void drop_mounts(struct mounts *m, struct mount_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->mounts[i].probe)
			probe_drop(m->pool, &list->mounts[i].probe->probe);
	mount_list_exit(list);
}

static void mounts_close(void *state)
{
	struct mounts *m = state;

	drop_mounts(m, &m->list);
	probe_pool_free(m->pool);
	host_file_close(&m->file);
	rows_exit(&m->rows);
	free(m->seen);
	free(m);
}

static int mounts_open(void **state, const struct host_options *options)
{
	struct mounts *m = calloc(1, sizeof(*m));
	const char *name;
	int err;

	if (!m)
		return -ENOMEM;
	m->options = options;
	m->own = !host_options_foreign(options) && !*options->root;
	m->blind = host_options_foreign(options) && !*options->root;
	m->rows.kind = WIRE_MOUNT;
	name = m->own ? "self/mountinfo" : "1/mountinfo";
	err = host_file_open(&m->file, options->proc, name);
	if (err) {
		log_warn("mount: cannot open %s/%s: %s; mounts are left out",
			 options->proc, name, strerror(-err));
		goto free;
	}
	err = probe_pool_new(&m->pool, options->mount_deadline_ns ?
					       options->mount_deadline_ns :
					       DEADLINE_NS);
	if (err) {
		log_warn("mount: cannot make a timer: %s; mounts are left out",
			 strerror(-err));
		goto close;
	}
	if (m->blind)
		log_warn(
			"mount: without --root, the root of the host whose /proc is %s, no sizes are known",
			options->proc);
	*state = m;
	return 0;
close:
	host_file_close(&m->file);
free:
	free(m);
	return err;
}

/* What a server or a program answers for: it has no device of ours. */
static bool is_remote(const struct mount *mount)
{
	static const char *const local[] = { "tmpfs", "overlay", "zfs" };
	size_t i;

	for (i = 0; i < sizeof(local) / sizeof(*local); i++)
		if (!strcmp(mount->type, local[i]))
			return false;
	return !strncmp(mount->type, "fuse", 4) ||
	       (!(mount->info.device >> 32) &&
		strncmp(mount->source, "/dev/", 5));
}

static int make_probes(struct mounts *m)
{
	size_t i;

	for (i = 0; i < m->list.count; i++) {
		struct mount *mount = &m->list.mounts[i];

		if (mount->probe)
			continue;
		mount->probe = mount_probe_new(m->options->root, mount->point,
					       m->own ? mount->info.id : 0,
					       is_remote(mount));
		if (!mount->probe)
			return -ENOMEM;
	}
	return 0;
}

/* A file that is cut off may lack what covers a mount. One without a line is
 * that of a root which is no mount.
 */
static bool is_whole(const struct host_file *f)
{
	const char *at = f->text;
	struct mountinfo any;

	return !f->used ||
	       (f->text[f->used - 1] == '\n' && mountinfo_next(&at, &any));
}

/* Mounts that stay keep their probes: one may be hanging. */
static int make_list(struct mounts *m)
{
	struct mount_list list;
	char *seen = strdup(m->file.text);
	int err = seen ? mount_list_parse(&list, seen, m->options) : -ENOMEM;

	if (err) {
		free(seen);
		return err;
	}
	err = mount_list_inherit(&list, &m->list);
	drop_mounts(m, &m->list);
	m->list = list;
	free(m->seen);
	m->seen = seen;
	if (!err)
		err = make_probes(m);
	if (err) {
		drop_mounts(m, &m->list);
		free(m->seen);
		m->seen = NULL;
	}
	return err;
}

/* Whether a mount has changed can be asked by poll(), but whether a file system
 * has become read-only, which the same file tells, cannot.
 */
static int refresh(struct mounts *m)
{
	int err = host_file_read(&m->file);

	if (!err && !is_whole(&m->file))
		err = -EINVAL;
	if (!err && (!m->seen || strcmp(m->seen, m->file.text)))
		err = make_list(m);
	return err;
}

static uint64_t bytes(uint64_t blocks, const struct statvfs *fs)
{
	uint64_t size = fs->f_frsize ? fs->f_frsize : fs->f_bsize, product;

	return __builtin_mul_overflow(blocks, size, &product) ||
			       product > INT64_MAX ?
		       WIRE_ABSENT :
		       product;
}

/* File systems that make inodes as they need them have no number of them. */
static void fill(uint64_t *row, const struct statvfs *fs)
{
	row[WIRE_MOUNT_SIZE_BYTES] = bytes(fs->f_blocks, fs);
	if (fs->f_bfree <= fs->f_blocks)
		row[WIRE_MOUNT_USED_BYTES] =
			bytes(fs->f_blocks - fs->f_bfree, fs);
	if (fs->f_bavail <= fs->f_blocks)
		row[WIRE_MOUNT_AVAILABLE_BYTES] = bytes(fs->f_bavail, fs);
	if (!fs->f_files || fs->f_ffree > fs->f_files ||
	    fs->f_files > INT64_MAX)
		return;
	row[WIRE_MOUNT_INODES] = fs->f_files;
	row[WIRE_MOUNT_INODES_FREE] = fs->f_ffree;
}

static void tell_of_hang(struct mount *mount, bool hangs)
{
	if (hangs && !mount->hung)
		log_warn(
			"mount: %s (%s, %s) does not answer; its values are missing until it does",
			mount->point, mount->type, mount->source);
	if (!hangs && mount->hung)
		log_info("mount: %s answers again", mount->point);
	mount->hung = hangs;
}

/* One that is asked and may still answer in time keeps what it said before. */
static const struct mount_answer *take_answer(struct mounts *m,
					      struct mount *mount)
{
	struct mount_probe *probe = mount->probe;

	if (probe_answered(m->pool, &probe->probe)) {
		probe->answer = probe->latest;
		tell_of_hang(mount, false);
	} else if (probe_hangs(m->pool, &probe->probe)) {
		probe->answer = (struct mount_answer){ 0 };
		tell_of_hang(mount, true);
	}
	return &probe->answer;
}

static void add_row(struct mounts *m, const struct mount *mount,
		    const struct mount_answer *answer)
{
	uint64_t *row = rows_add(&m->rows, mount->info.id);

	if (!row)
		return;
	row[WIRE_MOUNT_FLAGS] =
		(mount->info.read_only ? WIRE_MOUNT_READ_ONLY : 0) |
		(mount->hung ? WIRE_MOUNT_HUNG : 0) |
		(answer->known && answer->err ? WIRE_MOUNT_FAILED : 0) |
		(mount->shared ? WIRE_MOUNT_SHARED : 0);
	if (answer->known && !answer->err)
		fill(row, &answer->fs);
	rows_name(&m->rows, WIRE_MOUNT_POINT, mount->point,
		  strlen(mount->point));
	rows_text(&m->rows, WIRE_MOUNT_DEVICE, mount->source,
		  strlen(mount->source));
	rows_text(&m->rows, WIRE_MOUNT_TYPE, mount->type, strlen(mount->type));
}

/* Without any space a file system is the kernel's own. */
static bool is_virtual(const struct mount_answer *answer)
{
	return answer->known && !answer->err && !answer->fs.f_blocks;
}

static void put_mounts(struct mounts *m, const struct host_sink *sink)
{
	const struct mount *refused = NULL;
	size_t i;

	rows_clear(&m->rows);
	for (i = 0; i < m->list.count; i++) {
		struct mount *mount = &m->list.mounts[i];
		const struct mount_answer *answer = take_answer(m, mount);

		if (answer->covered || is_virtual(answer))
			continue;
		add_row(m, mount, answer);
		if (answer->err && !refused)
			refused = mount;
	}
	host_trouble(&m->refused, "mount", refused ? refused->point : "",
		     refused ? refused->probe->answer.err : 0);
	rows_put(&m->rows, sink, WIRE_ORIGIN_PROC, clock_real_ns(),
		 clock_mono_ns());
}

/* Those that answer at once are put now, the others by mounts_changed(). */
static int mounts_read(void *state, const struct host_sink *sink)
{
	struct mounts *m = state;
	int err = refresh(m);
	size_t i;

	for (i = 0; !err && !m->blind && i < m->list.count; i++)
		probe_ask(m->pool, &m->list.mounts[i].probe->probe);
	if (!err)
		err = probe_go(m->pool);
	host_trouble(&m->trouble, "mount", m->file.path, err);
	if (err)
		return err;
	probe_wait(m->pool);
	put_mounts(m, sink);
	return 0;
}

static int mounts_fd(void *state)
{
	struct mounts *m = state;

	return probe_pool_fd(m->pool);
}

static int mounts_changed(void *state, const struct host_sink *sink)
{
	struct mounts *m = state;

	probe_wait(m->pool);
	put_mounts(m, sink);
	return 0;
}

static bool mounts_wait(void *state)
{
	struct mounts *m = state;

	return probe_pending(m->pool);
}

const struct host_collector host_mount = {
	.name = "mount",
	.summary = "space and inodes of mounted file systems",
	.interval_ns = INTERVAL_NS,
	.enabled = true,
	.open = mounts_open,
	.read = mounts_read,
	.close = mounts_close,
	.fd = mounts_fd,
	.changed = mounts_changed,
	.waits = mounts_wait,
};
