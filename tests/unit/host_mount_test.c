// SPDX-License-Identifier: GPL-2.0-or-later
/* Mounts: lines of mountinfo, which are taken, their space. */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/mount/mount_list.h"
#include "tests/unit/host_table.h"

enum {
	WAIT_MS = 60000, /* for what must come */
};

static struct host_table table;
static struct host_tree storage, containers;

static const char line[] =
	"36 35 98:5 /mnt1 /mnt\\0402 rw,noatime master:1 shared:7 - ext3 "
	"/dev/ro\\134ot ro,errors=continue\n";

static void fields(void **state)
{
	const char *at = line;
	struct mountinfo m;
	char text[16];

	assert_true(mountinfo_next(&at, &m));
	assert_int_equal(m.id, 36);
	assert_int_equal(m.parent, 35);
	assert_int_equal(m.device, UINT64_C(98) << 32 | 5);
	assert_true(mountinfo_is(&m.root, "/mnt1"));
	assert_true(mountinfo_is(&m.type, "ext3"));
	assert_true(m.read_only);
	assert_int_equal(mountinfo_copy(&m.point, text, sizeof(text)), 6);
	assert_string_equal(text, "/mnt 2");
	assert_int_equal(mountinfo_copy(&m.source, text, sizeof(text)), 10);
	assert_string_equal(text, "/dev/ro\\ot");
	assert_int_equal(mountinfo_copy(&m.source, text, 11), 10);
	assert_int_equal(mountinfo_copy(&m.source, text, 10), -ENAMETOOLONG);
	assert_false(mountinfo_next(&at, &m));
}

/* Without optional fields; a source may be empty. A mount that is read-only
 * by itself leaves its file system as it is.
 */
static void few_fields(void **state)
{
	const char *at = "1 0 0:1 / / ro,relatime - tmpfs  rw\n"
			 "2 0 0:2 / /a rw - nfs4 h:/e roam\n";
	struct mountinfo m;

	assert_true(mountinfo_next(&at, &m));
	assert_int_equal(m.source.size, 0);
	assert_false(m.read_only);
	assert_true(mountinfo_next(&at, &m));
	assert_false(m.read_only);
}

static void escapes(void **state)
{
	struct mountinfo_text t = { "a\\011b\\012\\377\\400\\08\\04", 22 };
	char text[32];

	t.size = strlen(t.data);
	assert_true(mountinfo_copy(&t, text, sizeof(text)) > 0);
	assert_string_equal(text, "a\tb\n\377\\400\\08\\04");
	t.data = "a\\000b";
	t.size = 6;
	assert_int_equal(mountinfo_copy(&t, text, sizeof(text)), -EINVAL);
}

static void cut(void **state)
{
	char text[sizeof(line)];
	size_t i;

	for (i = 0; i < sizeof(line) - 1; i++) {
		const char *at = text;
		struct mountinfo m;

		memcpy(text, line, i);
		text[i] = '\0';
		assert_false(mountinfo_next(&at, &m));
	}
}

static void garbage(void **state)
{
	const char *at =
		"\n\xff\xfe \x01\n1\n1 2\n1 2 3\n1 2 3:\n1 2 3:4\n"
		"1 2 3:4 / /\n1 2 3:4 / / rw\n1 2 3:4 / / rw -\n"
		"1 2 3:4 / / rw - ext4\n1 2 3:4 / / rw - ext4 /dev/a\n"
		"1 2 3:4 / / rw shared:1 ext4 /dev/a rw\n"
		"1 2 3:4 / relative rw - ext4 /dev/a rw\n"
		"1 2 3:4 / / rw -  /dev/a rw\n"
		"99999999999999999999999 2 3:4 / / rw - ext4 /dev/a rw\n"
		"1 2 99999999999:4 / / rw - ext4 /dev/a rw\n"
		"1 2 3 4 / / rw - ext4 /dev/a rw\n"
		"x 2 3:4 / / rw - ext4 /dev/a rw\n";
	struct mountinfo m;

	assert_false(mountinfo_next(&at, &m));
}

static struct mount_list list_of(const char *text)
{
	static const struct host_options none;
	struct mount_list list;

	assert_int_equal(mount_list_parse(&list, text, &none), 0);
	return list;
}

/* Of the same file system: the whole of it before a part, then the shortest. */
static void binds(void **state)
{
	struct mount_list l =
		list_of("1 0 8:1 /part / rw - ext4 /dev/sda rw\n"
			"2 1 8:1 / /mnt/long rw - ext4 /dev/sda rw\n"
			"3 1 8:1 / /mnt/two rw - ext4 /dev/sda rw\n"
			"4 1 8:1 / /mnt/six rw - ext4 /dev/sda rw\n"
			"5 1 8:2 /x /longer rw - ext4 /dev/sdb rw\n"
			"6 1 8:2 /y /short rw - ext4 /dev/sdb rw\n");

	assert_int_equal(l.count, 2);
	assert_string_equal(l.mounts[0].point, "/mnt/two");
	assert_string_equal(l.mounts[1].point, "/short");
	mount_list_exit(&l);
}

/* As systemd has a service's state folder mounted on itself, with a volume in
 * it: the first mount of that is out of reach.
 */
static void bound_on_itself(void **state)
{
	struct mount_list l =
		list_of("1 0 8:1 / / rw - ext4 /dev/sda rw\n"
			"2 1 8:2 / /state/volume rw - ext4 /dev/sdb rw\n"
			"3 1 8:1 /state /state rw - ext4 /dev/sda rw\n"
			"4 3 8:2 / /state/volume rw - ext4 /dev/sdb rw\n");

	assert_int_equal(l.count, 2);
	assert_int_equal(l.mounts[0].info.id, 1);
	assert_int_equal(l.mounts[1].info.id, 4);
	mount_list_exit(&l);
}

static void covers(void **state)
{
	struct mount_list l =
		list_of("1 0 0:1 / / rw - rootfs none rw\n"
			"2 1 8:1 / / rw - ext4 /dev/sda rw\n"
			"5 4 0:9 / /a rw - proc proc rw\n"
			"3 2 8:2 / /a rw - ext4 /dev/sdb rw\n"
			"4 3 8:3 / /a rw - ext4 /dev/sdc rw\n"
			"6 2 8:3 /part /b rw - ext4 /dev/sdc rw\n");

	assert_int_equal(l.count, 2);
	assert_string_equal(l.mounts[0].point, "/");
	assert_int_equal(l.mounts[1].info.id, 6);
	mount_list_exit(&l);
}

static void many(void **state)
{
	enum {
		LINES = MOUNTS_MAX + 10,
		LINE = 80
	};
	char *text = calloc(LINES, LINE), *at = text;
	struct mount_list l;
	int i;

	assert_non_null(text);
	for (i = 0; i < LINES; i++)
		at += sprintf(at, "%d 1 8:%d / /m%d rw - ext4 /dev/x rw\n",
			      i + 2, i / 3, i);
	l = list_of(text);
	assert_int_equal(l.count, (MOUNTS_MAX + 2) / 3);
	mount_list_exit(&l);
	free(text);
}

static const struct host_collector *collector(void)
{
	const struct host_collector *c = host_collector_find("mount");

	assert_non_null(c);
	return c;
}

/* Take news, if it has to be, until a mount has its space. */
static void await(void *mounts, uint64_t id)
{
	const struct host_sink sink = { host_table_keep, &table };

	while (host_table_row(&table, id)[WIRE_MOUNT_SIZE_BYTES] ==
		       WIRE_ABSENT &&
	       !(host_table_row(&table, id)[WIRE_MOUNT_FLAGS] &
		 WIRE_MOUNT_FAILED)) {
		struct pollfd fd = { collector()->fd(mounts), POLLIN, 0 };

		assert_int_equal(poll(&fd, 1, WAIT_MS), 1);
		assert_int_equal(collector()->changed(mounts, &sink), 0);
	}
}

static void read_once(const struct host_options *o)
{
	void *mounts;
	uint32_t i;

	memset(&table, 0, sizeof(table));
	assert_int_equal(collector()->open(&mounts, o), 0);
	assert_int_equal(host_table_read(&table, collector(), mounts), 0);
	for (i = 0; o->root[0] && i < table.rows; i++)
		await(mounts, table.cells[i][WIRE_MOUNT_KEY]);
	collector()->close(mounts);
	assert_int_equal(table.kind, WIRE_MOUNT);
}

static void check_point(const char *point, const char *source, const char *type)
{
	const uint64_t *row = host_table_named(&table, WIRE_MOUNT_POINT, point);
	size_t at;

	assert_non_null(row);
	at = (size_t)(row - table.cells[0]) / HOST_TABLE_COLUMNS;
	assert_string_equal(table.text[at][WIRE_MOUNT_DEVICE], source);
	assert_string_equal(table.text[at][WIRE_MOUNT_TYPE], type);
}

/* The folders of the tree are on one file system, whose size is known. */
static void all_kinds(void **state)
{
	const uint64_t *row;
	struct statvfs fs;

	read_once(&storage.options);
	check_point("/", "/dev/mapper/vg0-root", "ext4");
	check_point("/run", "tmpfs", "tmpfs");
	check_point("/dev/shm", "tmpfs", "tmpfs");
	check_point("/boot", "/dev/md0", "ext4");
	check_point("/srv/my data", "/dev/mapper/vg0-srv", "xfs");
	check_point("/home", "/dev/mapper/luks-8d1c", "btrfs");
	check_point("/tank", "tank", "zfs");
	check_point("/mnt/nfs", "filer:/export", "nfs4");
	check_point("/mnt/cifs", "//win/share", "cifs");
	check_point("/mnt/ssh", "me@host:", "fuse.sshfs");
	check_point("/mnt/cover", "/dev/sdb", "ext4");
	/* Another subvolume of the same, whose space was told of with /home. */
	check_point("/mnt/snapshots", "/dev/mapper/luks-8d1c", "btrfs");
	assert_int_equal(host_table_row(&table, 43)[WIRE_MOUNT_FLAGS], 0);
	assert_int_equal(host_table_row(&table, 44)[WIRE_MOUNT_FLAGS],
			 WIRE_MOUNT_SHARED);
	assert_int_equal(table.rows, 12);
	assert_int_equal(statvfs(storage.root, &fs), 0);
	row = host_table_row(&table, 41);
	assert_int_equal(row[WIRE_MOUNT_SIZE_BYTES], fs.f_blocks * fs.f_frsize);
	assert_int_equal(row[WIRE_MOUNT_INODES], fs.f_files);
	assert_int_equal(row[WIRE_MOUNT_FLAGS], 0);
	assert_in_range(row[WIRE_MOUNT_USED_BYTES], 1,
			row[WIRE_MOUNT_SIZE_BYTES]);
	assert_in_range(row[WIRE_MOUNT_AVAILABLE_BYTES], 1,
			row[WIRE_MOUNT_SIZE_BYTES]);
}

static void excluded(void **state)
{
	struct host_options o = storage.options;

	o.exclude_mounts = "/mnt/*,/srv/my data,/run";
	read_once(&o);
	assert_int_equal(table.rows, 6);
	check_point("/var/www", "/dev/mapper/vg0-srv", "xfs");
}

static void container_host(void **state)
{
	read_once(&containers.options);
	check_point("/", "/dev/vda1", "ext4");
	check_point("/run", "tmpfs", "tmpfs");
	check_point("/dev/shm", "tmpfs", "tmpfs");
	assert_int_equal(table.rows, 3);
}

/* A mount comes, one goes, one becomes read-only, one has no folder. */
static void changes(void **state)
{
	const char *before = "27 1 8:1 / / rw - ext4 /dev/sda rw\n"
			     "41 27 8:2 / /boot rw - ext4 /dev/sdb rw\n";
	const char *after = "27 1 8:1 / / rw - ext4 /dev/sda ro\n"
			    "42 27 8:3 / /home rw - ext4 /dev/sdc rw\n"
			    "43 27 8:4 / /none rw - ext4 /dev/sdd rw\n";
	const uint64_t *row;
	void *mounts;

	assert_int_equal(host_tree_put(&storage, "proc/1/mountinfo", before),
			 0);
	memset(&table, 0, sizeof(table));
	assert_int_equal(collector()->open(&mounts, &storage.options), 0);
	assert_int_equal(host_table_read(&table, collector(), mounts), 0);
	assert_int_equal(table.rows, 2);
	assert_int_equal(host_tree_put(&storage, "proc/1/mountinfo", after), 0);
	assert_int_equal(host_table_read(&table, collector(), mounts), 0);
	assert_int_equal(table.rows, 3);
	await(mounts, 27);
	await(mounts, 42);
	await(mounts, 43);
	row = host_table_row(&table, 27);
	assert_int_equal(row[WIRE_MOUNT_FLAGS], WIRE_MOUNT_READ_ONLY);
	row = host_table_row(&table, 43);
	assert_int_equal(row[WIRE_MOUNT_FLAGS], WIRE_MOUNT_FAILED);
	assert_true(row[WIRE_MOUNT_SIZE_BYTES] == WIRE_ABSENT);
	assert_true(row[WIRE_MOUNT_INODES] == WIRE_ABSENT);

	/* The file's end ends its last line; an empty one: no mounts. */
	assert_int_equal(host_tree_put(&storage, "proc/1/mountinfo",
				       "27 1 8:1 / / rw - ext4 /dev/sda rw"),
			 0);
	assert_int_equal(host_table_read(&table, collector(), mounts), 0);
	assert_int_equal(table.rows, 1);
	assert_int_equal(host_tree_put(&storage, "proc/1/mountinfo",
				       "27 1 8:1 / / rw - ext4"),
			 0);
	assert_int_equal(host_table_read(&table, collector(), mounts), -EINVAL);
	assert_int_equal(table.rows, 0);
	assert_int_equal(host_tree_put(&storage, "proc/1/mountinfo", ""), 0);
	assert_int_equal(host_table_read(&table, collector(), mounts), 0);
	assert_int_equal(table.rows, 0);
	collector()->close(mounts);
}

static void unreadable(void **state)
{
	struct host_options o = storage.options;
	void *mounts;

	o.proc = "/nowhere";
	assert_int_equal(collector()->open(&mounts, &o), -ENOENT);
}

/* In a mount namespace of our own: /dev/shm is covered by a mount on /dev, and
 * the folder of that name there is not it.
 */
static void covered_above(void **state)
{
	const struct host_options own = { .proc = "/proc",
					  .sys = "/sys",
					  .root = "" };
	int i, flags = CLONE_NEWNS | (geteuid() ? CLONE_NEWUSER : 0);
	const uint64_t *row;
	void *mounts;

	if (unshare(flags) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "/dev/shm", "tmpfs", 0, "size=1m"))
		skip();
	assert_int_equal(collector()->open(&mounts, &own), 0);
	assert_int_equal(host_table_read(&table, collector(), mounts), 0);
	row = host_table_named(&table, WIRE_MOUNT_POINT, "/dev/shm");
	assert_non_null(row);
	await(mounts, row[WIRE_MOUNT_KEY]);
	assert_int_equal(row[WIRE_MOUNT_SIZE_BYTES], 1 << 20);
	collector()->close(mounts);

	assert_int_equal(mount("none", "/dev", "tmpfs", 0, "size=2m"), 0);
	assert_int_equal(mkdir("/dev/shm", 0755), 0);
	assert_int_equal(collector()->open(&mounts, &own), 0);
	assert_int_equal(host_table_read(&table, collector(), mounts), 0);
	row = host_table_named(&table, WIRE_MOUNT_POINT, "/dev/shm");
	/* A loaded machine may not have looked yet. */
	for (i = 0; row && i < WAIT_MS; i++) {
		usleep(1000);
		assert_int_equal(host_table_read(&table, collector(), mounts),
				 0);
		row = host_table_named(&table, WIRE_MOUNT_POINT, "/dev/shm");
	}
	assert_null(row);
	collector()->close(mounts);
}

static int make_trees(void **state)
{
	return host_tree_make(&storage, "storage") ||
	       host_tree_make(&containers, "containers");
}

static int remove_trees(void **state)
{
	host_tree_remove(&storage);
	host_tree_remove(&containers);
	return 0;
}

/* For those that change it. */
static int renew_storage(void **state)
{
	host_tree_remove(&storage);
	return host_tree_make(&storage, "storage");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(few_fields),
		cmocka_unit_test(escapes),
		cmocka_unit_test(cut),
		cmocka_unit_test(garbage),
		cmocka_unit_test(binds),
		cmocka_unit_test(bound_on_itself),
		cmocka_unit_test(covers),
		cmocka_unit_test(many),
		cmocka_unit_test(all_kinds),
		cmocka_unit_test(excluded),
		cmocka_unit_test(container_host),
		cmocka_unit_test_teardown(changes, renew_storage),
		cmocka_unit_test(unreadable),
		cmocka_unit_test(covered_above),
	};

	return cmocka_run_group_tests(tests, make_trees, remove_trees);
}
