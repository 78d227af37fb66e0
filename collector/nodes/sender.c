// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/nodes/sender.h"

#define S UINT64_C(1000000000)
/* The tail of a session that has ended is over by then. */
#define TAIL_NS (3 * S)
/* A rival that is silent for so long is not reported any more, ... */
#define RECENT_NS (60 * S)
/* ... and after this is forgotten. */
#define FORGET_NS (600 * S)
/* How far the time of a frame may be from ours if it is to be a live one. */
#define LIVE_NS (3600 * S)

uint64_t sender_past_newest(const struct node *node, uint64_t session)
{
	int i;

	for (i = 0; i < SENDER_PASTS; i++)
		if (node->past[i].session == session)
			return node->past[i].newest;
	return 0;
}

void sender_end(struct node *node)
{
	struct sender_past now = { node->from.session, node->sequence.newest };
	int i;

	if (!now.session)
		return;
	for (i = 0; i < SENDER_PASTS - 1; i++)
		if (node->past[i].session == now.session)
			break;
	memmove(&node->past[1], &node->past[0], (size_t)i * sizeof(now));
	node->past[0] = now;
}

static bool is_near(uint64_t a, uint64_t b)
{
	return (a > b ? a - b : b - a) <= LIVE_NS;
}

/*
 * Whether a frame of an older session than the present one can't be a replay:
 * of a session that was taken here, it is newer than all of them. Of another
 * one nothing is known; a sealed recording tells by its age.
 */
static bool is_live(const struct node *node, const struct wire_frame *frame,
		    uint64_t newest, const struct node_time *now)
{
	if (newest)
		return frame->sequence > newest;
	return !(frame->flags & WIRE_SEALED) ||
	       is_near(frame->time, now->real_ns);
}

enum sender_verdict sender_judge(const struct node *node,
				 const struct wire_frame *frame,
				 const struct node_time *now)
{
	uint64_t session = frame->sender.session;
	uint64_t newest = sender_past_newest(node, session);

	if (session == node->from.session)
		return SENDER_PRESENT;
	if (newest && frame->sequence <= newest)
		return SENDER_ENDED;
	if (session > node->from.session)
		return SENDER_NEXT;
	if (node_state(node, now->mono_ns) == NODE_FRESH ||
	    !is_live(node, frame, newest, now))
		return SENDER_ENDED;
	return SENDER_NEXT;
}

/* An address from an older run, or a test's, is there as a text only. */
static bool is_at(const struct sender *s, struct peer *from)
{
	return address_same(&s->last, &from->address) ||
	       ((!s->last.family || !from->address.family) &&
		!strncmp(s->address, peer_text(from), sizeof(s->address) - 1));
}

static void set_address(struct sender *s, struct peer *from)
{
	if (address_same(&s->last, &from->address))
		return;
	s->last = from->address;
	snprintf(s->address, sizeof(s->address), "%.*s",
		 (int)sizeof(s->address) - 1, peer_text(from));
}

/* A rival whose frames are taken is no rival any more. */
static void forget_rival(struct node *node, uint64_t session)
{
	struct rival **at = &node->rivals, *r;

	while ((r = *at)) {
		if (r->who.session != session) {
			at = &r->next;
			continue;
		}
		*at = r->next;
		free(r);
	}
}

void sender_taken(struct node *node, const struct wire_frame *frame,
		  struct peer *from)
{
	if (node->rivals && frame->sender.session != node->from.session)
		forget_rival(node, frame->sender.session);
	node->from.session = frame->sender.session;
	memcpy(node->from.boot, frame->sender.boot, sizeof(node->from.boot));
	set_address(&node->from, from);
}

/* Sessions tell rivals apart; clones of a running machine share one. */
static struct rival *
find_rival(struct node *node, const struct wire_frame *frame, struct peer *from)
{
	bool twin = frame->sender.session == node->from.session;
	struct rival *r;

	for (r = node->rivals; r; r = r->next)
		if (r->who.session == frame->sender.session &&
		    (!twin || is_at(&r->who, from)))
			break;
	return r;
}

static struct rival *rival_new(struct node *node,
			       const struct wire_frame *frame,
			       const struct node_time *now)
{
	struct rival *r = node->rivals;
	int count;

	for (count = 0; r; r = r->next)
		count++;
	if (count >= SENDER_RIVALS_MAX)
		return NULL;
	r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	r->who.session = frame->sender.session;
	memcpy(r->who.boot, frame->sender.boot, sizeof(r->who.boot));
	r->first = *now;
	r->next = node->rivals;
	node->rivals = r;
	return r;
}

/* The tail of the present sender's last session has its address. */
struct rival *sender_refused(struct node *node, const struct wire_frame *frame,
			     const struct node_time *now, struct peer *from)
{
	struct rival *r;

	if (is_at(&node->from, from))
		return NULL;
	r = find_rival(node, frame, from);
	if (!r)
		r = rival_new(node, frame, now);
	if (!r)
		return NULL;
	set_address(&r->who, from);
	r->last = *now;
	if (now->mono_ns - r->first.mono_ns >= TAIL_NS &&
	    node->last_seen.mono_ns > r->first.mono_ns)
		r->proven = true;
	r->frames += r->proven;
	return r;
}

static bool is_silent(const struct rival *r, uint64_t mono_ns, uint64_t limit)
{
	return mono_ns > r->last.mono_ns && mono_ns - r->last.mono_ns > limit;
}

unsigned int sender_rivals(const struct node *node, uint64_t mono_ns)
{
	const struct rival *r;
	unsigned int count = 0;

	for (r = node->rivals; r; r = r->next)
		if (r->proven && !is_silent(r, mono_ns, RECENT_NS))
			count++;
	return count;
}

void sender_forget(struct node *node, uint64_t mono_ns)
{
	struct rival **at = &node->rivals, *r;

	while ((r = *at)) {
		if (!is_silent(r, mono_ns, FORGET_NS)) {
			at = &r->next;
			continue;
		}
		*at = r->next;
		free(r);
	}
}
