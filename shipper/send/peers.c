// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/address.h"
#include "shipper/send/peers.h"

/* FNV-1a, then the end of MurmurHash3: each bit matters to all. */
static uint64_t score(const uint8_t *node, const char *text)
{
	uint64_t h = UINT64_C(14695981039346656037);
	int i;

	for (i = 0; i < WIRE_ID_SIZE; i++)
		h = (h ^ node[i]) * UINT64_C(1099511628211);
	for (; *text; text++)
		h = (h ^ (uint8_t)*text) * UINT64_C(1099511628211);
	h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

static int better(const void *a, const void *b)
{
	const struct peer *x = a, *y = b;

	return (x->score < y->score) - (x->score > y->score);
}

/* The score of a peer; -EEXIST if it is in the list already. */
static int judge(const struct peers *p, struct peer *peer, const uint8_t *node)
{
	char normal[PEER_SIZE];
	unsigned int i;

	if (address_normal(peer->text, WIRE_PORT, normal, sizeof(normal)))
		return -EINVAL;
	peer->score = score(node, normal);
	for (i = 0; i < p->count; i++)
		if (p->list[i].score == peer->score)
			return -EEXIST;
	return 0;
}

int peers_init(struct peers *p, const char *list, const uint8_t *node)
{
	const char *at = list;
	int err;

	p->count = 0;
	for (;;) {
		struct peer *peer = &p->list[p->count];
		size_t size;

		at += strspn(at, " \t");
		size = strcspn(at, ", \t");
		if (!size || size >= PEER_SIZE || p->count == PEERS_MAX)
			return -EINVAL;
		memcpy(peer->text, at, size);
		peer->text[size] = '\0';
		err = judge(p, peer, node);
		if (err == -EINVAL)
			return err;
		if (!err)
			p->count++;
		at += size;
		at += strspn(at, " \t");
		if (!*at)
			break;
		if (*at++ != ',')
			return -EINVAL;
	}
	qsort(p->list, p->count, sizeof(p->list[0]), better);
	return 0;
}
