// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The packet counters on interfaces of a network namespace of the test's own, by both
 * kinds of hooks: what is sent is counted to the byte, whatever interfaces and other
 * processes do.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/pkt_cls.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netlink/socket.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/options.h"
#include "lib/base/log.h"
#include "lib/kernel/net_recorder.h"
#include "lib/netlink/route_socket.h"
#include "lib/kernel/tc.h"
#include "shipper/packets/net.h"
#include "shipper/packets/net_source.h"
#include "tests/unit/patience.h"
#include "tests/unit/said.h"

enum {
	ROWS = 16,
	SIZE = 100, /* bytes of a packet */
	CLSACT = 1,
};

static char folder[64], pins[96], others[96];
static struct net *net, *second;
static const struct net_row *rows;
static size_t count;

static void run(const char *command)
{
	char silent[512];

	snprintf(silent, sizeof(silent), "%s >/dev/null 2>&1", command);
	if (system(silent))
		fail_msg("'%s' fails", command);
}

static void add_interface(void)
{
	run("{ ip link add c0 type dummy || ip link add c0 type bridge mcast_snooping 0; } && "
	    "ip link set c0 up");
}

static int make_namespace(void)
{
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    !scratch_folder(folder))
		return -1;
	snprintf(pins, sizeof(pins), "%s/pins", folder);
	snprintf(others, sizeof(others), "%s/others", folder);
	return mount("bpf", folder, "bpf", 0, NULL);
}

static bool can;

static int group_setup(void **state)
{
	log_init("test", LOG_DEBUG);
	can = !make_namespace() &&
	      !system("echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6; "
		      "ip link set lo up");
	return 0;
}

static int group_teardown(void **state)
{
	if (folder[0])
		umount(folder);
	rmdir(folder);
	return 0;
}

static int setup(void **state)
{
	if (!can)
		return 0;
	net = NULL;
	second = NULL;
	said_begin();
	return system(
		"ip link add a0 type veth peer name b0 && ip link set a0 up && "
		"ip link set b0 up");
}

static int teardown(void **state)
{
	if (!can)
		return 0;
	net_close(second);
	net_close(net);
	net_detach(pins);
	net_detach(others);
	said_end();
	return system("ip link del a0 2>/dev/null; ip link del x0 2>/dev/null;"
		      "ip link del c0 2>/dev/null; true");
}

static struct net_config config(int clsact)
{
	return (struct net_config){
		.clsact_only = clsact,
		.period_ns = 5000000,
		.check_ns = 20000000,
		.slots = 4,
		.record_s = 2,
		.pins = pins,
	};
}

static void open_counters(int clsact)
{
	struct net_config c = config(clsact);

	if (!can)
		skip();
	assert_int_equal(net_open(&net, &c), 0);
	assert_false(net_failed(net));
}

static const struct net_row *row_of(const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

static void turn(struct net *n)
{
	struct pollfd p = { .fd = net_fd(n), .events = POLLIN };

	if (poll(&p, 1, 5) > 0)
		net_links_changed(n);
	count = net_read(n, &rows);
}

/* Read until @c holds; give up after a minute. */
#define until(n, c)                                   \
	do {                                          \
		int left = patience_ms(12000);        \
		bool holds;                           \
                                                      \
		do                                    \
			turn(n);                      \
		while (!(holds = (c)) && left-- > 0); \
		if (!holds)                           \
			fail_msg("never: %s", #c);    \
	} while (0)

static void send_packets(const char *name, unsigned int packets)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_halen = ETH_ALEN,
				  .sll_ifindex = (int)if_nametoindex(name) };
	/* Of a type that nobody here answers. */
	uint8_t packet[SIZE] = {
		2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	while (packets--)
		assert_int_equal(sendto(fd, packet, sizeof(packet), 0,
					(struct sockaddr *)&to, sizeof(to)),
				 SIZE);
	close(fd);
}

static uint64_t packets_of(const char *name, int direction)
{
	const struct net_row *r = row_of(name);

	if (r)
		assert_int_equal(r->entry.traffic[direction].bytes,
				 r->entry.traffic[direction].packets * SIZE);
	return r ? r->entry.traffic[direction].packets : UINT64_MAX;
}

#define sent(name) packets_of(name, KTACH_NET_TX)
#define received(name) packets_of(name, KTACH_NET_RX)

static bool has_qdisc(const char *name)
{
	struct nl_sock *s = route_socket();
	char kind[TC_KIND_LEN];

	tc_qdisc_kind(s, if_nametoindex(name), kind);
	nl_socket_free(s);
	return !strcmp(kind, "clsact");
}

static bool has_tcx(const char *name)
{
	uint32_t ids[TC_FILTERS_MAX];

	return tcx_programs(if_nametoindex(name), KTACH_NET_RX, ids) > 0 ||
	       tcx_programs(if_nametoindex(name), KTACH_NET_TX, ids) > 0;
}

static void each_packet_counts_once(int clsact)
{
	open_counters(clsact);
	until(net, row_of("a0") && row_of("b0"));
	assert_null(row_of("lo"));
	assert_int_equal(count, 2);
	assert_int_equal(has_qdisc("a0"), clsact);
	send_packets("a0", 300);
	until(net, received("b0") == 300);
	assert_int_equal(sent("a0"), 300);
	send_packets("b0", 70);
	until(net, received("a0") == 70);
	assert_int_equal(sent("b0"), 70);
	assert_int_equal(received("b0"), 300);
	assert_int_equal(row_of("b0")
				 ->entry.traffic[KTACH_NET_RX]
				 .class[KTACH_NET_NOT_IP]
				 .packets,
			 300);
	assert_false(net_lacks(net));
	assert_int_equal(net_slots(net), 4);
}

static void packets_are_counted_by_tcx(void **state)
{
	each_packet_counts_once(0);
}

static void packets_are_counted_by_clsact(void **state)
{
	each_packet_counts_once(CLSACT);
}

static void interfaces_come_are_renamed_and_go(void **state)
{
	open_counters(CLSACT);
	until(net, row_of("a0") && row_of("b0"));
	add_interface();
	until(net, row_of("c0"));
	send_packets("c0", 9);
	until(net, sent("c0") == 9);
	run("ip link set c0 down && ip link set c0 name x0 && ip link set x0 up");
	until(net, row_of("x0"));
	assert_null(row_of("c0"));
	assert_int_equal(sent("x0"), 9);
	run("ip link del x0");
	until(net, count == 2);
	/* Another one in its slot begins anew. */
	add_interface();
	until(net, row_of("c0"));
	assert_int_equal(sent("c0"), 0);
	assert_true(said("c0 (") && said("is gone"));
}

static void what_is_chosen_is_counted(void **state)
{
	struct net_config c = config(CLSACT);

	if (!can)
		skip();
	c.choice =
		(struct interface_choice){ .with_lo = true, .exclude = "b*" };
	assert_int_equal(net_open(&net, &c), 0);
	until(net, row_of("a0") && row_of("lo"));
	assert_int_equal(count, 2);
	assert_false(has_qdisc("b0"));
	/* A name that is not wanted: it is taken off. */
	run("ip link set a0 down && ip link set a0 name bx && ip link set bx up");
	until(net, count == 1);
	assert_false(has_qdisc("bx"));
	run("ip link set bx down && ip link set bx name a0 && ip link set a0 up");
	until(net, row_of("a0"));
	assert_int_equal(sent("a0"), 0);
}

static void more_than_fit_are_told_of(void **state)
{
	struct net_config c = config(CLSACT);

	if (!can)
		skip();
	c.slots = 2;
	add_interface();
	assert_int_equal(net_open(&net, &c), 0);
	until(net, count == 2);
	assert_true(net_lacks(net));
	assert_true(said("more than 2 interfaces: the rest is not counted"));
	assert_null(row_of("c0"));
	/* A slot that becomes free is taken. */
	run("ip link del a0");
	until(net, row_of("c0"));
	send_packets("c0", 3);
	until(net, sent("c0") == 3);
}

static void the_next_one_goes_on(int clsact)
{
	struct net_config c = config(clsact);

	open_counters(clsact);
	until(net, row_of("a0") && row_of("b0"));
	send_packets("a0", 20);
	until(net, received("b0") == 20);
	/* One beside it reads. */
	assert_int_equal(net_open(&second, &c), 0);
	assert_true(said("another ktach looks after the counters"));
	until(second, received("b0") == 20);
	assert_false(net_lacks(second));
	/* It takes over, and nothing is counted twice or left out. */
	net_close(net);
	net = NULL;
	send_packets("a0", 5);
	until(second, said("looks after the counters in"));
	until(second, received("b0") == 25);
	add_interface();
	until(second, row_of("c0"));
	net_close(second);
	second = NULL;
	/* While nobody is there one goes, and packets pass. */
	run("ip link del c0");
	send_packets("a0", 7);
	assert_int_equal(net_open(&net, &c), 0);
	assert_true(said("goes on with the counters"));
	until(net, received("b0") == 32);
	assert_int_equal(sent("a0"), 32);
	assert_int_equal(count, 2);
	/* Another number of slots is another table. */
	net_close(net);
	net = NULL;
	c.slots = 8;
	assert_int_equal(net_open(&net, &c), 0);
	assert_true(said("replaces the programs"));
	until(net, received("b0") == 0 && net_slots(net) == 8);
}

static void the_next_one_goes_on_by_tcx(void **state)
{
	the_next_one_goes_on(0);
}

static void the_next_one_goes_on_by_clsact(void **state)
{
	the_next_one_goes_on(CLSACT);
}

static void the_first_one_counts(int clsact)
{
	struct net_config c = config(clsact);

	open_counters(clsact);
	until(net, row_of("a0") && row_of("b0"));
	c.pins = others;
	assert_int_equal(net_open(&second, &c), 0);
	until(second, net_lacks(second));
	assert_int_equal(count, 0);
	assert_true(
		said("and 1 more interfaces are not counted: another ktach"));
	send_packets("a0", 4);
	until(net, received("b0") == 4);
	/* When that one is gone, the other one counts. */
	net_close(net);
	net = NULL;
	assert_int_equal(net_detach(pins), 0);
	until(second, row_of("a0") && row_of("b0"));
	assert_true(said("a0 is counted from now on"));
	assert_false(net_lacks(second));
	send_packets("a0", 6);
	until(second, received("b0") == 6);
}

static void the_first_one_counts_by_tcx(void **state)
{
	the_first_one_counts(0);
}

static void the_first_one_counts_by_clsact(void **state)
{
	the_first_one_counts(CLSACT);
}

static void what_is_taken_off_is_put_on_again(void **state)
{
	open_counters(CLSACT);
	until(net, row_of("a0") && row_of("b0"));
	send_packets("a0", 2);
	until(net, sent("a0") == 2);
	run("tc qdisc del dev a0 clsact");
	until(net, said("somebody took the programs off a0"));
	until(net, has_qdisc("a0"));
	send_packets("a0", 3);
	until(net, sent("a0") == 5);
	assert_false(said("took the programs off b0"));
}

static void removed_pins_are_made_anew(void **state)
{
	char path[256];

	open_counters(0);
	until(net, row_of("a0") && row_of("b0"));
	snprintf(path, sizeof(path), "rm %s/[a-z]*", pins);
	run(path);
	until(net, said("their pins were removed"));
	until(net, row_of("a0") && row_of("b0"));
	send_packets("a0", 8);
	until(net, received("b0") >= 8);
}

static void a_qdisc_of_somebody_else_stays(void **state)
{
	int i;

	if (!can)
		skip();
	run("tc qdisc add dev a0 ingress");
	run("tc qdisc add dev b0 clsact");
	open_counters(CLSACT);
	/* At each reading, or its row of /proc would come and go. */
	until(net, row_of("b0"));
	for (i = 0; i < 20; i++) {
		turn(net);
		assert_true(net_lacks(net));
	}
	assert_null(row_of("a0"));
	assert_true(
		said("a0 is not counted: its ingress qdisc leaves no room"));
	net_close(net);
	net = NULL;
	assert_int_equal(net_detach(pins), 0);
	assert_true(has_qdisc("b0"));
	run("tc qdisc show dev a0 | grep ingress");
}

/* Somebody's program that drops all that comes, as a filter of that priority. */
static void drop_all(const char *name, uint32_t priority)
{
	const struct bpf_insn drop[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = TC_ACT_SHOT },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)if_nametoindex(name),
		    .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, filter, .priority = priority);

	filter.prog_fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "drop", "GPL",
				       drop, 2, NULL);
	assert_true(filter.prog_fd >= 0);
	bpf_tc_hook_create(&hook);
	assert_int_equal(bpf_tc_attach(&hook, &filter), 0);
	close(filter.prog_fd);
}

static size_t filters_on(const char *name, struct tc_filter *filters)
{
	struct nl_sock *s = route_socket();
	size_t n = tc_filters(s, if_nametoindex(name), KTACH_NET_RX, filters);

	nl_socket_free(s);
	return n;
}

static void filters_of_others_are_behind(void **state)
{
	struct tc_filter filters[TC_FILTERS_MAX];

	if (!can)
		skip();
	drop_all("b0", 2);
	open_counters(CLSACT);
	until(net, row_of("b0"));
	send_packets("a0", 11);
	until(net, received("b0") == 11);
	assert_int_equal(filters_on("b0", filters), 2);
	assert_true(filters[0].ktach && filters[0].priority == 1);
	assert_false(filters[1].ktach);
	net_close(net);
	net = NULL;
	/* Neither it goes nor the qdisc that it needs. */
	assert_int_equal(net_detach(pins), 0);
	assert_int_equal(filters_on("b0", filters), 1);
	assert_int_equal(filters[0].priority, 2);
	/* There is none before the first priority. */
	drop_all("b0", 1);
	open_counters(CLSACT);
	until(net, row_of("b0"));
	assert_int_equal(filters_on("b0", filters), 3);
	assert_true(filters[2].ktach && filters[2].priority == 3);
}

static void nothing_is_left(int clsact)
{
	open_counters(clsact);
	until(net, row_of("a0") && row_of("b0"));
	assert_int_equal(net_detach(pins), -EBUSY);
	assert_true(said("stop it first"));
	net_close(net);
	net = NULL;
	assert_true(clsact ? has_qdisc("a0") : has_tcx("a0"));
	assert_int_equal(net_detach(pins), 0);
	assert_false(has_qdisc("a0") || has_qdisc("b0"));
	assert_false(has_tcx("a0") || has_tcx("b0"));
	assert_int_not_equal(access(pins, F_OK), 0);
}

static void nothing_is_left_of_tcx(void **state)
{
	nothing_is_left(0);
}

static void nothing_is_left_of_clsact(void **state)
{
	nothing_is_left(CLSACT);
}

static uint64_t recorded(const struct net_recorder *r, const char *name,
			 int direction, uint32_t *cause)
{
	static uint32_t memory[2 * KTACH_NET_RECORDED_MAX];
	struct net_recording copy;
	uint64_t bytes = 0;
	uint32_t i;

	if (!row_of(name) ||
	    net_recorder_copy(r, row_of(name)->slot, memory, &copy))
		return UINT64_MAX;
	assert_int_equal(copy.ifindex, if_nametoindex(name));
	for (i = 0; i < copy.buckets; i++)
		bytes += copy.bytes[direction][i];
	*cause = copy.cause;
	return bytes;
}

#define was_recorded(name) recorded(&r, name, KTACH_NET_TX, &cause)

static void bursts_are_recorded(void **state)
{
	struct net_recorder r;
	uint32_t cause;

	open_counters(0);
	assert_int_equal(net_recorder_open(&r, pins), 0);
	until(net, row_of("a0") && row_of("b0"));
	send_packets("a0", 40);
	until(net, was_recorded("a0") == 40 * SIZE);
	assert_int_equal(recorded(&r, "a0", KTACH_NET_RX, &cause), 0);
	until(net, recorded(&r, "b0", KTACH_NET_RX, &cause) == 40 * SIZE);
	assert_int_equal(cause, KTACH_NET_NOT_FROZEN);
	/* Frozen, it has what it had; then what came since. */
	net_recorder_freeze(&r, row_of("a0")->slot, true);
	until(net, was_recorded("a0") && cause == KTACH_NET_ON_DEMAND);
	send_packets("a0", 5);
	until(net, sent("a0") == 45);
	assert_int_equal(was_recorded("a0"), 40 * SIZE);
	net_recorder_freeze(&r, row_of("a0")->slot, false);
	until(net, was_recorded("a0") != UINT64_MAX &&
			   cause == KTACH_NET_NOT_FROZEN);
	send_packets("a0", 3);
	until(net, was_recorded("a0") == 3 * SIZE);
	assert_int_equal(net_recorder_copy(&r, 4, NULL, NULL), -ENOENT);
	net_recorder_close(&r);
	assert_int_not_equal(net_recorder_open(&r, others), 0);
}

/* A veth says that it has 10 Gbit/s: a percent is 12500 bytes a ms. */
static void large_buckets_are_told_by_speed(void **state)
{
	struct net_config c = config(0);

	if (!can)
		skip();
	c.choice.over_percent = 1;
	assert_int_equal(net_open(&net, &c), 0);
	until(net, row_of("a0") && row_of("b0"));
	assert_int_equal(row_of("a0")->entry.traffic[KTACH_NET_TX].over_bytes,
			 12500);
}

static void settings_that_cannot_be_are_refused(void **state)
{
	struct net_config c = config(0);

	if (!can)
		skip();
	c.period_ns = NET_PERIOD_MAX_NS + 1;
	assert_int_equal(net_open(&net, &c), -EINVAL);
	c.period_ns = NET_PERIOD_MIN_NS - 1;
	assert_int_equal(net_open(&net, &c), -EINVAL);
	c = config(0);
	c.slots = KTACH_NET_SLOTS_MAX + 1;
	assert_int_equal(net_open(&net, &c), -EINVAL);
	c = config(0);
	c.record_s = 66;
	assert_int_equal(net_open(&net, &c), -EINVAL);
	c = config(0);
	c.pins = "/proc";
	assert_int_not_equal(net_open(&net, &c), 0);
	assert_true(said("network: read from /proc/net/dev"));
	net = NULL;
}

/* --- the source of the table ------------------------------------------------ */

static struct {
	unsigned int tables;
	uint32_t rows, columns, origin;
	uint64_t mono_ns, sent[ROWS], key[ROWS];
	char name[ROWS][IF_NAMESIZE];
} seen;

static void see(void *arg, const struct wire_table *t)
{
	uint32_t i;

	seen.tables++;
	seen.rows = t->rows;
	seen.columns = t->columns;
	seen.origin = t->origin;
	assert_true(t->mono_ns > seen.mono_ns);
	seen.mono_ns = t->mono_ns;
	for (i = 0; i < t->rows && i < ROWS; i++) {
		const uint64_t *cells = t->cells + (size_t)i * t->columns;

		seen.key[i] = cells[WIRE_NET_KEY];
		seen.sent[i] = cells[WIRE_NET_TX_PACKETS];
		snprintf(seen.name[i], IF_NAMESIZE, "%.*s",
			 (int)t->text[i * t->texts].size,
			 t->text[i * t->texts].data);
	}
}

static int row_seen(const char *name)
{
	uint32_t i;

	for (i = 0; i < seen.rows; i++)
		if (!strcmp(seen.name[i], name))
			return (int)i;
	return -1;
}

static const struct host_sink sink = { .put = see };
static struct host_options options;
static void *source;

static void open_source(const char *where)
{
	if (!can)
		skip();
	memset(&seen, 0, sizeof(seen));
	host_options_preset(&options);
	options.interval_ns = 5000000;
	options.net.pins = where;
	options.net.interfaces = 2;
	assert_int_equal(net_source.open(&source, &options), 0);
}

static void read_source(void)
{
	struct pollfd p = { .fd = net_source.fd(source), .events = POLLIN };

	if (poll(&p, 1, 5) > 0)
		net_source.changed(source, &sink);
	net_source.read(source, &sink);
}

#define until_seen(c)                              \
	do {                                       \
		int left = patience_ms(12000);     \
                                                   \
		do                                 \
			read_source();             \
		while (!(c) && left-- > 0);        \
		if (!(c))                          \
			fail_msg("never: %s", #c); \
	} while (0)

static bool was_sent(const char *name, uint64_t packets)
{
	int i = row_seen(name);

	return i >= 0 && seen.sent[i] == packets &&
	       seen.key[i] == if_nametoindex(name);
}

static void the_table_has_all_rows(void **state)
{
	unsigned int before;

	open_source(pins);
	until_seen(row_seen("a0") >= 0 && row_seen("b0") >= 0);
	assert_int_equal(seen.origin, WIRE_ORIGIN_BPF);
	assert_int_equal(seen.columns, WIRE_NET_COLUMNS);
	send_packets("a0", 12);
	until_seen(was_sent("a0", 12));
	assert_true(was_sent("b0", 0));
	/* Those that have no slot are read from /proc. */
	add_interface();
	until_seen(row_seen("c0") >= 0);
	assert_int_equal(seen.rows, 3);
	send_packets("c0", 2);
	until_seen(was_sent("c0", 2));
	assert_true(was_sent("a0", 12));
	/* That there is none any more is said once. */
	run("ip link del a0 && ip link del c0");
	until_seen(seen.rows == 0);
	before = seen.tables;
	read_source();
	read_source();
	read_source();
	assert_int_equal(seen.tables, before);
	net_source.close(source);
}

static void without_bpf_it_is_read_from_proc(void **state)
{
	open_source("/proc");
	assert_true(said("network: read from /proc/net/dev"));
	until_seen(row_seen("a0") >= 0 && row_seen("b0") >= 0);
	assert_int_equal(seen.origin, WIRE_ORIGIN_PROC);
	assert_int_equal(seen.columns, WIRE_NET_REQUIRED);
	send_packets("a0", 5);
	until_seen(was_sent("a0", 5));
	add_interface();
	until_seen(row_seen("c0") >= 0);
	net_source.close(source);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(packets_are_counted_by_tcx),
		test(packets_are_counted_by_clsact),
		test(interfaces_come_are_renamed_and_go),
		test(what_is_chosen_is_counted),
		test(more_than_fit_are_told_of),
		test(the_next_one_goes_on_by_tcx),
		test(the_next_one_goes_on_by_clsact),
		test(the_first_one_counts_by_tcx),
		test(the_first_one_counts_by_clsact),
		test(what_is_taken_off_is_put_on_again),
		test(removed_pins_are_made_anew),
		test(a_qdisc_of_somebody_else_stays),
		test(filters_of_others_are_behind),
		test(nothing_is_left_of_tcx),
		test(nothing_is_left_of_clsact),
		test(bursts_are_recorded),
		test(large_buckets_are_told_by_speed),
		test(settings_that_cannot_be_are_refused),
		test(the_table_has_all_rows),
		test(without_bpf_it_is_read_from_proc),
	};

	return cmocka_run_group_tests_name("packets of the shipper", tests,
					   group_setup, group_teardown);
}
