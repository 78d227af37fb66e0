/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who guesses tokens has to wait. Failures are counted by address (IPv6: by
 * /64, which is one customer's) in a table of fixed size; each address may fail
 * a few times at once, and once more for each GUARD_EVERY_NS that passes.
 */
#ifndef KTACH_COLLECTOR_LOGIN_GUARD_H
#define KTACH_COLLECTOR_LOGIN_GUARD_H

#include <stdbool.h>
#include <stdint.h>

enum guard_limits {
	GUARD_SLOTS = 1024,
	GUARD_BURST = 10,
	GUARD_KEY_SIZE = 8,
};

#define GUARD_EVERY_NS UINT64_C(6000000000)

struct guard_slot {
	uint8_t key[GUARD_KEY_SIZE];
	uint64_t until_ns; /* all failures are forgiven then */
};

/* All zeroes before its first use. */
struct guard {
	struct guard_slot slots[GUARD_SLOTS];
};

/* Seconds that an address (as text) has to wait now; 0: none. */
unsigned int guard_wait_s(const struct guard *g, const char *address,
			  uint64_t now_ns);

void guard_failed(struct guard *g, const char *address, uint64_t now_ns);

#endif /* KTACH_COLLECTOR_LOGIN_GUARD_H */
