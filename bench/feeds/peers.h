/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The same host in other wires, encoded as their senders do. */
#ifndef KTACH_BENCH_FEEDS_PEERS_H
#define KTACH_BENCH_FEEDS_PEERS_H

#include "bench/feeds/host.h"

enum {
	PEER_IP_UDP = 28,	/* headers below the payload */
};

/* Encode a sample; add to bytes and datagrams. Returns values that are in it. */
typedef uint64_t peer_encode(const struct host_sample *s, uint64_t *bytes,
			     uint64_t *datagrams);

/* The binary protocol of collectd's network plugin, unsealed. */
peer_encode collectd_encode;

/* sFlow version 5: counter samples with the host structures (2003 host_cpu,
 * a record a CPU, which no agent sends; 2004 host_memory; 2005 host_disk_io;
 * 2006 host_net_io). It has none for softirqs.
 */
peer_encode sflow_encode;

#endif /* KTACH_BENCH_FEEDS_PEERS_H */
