/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_SHIPPER_PACKETS_NET_CLEAN_H
#define KTACH_SHIPPER_PACKETS_NET_CLEAN_H

#include "lib/kernel/pins.h"

/*
 * Takes the pinned programs, whatever their version, off all interfaces of the
 * network namespace, with those of dead instances, and unpins everything. The
 * folder stays, with its lock, which the caller has.
 */
void net_clean(struct pins *p);

#endif /* KTACH_SHIPPER_PACKETS_NET_CLEAN_H */
