// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "collector/state/state.h"

enum {
	VERSION = 1,
	VARINT_MAX = 10,
};

#define F(member) offsetof(struct node, member)

/* In this order, then moved_to, then numbers_behind, to which what is new is
 * appended: an older version's account has 0 there.
 */
static const size_t numbers[] = {
	F(from.session),
	F(past[0].session),
	F(past[0].newest),
	F(past[1].session),
	F(past[1].newest),
	F(past[2].session),
	F(past[2].newest),
	F(past[3].session),
	F(past[3].newest),
	F(sessions),
	F(sequence.first),
	F(sequence.newest),
	F(sequence.received),
	F(received),
	F(dropped[NODE_DROP_DUPLICATE]),
	F(dropped[NODE_DROP_LATE]),
	F(dropped[NODE_DROP_STRAGGLER]),
	F(dropped[NODE_DROP_CLONE]),
	F(elsewhere),
	F(shared),
	F(shared_from),
	F(lost_before),
	F(first_seen.real_ns),
	F(last_seen.real_ns),
	F(period_ns),
	F(send_failed),
	F(shed[0]),
	F(shed[1]),
	F(shed[2]),
	F(shed[3]),
	F(losses[0]),
	F(losses[1]),
	F(losses[2]),
	F(losses[3]),
	F(losses[4]),
	F(losses[5]),
	F(losses[6]),
	F(losses[7]),
	F(losses[8]),
	F(losses[9]),
	F(losses[10]),
	F(losses[11]),
	F(dropped[NODE_DROP_BUDGET]),
	F(clock.offset_ns),
	F(clock.count),
	F(redated),
};

static const size_t numbers_behind[] = {
	F(ended),
	F(first),
	F(next_first),
	F(untaken),
	F(carried[0]),
	F(carried[1]),
	F(carried[2]),
	F(carried[3]),
	F(shed_before[0]),
	F(shed_before[1]),
	F(shed_before[2]),
	F(shed_before[3]),
	F(shed_known),
	F(dropped[NODE_DROP_TABLE]),
	F(dropped[NODE_DROP_VALUE]),
	F(dropped[NODE_DROP_FULL]),
	F(dropped[NODE_DROP_LEFT]),
};

enum {
	NUMBERS = sizeof(numbers) / sizeof(numbers[0]),
	BEHIND = sizeof(numbers_behind) / sizeof(numbers_behind[0]),
};

_Static_assert(SENDER_PASTS == 4 && LOSS_CAUSES == 12 && NODE_DROPS == 9 &&
		       LOSS_KEY - LOSS_QUEUE == 3,
	       "numbers above");
_Static_assert(STATE_ACCOUNT_MAX >= 1 + WIRE_ID_SIZE + 2 * NODE_NAME_SIZE +
					    NODE_VERSION_SIZE +
					    SENDER_ADDRESS_SIZE +
					    (NUMBERS + BEHIND) * VARINT_MAX,
	       "the largest account");

static uint8_t *put_number(uint8_t *at, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		*at++ = (uint8_t)(n | 0x80);
	*at++ = (uint8_t)n;
	return at;
}

static uint8_t *put_text(uint8_t *at, const char *text)
{
	size_t size = strlen(text) + 1;

	memcpy(at, text, size);
	return at + size;
}

static uint8_t *put_members(uint8_t *at, const struct node *node,
			    const size_t *members, int count)
{
	uint64_t n;
	int i;

	for (i = 0; i < count; i++) {
		memcpy(&n, (const uint8_t *)node + members[i], sizeof(n));
		at = put_number(at, n);
	}
	return at;
}

size_t state_account(const struct node *node, uint8_t *to)
{
	uint8_t *at = to;

	*at++ = VERSION;
	memcpy(at, node->from.boot, WIRE_ID_SIZE);
	at += WIRE_ID_SIZE;
	at = put_text(at, node->name);
	at = put_text(at, node->version);
	at = put_text(at, node->from.address);
	at = put_members(at, node, numbers, NUMBERS);
	at = put_text(at, node->moved_to);
	at = put_members(at, node, numbers_behind, BEHIND);
	return (size_t)(at - to);
}

/* Where reading is; NULL after the end. */
struct reading {
	const uint8_t *at;
	const uint8_t *end;
};

/* A number that is not there is 0. */
static uint64_t get_number(struct reading *r)
{
	uint64_t n = 0;
	int shift;

	for (shift = 0; r->at < r->end && shift < 64; shift += 7) {
		uint8_t byte = *r->at++;

		n |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return n;
	}
	return 0;
}

static void get_text(struct reading *r, char *text, size_t size)
{
	size_t left = (size_t)(r->end - r->at),
	       n = strnlen((const char *)r->at, left);

	snprintf(text, size, "%.*s", (int)n, (const char *)r->at);
	r->at += n < left ? n + 1 : n;
}

static void get_members(struct reading *r, struct node *node,
			const size_t *members, int count)
{
	uint64_t n;
	int i;

	for (i = 0; i < count; i++) {
		n = get_number(r);
		memcpy((uint8_t *)node + members[i], &n, sizeof(n));
	}
}

/* Frames before that number were taken or are lost: none of them is taken again. */
static void read_account(struct node *node, struct reading *r)
{
	memcpy(node->from.boot, r->at, WIRE_ID_SIZE);
	r->at += WIRE_ID_SIZE;
	get_text(r, node->name, sizeof(node->name));
	get_text(r, node->version, sizeof(node->version));
	get_text(r, node->from.address, sizeof(node->from.address));
	get_members(r, node, numbers, NUMBERS);
	get_text(r, node->moved_to, sizeof(node->moved_to));
	get_members(r, node, numbers_behind, BEHIND);
	memset(node->sequence.bits, 0xff, sizeof(node->sequence.bits));
	node->losses_known = true;
	node->sessions_before = node->sessions;
}

static struct node *restore(struct nodes *nodes, const uint8_t *id,
			    const struct node_time *now)
{
	struct wire_frame frame = { .kind = WIRE_SAMPLES };
	struct node *node;

	memcpy(frame.sender.node, id, WIRE_ID_SIZE);
	node = nodes_get(nodes, &frame, now);
	if (!node)
		return NULL;
	node->restored = true;
	node->state = NODE_GONE;
	node_changed(nodes, node);
	return node;
}

/* The node's age goes on from what it was when it was stored; our clock may have been
 * set back since.
 */
static void silence(struct node *node, const struct node_time *now)
{
	uint64_t last_ns = node->last_seen.real_ns;

	node->last_seen.mono_ns = now->mono_ns;
	node->silent_ns = now->real_ns > last_ns ? now->real_ns - last_ns : 0;
}

struct node *state_restore(struct nodes *nodes, const uint8_t *id,
			   const void *data, size_t size,
			   const struct node_time *now)
{
	struct reading r = { data, (const uint8_t *)data + size };
	struct node *node;

	if (size < 1 + WIRE_ID_SIZE || *r.at++ != VERSION)
		return NULL;
	node = restore(nodes, id, now);
	if (!node)
		return NULL;
	read_account(node, &r);
	silence(node, now);
	node->state = node_state(node, now->mono_ns);
	return node;
}

struct node *state_restore_name(struct nodes *nodes, const uint8_t *id,
				const char *name, const char *version,
				uint64_t first_ns, uint64_t last_ns,
				const struct node_time *now)
{
	struct node *node = restore(nodes, id, now);

	if (!node)
		return NULL;
	if (*name)
		snprintf(node->name, sizeof(node->name), "%s", name);
	snprintf(node->version, sizeof(node->version), "%s", version);
	node->sessions = 0;
	node->first_seen.real_ns = first_ns;
	node->last_seen.real_ns = last_ns;
	silence(node, now);
	return node;
}
