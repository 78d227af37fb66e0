// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mounts that do not answer. A child serves FUSE file systems, in a mount
 * namespace of our own, and holds back what it is asked for when it is told to.
 *
 *   test -- mount, statvfs --> kernel -- /dev/fuse --> server (child)
 *     `------------------ hold, let go ------------------^
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/probe.h"
#include "tests/unit/host_table.h"
#include "tests/unit/patience.h"
#include "tests/unit/scratch.h"

enum {
	MOUNTS = PROBE_THREADS + 2,
	LAST = MOUNTS - 1,
	REQUEST_BYTES = 1 << 16,
	BLOCKS = 1000,
	BLOCK_BYTES = 4096,
	WAIT_MS = 60000, /* for what must come */
};

/* What the server is told: hold back a mount's answers, or let them go. */
struct order {
	uint32_t mount;
	bool hold;
};

static struct {
	char dir[64];
	int fuse[MOUNTS];
	bool held[MOUNTS];
	uint64_t unique[MOUNTS]; /* of the request that is held back */
	int orders;
	pid_t server;
} fuse;

static struct host_table table;

static const struct host_options options = {
	.proc = "/proc",
	.sys = "/sys",
	.root = "",
	.mount_deadline_ns = 300000000,
};

static void reply(int fd, uint64_t unique, int error, const void *data,
		  size_t size)
{
	char text[sizeof(struct fuse_out_header) + 256] = "";
	const struct fuse_out_header head = {
		.len = (uint32_t)(sizeof(head) + size),
		.error = error,
		.unique = unique,
	};

	memcpy(text, &head, sizeof(head));
	memcpy(text + sizeof(head), data, size);
	if (write(fd, text, head.len) < 0)
		perror("fuse");
}

static void reply_space(int fd, uint64_t unique)
{
	const struct fuse_statfs_out out = {
		.st = { .blocks = BLOCKS,
			.bfree = 400,
			.bavail = 300,
			.files = 100,
			.ffree = 60,
			.bsize = BLOCK_BYTES,
			.frsize = BLOCK_BYTES,
			.namelen = 255 },
	};

	reply(fd, unique, 0, &out, sizeof(out));
}

static void serve(uint32_t i, const struct fuse_in_header *in)
{
	static const struct fuse_init_out init = { .major = 7,
						   .minor = 31,
						   .max_write = 4096 };
	static const struct fuse_attr_out root = {
		.attr = { .ino = 1, .mode = S_IFDIR | 0755, .nlink = 2 },
	};

	switch (in->opcode) {
	case FUSE_INIT:
		reply(fuse.fuse[i], in->unique, 0, &init, sizeof(init));
		break;
	case FUSE_GETATTR:
		reply(fuse.fuse[i], in->unique, 0, &root, sizeof(root));
		break;
	case FUSE_STATFS:
		if (fuse.held[i])
			fuse.unique[i] = in->unique;
		else
			reply_space(fuse.fuse[i], in->unique);
		break;
	case FUSE_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		reply(fuse.fuse[i], in->unique, -ENOSYS, "", 0);
	}
}

static bool obey(void)
{
	struct order o;

	if (read(fuse.orders, &o, sizeof(o)) != sizeof(o))
		return false;
	fuse.held[o.mount] = o.hold;
	if (!o.hold && fuse.unique[o.mount])
		reply_space(fuse.fuse[o.mount], fuse.unique[o.mount]);
	fuse.unique[o.mount] = 0;
	return write(fuse.orders, &o, sizeof(o)) == sizeof(o);
}

/* Ends with the test, which lets the threads go that hang there. */
static void server(void)
{
	static char request[REQUEST_BYTES];
	struct pollfd fds[MOUNTS + 1];
	uint32_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		for (i = 0; i < MOUNTS; i++)
			fds[i] = (struct pollfd){ fuse.fuse[i], POLLIN, 0 };
		fds[MOUNTS] = (struct pollfd){ fuse.orders, POLLIN, 0 };
		poll(fds, MOUNTS + 1, -1);
		for (i = 0; i < MOUNTS; i++)
			if (fds[i].revents & POLLIN &&
			    read(fuse.fuse[i], request, sizeof(request)) > 0)
				serve(i, (const void *)request);
		if (fds[MOUNTS].revents && !obey())
			_exit(0);
	}
}

static void order(uint32_t mount, bool hold)
{
	struct order o = { mount, hold };

	assert_int_equal(write(fuse.orders, &o, sizeof(o)), sizeof(o));
	assert_int_equal(read(fuse.orders, &o, sizeof(o)), sizeof(o));
}

static const char *point(uint32_t i)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/m%u", fuse.dir, i);
	return path;
}

static bool own_namespace(void)
{
	int flags = CLONE_NEWNS | (geteuid() ? CLONE_NEWUSER : 0);

	return !unshare(flags) &&
	       !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

static bool mount_all(void)
{
	char data[128];
	uint32_t i;

	for (i = 0; i < MOUNTS; i++) {
		snprintf(data, sizeof(data),
			 "fd=%d,rootmode=40000,user_id=0,group_id=0",
			 fuse.fuse[i]);
		if (mkdir(point(i), 0755) ||
		    mount("hang:/share", point(i), "fuse.hang", 0, data))
			return false;
	}
	return true;
}

/* The server is the only one that has the files open: when it ends, all that
 * hangs there is let go.
 */
static int set_up(void **state)
{
	int ends[2];
	uint32_t i;

	if (!own_namespace() || !scratch_folder(fuse.dir) ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends))
		return 0;
	for (i = 0; i < MOUNTS; i++) {
		fuse.fuse[i] = open("/dev/fuse", O_RDWR | O_CLOEXEC);
		if (fuse.fuse[i] < 0)
			return 0;
	}
	fuse.server = fork();
	fuse.orders = ends[!fuse.server];
	close(ends[fuse.server != 0]);
	if (!fuse.server)
		server();
	if (!mount_all()) {
		kill(fuse.server, SIGKILL);
		fuse.server = 0;
	}
	for (i = 0; i < MOUNTS; i++)
		close(fuse.fuse[i]);
	return 0;
}

static int tear_down(void **state)
{
	uint32_t i;

	if (fuse.server) {
		kill(fuse.server, SIGKILL);
		waitpid(fuse.server, NULL, 0);
	}
	for (i = 0; i < MOUNTS; i++) {
		umount2(point(i), MNT_DETACH);
		rmdir(point(i));
	}
	rmdir(fuse.dir);
	return 0;
}

static const uint64_t *row(uint32_t i)
{
	return host_table_named(&table, WIRE_MOUNT_POINT, point(i));
}

static bool is_hung(uint32_t i)
{
	return row(i)[WIRE_MOUNT_FLAGS] & WIRE_MOUNT_HUNG;
}

static bool answers(uint32_t i)
{
	return !is_hung(i) &&
	       row(i)[WIRE_MOUNT_SIZE_BYTES] == BLOCKS * BLOCK_BYTES;
}

/* Take news until a mount is as it must become. */
static void await(const struct host_collector *c, void *collector,
		  bool (*is)(uint32_t), uint32_t i)
{
	const struct host_sink sink = { host_table_keep, &table };

	while (!row(i) || !is(i)) {
		struct pollfd fd = { c->fd(collector), POLLIN, 0 };

		assert_int_equal(poll(&fd, 1, patience_ms(WAIT_MS)), 1);
		assert_int_equal(c->changed(collector, &sink), 0);
	}
}

/* Until there is nothing more to come. */
static void await_rest(const struct host_collector *c, void *collector)
{
	const struct host_sink sink = { host_table_keep, &table };

	while (c->waits(collector)) {
		struct pollfd fd = { c->fd(collector), POLLIN, 0 };

		assert_int_equal(poll(&fd, 1, patience_ms(WAIT_MS)), 1);
		assert_int_equal(c->changed(collector, &sink), 0);
	}
}

static uint32_t threads(void)
{
	char text[64];
	uint32_t count = 0;
	FILE *f = fopen("/proc/self/status", "r");

	assert_non_null(f);
	while (fgets(text, sizeof(text), f))
		if (sscanf(text, "Threads: %u", &count) == 1)
			break;
	fclose(f);
	return count;
}

/* Threads that have done their work take a moment to end. */
static void await_threads(uint32_t count)
{
	int i;

	for (i = 0; threads() != count && i < patience_ms(WAIT_MS); i++)
		usleep(1000);
	assert_int_equal(threads(), count);
}

/* Nothing is under way from the test before. */
static void need_fuse(void)
{
	if (!fuse.server)
		skip();
	await_threads(1);
}

static void *opened(const struct host_collector *c)
{
	void *collector;

	assert_int_equal(c->open(&collector, &options), 0);
	memset(&table, 0, sizeof(table));
	return collector;
}

static void all_answer(void **state)
{
	const struct host_collector *c = host_collector_find("mount");
	void *collector;

	need_fuse();
	collector = opened(c);
	assert_int_equal(host_table_read(&table, c, collector), 0);
	await(c, collector, answers, 0);
	assert_int_equal(row(0)[WIRE_MOUNT_FLAGS], 0);
	assert_int_equal(row(0)[WIRE_MOUNT_USED_BYTES], 600 * BLOCK_BYTES);
	assert_int_equal(row(0)[WIRE_MOUNT_AVAILABLE_BYTES], 300 * BLOCK_BYTES);
	assert_int_equal(row(0)[WIRE_MOUNT_INODES], 100);
	assert_int_equal(row(0)[WIRE_MOUNT_INODES_FREE], 60);
	c->close(collector);
}

static void one_hangs(void **state)
{
	const struct host_collector *c = host_collector_find("mount");
	void *collector;
	int i;

	need_fuse();
	order(1, true);
	collector = opened(c);
	assert_int_equal(host_table_read(&table, c, collector), 0);
	assert_true(c->waits(collector));
	await(c, collector, is_hung, 1);
	assert_true(row(1)[WIRE_MOUNT_SIZE_BYTES] == WIRE_ABSENT);
	await(c, collector, answers, 0);
	await(c, collector, answers, 2);
	await(c, collector, answers, LAST);

	/* It is not asked again, and nobody waits for it. */
	for (i = 0; i < 20; i++) {
		assert_int_equal(host_table_read(&table, c, collector), 0);
		await(c, collector, answers, LAST);
		assert_true(is_hung(1));
	}
	await_threads(2);

	order(1, false);
	await(c, collector, answers, 1);
	assert_int_equal(host_table_read(&table, c, collector), 0);
	await(c, collector, answers, 1);
	await_rest(c, collector);
	c->close(collector);
}

/* As many as may hang, and more: what is on a disk still answers. */
static void many_hang(void **state)
{
	const struct host_collector *c = host_collector_find("mount");
	void *collector;
	uint32_t i, hung = 0;

	need_fuse();
	for (i = 0; i < MOUNTS; i++)
		order(i, true);
	collector = opened(c);
	assert_int_equal(host_table_read(&table, c, collector), 0);
	await(c, collector, is_hung, PROBE_THREADS - PROBE_THREADS_TRUSTED - 1);
	for (i = 0; i < MOUNTS; i++) {
		hung += is_hung(i);
		assert_true(row(i)[WIRE_MOUNT_SIZE_BYTES] == WIRE_ABSENT);
	}
	assert_int_equal(hung, PROBE_THREADS - PROBE_THREADS_TRUSTED);
	await_threads(1 + PROBE_THREADS - PROBE_THREADS_TRUSTED);
	assert_int_equal(host_table_read(&table, c, collector), 0);
	assert_int_equal(table.cells[0][WIRE_MOUNT_FLAGS] & WIRE_MOUNT_HUNG, 0);
	for (i = 0; i < MOUNTS; i++)
		order(i, false);
	await(c, collector, answers, 0);
	c->close(collector);
}

/* close() does not wait for a thread that hangs; that one ends later. */
static void closed_while_hanging(void **state)
{
	const struct host_collector *c = host_collector_find("mount");
	void *collector;

	need_fuse();
	order(3, true);
	collector = opened(c);
	assert_int_equal(host_table_read(&table, c, collector), 0);
	await(c, collector, is_hung, 3);
	c->close(collector);
	await_threads(2);
	order(3, false);
	await_threads(1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_answer),
		cmocka_unit_test(one_hangs),
		cmocka_unit_test(many_hang),
		cmocka_unit_test(closed_while_hanging),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
