/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces, as somebody sees them who does not look after the packet counters:
 * the devices' own counters (WIRE_LINK, from /proc/net/dev), what the rate table
 * says where packets are counted (WIRE_NET), and which lie on others (WIRE_FACTS,
 * when interfaces came or went). Not in the table of collectors: the shipper looks
 * after the counters, and has its own.
 */
#ifndef KTACH_HOST_NET_H
#define KTACH_HOST_NET_H

#include "host/collector.h"

extern const struct host_collector host_net;

#endif /* KTACH_HOST_NET_H */
