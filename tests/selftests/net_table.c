// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counts as the shipper does and prints the rate table, for the tests:
 *
 *   net_table [-cfl] [-v] [-P PINS] [-p PERIOD_MS] [-i INTERVAL_MS]
 *             [-n SLOTS] [-r RECORD_S] [-o PERCENT] [-I GLOBS] [-X GLOBS]
 *             [-w CHECK_MS]
 *   net_table [-P PINS] -d
 *
 * -c attaches by clsact, -l takes lo in, -f freezes over the threshold, -d
 * detaches. Every interval one line for each interface, and a line "end" with
 * the table's number after the last:
 *
 *   row NAME IFINDEX SLOT MONO_NS TICK_NS RX TX KEY=VALUE...
 *
 * with RX and TX: BYTES PACKETS BYTES_PER_S PACKETS_PER_S. "ready" comes first.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/kernel/net_table.h"
#include "shipper/packets/net.h"

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static void print_traffic(const struct ktach_net_traffic *t)
{
	printf(" %llu %llu %llu %llu", (unsigned long long)t->bytes,
	       (unsigned long long)t->packets,
	       (unsigned long long)t->bytes_per_s,
	       (unsigned long long)t->packets_per_s);
}

static void print_key(const char *side, const char *key, uint64_t value)
{
	printf(" %s_%s=%llu", side, key, (unsigned long long)value);
}

static const char *class_name(enum ktach_net_class class)
{
	static const char *const names[KTACH_NET_CLASSES] = {
		[KTACH_NET_UNICAST] = "unicast",
		[KTACH_NET_MULTICAST] = "multicast",
		[KTACH_NET_BROADCAST] = "broadcast",
		[KTACH_NET_IPV4] = "ipv4",
		[KTACH_NET_IPV6] = "ipv6",
		[KTACH_NET_NOT_IP] = "not-ip",
		[KTACH_NET_TCP] = "tcp",
		[KTACH_NET_UDP] = "udp",
		[KTACH_NET_OTHER] = "other",
	};

	return names[class];
}

static void print_keys(const char *side, const struct ktach_net_traffic *t)
{
	char key[64];
	int i;

	print_key(side, "avg1", t->average_bytes_per_s[KTACH_NET_1S]);
	print_key(side, "avg10", t->average_bytes_per_s[KTACH_NET_10S]);
	print_key(side, "avg60", t->average_bytes_per_s[KTACH_NET_60S]);
	print_key(side, "pavg1", t->average_packets_per_s[KTACH_NET_1S]);
	print_key(side, "max", t->max_bucket_bytes);
	print_key(side, "maxms", t->max_bucket_ms);
	print_key(side, "p99", t->p99_bucket_bytes);
	print_key(side, "limit", t->over_bytes);
	print_key(side, "over", t->buckets_over);
	print_key(side, "overs", t->buckets_over_total);
	for (i = 0; i < KTACH_NET_CLASSES; i++) {
		print_key(side, class_name(i), t->class[i].packets);
		snprintf(key, sizeof(key), "%s_bytes", class_name(i));
		print_key(side, key, t->class[i].bytes);
	}
}

static void print_row(const struct net_row *r)
{
	const struct ktach_net_slot *e = &r->entry;

	printf("row %s %u %u %llu %llu", r->name, e->ifindex, r->slot,
	       (unsigned long long)e->mono_ns, (unsigned long long)e->tick_ns);
	print_traffic(&e->traffic[KTACH_NET_RX]);
	print_traffic(&e->traffic[KTACH_NET_TX]);
	printf(" window=%u", e->window_ms);
	print_keys("rx", &e->traffic[KTACH_NET_RX]);
	print_keys("tx", &e->traffic[KTACH_NET_TX]);
	printf("\n");
}

static void print_table(struct net *n)
{
	static unsigned long tables;
	const struct net_row *rows;
	size_t count = net_read(n, &rows);
	size_t i;

	for (i = 0; i < count; i++)
		print_row(&rows[i]);
	printf("end %lu\n", ++tables);
	fflush(stdout);
}

/* The table is printed at its time, also while interfaces come and go. */
static void run(struct net *n, int signals, int interval_ms)
{
	struct pollfd fds[] = {
		{ .fd = net_fd(n), .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	uint64_t next_ns = clock_mono_ns(), now_ns;

	while (!(fds[1].revents & POLLIN)) {
		now_ns = clock_mono_ns();
		if (now_ns >= next_ns) {
			print_table(n);
			next_ns = now_ns + (uint64_t)interval_ms * 1000000;
		}
		poll(fds, 2, interval_ms);
		if (fds[0].revents & POLLIN)
			net_links_changed(n);
	}
}

static int usage(void)
{
	fprintf(stderr, "usage: see the head of net_table.c\n");
	return 2;
}

static struct net_config config = { .period_ns = 100000000 };
static enum log_level level = LOG_INFO;
static int interval_ms = 100;
static bool detach_all;

static bool take_flag(int option)
{
	switch (option) {
	case 'c':
		config.clsact_only = true;
		return true;
	case 'd':
		detach_all = true;
		return true;
	case 'f':
		config.choice.freeze_over = true;
		return true;
	case 'l':
		config.choice.with_lo = true;
		return true;
	case 'v':
		level = LOG_DEBUG;
		return true;
	}
	return false;
}

static bool take_value(int option, const char *value)
{
	switch (option) {
	case 'P':
		config.pins = value;
		return true;
	case 'I':
		config.choice.include = value;
		return true;
	case 'X':
		config.choice.exclude = value;
		return true;
	case 'p':
		config.period_ns = strtoull(value, NULL, 10) * 1000000;
		return true;
	case 'i':
		interval_ms = atoi(value);
		return true;
	case 'w':
		config.check_ns = strtoull(value, NULL, 10) * 1000000;
		return true;
	case 'n':
		config.slots = atoi(value);
		return true;
	case 'r':
		config.record_s = atoi(value);
		return true;
	case 'o':
		config.choice.over_percent = atoi(value);
		return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	int option, signals;
	struct net *n;

	while ((option = getopt(argc, argv, "cdflvP:I:X:p:i:n:r:o:w:")) != -1) {
		if (!take_flag(option) && !take_value(option, optarg))
			return usage();
	}
	log_init("net_table", level);
	if (detach_all)
		return net_detach(config.pins) ? 1 : 0;
	signals = open_signals();
	if (signals < 0 || net_open(&n, &config))
		return 1;
	printf("ready\n");
	run(n, signals, interval_ms);
	net_close(n);
	return 0;
}
