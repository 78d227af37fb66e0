// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "collector/http/pace.h"

/* FNV-1a */
static unsigned int slot_of(const uint8_t *key)
{
	uint32_t hash = 2166136261;
	int i;

	for (i = 0; i < PACE_KEY_SIZE; i++)
		hash = (hash ^ key[i]) * 16777619;
	return (hash ^ hash >> 16) % PACE_SLOTS;
}

static bool is_worked_off(uint64_t until_ns, uint64_t now_ns)
{
	return until_ns <= now_ns + PACE_BURST_NS;
}

bool pace_may(const struct pace *p, const uint8_t *key, uint64_t now_ns)
{
	const struct pace_slot *s;

	if (!is_worked_off(p->until_ns, now_ns))
		return false;
	if (!key)
		return true;
	s = &p->slots[slot_of(key)];
	return memcmp(s->key, key, sizeof(s->key)) ||
	       is_worked_off(s->until_ns, now_ns);
}

static void add(uint64_t *until_ns, uint64_t took_ns, uint64_t now_ns)
{
	*until_ns = (*until_ns > now_ns ? *until_ns : now_ns) + took_ns;
}

/* An address that shares a slot with another takes it over. */
void pace_spend(struct pace *p, const uint8_t *key, uint64_t took_ns,
		uint64_t now_ns)
{
	struct pace_slot *s;

	add(&p->until_ns, took_ns * PACE_OF_ALL, now_ns);
	if (!key)
		return;
	s = &p->slots[slot_of(key)];
	if (memcmp(s->key, key, sizeof(s->key))) {
		memcpy(s->key, key, sizeof(s->key));
		s->until_ns = now_ns;
	}
	add(&s->until_ns, took_ns * PACE_OF_ADDRESS, now_ns);
}
