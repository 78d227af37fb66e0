// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "collector/feed/ack.h"
#include "collector/feed/feed.h"
#include "collector/history/store.h"
#include "lib/base/clock.h"

static void address_to(struct wire_sender *sender, const struct store_mark *m)
{
	*sender = (struct wire_sender){ .session = m->session };
	memcpy(sender->node, m->node, sizeof(sender->node));
}

static bool find_key(struct feed *feed, struct seal_key *key,
		     const struct store_mark *m)
{
	bool found;

	pthread_rwlock_rdlock(&feed->keys_lock);
	found = seal_find(key, &feed->keys, m->key, m->node);
	pthread_rwlock_unlock(&feed->keys_lock);
	return found;
}

/* A kind with some bytes; sealed under the frame's key, if it was. */
static size_t make_frame(struct feed *feed, enum wire_kind kind,
			 const struct store_mark *m, uint64_t sequence,
			 const void *payload, size_t bytes, uint8_t *to)
{
	struct wire_sender sender;
	struct seal_key key;
	struct seal seal;
	size_t size;

	address_to(&sender, m);
	size = wire_message(to, kind, &sender, sequence, clock_real_ns(),
			    payload, bytes);
	if (!m->key)
		return size;
	if (!find_key(feed, &key, m))
		return 0;
	seal_start(&seal, &key);
	return seal_frame(&seal, to, size);
}

size_t ack_make(struct feed *feed, const struct store_mark *m,
		uint64_t sequence, uint8_t *to)
{
	const uint8_t accepts = WIRE_ACCEPTS_LEAVING;

	return make_frame(feed, WIRE_ACK, m, sequence, &accepts,
			  sizeof(accepts), to);
}

size_t ack_refused(struct feed *feed, const struct store_mark *m,
		   enum wire_refusal why, const char *where, uint8_t *to)
{
	char payload[1 + ACK_WHERE_MAX];
	size_t size = strnlen(where, ACK_WHERE_MAX);

	payload[0] = (char)why;
	memcpy(payload + 1, where, size);
	return make_frame(feed, WIRE_REFUSED, m, m->sequence, payload, 1 + size,
			  to);
}

size_t ack_request(struct feed *feed, const struct store_mark *m,
		   enum wire_service service, uint64_t id, const char *text,
		   size_t size, uint8_t *to)
{
	uint8_t *payload = to + WIRE_HEADER_SIZE;
	struct wire_sender sender;
	struct seal_key key;
	struct seal seal;

	if (!m->key || !find_key(feed, &key, m))
		return 0;
	address_to(&sender, m);
	payload[0] = (uint8_t)service;
	payload[1] = WIRE_PIECE_LAST;
	memcpy(payload + WIRE_REQUEST_HEAD, text, size);
	size = wire_message(to, WIRE_REQUEST, &sender, id, clock_real_ns(),
			    NULL, WIRE_REQUEST_HEAD + size);
	seal_start(&seal, &key);
	return seal_frame(&seal, to, size);
}

size_t ack_no_key(struct feed *feed, const struct store_mark *m, uint8_t *to,
		  size_t room)
{
	const struct seal_keys *keys = &feed->keys;
	struct wire_sender sender;
	struct seal_key key;
	struct seal seal;
	size_t i, size, used = 0;

	address_to(&sender, m);
	pthread_rwlock_rdlock(&feed->keys_lock);
	for (i = 0; i < keys->count && room - used >= ACK_SIZE_MAX; i++) {
		if (!seal_take(&key, &keys->list[i], m->node))
			continue;
		size = wire_no_key(to + used, &sender, m->sequence, m->key,
				   clock_real_ns());
		seal_start(&seal, &key);
		used += seal_frame(&seal, to + used, size);
	}
	pthread_rwlock_unlock(&feed->keys_lock);
	if (room - used >= ACK_SIZE_MAX)
		used += wire_no_key(to + used, &sender, m->sequence, m->key,
				    clock_real_ns());
	return used;
}
