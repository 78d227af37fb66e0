// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counts as the shipper does and prints the rate table, for net_test.sh:
 *
 *   net_table [-c] [-l] [-v] [-p PERIOD_MS] [-i INTERVAL_MS]
 *
 * -c attaches by clsact, -l takes lo in. Every interval one line for each
 * interface, and a line "end" after the last:
 *
 *   row NAME IFINDEX SLOT MONO_NS TICK_NS RX TX
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

#include "lib/log.h"
#include "shipper/net.h"

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

static void print_table(struct net *n)
{
	static struct net_row rows[KTACH_NET_SLOTS];
	size_t count = net_read(n, rows, KTACH_NET_SLOTS);
	size_t i;

	for (i = 0; i < count; i++) {
		printf("row %s %u %u %llu %llu", rows[i].name, rows[i].ifindex,
		       rows[i].slot, (unsigned long long)rows[i].mono_ns,
		       (unsigned long long)rows[i].tick_ns);
		print_traffic(&rows[i].traffic[KTACH_NET_RX]);
		print_traffic(&rows[i].traffic[KTACH_NET_TX]);
		printf("\n");
	}
	printf("end\n");
	fflush(stdout);
}

static void run(struct net *n, int signals, int interval_ms)
{
	struct pollfd fds[] = {
		{ .fd = net_fd(n), .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};

	while (!(fds[1].revents & POLLIN)) {
		if (poll(fds, 2, interval_ms) == 0)
			print_table(n);
		if (fds[0].revents & POLLIN)
			net_links_changed(n);
	}
}

static int usage(void)
{
	fprintf(stderr, "usage: net_table [-c] [-l] [-v] [-p PERIOD_MS] "
			"[-i INTERVAL_MS]\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct net_config config = { .period_ns = 100000000 };
	enum log_level level = LOG_INFO;
	int option, signals, interval_ms = 100;
	struct net *n;

	while ((option = getopt(argc, argv, "clvp:i:")) != -1) {
		if (option == 'c')
			config.clsact_only = true;
		else if (option == 'l')
			config.with_lo = true;
		else if (option == 'v')
			level = LOG_DEBUG;
		else if (option == 'p')
			config.period_ns = strtoull(optarg, NULL, 10) * 1000000;
		else if (option == 'i')
			interval_ms = atoi(optarg);
		else
			return usage();
	}
	log_init("net_table", level);
	signals = open_signals();
	if (signals < 0 || net_open(&n, &config))
		return 1;
	printf("ready\n");
	run(n, signals, interval_ms);
	net_close(n);
	return 0;
}
