// SPDX-License-Identifier: GPL-2.0-or-later
/* Who owns what in a fleet follows from the list of its members. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "collector/fleet/members.h"

static void put(struct members *m, const char *what, const char *id, bool gone)
{
	struct etcd_key k = { .gone = gone, .lease = 7, .changed = 1 };

	members_key(k.key, "x", what, id);
	snprintf(k.value, sizeof(k.value),
		 "{\"feed\":\"%s:4766\",\"http\":\"%s:8766\"}", id, id);
	members_change(m, "x", &k);
}

static unsigned int count(const struct members *m, const uint8_t *owners,
			  const char *id)
{
	unsigned int i, n = 0;

	for (i = 0; i < GROUPS_SLICES; i++)
		n += owners[i] != MEMBERS_NOBODY &&
		     !strcmp(m->list[owners[i]].id, id);
	return n;
}

static const char *owner(const struct members *m, const uint8_t *owners,
			 unsigned int i)
{
	return owners[i] == MEMBERS_NOBODY ? "" : m->list[owners[i]].id;
}

static void nobody(void **state)
{
	struct members m = { 0 };
	uint8_t owners[GROUPS_SLICES];
	unsigned int i;

	members_owners(&m, owners);
	for (i = 0; i < GROUPS_SLICES; i++)
		assert_int_equal(owners[i], MEMBERS_NOBODY);
	put(&m, "member/", "a", false);
	put(&m, "member/", "a", true);
	members_owners(&m, owners);
	assert_int_equal(owners[0], MEMBERS_NOBODY);
	assert_null(members_find(&m, "a"));
}

/* The order in which they came says nothing. */
static void same_for_all(void **state)
{
	struct members x = { 0 }, y = { 0 };
	uint8_t of_x[GROUPS_SLICES], of_y[GROUPS_SLICES];
	unsigned int i;

	put(&x, "member/", "a", false);
	put(&x, "member/", "b", false);
	put(&x, "member/", "c", false);
	put(&y, "member/", "d", false);
	put(&y, "member/", "c", false);
	put(&y, "member/", "d", true);
	put(&y, "member/", "b", false);
	put(&y, "member/", "a", false);
	members_owners(&x, of_x);
	members_owners(&y, of_y);
	for (i = 0; i < GROUPS_SLICES; i++)
		assert_string_equal(owner(&x, of_x, i), owner(&y, of_y, i));
	assert_string_equal(members_find(&y, "b")->feed, "b:4766");
	assert_string_equal(members_find(&y, "b")->http, "b:8766");
}

/* Only its share moves: 27 % of three members' at most. */
static void fourth_member(void **state)
{
	struct members m = { 0 };
	uint8_t before[GROUPS_SLICES], after[GROUPS_SLICES];
	unsigned int i, moved = 0;

	put(&m, "member/", "a", false);
	put(&m, "member/", "b", false);
	put(&m, "member/", "c", false);
	members_owners(&m, before);
	put(&m, "member/", "d", false);
	members_owners(&m, after);
	for (i = 0; i < GROUPS_SLICES; i++) {
		if (before[i] == after[i])
			continue;
		moved++;
		assert_string_equal(owner(&m, after, i), "d");
	}
	assert_in_range(moved, 1, GROUPS_SLICES * 27 / 100);
	assert_int_equal(moved, count(&m, after, "d"));
	put(&m, "member/", "d", true);
	members_owners(&m, after);
	assert_memory_equal(before, after, sizeof(after));
}

static void drained(void **state)
{
	struct members m = { 0 };
	uint8_t owners[GROUPS_SLICES];

	put(&m, "member/", "a", false);
	put(&m, "member/", "b", false);
	put(&m, "drain/", "a", false);
	members_owners(&m, owners);
	assert_int_equal(count(&m, owners, "b"), GROUPS_SLICES);
	put(&m, "drain/", "b", false);
	members_owners(&m, owners);
	assert_int_not_equal(count(&m, owners, "a"), 0);
	put(&m, "drain/", "a", true);
	members_owners(&m, owners);
	assert_int_equal(count(&m, owners, "a"), GROUPS_SLICES);
}

/* Others' keys, odd ids, and more members than there is room for. */
static void strangers(void **state)
{
	struct members m = { 0 };
	struct etcd_key k = { .key = "/ktach/x/config", .changed = 1 };
	char id[16];
	int i;

	members_change(&m, "x", &k);
	snprintf(k.key, sizeof(k.key), "/ktach/xy/member/a");
	members_change(&m, "x", &k);
	put(&m, "member/", "", false);
	put(&m, "member/", "a b", false);
	put(&m, "member/", "a/b", false);
	assert_int_equal(m.count, 0);
	for (i = 0; i < MEMBERS_MAX + 1; i++) {
		snprintf(id, sizeof(id), "m%d", i);
		put(&m, "member/", id, false);
	}
	assert_int_equal(m.count, MEMBERS_MAX);
	assert_null(members_find(&m, id));
	snprintf(k.key, sizeof(k.key), "/ktach/x/member/m0");
	snprintf(k.value, sizeof(k.value), "no JSON");
	members_change(&m, "x", &k);
	assert_string_equal(members_find(&m, "m0")->feed, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody),	 cmocka_unit_test(same_for_all),
		cmocka_unit_test(fourth_member), cmocka_unit_test(drained),
		cmocka_unit_test(strangers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
