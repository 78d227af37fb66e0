/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of interfaces: read from the rate table that bpf/ publishes, or from
 * /proc/net/dev where that can't be had. It is tried again now and then; interfaces
 * that the table lacks, as another ktach counts them, are read from there as well.
 *
 * Closed, it stops looking after the counters, which count on; the next one goes on
 * with them.
 */
#ifndef KTACH_SHIPPER_PACKETS_NET_SOURCE_H
#define KTACH_SHIPPER_PACKETS_NET_SOURCE_H

#include "host/collector.h"

extern const struct host_collector net_source;

#endif /* KTACH_SHIPPER_PACKETS_NET_SOURCE_H */
