/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of this thread's time handshakes of TLS may take: a quarter for an address,
 * half for all of them, each with a little more at once. Who begins more waits, and
 * others don't wait for that.
 */
#ifndef KTACH_COLLECTOR_HTTP_PACE_H
#define KTACH_COLLECTOR_HTTP_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum pace_limits {
	PACE_SLOTS = 1024,
	PACE_KEY_SIZE = 16,
	PACE_OF_ADDRESS = 4, /* one part in so many */
	PACE_OF_ALL = 2,
	PACE_WAITING_MAX = 16, /* of an address: more are refused */
	PACE_MS = 2, /* how often those that wait are looked at */
};

/* What may be spent at once, times the part above. */
#define PACE_BURST_NS UINT64_C(100000000)

struct pace_slot {
	uint8_t key[PACE_KEY_SIZE];
	uint64_t until_ns; /* what was spent is worked off then */
};

/* All zeroes before its first use. */
struct pace {
	struct pace_slot slots[PACE_SLOTS];
	uint64_t until_ns;
};

/* Whether a handshake may go on now; @key: of its address, NULL: it is a proxy's. */
bool pace_may(const struct pace *p, const uint8_t *key, uint64_t now_ns);

/* It took so long. */
void pace_spend(struct pace *p, const uint8_t *key, uint64_t took_ns,
		uint64_t now_ns);

#endif /* KTACH_COLLECTOR_HTTP_PACE_H */
