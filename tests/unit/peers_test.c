// SPDX-License-Identifier: GPL-2.0-or-later
/* Which collector a node takes: evenly spread, and stable when one goes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shipper/backoff.h"
#include "shipper/peers.h"

enum {
	NODES = 20000,
};

static void node_id(uint8_t *id, unsigned int number)
{
	memset(id, 0, WIRE_ID_SIZE);
	memcpy(id, &number, sizeof(number));
}

static void shares(void **state)
{
	unsigned int share[4] = { 0 }, moved = 0, spare[4] = { 0 }, i;
	uint8_t id[WIRE_ID_SIZE];
	struct peers all, less;

	for (i = 0; i < NODES; i++) {
		node_id(id, i);
		assert_int_equal(peers_init(&all, "c0,c1:99, c2 ,[::1]:7", id),
				 0);
		assert_int_equal(all.count, 4);
		assert_int_equal(peers_init(&less, "[::1]:7,c0,c2", id), 0);
		if (!strcmp(all.list[0].text, "c1:99")) {
			share[1]++;
			/* Its nodes go to their own spares, the others stay. */
			assert_string_equal(less.list[0].text,
					    all.list[1].text);
			spare[all.list[1].text[1] == '0' ? 0 :
			      all.list[1].text[1] == '2' ? 2 :
							   3]++;
			moved++;
			continue;
		}
		assert_string_equal(less.list[0].text, all.list[0].text);
		share[all.list[0].text[1] == '0' ? 0 :
		      all.list[0].text[1] == '2' ? 2 :
						   3]++;
	}
	for (i = 0; i < 4; i++) {
		assert_in_range(share[i], NODES / 4 * 9 / 10,
				NODES / 4 * 11 / 10);
		if (i != 1)
			assert_in_range(spare[i], moved / 3 * 8 / 10,
					moved / 3 * 12 / 10);
	}
}

static void bad_lists(void **state)
{
	static const char *const bad[] = { "",	   ",",	  "a,",	     ",a",
					   "a,,b", "a b", "a:65536", "[::1" };
	uint8_t id[WIRE_ID_SIZE] = { 1 };
	char many[PEERS_MAX * 2 + 2], wide[PEER_SIZE + 1];
	struct peers p;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(peers_init(&p, bad[i], id), -EINVAL);
	memset(wide, 'x', PEER_SIZE);
	wide[PEER_SIZE] = '\0';
	assert_int_equal(peers_init(&p, wide, id), -EINVAL);
	wide[255] = '\0'; /* as long as a host's name can be */
	assert_int_equal(peers_init(&p, wide, id), 0);
	for (i = 0; i <= PEERS_MAX; i++)
		memcpy(many + 2 * i, "h,", 2);
	many[2 * PEERS_MAX + 1] = '\0';
	assert_int_equal(peers_init(&p, many, id), -EINVAL);
	many[2 * PEERS_MAX - 1] = '\0';
	assert_int_equal(peers_init(&p, many, id), 0);
}

/* From a quarter of a second to half a minute, half of it by chance. */
static void waits(void **state)
{
	struct backoff b = { 0 };
	uint64_t least, most;
	int i;

	for (i = 0; i < 40; i++) {
		struct backoff same = b;

		least = backoff_next_ns(&same, 0);
		most = backoff_next_ns(&b, UINT32_MAX);
		assert_true(least >= BACKOFF_FIRST_NS / 2);
		assert_true(most <= BACKOFF_MAX_NS && most == 2 * least);
	}
	assert_true(most == BACKOFF_MAX_NS);
	backoff_reset(&b);
	assert_true(backoff_next_ns(&b, UINT32_MAX) == BACKOFF_FIRST_NS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares),
		cmocka_unit_test(bad_lists),
		cmocka_unit_test(waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
