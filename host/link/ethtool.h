/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a driver says of its interface. */
#ifndef KTACH_HOST_LINK_ETHTOOL_H
#define KTACH_HOST_LINK_ETHTOOL_H

#include <stdint.h>

enum ethtool_limits {
	ETHTOOL_DRIVER = 32,		/* bytes: ETHTOOL_BUSINFO_LEN */
};

/**
 * struct link_hardware - as last asked
 * @speed_bits_per_s: or WIRE_ABSENT
 * @duplex: WIRE_LINK_FULL_DUPLEX, WIRE_LINK_HALF_DUPLEX, or 0: not known
 * @driver: its name, or ""
 */
struct link_hardware {
	uint64_t speed_bits_per_s;
	uint32_t duplex;
	char driver[ETHTOOL_DRIVER];
};

/**
 * ethtool_read() - ask the driver, which may take its time
 * @fd: any socket of the network namespace
 * @name: the interface's
 * @hardware: filled; unknown what it does not say
 */
void ethtool_read(int fd, const char *name, struct link_hardware *hardware);

#endif /* KTACH_HOST_LINK_ETHTOOL_H */
