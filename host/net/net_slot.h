/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_HOST_NET_NET_SLOT_H
#define KTACH_HOST_NET_NET_SLOT_H

#include <ktach/net.h>

#include "lib/wire/wire.h"

/* An interface of the rate table as a row of WIRE_NET, with all its columns. */
void net_slot_cells(const struct ktach_net_slot *slot, uint64_t *cells);

#endif /* KTACH_HOST_NET_NET_SLOT_H */
