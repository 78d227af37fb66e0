// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "host/link/link_table.h"
#include "lib/base/resized.h"

void link_table_clear(struct link_table *t)
{
	t->count = 0;
	t->address_count = 0;
}

void link_table_exit(struct link_table *t)
{
	free(t->links);
	free(t->addresses);
	*t = (struct link_table){ 0 };
}

/* Make a gap at @index. False without memory. */
static bool make_gap(void **array, size_t size, size_t *count, size_t *room,
		     size_t index)
{
	char *p = grown(*array, *count, room, size);

	if (!p)
		return false;
	*array = p;
	memmove(p + (index + 1) * size, p + index * size,
		(*count - index) * size);
	(*count)++;
	return true;
}

static void close_gap(void *array, size_t size, size_t *count, size_t index)
{
	(*count)--;
	memmove((char *)array + index * size,
		(char *)array + (index + 1) * size, (*count - index) * size);
}

/* --- links ------------------------------------------------------------------- */

/* Where it is, or belongs. */
static size_t place_of(const struct link_table *t, uint32_t ifindex)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (t->links[middle].info.ifindex < ifindex)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(const struct link_table *t, size_t at, uint32_t ifindex)
{
	return at < t->count && t->links[at].info.ifindex == ifindex;
}

struct link_entry *link_table_find(const struct link_table *t, uint32_t ifindex)
{
	size_t at = place_of(t, ifindex);

	return is_at(t, at, ifindex) ? &t->links[at] : NULL;
}

struct link_entry *link_table_put(struct link_table *t,
				  const struct link_info *info, bool *changed)
{
	size_t at = place_of(t, info->ifindex);

	*changed = false;
	if (is_at(t, at, info->ifindex)) {
		*changed = memcmp(&t->links[at].info, info, sizeof(*info));
	} else {
		if (t->count == LINKS_MAX ||
		    !make_gap((void **)&t->links, sizeof(*t->links), &t->count,
			      &t->room, at))
			return NULL;
		memset(&t->links[at], 0, sizeof(t->links[at]));
		*changed = true;
	}
	t->links[at].info = *info;
	return &t->links[at];
}

/* --- addresses --------------------------------------------------------------- */

static int compare_addresses(const struct link_address *a,
			     const struct link_address *b)
{
	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	if (a->family != b->family)
		return a->family - b->family;
	if (a->scope != b->scope)
		return a->scope - b->scope;
	if (a->prefix != b->prefix)
		return a->prefix - b->prefix;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static size_t address_place(const struct link_table *t,
			    const struct link_address *a)
{
	size_t low = 0, high = t->address_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare_addresses(&t->addresses[middle], a) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool link_table_put_address(struct link_table *t, const struct link_address *a)
{
	size_t at = address_place(t, a);

	if ((at < t->address_count &&
	     !compare_addresses(&t->addresses[at], a)) ||
	    t->address_count == LINK_ADDRESSES_MAX ||
	    !make_gap((void **)&t->addresses, sizeof(*t->addresses),
		      &t->address_count, &t->address_room, at))
		return false;
	t->addresses[at] = *a;
	return true;
}

bool link_table_drop_address(struct link_table *t, const struct link_address *a)
{
	size_t at = address_place(t, a);

	if (at == t->address_count || compare_addresses(&t->addresses[at], a))
		return false;
	close_gap(t->addresses, sizeof(*t->addresses), &t->address_count, at);
	return true;
}

static size_t first_address(const struct link_table *t, uint32_t ifindex)
{
	const struct link_address before_all = { .ifindex = ifindex };

	return address_place(t, &before_all);
}

static bool is_address_of(const struct link_table *t, size_t at,
			  uint32_t ifindex)
{
	return at < t->address_count && t->addresses[at].ifindex == ifindex;
}

size_t link_table_addresses(const struct link_table *t, uint32_t ifindex,
			    char *text, size_t size)
{
	size_t at = first_address(t, ifindex), used = 0;
	char one[LINK_ADDRESS_TEXT];

	for (; is_address_of(t, at, ifindex); at++) {
		size_t n = (size_t)link_address_text(&t->addresses[at], one);

		if (used + (used > 0) + n >= size)
			break;
		if (used)
			text[used++] = ' ';
		memcpy(text + used, one, n);
		used += n;
	}
	text[used] = '\0';
	return used;
}

bool link_table_drop(struct link_table *t, uint32_t ifindex)
{
	size_t at = place_of(t, ifindex), first = first_address(t, ifindex);

	while (is_address_of(t, first, ifindex))
		close_gap(t->addresses, sizeof(*t->addresses),
			  &t->address_count, first);
	if (!is_at(t, at, ifindex))
		return false;
	close_gap(t->links, sizeof(*t->links), &t->count, at);
	return true;
}
