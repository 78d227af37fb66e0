// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "collector/base/place.h"
#include "collector/fleet/members.h"

static const char id_bytes[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";

bool members_id_good(const char *id)
{
	size_t size = strlen(id);

	return size && size < MEMBER_ID_SIZE && strspn(id, id_bytes) == size;
}

const char *members_problem(const char *servers)
{
	struct place p;

	return place_parse(&p, servers, PLACE_ETCD);
}

void members_key(char key[MEMBERS_KEY_SIZE], const char *fleet,
		 const char *what, const char *id)
{
	snprintf(key, MEMBERS_KEY_SIZE, "/ktach/%s/%s%s", fleet, what, id);
}

void members_state_key(char key[MEMBERS_KEY_SIZE], const char *fleet,
		       const char *id)
{
	snprintf(key, MEMBERS_KEY_SIZE, "/ktach-state/%s/%s", fleet, id);
}

static struct member *find(const struct members *m, const char *id)
{
	unsigned int i;

	for (i = 0; i < m->count; i++)
		if (!strcmp(m->list[i].id, id))
			return (struct member *)&m->list[i];
	return NULL;
}

const struct member *members_find(const struct members *m, const char *id)
{
	const struct member *found = find(m, id);

	return found && found->there ? found : NULL;
}

/* Find a member or add it, in the place of one of which no key is left. */
static struct member *get(struct members *m, const char *id)
{
	struct member *found = find(m, id);
	unsigned int i;

	if (found || !members_id_good(id))
		return found;
	for (i = 0; i < m->count; i++)
		if (!m->list[i].there && !m->list[i].drained)
			break;
	if (i == MEMBERS_MAX)
		return NULL;
	m->count += i == m->count;
	m->list[i] = (struct member){ .there = false };
	snprintf(m->list[i].id, sizeof(m->list[i].id), "%s", id);
	return &m->list[i];
}

static void copy_text(char to[MEMBER_ADDRESS_SIZE], const json_t *value,
		      const char *name)
{
	const char *text = json_string_value(json_object_get(value, name));

	snprintf(to, MEMBER_ADDRESS_SIZE, "%s", text ? text : "");
}

static void read_member(struct member *m, const struct etcd_key *k)
{
	json_t *value = json_loads(k->value, 0, NULL);

	copy_text(m->feed, value, "feed");
	copy_text(m->http, value, "http");
	json_decref(value);
	m->lease = k->lease;
	m->there = true;
}

/* What follows the beginning of a key; NULL: it has another one. */
static const char *rest_of(const char *key, const char *fleet, const char *what)
{
	char begin[MEMBERS_KEY_SIZE];

	members_key(begin, fleet, what, "");
	return strncmp(key, begin, strlen(begin)) ? NULL : key + strlen(begin);
}

void members_change(struct members *m, const char *fleet,
		    const struct etcd_key *k)
{
	const char *member = rest_of(k->key, fleet, "member/");
	const char *drain = rest_of(k->key, fleet, "drain/");
	struct member *one;

	if (!member && !drain)
		return;
	one = get(m, member ? member : drain);
	if (!one)
		return;
	if (drain)
		one->drained = !k->gone;
	else if (k->gone)
		one->there = false;
	else
		read_member(one, k);
}

/* FNV-1a, then the end of MurmurHash3: each bit matters to all. */
static uint64_t score(const char *id, unsigned int slice)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *id; id++)
		h = (h ^ (uint8_t)*id) * UINT64_C(1099511628211);
	h = (h ^ slice) * UINT64_C(1099511628211);
	h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

/* The highest score owns a slice; of two that are equal, which never happens,
 * the higher id.
 */
static bool is_better(const struct member *a, const struct member *b,
		      unsigned int slice)
{
	uint64_t x = score(a->id, slice), y = score(b->id, slice);

	return x != y ? x > y : strcmp(a->id, b->id) > 0;
}

static uint8_t find_owner(const struct members *m, bool drained,
			  unsigned int slice)
{
	uint8_t best = MEMBERS_NOBODY;
	unsigned int i;

	for (i = 0; i < m->count; i++) {
		const struct member *one = &m->list[i];

		if (!one->there || (one->drained && !drained))
			continue;
		if (best == MEMBERS_NOBODY ||
		    is_better(one, &m->list[best], slice))
			best = (uint8_t)i;
	}
	return best;
}

void members_owners(const struct members *m, uint8_t owners[GROUPS_SLICES])
{
	bool drained = find_owner(m, false, 0) == MEMBERS_NOBODY;
	unsigned int i;

	for (i = 0; i < GROUPS_SLICES; i++)
		owners[i] = find_owner(m, drained, i);
}
