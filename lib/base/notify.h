/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a service tells systemd: the protocol of sd_notify(3), a line in a
 * datagram. libsystemd brings compression and cryptography along, more memory
 * than all of the shipper.
 */
#ifndef KTACH_LIB_BASE_NOTIFY_H
#define KTACH_LIB_BASE_NOTIFY_H

#include <stdint.h>

/* "READY=1" and the like; without systemd nothing happens. */
void notify(const char *state);

/* How often systemd wants to hear "WATCHDOG=1", ns; 0: not at all. */
uint64_t notify_watchdog_ns(void);

#endif /* KTACH_LIB_BASE_NOTIFY_H */
