/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host is, as texts: WIRE_FACTS. A fact may have several values. */
#ifndef KTACH_COLLECTOR_NODES_FACTS_H
#define KTACH_COLLECTOR_NODES_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/wire/wire.h"

enum facts_limits {
	FACTS_MAX = 1024, /* of a node: each address is one */
};

/* One that was not sent for this long is forgotten. */
#define FACTS_AGE_NS UINT64_C(3600000000000)

/**
 * struct fact - one value of a fact
 * @next: in the order of the sender
 * @mono_ns: when it was sent last
 * @key: enum wire_fact
 * @text: clean
 */
struct fact {
	struct fact *next;
	uint64_t mono_ns;
	uint32_t key;
	char text[];
};

/**
 * struct facts - those of a node
 * @first: of the list
 * @count: of it
 */
struct facts {
	struct fact *first;
	uint32_t count;
};

/* Bring up to date: a table's facts replace all older values of the same ones.
 * Return 0, -ENOSPC or -ENOMEM: some are missing.
 */
int facts_take(struct facts *f, const struct wire_table *t);

/* Whether the table has no facts, but says that its sender leaves. */
bool facts_say_leaving(const struct wire_table *t);

void facts_clear(struct facts *f);

/* The first value of a fact; NULL without. */
const char *facts_text(const struct facts *f, uint32_t key);

#endif /* KTACH_COLLECTOR_NODES_FACTS_H */
