// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_faults DIR: let each allocation fail, one after the other, that loading
 * one of the modules of DIR takes, and then each that a reader takes. Wants
 * a kernel with fault injection, and failslab and fail_page_alloc set to fail
 * whatever may sleep and keep quiet about it.
 */
#include "ring_modules.h"

enum {
	NTH_MAX = 5000
};

static int nth_fd;

/* The @nth allocation of this thread from here on fails. */
static void fail_nth(unsigned int nth)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", nth);

	need(pwrite(nth_fd, text, length, 0) == length, "write fail-nth");
}

/* Put it back; has it failed? */
static bool has_failed(void)
{
	char text[16] = "";

	need(pread(nth_fd, text, sizeof(text) - 1, 0) > 0, "read fail-nth");
	fail_nth(0);
	return atoi(text) == 0;
}

static bool is_loaded(int i)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/module/%s", module_name[i]);
	return access(path, F_OK) == 0;
}

/*
 * A load that fails leaves nothing; one that got over the fault is whole, and
 * unloads. The last one met no fault, and stays.
 */
static void test_load(int i)
{
	unsigned int nth, refused = 0, over = 0, wrong = 0;
	bool failed;
	int err;

	for (nth = 1; nth < NTH_MAX; nth++) {
		fail_nth(nth);
		err = module_load(i, "period_us=1000");
		failed = has_failed();
		wrong += (err == 0) != is_loaded(i) || (err && !failed);
		if (!failed)
			break;
		refused += err != 0;
		over += err == 0;
		if (!err)
			wrong += module_unload_soon(i) != 0;
	}
	printf("# %s: %u faults, %u of them made it fail\n", module_name[i],
	       refused + over, refused);
	check(!wrong && nth < NTH_MAX && refused > 10,
	      "%s: each allocation may fail, and loading unwinds",
	      module_name[i]);
	check(is_loaded(i), "%s: then it loads", module_name[i]);
}

static int use_ring(void)
{
	int fd = open(STAT_DEV, O_RDONLY | O_CLOEXEC);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t page = sysconf(_SC_PAGESIZE);
	int err = 0;
	void *map;

	if (fd < 0)
		return -errno;
	map = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		err = -errno;
	else if (*(volatile uint32_t *)map != KTACH_RING_MAGIC)
		err = -EPROTO;
	if (poll(&p, 1, 10000) != 1 && !err)
		err = -errno;
	/* This takes memory, too; the second time it does not fail. */
	while (map != MAP_FAILED && munmap(map, page))
		err = -errno;
	close(fd);
	return err;
}

static void test_use(void)
{
	unsigned int nth, refused = 0, wrong = 0;
	bool failed;
	int err;

	for (nth = 1; nth < NTH_MAX; nth++) {
		fail_nth(nth);
		err = use_ring();
		failed = has_failed();
		wrong += err && (!failed || err != -ENOMEM);
		refused += err != 0;
		if (!failed)
			break;
	}
	printf("# a reader: %u faults, %u of them made it fail\n", nth - 1,
	       refused);
	check(!wrong && nth < NTH_MAX && refused > 0,
	      "a reader's allocations may fail, and it is told");
}

int main(int argc, char **argv)
{
	int i;

	need(argc == 2, "arguments: DIR");
	modules_open(argv[1]);
	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	need(nth_fd >= 0, "open fail-nth");
	for (i = 0; i < MODULES; i++)
		test_load(i);
	test_use();
	for (i = MODULES - 1; i >= 0; i--)
		check(module_unload_soon(i) == 0, "%s unloads", module_name[i]);
	return done_testing();
}
