// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Interfaces: rtnetlink's messages, whole and cut; and the collector in a
 * network namespace of its own, beside ip.
 */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/gen_stats.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "host/collector.h"
#include "host/link/link_table.h"
#include "host/network.h"
#include "lib/base/log.h"

/* --- messages ---------------------------------------------------------------- */

/* A message under construction. */
struct message {
	struct nlmsghdr head;
	char body[1024];
};

static void begin(struct message *m, uint16_t type, const void *body,
		  size_t size)
{
	memset(m, 0, sizeof(*m));
	m->head.nlmsg_type = type;
	m->head.nlmsg_len = NLMSG_SPACE(size);
	memcpy(m->body, body, size);
}

static void add(struct message *m, uint16_t type, const void *data, size_t size)
{
	struct rtattr *a = (void *)((char *)m + m->head.nlmsg_len);

	a->rta_type = type;
	a->rta_len = RTA_LENGTH(size);
	memcpy(RTA_DATA(a), data, size);
	m->head.nlmsg_len += RTA_SPACE(size);
}

static void link_message(struct message *m)
{
	const struct ifinfomsg info = {
		.ifi_index = 7,
		.ifi_flags = IFF_UP,
	};
	const uint32_t mtu = 9000, changes = 3;

	begin(m, RTM_NEWLINK, &info, sizeof(info));
	add(m, IFLA_IFNAME, "eth0", 5);
	add(m, IFLA_MTU, &mtu, sizeof(mtu));
	add(m, IFLA_CARRIER_CHANGES, &changes, sizeof(changes));
	add(m, IFLA_ADDRESS, "\x02\x00\x5e\x10\x00\xff", 6);
}

static void info_values(void **state)
{
	struct link_info info;
	struct message m;
	char text[3 * LINK_MAC_MAX];

	link_message(&m);
	assert_int_equal(link_info_parse(&m.head, &info), 0);
	assert_int_equal(info.ifindex, 7);
	assert_string_equal(info.name, "eth0");
	assert_true(info.up && !info.carrier);
	assert_int_equal(info.mtu_bytes, 9000);
	assert_int_equal(info.carrier_changes, 3);
	assert_int_equal(link_mac_text(&info, text), 17);
	assert_string_equal(text, "02:00:5e:10:00:ff");
}

/* Where a message ends is where its memory ends: reading on is seen by a
 * sanitizer. A value is right, or absent.
 */
static void cut_info(void **state)
{
	struct link_info info;
	struct message m;
	uint32_t n;

	link_message(&m);
	for (n = sizeof(m.head); n < m.head.nlmsg_len; n++) {
		struct nlmsghdr *cut = malloc(n);

		memcpy(cut, &m, n);
		cut->nlmsg_len = n;
		if (!link_info_parse(cut, &info)) {
			assert_string_equal(info.name, "eth0");
			assert_true(info.mtu_bytes == 9000 ||
				    info.mtu_bytes == WIRE_ABSENT);
			assert_true(info.carrier_changes == 3 ||
				    info.carrier_changes == WIRE_ABSENT);
			assert_true(!info.mac_size || info.mac_size == 6);
		}
		free(cut);
	}
}

static void bad_info(void **state)
{
	struct ifinfomsg port = { .ifi_family = AF_BRIDGE, .ifi_index = 7 };
	struct link_info info;
	struct message m;

	begin(&m, RTM_NEWLINK, &port, sizeof(port));
	add(&m, IFLA_IFNAME, "eth0", 5);
	assert_int_equal(link_info_parse(&m.head, &info), -EINVAL);
	port.ifi_family = AF_UNSPEC;
	begin(&m, RTM_NEWLINK, &port, sizeof(port));
	assert_int_equal(link_info_parse(&m.head, &info), -EINVAL);
	add(&m, IFLA_IFNAME, "0123456789abcdef", 16);
	assert_int_equal(link_info_parse(&m.head, &info), -EINVAL);
	add(&m, IFLA_IFNAME, "eth0", 5);
	add(&m, IFLA_MTU, "\x01", 1);
	assert_int_equal(link_info_parse(&m.head, &info), 0);
	assert_true(info.mtu_bytes == WIRE_ABSENT);
	m.head.nlmsg_type = RTM_NEWADDR;
	assert_int_equal(link_info_parse(&m.head, &info), -EINVAL);
}

static void address_values(void **state)
{
	struct ifaddrmsg own = { .ifa_family = AF_INET,
				 .ifa_prefixlen = 24,
				 .ifa_index = 7 };
	char text[LINK_ADDRESS_TEXT];
	struct link_address a;
	struct message m;

	begin(&m, RTM_NEWADDR, &own, sizeof(own));
	add(&m, IFA_ADDRESS, "\xc0\x00\x02\x02", 4);
	add(&m, IFA_LOCAL, "\xc0\x00\x02\x01", 4);
	assert_int_equal(link_address_parse(&m.head, &a), 0);
	link_address_text(&a, text);
	assert_string_equal(text, "192.0.2.1/24");

	own.ifa_family = AF_INET6;
	own.ifa_prefixlen = 64;
	begin(&m, RTM_DELADDR, &own, sizeof(own));
	add(&m, IFA_ADDRESS, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	assert_int_equal(link_address_parse(&m.head, &a), 0);
	link_address_text(&a, text);
	assert_string_equal(text, "fe80::1/64");

	begin(&m, RTM_NEWADDR, &own, sizeof(own));
	assert_int_equal(link_address_parse(&m.head, &a), -EINVAL);
	add(&m, IFA_ADDRESS, "\xc0\x00\x02\x02", 4);
	assert_int_equal(link_address_parse(&m.head, &a), -EINVAL);
}

/* Below an attribute of its own; of roots only. */
static void queues(void **state)
{
	const struct gnet_stats_queue s = {
		.qlen = 4, .backlog = 3, .drops = 1, .overlimits = 2
	};
	struct tcmsg head = { .tcm_ifindex = 7, .tcm_parent = TC_H_ROOT };
	struct {
		struct rtattr head;
		struct gnet_stats_queue s;
	} nest = { { RTA_LENGTH(sizeof(s)), TCA_STATS_QUEUE }, s };
	struct link_qdisc q;
	struct message m;
	uint64_t i;

	begin(&m, RTM_NEWQDISC, &head, sizeof(head));
	assert_int_equal(link_qdisc_parse(&m.head, &q), -EINVAL);
	add(&m, TCA_STATS2, &nest, sizeof(nest) - 4);
	assert_int_equal(link_qdisc_parse(&m.head, &q), -EINVAL);
	begin(&m, RTM_NEWQDISC, &head, sizeof(head));
	add(&m, TCA_STATS2, &nest, sizeof(nest));
	assert_int_equal(link_qdisc_parse(&m.head, &q), 0);
	assert_int_equal(q.ifindex, 7);
	for (i = 0; i < LINK_QDISC_VALUES; i++)
		assert_int_equal(q.value[i], i + 1);
	head.tcm_parent = TC_H_CLSACT;
	begin(&m, RTM_NEWQDISC, &head, sizeof(head));
	add(&m, TCA_STATS2, &nest, sizeof(nest));
	assert_int_equal(link_qdisc_parse(&m.head, &q), -EINVAL);
}

static void cut_counters(void **state)
{
	const struct if_stats_msg head = { .ifindex = 7 };
	const struct rtnl_link_stats64 s = { .rx_bytes = 1,
					     .collisions = 2,
					     .rx_length_errors = 3,
					     .rx_over_errors = 4,
					     .rx_crc_errors = 5,
					     .rx_frame_errors = 6,
					     .tx_compressed = 7,
					     .rx_nohandler = 8 };
	size_t needed = offsetof(struct rtnl_link_stats64, tx_compressed) + 8;
	struct link_counters c;
	struct message m;

	begin(&m, RTM_NEWSTATS, &head, sizeof(head));
	assert_int_equal(link_counters_parse(&m.head, &c), -EINVAL);
	add(&m, IFLA_STATS_LINK_64, &s, needed - 8);
	assert_int_equal(link_counters_parse(&m.head, &c), -EINVAL);
	begin(&m, RTM_NEWSTATS, &head, sizeof(head));
	add(&m, IFLA_STATS_LINK_64, &s, needed);
	assert_int_equal(link_counters_parse(&m.head, &c), 0);
	assert_int_equal(c.ifindex, 7);
	assert_int_equal(c.value[0], 1);
	assert_int_equal(c.value[LINK_COUNTERS - 1], 2);
	assert_int_equal(c.more[1], 18);
	assert_int_equal(c.more[LINK_MORE - 1], 7);
	/* Before 4.6 that was all. */
	assert_int_equal(c.more[4], WIRE_ABSENT);
	begin(&m, RTM_NEWSTATS, &head, sizeof(head));
	add(&m, IFLA_STATS_LINK_64, &s, sizeof(s));
	assert_int_equal(link_counters_parse(&m.head, &c), 0);
	assert_int_equal(c.more[4], 8);
}

static void tunnel_has_no_mac(void **state)
{
	const struct link_info info = { .mac = { 192, 0, 2, 1 },
					.mac_size = 4 };
	char text[3 * LINK_MAC_MAX];

	assert_int_equal(link_mac_text(&info, text), 0);
	assert_string_equal(text, "");
}

/* --- table ------------------------------------------------------------------- */

static void table_of_links(void **state)
{
	struct link_info info = { .name = "x" };
	struct link_table t = { 0 };
	bool changed;
	uint32_t i;

	for (i = 1; i <= 1000; i++) {
		info.ifindex = i * 7919 % 1009;
		assert_non_null(link_table_put(&t, &info, &changed));
		assert_true(changed);
		link_table_put(&t, &info, &changed);
		assert_false(changed);
	}
	assert_int_equal(t.count, 1000);
	for (i = 1; i < t.count; i++)
		assert_true(t.links[i - 1].info.ifindex <
			    t.links[i].info.ifindex);
	assert_null(link_table_find(&t, 5000));
	assert_true(link_table_drop(&t, t.links[500].info.ifindex));
	assert_false(link_table_drop(&t, 5000));
	assert_int_equal(t.count, 999);
	link_table_exit(&t);
}

/* IPv4 first, the nearest last; those that don't fit are left out whole. */
static void table_of_addresses(void **state)
{
	struct link_address v4 = { 3, AF_INET, 0, 24, { 192, 0, 2, 1 } };
	struct link_address far = { 3, AF_INET6, 0, 64, { 0x20, 1 } };
	struct link_address near = { 3, AF_INET6, 253, 64, { 0xfe, 0x80 } };
	struct link_address other = { 4, AF_INET, 0, 8, { 10 } };
	struct link_table t = { 0 };
	char text[64];

	assert_true(link_table_put_address(&t, &other));
	assert_true(link_table_put_address(&t, &near));
	assert_true(link_table_put_address(&t, &far));
	assert_true(link_table_put_address(&t, &v4));
	assert_false(link_table_put_address(&t, &v4));
	link_table_addresses(&t, 3, text, sizeof(text));
	assert_string_equal(text, "192.0.2.1/24 2001::/64 fe80::/64");
	link_table_addresses(&t, 3, text, sizeof("192.0.2.1/24 2001::/6"));
	assert_string_equal(text, "192.0.2.1/24");
	assert_true(link_table_drop_address(&t, &far));
	assert_false(link_table_drop_address(&t, &far));
	link_table_drop(&t, 3);
	assert_int_equal(link_table_addresses(&t, 3, text, sizeof(text)), 0);
	link_table_addresses(&t, 4, text, sizeof(text));
	assert_string_equal(text, "10.0.0.0/8");
	link_table_exit(&t);
}

/* --- the collector, beside ip ------------------------------------------------ */

enum {
	ROWS = 1024,
	TRIES = 200,
	QUIET_TRIES = 5,
	VETHS = 300,
	TOGGLES = 5000,
};

/* The last table. */
static struct seen {
	struct row {
		uint64_t cells[WIRE_LINK_COLUMNS];
		char text[WIRE_LINK_TEXTS][WIRE_TEXT_MAX + 1];
	} row[ROWS];
	uint32_t rows;
	uint32_t tables;
} seen;

static void see(void *arg, const struct wire_table *t)
{
	uint32_t i, j;

	assert_int_equal(t->kind, WIRE_LINK);
	assert_int_equal(t->origin, WIRE_ORIGIN_NETLINK);
	assert_int_equal(t->columns, WIRE_LINK_COLUMNS);
	assert_in_range(t->rows, 1, ROWS);
	for (i = 0; i < t->rows; i++) {
		memcpy(seen.row[i].cells, t->cells + i * t->columns,
		       sizeof(seen.row[i].cells));
		for (j = 0; j < WIRE_LINK_TEXTS; j++) {
			const struct wire_text *text =
				&t->text[i * WIRE_LINK_TEXTS + j];

			snprintf(seen.row[i].text[j], WIRE_TEXT_MAX + 1, "%.*s",
				 (int)text->size, text->data);
		}
	}
	seen.rows = t->rows;
	seen.tables++;
}

static const struct host_sink sink = { .put = see };
static struct host_options options = { .proc = "/proc", .include_links = "k*" };
static void *collector;

static const struct row *row_named(const char *name)
{
	uint32_t i;

	for (i = 0; i < seen.rows; i++)
		if (!strcmp(seen.row[i].text[WIRE_LINK_NAME], name))
			return &seen.row[i];
	return NULL;
}

static void ip(const char *format, ...)
{
	char command[512] = "ip ";
	va_list args;

	va_start(args, format);
	vsnprintf(command + 3, sizeof(command) - 3, format, args);
	va_end(args);
	assert_int_equal(system(command), 0);
}

static bool have_namespace;

static int enter_namespace(void **state)
{
	have_namespace = !geteuid() && !system("command -v ip >/dev/null") &&
			 !unshare(CLONE_NEWNET);
	if (have_namespace)
		ip("link set lo up");
	return 0;
}

static int set_up(void **state)
{
	if (!have_namespace)
		return 0;
	ip("link add k0 type veth peer name peer0");
	ip("link set k0 up");
	ip("link set peer0 up");
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(host_link.open(&collector, &options), 0);
	assert_int_equal(host_link.read(collector, &sink), 0);
	assert_int_equal(seen.rows, 1);
	return 0;
}

static int tear_down(void **state)
{
	if (!have_namespace)
		return 0;
	host_link.close(collector);
	if (!system("ip link show k0 >/dev/null 2>&1"))
		ip("link del k0");
	return 0;
}

/* Let the collector tell by itself until it has told @what. */
static bool told_within(int tries, bool (*what)(const void *arg),
			const void *arg)
{
	struct pollfd p = { .fd = host_link.fd(collector), .events = POLLIN };
	int i;

	for (i = 0; i < tries; i++) {
		if (what(arg))
			return true;
		if (poll(&p, 1, 100) > 0)
			host_link.changed(collector, &sink);
	}
	return false;
}

static bool told(bool (*what)(const void *arg), const void *arg)
{
	return told_within(TRIES, what, arg);
}

#define NEED_NAMESPACE()             \
	do {                         \
		if (!have_namespace) \
			skip();      \
	} while (0)

static json_t *ip_json(const char *command)
{
	FILE *f = popen(command, "r");
	json_t *list = json_loadf(f, 0, NULL);

	assert_int_equal(pclose(f), 0);
	assert_non_null(list);
	return list;
}

/* In the order of the wire's columns. */
static void ip_counters(const char *name, uint64_t *value)
{
	static const char *const key[] = { "bytes", "packets", "errors",
					   "dropped" };
	json_t *list, *stats;
	char command[64];
	int i;

	snprintf(command, sizeof(command), "ip -s -j link show %s", name);
	list = ip_json(command);
	stats = json_object_get(json_array_get(list, 0), "stats64");
	for (i = 0; i < 8; i++) {
		json_t *side = json_object_get(stats, i < 4 ? "rx" : "tx");

		value[i] = (uint64_t)json_integer_value(
			json_object_get(side, key[i % 4]));
	}
	value[8] = (uint64_t)json_integer_value(
		json_object_get(json_object_get(stats, "tx"), "collisions"));
	json_decref(list);
}

/* ip before, we, ip after: our value is between the two. */
static void same_counters_as_ip(void **state)
{
	uint64_t before[LINK_COUNTERS], after[LINK_COUNTERS];
	const struct row *k0;
	int i;

	NEED_NAMESPACE();
	ip("addr add 192.0.2.1/24 dev k0");
	ip("neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev k0");
	assert_int_equal(system("bash -c 'for i in 1 2 3 4 5 6 7 8; do echo "
				"packet >/dev/udp/192.0.2.2/9; done'"),
			 0);
	ip_counters("k0", before);
	assert_true(before[4] && before[5]);
	assert_int_equal(host_link.read(collector, &sink), 0);
	ip_counters("k0", after);
	k0 = row_named("k0");
	assert_non_null(k0);
	for (i = 0; i < LINK_COUNTERS; i++)
		assert_in_range(k0->cells[WIRE_LINK_RX_BYTES + i], before[i],
				after[i]);
}

static void same_facts_as_ip(void **state)
{
	const struct row *k0;
	json_t *list, *link;

	NEED_NAMESPACE();
	list = ip_json("ip -d -j link show k0");
	link = json_array_get(list, 0);
	k0 = row_named("k0");
	assert_non_null(k0);
	assert_int_equal(k0->cells[WIRE_LINK_KEY],
			 json_integer_value(json_object_get(link, "ifindex")));
	assert_int_equal(k0->cells[WIRE_LINK_MTU_BYTES],
			 json_integer_value(json_object_get(link, "mtu")));
	assert_string_equal(
		k0->text[WIRE_LINK_MAC],
		json_string_value(json_object_get(link, "address")));
	assert_string_equal(k0->text[WIRE_LINK_DRIVER], "veth");
	/* What veth says of itself. */
	assert_int_equal(k0->cells[WIRE_LINK_SPEED_BITS_PER_S], 10000000000);
	assert_true(k0->cells[WIRE_LINK_FLAGS] & WIRE_LINK_FULL_DUPLEX);
	assert_false(k0->cells[WIRE_LINK_FLAGS] & WIRE_LINK_HALF_DUPLEX);
	json_decref(list);
}

static bool has_address(const void *arg)
{
	const struct row *k0 = row_named("k0");

	return k0 && strstr(k0->text[WIRE_LINK_ADDRESSES], arg);
}

static bool lacks_address(const void *arg)
{
	return row_named("k0") && !has_address(arg);
}

static void addresses_come_and_go(void **state)
{
	NEED_NAMESPACE();
	ip("addr add 192.0.2.1/24 dev k0");
	assert_true(told(has_address, "192.0.2.1/24"));
	ip("addr add 2001:db8::1/64 dev k0 nodad");
	assert_true(told(has_address, "192.0.2.1/24 2001:db8::1/64"));
	ip("addr del 192.0.2.1/24 dev k0");
	assert_true(told(lacks_address, "192.0.2.1/24"));
	assert_true(has_address("2001:db8::1/64"));
}

static bool has_row(const void *name)
{
	return row_named(name) != NULL;
}

static bool lacks_row(const void *name)
{
	return !row_named(name);
}

/* Chosen by its name: a renamed one comes or goes. One that is up keeps its
 * name, on old kernels.
 */
static void names_change(void **state)
{
	NEED_NAMESPACE();
	ip("link set peer0 down");
	ip("link set peer0 name k1");
	assert_true(told(has_row, "k1"));
	assert_int_equal(seen.rows, 2);
	ip("link set k1 name k2");
	assert_true(told(has_row, "k2"));
	assert_true(lacks_row("k1"));
	ip("link set k2 name peer0");
	assert_true(told(lacks_row, "k2"));
	assert_int_equal(seen.rows, 1);
	assert_true(has_row("k0"));
}

static bool has_flags(const void *flags)
{
	const uint64_t all = WIRE_LINK_UP | WIRE_LINK_CARRIER;
	const struct row *k0 = row_named("k0");

	return k0 &&
	       (k0->cells[WIRE_LINK_FLAGS] & all) == *(const uint64_t *)flags;
}

static void state_changes(void **state)
{
	const uint64_t up = WIRE_LINK_UP, all = up | WIRE_LINK_CARRIER;
	const uint64_t none = 0;
	uint64_t changes;

	NEED_NAMESPACE();
	assert_true(told(has_flags, &all));
	changes = row_named("k0")->cells[WIRE_LINK_CARRIER_CHANGES];
	ip("link set peer0 down");
	assert_true(told(has_flags, &up));
	assert_true(row_named("k0")->cells[WIRE_LINK_CARRIER_CHANGES] >
		    changes);
	ip("link set k0 down");
	assert_true(told(has_flags, &none));
	ip("link set peer0 up");
	ip("link set k0 up");
	assert_true(told(has_flags, &all));
}

static bool has_mtu(const void *mtu)
{
	const struct row *k0 = row_named("k0");

	return k0 && k0->cells[WIRE_LINK_MTU_BYTES] == *(const uint64_t *)mtu;
}

static void mtu_changes(void **state)
{
	const uint64_t mtu = 1400;

	NEED_NAMESPACE();
	assert_false(has_mtu(&mtu));
	ip("link set k0 mtu 1400");
	assert_true(told(has_mtu, &mtu));
}

/* More than the socket holds, so that some are lost: all is asked for again. */
static void events_get_lost(void **state)
{
	const uint64_t mtu = 1234;
	FILE *batch;
	int i;

	NEED_NAMESPACE();
	batch = popen("ip -batch -", "w");
	assert_non_null(batch);
	for (i = 0; i < TOGGLES; i++)
		fprintf(batch, "link set k0 mtu %d\n", 1300 + i % 2);
	fprintf(batch, "addr add 192.0.2.9/24 dev k0\n");
	fprintf(batch, "link add k9 type veth peer name peer9\n");
	fprintf(batch, "link set k0 mtu 1234\n");
	assert_int_equal(pclose(batch), 0);
	assert_true(told(has_mtu, &mtu));
	assert_true(told(has_row, "k9"));
	assert_true(has_address("192.0.2.9/24"));
	ip("link del k9");
	assert_true(told(lacks_row, "k9"));
}

static bool has_rows(const void *rows)
{
	return seen.rows == *(const uint32_t *)rows;
}

static void many(void **state)
{
	const uint32_t all = VETHS + 1, one = 1;
	FILE *batch;
	int i;

	NEED_NAMESPACE();
	batch = popen("ip -batch -", "w");
	assert_non_null(batch);
	for (i = 0; i < VETHS; i++)
		fprintf(batch, "link add k%d type veth peer name peer%d\n",
			i + 1, i + 1);
	assert_int_equal(pclose(batch), 0);
	assert_true(told(has_rows, &all));
	/* A table for all that came within a while, not one for each. */
	assert_true(seen.tables < VETHS);
	assert_int_equal(host_link.read(collector, &sink), 0);
	for (i = 0; i < VETHS; i++)
		assert_int_equal(seen.row[i].cells[WIRE_LINK_TX_BYTES] ==
					 WIRE_ABSENT,
				 0);
	batch = popen("ip -batch -", "w");
	assert_non_null(batch);
	for (i = 0; i < VETHS; i++)
		fprintf(batch, "link del k%d\n", i + 1);
	assert_int_equal(pclose(batch), 0);
	assert_true(told(has_rows, &one));
}

/* Nothing to tell of, nothing told: others' changes don't wake a shipper. */
static void others_are_silent(void **state)
{
	const uint64_t mtu = 1400;
	uint32_t tables;

	NEED_NAMESPACE();
	ip("link set k0 mtu 1400");
	assert_true(told(has_mtu, &mtu));
	tables = seen.tables;
	ip("addr add 192.0.2.2/24 dev peer0");
	ip("link set peer0 mtu 1300");
	assert_false(told_within(QUIET_TRIES, lacks_row, "k0"));
	assert_int_equal(seen.tables, tables);
}

static void default_choice(void **state)
{
	const struct host_options all = { .proc = "/proc" };
	void *own;

	NEED_NAMESPACE();
	ip("link add veth7 type veth peer name eth7");
	ip("link add br-7 type bridge");
	ip("link add docker7 type bridge");
	assert_int_equal(host_link.open(&own, &all), 0);
	assert_int_equal(host_link.read(own, &sink), 0);
	host_link.close(own);
	assert_true(has_row("eth7") && has_row("k0") && has_row("peer0"));
	assert_true(lacks_row("veth7") && lacks_row("br-7") &&
		    lacks_row("docker7") && lacks_row("lo"));
	ip("link del veth7");
	ip("link del br-7");
	ip("link del docker7");
}

/* What is read of another network is never between two readings of this one. */
static void one_network(void **state)
{
	static const char first[] = "face |bytes\n    lo:  90 1\n  eth0: 5 6\n";
	static const char last[] = "face |bytes\n    lo: 100 1\n  eth0: 5 9\n";

	assert_true(network_between(
		first, "face |bytes\n    lo:  99 1\n  eth0: 5 6\n", last));
	assert_false(network_between(
		first, "face |bytes\n    lo:  89 1\n  eth0: 5 6\n", last));
	assert_false(network_between(
		first, "face |bytes\n    lo:  99 1\n  eth0: 6 6\n", last));
	assert_false(network_between(
		first, "face |bytes\n    lo:  99 1\n  eth9: 5 6\n", last));
	assert_false(
		network_between(first, "face |bytes\n    lo:  99 1\n", last));
	assert_false(network_between(
		first, "face |bytes\n    lo:  99 1\n  eth0: 5 6\n  eth1: 0 0\n",
		last));
	assert_false(network_between(first, "", last));
}

#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest messages[] = {
		cmocka_unit_test(info_values),
		cmocka_unit_test(cut_info),
		cmocka_unit_test(bad_info),
		cmocka_unit_test(address_values),
		cmocka_unit_test(queues),
		cmocka_unit_test(cut_counters),
		cmocka_unit_test(tunnel_has_no_mac),
		cmocka_unit_test(one_network),
		cmocka_unit_test(table_of_links),
		cmocka_unit_test(table_of_addresses),
		LIVE(same_counters_as_ip),
		LIVE(same_facts_as_ip),
		LIVE(addresses_come_and_go),
		LIVE(names_change),
		LIVE(state_changes),
		LIVE(mtu_changes),
		LIVE(events_get_lost),
		LIVE(many),
		LIVE(others_are_silent),
		LIVE(default_choice),
	};

	log_init("host_link_test", LOG_WARN);
	return cmocka_run_group_tests(messages, enter_namespace, NULL);
}
