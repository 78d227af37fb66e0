// SPDX-License-Identifier: GPL-2.0-or-later
/* Control groups: names of their paths, files of both versions, and what is new. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/cgroup/cgroup_name.h"
#include "host/group_stat.h"
#include "tests/unit/host_table.h"

#define ID "0000000000000000000000000000000000000000000000000000000000019919"
#define UID "8a1f3c5e-0000-4000-8000-0123456789ab"
#define SLICED "8a1f3c5e_0000_4000_8000_0123456789ab"

static struct host_tree tree;
static struct host_table table;
static void *state;

static const struct host_collector *collector(void)
{
	return host_collector_find("cgroup");
}

static void begin(const char *name)
{
	assert_int_equal(host_tree_make(&tree, name), 0);
	tree.options.cgroups = 100;
	memset(&table, 0, sizeof(table));
	assert_int_equal(collector()->open(&state, &tree.options), 0);
}

static void end(void)
{
	collector()->close(state);
	host_tree_remove(&tree);
}

static const uint64_t *row(const char *path)
{
	return host_table_row(&table, group_stat_key(path, strlen(path)));
}

static const char *text(const char *path, uint32_t index)
{
	const uint64_t *r = row(path);

	assert_non_null(r);
	return table.text[(const uint64_t(*)[HOST_TABLE_COLUMNS])r -
			  table.cells][index];
}

static void names(void **test)
{
	static const struct {
		const char *path, *kind, *name, *id, *uid;
	} all[] = {
		{ "/system.slice", "slice", "system.slice", "", "" },
		{ "/system.slice/ssh.service", "service", "ssh.service", "",
		  "" },
		{ "/init.scope", "scope", "init.scope", "", "" },
		{ "/a\\x2db.service", "service", "a-b.service", "", "" },
		{ "/a\\x2", "group", "a\\x2", "", "" },
		{ "/payload", "group", "payload", "", "" },
		{ "/docker/" ID, "container", "000000000000", ID, "" },
		{ "/system.slice/docker-" ID ".scope", "container",
		  "000000000000", ID, "" },
		{ "/machine.slice/libpod-" ID ".scope", "container",
		  "000000000000", ID, "" },
		{ "/machine.slice/libpod-conmon-" ID ".scope", "scope",
		  "libpod-conmon-" ID ".scope", "", "" },
		{ "/x" ID, "group", "x" ID, "", "" },
		{ "/machine.slice/machine-web\\x2d1.scope", "container",
		  "web-1", "", "" },
		{ "/machine.slice/systemd-nspawn@web.service", "container",
		  "web", "", "" },
		{ "/lxc.payload.web", "container", "web", "", "" },
		{ "/lxc.monitor.web", "group", "lxc.monitor.web", "", "" },
		{ "/kubepods/burstable/pod" UID, "pod", UID, "", UID },
		{ "/kubepods/pod0123456789abcdef0123456789abcdef", "pod",
		  "0123456789abcdef0123456789abcdef", "",
		  "0123456789abcdef0123456789abcdef" },
		{ "/kubepods.slice/kubepods-pod" SLICED ".slice", "pod", UID,
		  "", UID },
		{ "/kubepods/pod" UID "/" ID, "container", "000000000000", ID,
		  UID },
		{ "/kubepods/podium", "group", "podium", "", "" },
	};
	struct cgroup_name n;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++) {
		cgroup_name(&n, all[i].path);
		assert_string_equal(n.kind, all[i].kind);
		assert_string_equal(n.name, all[i].name);
		assert_string_equal(n.id, all[i].id);
		assert_string_equal(n.uid, all[i].uid);
	}
}

static void figures(void **test)
{
	const uint64_t *r;

	begin("storage");
	assert_int_equal(host_table_read(&table, collector(), state), 0);
	assert_int_equal(table.kind, WIRE_CGROUP);
	/* What is below a container is its own; a mount is left out. */
	assert_int_equal(table.rows, 8);
	assert_null(row("/system.slice/dev-hugepages.mount"));
	r = row("/system.slice/ssh.service");
	assert_non_null(r);
	assert_int_equal(r[WIRE_CGROUP_CPU_NS], 10000000);
	assert_int_equal(r[WIRE_CGROUP_USER_NS], 7000000);
	assert_int_equal(r[WIRE_CGROUP_SYSTEM_NS], 3000000);
	assert_int_equal(r[WIRE_CGROUP_PERIODS], 100);
	assert_int_equal(r[WIRE_CGROUP_THROTTLED], 10);
	assert_int_equal(r[WIRE_CGROUP_THROTTLED_NS], 500000);
	assert_int_equal(r[WIRE_CGROUP_MEMORY_BYTES], 40960);
	assert_int_equal(r[WIRE_CGROUP_MEMORY_LIMIT_BYTES], 81920);
	assert_int_equal(r[WIRE_CGROUP_WORKING_SET_BYTES], 40000);
	assert_int_equal(r[WIRE_CGROUP_ANONYMOUS_BYTES], 10240);
	assert_int_equal(r[WIRE_CGROUP_FILE_BYTES], 20480);
	assert_int_equal(r[WIRE_CGROUP_SWAP_BYTES], 100);
	assert_int_equal(r[WIRE_CGROUP_AT_LIMIT], 12);
	assert_int_equal(r[WIRE_CGROUP_OOMS], 11);
	assert_int_equal(r[WIRE_CGROUP_OOM_KILLS], 10);
	assert_int_equal(r[WIRE_CGROUP_READ_BYTES], 5120);
	assert_int_equal(r[WIRE_CGROUP_WRITTEN_BYTES], 10240);
	assert_int_equal(r[WIRE_CGROUP_READS], 10);
	assert_int_equal(r[WIRE_CGROUP_WRITES], 20);
	assert_int_equal(r[WIRE_CGROUP_TASKS], 10);
	assert_int_equal(r[WIRE_CGROUP_CPU_SOME_NS], 30000);
	assert_int_equal(r[WIRE_CGROUP_MEMORY_SOME_NS], 50000);
	assert_int_equal(r[WIRE_CGROUP_MEMORY_FULL_NS], 40000);
	assert_int_equal(r[WIRE_CGROUP_IO_SOME_NS], 70000);
	assert_int_equal(r[WIRE_CGROUP_IO_FULL_NS], 60000);
	assert_int_equal(row("/system.slice")[WIRE_CGROUP_MEMORY_LIMIT_BYTES],
			 WIRE_ABSENT);
	end();
}

#define POD                                                                      \
	"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" SLICED \
	".slice"

static void of_kubernetes(void **test)
{
	begin("storage");
	assert_int_equal(host_table_read(&table, collector(), state), 0);
	assert_string_equal(text(POD, WIRE_CGROUP_NAME), "web/front-5f");
	assert_string_equal(text(POD, WIRE_CGROUP_KIND), "pod");
	assert_string_equal(text(POD "/cri-containerd-" ID ".scope",
				 WIRE_CGROUP_NAME),
			    "web/front-5f/nginx");
	assert_string_equal(text(POD "/cri-containerd-" ID ".scope",
				 WIRE_CGROUP_POD),
			    "front-5f");
	assert_string_equal(text(POD "/cri-containerd-" ID ".scope",
				 WIRE_CGROUP_NAMESPACE),
			    "web");
	end();
}

static void version_1(void **test)
{
	const uint64_t *r;

	begin("arm");
	assert_int_equal(host_table_read(&table, collector(), state), 0);
	assert_int_equal(table.rows, 1);
	r = row("/ssh.service");
	assert_non_null(r);
	assert_int_equal(r[WIRE_CGROUP_CPU_NS], 123456789);
	assert_int_equal(r[WIRE_CGROUP_USER_NS], 1000000000);
	assert_int_equal(r[WIRE_CGROUP_SYSTEM_NS], 200000000);
	assert_int_equal(r[WIRE_CGROUP_THROTTLED_NS], 1500000);
	assert_int_equal(r[WIRE_CGROUP_MEMORY_BYTES], 8192);
	assert_int_equal(r[WIRE_CGROUP_MEMORY_LIMIT_BYTES], WIRE_ABSENT);
	assert_int_equal(r[WIRE_CGROUP_WORKING_SET_BYTES], 7192);
	assert_int_equal(r[WIRE_CGROUP_OOM_KILLS], 3);
	assert_int_equal(r[WIRE_CGROUP_READ_BYTES], 1024);
	assert_int_equal(r[WIRE_CGROUP_WRITTEN_BYTES], 512);
	assert_int_equal(r[WIRE_CGROUP_READS], 4);
	assert_int_equal(r[WIRE_CGROUP_WRITES], 3);
	assert_int_equal(r[WIRE_CGROUP_TASKS], 6);
	assert_int_equal(r[WIRE_CGROUP_MEMORY_FULL_NS], 8000);
	end();
}

/* Of more than there may be, those above. */
static void bounded(void **test)
{
	begin("storage");
	tree.options.cgroups = 3;
	assert_int_equal(host_table_read(&table, collector(), state), 0);
	assert_int_equal(table.rows, 3);
	assert_non_null(row("/system.slice"));
	assert_non_null(row("/machine.slice"));
	assert_non_null(row("/kubepods.slice"));
	end();
}

static void chosen(void **test)
{
	begin("storage");
	tree.options.include_cgroups = "/system.slice/*";
	assert_int_equal(host_table_read(&table, collector(), state), 0);
	assert_int_equal(table.rows, 2);
	tree.options.exclude_cgroups = "*.mount";
	assert_int_equal(host_table_read(&table, collector(), state), 0);
	assert_int_equal(table.rows, 1);
	end();
}

/* One that is made, also in a group that is new itself, is told without a reading. */
static void something_new(void **test)
{
	const struct host_sink sink = { host_table_keep, &table };
	struct pollfd fd = { .events = POLLIN };
	const char *path;

	begin("storage");
	assert_int_equal(host_table_read(&table, collector(), state), 0);
	fd.fd = collector()->fd(state);
	assert_int_equal(poll(&fd, 1, 0), 0);
	for (path = "/user.slice"; path;
	     path = path[11] ? NULL : "/user.slice/session-1.scope") {
		char folder[128];

		snprintf(folder, sizeof(folder), "sys/fs/cgroup%s", path);
		assert_int_equal(host_tree_folder(&tree, folder), 0);
		while (!row(path)) {
			assert_int_equal(poll(&fd, 1, 60000), 1);
			assert_int_equal(collector()->changed(state, &sink), 0);
		}
	}
	end();
}

static void in_tree(char *path, size_t size, const char *group)
{
	snprintf(path, size, "%s/fs/cgroup%s", tree.sys, group);
}

/* What has ended is told no more, and what comes with its name, or under another one,
 * is told again.
 */
static void ended(void **test)
{
	char from[512], to[512];

	begin("storage");
	assert_int_equal(
		host_tree_folder(&tree, "sys/fs/cgroup/user.slice/a.scope"), 0);
	assert_int_equal(host_table_read(&table, collector(), state), 0);
	assert_non_null(row("/user.slice/a.scope"));
	in_tree(from, sizeof(from), "/user.slice/a.scope");
	assert_int_equal(remove(from), 0);
	assert_int_equal(host_table_read(&table, collector(), state), 0);
	assert_null(row("/user.slice/a.scope"));
	assert_non_null(row("/user.slice"));
	assert_int_equal(
		host_tree_folder(&tree, "sys/fs/cgroup/user.slice/a.scope"), 0);
	assert_int_equal(host_table_read(&table, collector(), state), 0);
	assert_non_null(row("/user.slice/a.scope"));
	in_tree(from, sizeof(from), "/system.slice");
	in_tree(to, sizeof(to), "/other.slice");
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(host_table_read(&table, collector(), state), 0);
	assert_null(row("/system.slice"));
	assert_non_null(row("/other.slice/ssh.service"));
	end();
}

/* All groups are others when something is mounted over them. */
static void mounted_over(void **test)
{
	char from[512], to[512];

	begin("storage");
	assert_int_equal(host_table_read(&table, collector(), state), 0);
	in_tree(from, sizeof(from), "");
	in_tree(to, sizeof(to), ".below");
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(host_tree_folder(&tree, "sys/fs/cgroup/b.slice"), 0);
	assert_int_equal(host_tree_put(&tree,
				       "sys/fs/cgroup/cgroup.controllers",
				       "pids\n"),
			 0);
	assert_int_equal(host_table_read(&table, collector(), state), 0);
	assert_int_equal(table.rows, 1);
	assert_non_null(row("/b.slice"));
	end();
}

/* Beside version 1 few controllers, or none, are of version 2. */
static void controllers(void **test)
{
	static const struct {
		const char *controllers;
		uint64_t bytes, tasks;
	} all[] = {
		{ "cpu pids memory\n", 5, 6 },
		{ "memory\n", 5, WIRE_ABSENT },
		{ "memoryx pid pids\n", WIRE_ABSENT, 6 },
		{ "", WIRE_ABSENT, WIRE_ABSENT },
	};
	const uint64_t *r;
	size_t i;

	begin("arm");
	assert_int_equal(
		host_tree_folder(&tree, "sys/fs/cgroup/unified/a.service"), 0);
	assert_int_equal(
		host_tree_put(&tree,
			      "sys/fs/cgroup/unified/a.service/memory.current",
			      "5\n"),
		0);
	assert_int_equal(
		host_tree_put(&tree,
			      "sys/fs/cgroup/unified/a.service/pids.current",
			      "6\n"),
		0);
	for (i = 0; i < sizeof(all) / sizeof(*all); i++) {
		assert_int_equal(
			host_tree_put(&tree,
				      "sys/fs/cgroup/unified/cgroup.controllers",
				      all[i].controllers),
			0);
		assert_int_equal(host_table_read(&table, collector(), state),
				 0);
		r = row("/a.service");
		assert_non_null(r);
		assert_int_equal(r[WIRE_CGROUP_MEMORY_BYTES], all[i].bytes);
		assert_int_equal(r[WIRE_CGROUP_TASKS], all[i].tasks);
	}
	end();
}

/* So it is in a container: nothing is told, and nothing is wrong. */
static void none(void **test)
{
	begin("server");
	assert_int_equal(host_table_read(&table, collector(), state), 0);
	assert_int_equal(table.puts, 0);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),	 cmocka_unit_test(figures),
		cmocka_unit_test(of_kubernetes), cmocka_unit_test(version_1),
		cmocka_unit_test(bounded),	 cmocka_unit_test(chosen),
		cmocka_unit_test(something_new), cmocka_unit_test(ended),
		cmocka_unit_test(mounted_over),	 cmocka_unit_test(controllers),
		cmocka_unit_test(none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
