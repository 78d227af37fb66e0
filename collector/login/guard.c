// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <string.h>

#include "collector/login/guard.h"

#define NS_PER_S UINT64_C(1000000000)

/* IPv4, mapped into IPv6 or not, has its last 8 bytes; IPv6 its first 8. */
static void make_key(uint8_t *key, const char *address)
{
	struct in6_addr six = { 0 };
	struct in_addr four = { 0 };

	memset(key, 0, GUARD_KEY_SIZE);
	if (inet_pton(AF_INET6, address, &six) == 1 &&
	    !IN6_IS_ADDR_V4MAPPED(&six)) {
		memcpy(key, &six, GUARD_KEY_SIZE);
		return;
	}
	if (!strncmp(address, "::ffff:", 7))
		address += 7;
	inet_pton(AF_INET, address, &four);
	memcpy(key + 4, &four, sizeof(four));
}

static struct guard_slot *slot(struct guard *g, const uint8_t *key)
{
	uint32_t hash = 2166136261;
	int i;

	for (i = 0; i < GUARD_KEY_SIZE; i++)
		hash = (hash ^ key[i]) * 16777619;
	return &g->slots[(hash ^ hash >> 16) % GUARD_SLOTS];
}

unsigned int guard_wait_s(const struct guard *g, const char *address,
			  uint64_t now_ns)
{
	uint64_t most_ns = now_ns + GUARD_BURST * GUARD_EVERY_NS;
	uint8_t key[GUARD_KEY_SIZE];
	const struct guard_slot *s;

	make_key(key, address);
	s = slot((struct guard *)g, key);
	if (memcmp(s->key, key, sizeof(key)) ||
	    s->until_ns + GUARD_EVERY_NS <= most_ns)
		return 0;
	return (unsigned int)((s->until_ns + GUARD_EVERY_NS - most_ns) /
			      NS_PER_S) +
	       1;
}

/* An address that shares a slot with another takes it over. */
void guard_failed(struct guard *g, const char *address, uint64_t now_ns)
{
	uint8_t key[GUARD_KEY_SIZE];
	struct guard_slot *s;

	make_key(key, address);
	s = slot(g, key);
	if (memcmp(s->key, key, sizeof(key)) || s->until_ns < now_ns) {
		memcpy(s->key, key, sizeof(key));
		s->until_ns = now_ns;
	}
	s->until_ns += GUARD_EVERY_NS;
}
