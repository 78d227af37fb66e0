// SPDX-License-Identifier: GPL-2.0-or-later
/* Interfaces of /proc/net/dev: which, their numbers, and rates over the time between. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/net/net_proc.h"
#include "lib/base/log.h"
#include "tests/unit/host_table.h"

#define TITLES                                                            \
	"Inter-|   Receive                            |  Transmit\n"      \
	" face |bytes packets errs drop fifo frame compressed multicast|" \
	"bytes packets errs drop fifo colls carrier compressed\n"
#define LINE(name, first)                                                    \
	name ": 1" first " 2" first " 3" first " 4" first " 0 0 0 0 5" first \
	     " 6" first " 7" first " 8" first " 0 0 0 0\n"

static struct host_tree tree;

static void make_folder(const char *name)
{
	assert_int_equal(host_tree_folder(&tree, name), 0);
}

static void put(const char *name, const char *text)
{
	assert_int_equal(host_tree_put(&tree, name, text), 0);
}

static int setup(void **state)
{
	log_init("test", LOG_ERROR);
	if (host_tree_begin(&tree))
		return -1;
	make_folder("proc/1/net");
	make_folder("sys/class/net/lo");
	make_folder("sys/class/net/eth0");
	make_folder("sys/class/net/eth1");
	put("sys/class/net/lo/ifindex", "1\n");
	put("sys/class/net/eth0/ifindex", "2\n");
	put("sys/class/net/eth1/ifindex", "7\n");
	put("proc/1/net/dev", TITLES LINE("    lo", "0") LINE("  eth0", "1")
				      LINE("  eth1", "2") LINE("nobody", "3"));
	return 0;
}

static int teardown(void **state)
{
	host_tree_remove(&tree);
	return 0;
}

static const uint64_t *row(const struct net_proc_reading *r, size_t i)
{
	return r->cells + i * WIRE_NET_REQUIRED;
}

static void values_in_their_places(void **state)
{
	const struct interface_choice all = { .with_lo = true };
	const struct net_proc_reading *r;
	struct net_proc p;

	assert_int_equal(net_proc_open(&p, &all, &tree.options), 0);
	assert_true(p.events < 0);
	r = net_proc_read(&p);
	assert_int_equal(r->count, 3);
	assert_int_equal(row(r, 0)[WIRE_NET_KEY], 1);
	assert_int_equal(row(r, 1)[WIRE_NET_KEY], 2);
	assert_int_equal(row(r, 1)[WIRE_NET_RX_BYTES], 11);
	assert_int_equal(row(r, 1)[WIRE_NET_RX_PACKETS], 21);
	assert_int_equal(row(r, 1)[WIRE_NET_TX_BYTES], 51);
	assert_int_equal(row(r, 1)[WIRE_NET_TX_PACKETS], 61);
	assert_int_equal(row(r, 1)[WIRE_NET_RX_BYTES_PER_S], 0);
	assert_int_equal(r->trouble[1][NET_PROC_RX_ERRORS], 31);
	assert_int_equal(r->trouble[1][NET_PROC_RX_DROPS], 41);
	assert_int_equal(r->trouble[1][NET_PROC_TX_ERRORS], 71);
	assert_int_equal(r->trouble[1][NET_PROC_TX_DROPS], 81);
	assert_int_equal(row(r, 2)[WIRE_NET_KEY], 7);
	assert_int_equal(r->texts[2].size, 4);
	assert_memory_equal(r->texts[2].data, "eth1", 4);
	net_proc_close(&p);
}

static void those_that_are_chosen(void **state)
{
	const struct interface_choice some = { .exclude = "eth1" };
	const struct net_proc_reading *r;
	struct net_proc p;

	assert_int_equal(net_proc_open(&p, &some, &tree.options), 0);
	r = net_proc_read(&p);
	assert_int_equal(r->count, 1);
	assert_string_equal(r->names[0], "eth0");
	net_proc_close(&p);
}

/* By the time that passed, whatever that was. */
static void assert_rate(const struct net_proc *p, uint64_t rate, uint64_t grown)
{
	uint64_t ns = p->now.mono_ns - p->last.mono_ns;

	assert_int_equal(rate, (uint64_t)((double)grown * 1e9 / (double)ns));
}

static void rates_since_the_last_time(void **state)
{
	const struct interface_choice all = { 0 };
	const struct net_proc_reading *r;
	struct net_proc p;

	assert_int_equal(net_proc_open(&p, &all, &tree.options), 0);
	r = net_proc_read(&p);
	assert_int_equal(r->count, 2);
	/* In another order, one with fewer bytes than before, one more. */
	make_folder("sys/class/net/eth2");
	put("sys/class/net/eth2/ifindex", "9\n");
	put("proc/1/net/dev",
	    TITLES LINE("eth2", "5") LINE("eth1", "1") LINE("eth0", "100000"));
	r = net_proc_read(&p);
	assert_int_equal(r->count, 3);
	assert_int_equal(row(r, 0)[WIRE_NET_KEY], 9);
	assert_int_equal(row(r, 0)[WIRE_NET_TX_BYTES_PER_S], 0);
	assert_int_equal(row(r, 1)[WIRE_NET_KEY], 7);
	assert_int_equal(row(r, 1)[WIRE_NET_RX_BYTES_PER_S], 0);
	assert_int_equal(row(r, 2)[WIRE_NET_KEY], 2);
	assert_rate(&p, row(r, 2)[WIRE_NET_RX_BYTES_PER_S], 1100000 - 11);
	assert_rate(&p, row(r, 2)[WIRE_NET_RX_PACKETS_PER_S], 2100000 - 21);
	assert_rate(&p, row(r, 2)[WIRE_NET_TX_BYTES_PER_S], 5100000 - 51);
	assert_rate(&p, row(r, 2)[WIRE_NET_TX_PACKETS_PER_S], 6100000 - 61);
	net_proc_close(&p);
}

/* More than there is room for at first. */
static void many(void **state)
{
	const struct interface_choice all = { 0 };
	const struct net_proc_reading *r;
	char text[4096] = TITLES, path[64], number[16];
	struct net_proc p;
	int i;

	for (i = 10; i < 40; i++) {
		sprintf(text + strlen(text),
			"if%d: %d 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n", i, i);
		sprintf(path, "sys/class/net/if%d", i);
		make_folder(path);
		strcat(path, "/ifindex");
		sprintf(number, "%d\n", i);
		put(path, number);
	}
	put("proc/1/net/dev", text);
	assert_int_equal(net_proc_open(&p, &all, &tree.options), 0);
	r = net_proc_read(&p);
	assert_int_equal(r->count, 30);
	for (i = 0; i < 30; i++) {
		assert_int_equal(row(r, (size_t)i)[WIRE_NET_KEY], i + 10);
		assert_int_equal(row(r, (size_t)i)[WIRE_NET_RX_BYTES], i + 10);
	}
	net_proc_close(&p);
}

static void odd_numbers(void **state)
{
	const struct interface_choice all = { 0 };
	const struct net_proc_reading *r;
	struct net_proc p;

	put("sys/class/net/eth0/ifindex", "-2\n");
	put("sys/class/net/eth1/ifindex", "2147483648\n");
	assert_int_equal(net_proc_open(&p, &all, &tree.options), 0);
	r = net_proc_read(&p);
	assert_int_equal(r->count, 0);
	put("sys/class/net/eth1/ifindex", "2147483647\n");
	r = net_proc_read(&p);
	assert_int_equal(r->count, 1);
	assert_int_equal(row(r, 0)[WIRE_NET_KEY], INT32_MAX);
	net_proc_close(&p);
}

static void nothing_to_read(void **state)
{
	const struct interface_choice all = { 0 };
	char path[2 * HOST_TREE_PATH];
	struct net_proc p;

	snprintf(path, sizeof(path), "%s/class", tree.sys);
	tree.options.sys = path;
	assert_int_equal(net_proc_open(&p, &all, &tree.options), -ENOENT);
	tree.options.sys = tree.sys;
	snprintf(path, sizeof(path), "%s/1/net/dev", tree.proc);
	unlink(path);
	assert_int_equal(net_proc_open(&p, &all, &tree.options), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(values_in_their_places, setup,
						teardown),
		cmocka_unit_test_setup_teardown(those_that_are_chosen, setup,
						teardown),
		cmocka_unit_test_setup_teardown(rates_since_the_last_time,
						setup, teardown),
		cmocka_unit_test_setup_teardown(many, setup, teardown),
		cmocka_unit_test_setup_teardown(odd_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_to_read, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
