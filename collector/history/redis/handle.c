// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "collector/history/redis/handle.h"
#include "lib/base/node_id.h"

const char *const hours_name[HOURS_KINDS] = {
	[TIER_RAW] = "raw",	 [TIER_MINUTE] = "minute", [TIER_FIVE] = "five",
	[ENGINE_PARTS] = "part", [HOURS_ASIDE] = "aside",
};

void handle_rank(struct redis *r)
{
	unsigned int b;
	uint16_t rank = 0;

	for (b = 0; b < BUCKETS; b++) {
		r->rank[b] = rank;
		rank = (uint16_t)(rank + r->mine[b]);
	}
}

void handle_spread(struct redis *r, unsigned int buckets)
{
	unsigned int b;

	r->spread = buckets;
	for (b = 0; b < BUCKETS; b++) {
		r->mine[b] = b < buckets;
		if (!r->mine[b])
			continue;
		slot_tag(b, buckets, r->tags[b]);
		r->slots[b] = slot_of(r->tags[b]);
	}
	handle_rank(r);
}

int handle_fail(struct redis *r, const char *format, ...)
{
	char problem[sizeof(r->problem)];
	va_list args;

	va_start(args, format);
	vsnprintf(problem, sizeof(problem), format, args);
	va_end(args);
	memcpy(r->problem, problem, sizeof(problem));
	return -EIO;
}

void handle_token(const struct redis *r, char text[TOKEN_SIZE])
{
	snprintf(text, TOKEN_SIZE, "%" PRIu64 ".%" PRIu64 ".%016" PRIx64,
		 r->epoch, r->turn, r->who);
}

bool handle_is_own(const struct redis *r, const char *own)
{
	const char *who = strrchr(own, '.');

	return who && strtoull(who + 1, NULL, 16) == r->who;
}

void handle_hex(const uint8_t *node, char hex[NODE_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	int i;

	for (i = 0; i < WIRE_ID_SIZE; i++) {
		hex[2 * i] = digits[node[i] >> 4];
		hex[2 * i + 1] = digits[node[i] & 15];
	}
	hex[2 * i] = '\0';
}

void handle_member(const uint8_t *node, uint64_t number,
		   char member[MEMBER_SIZE])
{
	handle_hex(node, member);
	snprintf(member + NODE_HEX_SIZE - 1, MEMBER_SIZE - NODE_HEX_SIZE + 1,
		 ":%" PRIu64, number);
}

int handle_split(const char *member, size_t size, uint8_t *node,
		 uint64_t *number)
{
	char hex[NODE_HEX_SIZE], again[MEMBER_SIZE];

	if (size < NODE_HEX_SIZE || member[NODE_HEX_SIZE - 1] != ':')
		return -EINVAL;
	memcpy(hex, member, NODE_HEX_SIZE - 1);
	hex[NODE_HEX_SIZE - 1] = '\0';
	if (node_id_parse(hex, node))
		return -EINVAL;
	*number = strtoull(member + NODE_HEX_SIZE, NULL, 10);
	handle_member(node, *number, again);
	return strcmp(again, member) ? -EINVAL : 0;
}
