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

#include "shipper/send/backoff.h"
#include "shipper/send/peers.h"

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
	for (i = 0; i <= PEERS_MAX; i++) {
		many[2 * i] = (char)('a' + i);
		many[2 * i + 1] = ',';
	}
	many[2 * PEERS_MAX + 1] = '\0';
	assert_int_equal(peers_init(&p, many, id), -EINVAL);
	many[2 * PEERS_MAX - 1] = '\0';
	assert_int_equal(peers_init(&p, many, id), 0);
}

/* What means the same is one collector, and is given once. */
static void spellings(void **state)
{
	static const char *const same[][4] = {
		{ "c1", "C1:4766", "c1.", "c1:04766" },
		{ "c1.Example.net:99", "c1.example.net.:99",
		  "C1.EXAMPLE.NET:0099", "c1.example.net:99" },
		{ "::1", "[::1]", "[0:0::1]:4766", "[::0001]" },
		{ "[2001:DB8::7]:99", "[2001:db8:0:0::7]:99",
		  "[2001:0db8::0007]:099", "[2001:db8::7]:99" },
		{ "192.0.2.7", "192.0.2.7:4766", "192.0.2.7.", "192.0.519" },
		{ "fe80::1%eth0", "[fe80::1%eth0]", "[FE80:0::1%eth0]:4766",
		  "fe80:0::1%eth0" },
	};
	uint8_t id[WIRE_ID_SIZE] = { 3 };
	char list[600];
	struct peers p, one;
	size_t i, j;

	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_int_equal(peers_init(&one, same[i][0], id), 0);
		for (j = 0; j < 4; j++) {
			assert_int_equal(peers_init(&p, same[i][j], id), 0);
			assert_true(p.list[0].score == one.list[0].score);
		}
		snprintf(list, sizeof(list), "%s, %s, other, %s, %s",
			 same[i][0], same[i][1], same[i][2], same[i][3]);
		assert_int_equal(peers_init(&p, list, id), 0);
		assert_int_equal(p.count, 2);
	}
	assert_int_equal(peers_init(&p, "a, b, a:1, b.x, [::1]:1, ::1", id), 0);
	assert_int_equal(p.count, 6);
}

/* Scores as they were before there was a normal form: a fleet stays where it is. */
static void placements_stay(void **state)
{
	static const struct {
		const char *text;
		uint64_t score;
	} then[] = {
		{ "c1", UINT64_C(0x705499268496216c) },
		{ "c1.example.net", UINT64_C(0xdff511274e37e3fe) },
		{ "c1.example.net:4767", UINT64_C(0x2fb72d552e62ea7f) },
		{ "192.0.2.7", UINT64_C(0x10b7ac22d4550dc1) },
		{ "192.0.2.7:99", UINT64_C(0xde38d960bf0c71d9) },
		{ "::1", UINT64_C(0x400b60ce97df4353) },
		{ "2001:db8::7", UINT64_C(0xba9bbcf9773acd90) },
		{ "[2001:db8::7]:99", UINT64_C(0x4118b9c189f71852) },
		{ "localhost:4000", UINT64_C(0xc3e7ccf358b699ad) },
	};
	uint8_t id[WIRE_ID_SIZE] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct peers p;
	size_t i;

	for (i = 0; i < sizeof(then) / sizeof(then[0]); i++) {
		assert_int_equal(peers_init(&p, then[i].text, id), 0);
		assert_true(p.list[0].score == then[i].score);
		assert_string_equal(p.list[0].text, then[i].text);
	}
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
		cmocka_unit_test(shares),    cmocka_unit_test(bad_lists),
		cmocka_unit_test(spellings), cmocka_unit_test(placements_stay),
		cmocka_unit_test(waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
