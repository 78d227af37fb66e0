// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "collector/feed/places.h"

struct peer {
	struct peer *next;
	uint8_t key[ADDRESS_NETWORK_SIZE];
	unsigned int count;
	struct list waiting;
};

static struct peer **bucket_of(struct places *p, const uint8_t *key)
{
	uint64_t hash;

	memcpy(&hash, key, sizeof(hash));
	hash *= UINT64_C(0x9e3779b97f4a7c15);
	return &p->peers[(hash >> 32) % PLACES_BUCKETS];
}

static struct peer *find_peer(struct places *p, const struct address *from)
{
	uint8_t key[ADDRESS_NETWORK_SIZE];
	struct peer *peer;

	address_network(from, key);
	for (peer = *bucket_of(p, key); peer; peer = peer->next)
		if (!memcmp(peer->key, key, ADDRESS_NETWORK_SIZE))
			break;
	return peer;
}

static struct peer *peer_new(struct places *p, const struct address *from)
{
	struct peer *peer = calloc(1, sizeof(*peer)), **bucket;

	if (!peer)
		return NULL;
	address_network(from, peer->key);
	list_init(&peer->waiting);
	bucket = bucket_of(p, peer->key);
	peer->next = *bucket;
	*bucket = peer;
	return peer;
}

static void peer_free(struct places *p, struct peer *peer)
{
	struct peer **at = bucket_of(p, peer->key);

	while (*at != peer)
		at = &(*at)->next;
	*at = peer->next;
	free(peer);
}

void places_init(struct places *p, const struct places_limit *limit)
{
	memset(p, 0, sizeof(*p));
	p->limit = *limit;
	list_init(&p->waiting);
	list_init(&p->senders);
	list_init(&p->halves);
	list_init(&p->holding[0]);
	list_init(&p->holding[1]);
}

static struct place *oldest(const struct list *head)
{
	struct list *first = list_first(head);

	return first ? container_of(first, struct place, by_age) : NULL;
}

struct place *places_in_the_way(struct places *p, const struct address *from,
				uint64_t now_ns)
{
	struct peer *peer = find_peer(p, from);
	struct list *first;
	struct place *place;

	first = peer ? list_first(&peer->waiting) : NULL;
	if (peer && peer->count >= p->limit.per_address)
		return first ? container_of(first, struct place, by_peer) :
			       NULL;
	if (p->count < p->limit.connections)
		return NULL;
	if (first) /* a crowd that comes back is in nobody else's way */
		return container_of(first, struct place, by_peer);
	place = oldest(&p->waiting);
	if (place)
		return place;
	place = oldest(&p->senders);
	return place && now_ns - place->since_ns > PLACES_SILENT_NS ? place :
								      NULL;
}

/* Which connection has held memory for longest; those that have sent a good frame
 * come last.
 */
static struct place *oldest_holding(const struct places *p)
{
	struct list *first = list_first(&p->holding[0]);

	if (!first)
		first = list_first(&p->holding[1]);
	return first ? container_of(first, struct place, by_hold) : NULL;
}

struct place *places_overdue(struct places *p, uint64_t now_ns,
			     enum refusal *why)
{
	struct list *first = list_first(&p->halves);
	struct place *place = oldest(&p->waiting);

	*why = REFUSAL_FEED_FIRST_FRAME;
	if (place && now_ns - place->since_ns > p->limit.first_frame_ns)
		return place;
	*why = REFUSAL_FEED_HALF_FRAME;
	place = first ? container_of(first, struct place, by_half) : NULL;
	if (place && now_ns - place->half_ns > PLACES_HALF_NS)
		return place;
	*why = REFUSAL_FEED_MEMORY;
	return p->half_bytes > p->limit.half_max ? oldest_holding(p) : NULL;
}

bool places_free(struct places *p, const struct address *from,
		 enum refusal *why)
{
	struct peer *peer = find_peer(p, from);

	*why = REFUSAL_FEED_ADDRESS;
	if (peer && peer->count >= p->limit.per_address)
		return false;
	*why = REFUSAL_FEED_FULL;
	return p->count < p->limit.connections;
}

bool places_enter(struct places *p, struct place *place,
		  const struct address *from, uint64_t now_ns)
{
	struct peer *peer = find_peer(p, from);

	if (!peer)
		peer = peer_new(p, from);
	if (!peer)
		return false;
	*place = (struct place){ .peer = peer, .since_ns = now_ns };
	peer->count++;
	p->count++;
	list_append(&p->waiting, &place->by_age);
	list_append(&peer->waiting, &place->by_peer);
	return true;
}

void places_leave(struct places *p, struct place *place)
{
	if (!place->peer)
		return;
	places_half(p, place, 0, false, 0);
	list_remove(&place->by_age);
	list_remove(&place->by_peer);
	p->count--;
	if (!--place->peer->count)
		peer_free(p, place->peer);
	place->peer = NULL;
}

void places_sent(struct places *p, struct place *place, uint64_t now_ns)
{
	if (!place->sender && list_has(&place->by_hold)) {
		list_remove(&place->by_hold);
		list_append(&p->holding[1], &place->by_hold);
	}
	place->sender = true;
	place->since_ns = now_ns;
	list_remove(&place->by_half);
	list_remove(&place->by_peer);
	list_remove(&place->by_age);
	list_append(&p->senders, &place->by_age);
}

void places_half(struct places *p, struct place *place, size_t bytes,
		 bool waited, uint64_t now_ns)
{
	p->half_bytes += bytes - place->half_bytes;
	place->half_bytes = bytes;
	if (!bytes)
		list_remove(&place->by_hold);
	else if (!list_has(&place->by_hold))
		list_append(&p->holding[place->sender], &place->by_hold);
	if (!bytes || !waited) {
		list_remove(&place->by_half);
		return;
	}
	if (list_has(&place->by_half))
		return;
	place->half_ns = now_ns;
	list_append(&p->halves, &place->by_half);
}
