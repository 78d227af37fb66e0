// SPDX-License-Identifier: GPL-2.0-or-later
/* The time of handshakes: who takes much waits, others don't. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "collector/http/pace.h"

#define MS UINT64_C(1000000)
#define S (1000 * MS)
/* Of a handshake. */
#define COST_NS (MS / 2)

static const uint8_t one[PACE_KEY_SIZE] = { 1 }, other[PACE_KEY_SIZE] = { 2 };
static struct pace pace;

/* Handshakes for so long, as fast as they may; how much time they took. */
static uint64_t flood(const uint8_t *const *keys, int count, uint64_t from_ns,
		      uint64_t for_ns)
{
	uint64_t now = from_ns, took = 0;
	int i;

	while (now < from_ns + for_ns) {
		uint64_t before = took;

		for (i = 0; i < count; i++) {
			if (!pace_may(&pace, keys[i], now))
				continue;
			now += COST_NS;
			took += COST_NS;
			pace_spend(&pace, keys[i], COST_NS, now);
		}
		if (took == before)
			now += MS;
	}
	return took;
}

static int reset(void **state)
{
	pace = (struct pace){ 0 };
	return 0;
}

static void of_address(void **state)
{
	const uint8_t *const keys[] = { one };
	uint64_t took = flood(keys, 1, S, 10 * S);

	assert_in_range(took, 10 * S / PACE_OF_ADDRESS - 50 * MS,
			10 * S / PACE_OF_ADDRESS + 50 * MS);
	assert_false(pace_may(&pace, one, 11 * S - MS));
	assert_true(pace_may(&pace, other, 11 * S - MS));
	assert_true(pace_may(&pace, one, 12 * S));
}

static void of_all(void **state)
{
	static uint8_t many[8][PACE_KEY_SIZE];
	const uint8_t *keys[8];
	uint64_t took;
	int i;

	for (i = 0; i < 8; i++) {
		many[i][0] = (uint8_t)(10 + i);
		keys[i] = many[i];
	}
	took = flood(keys, 8, S, 10 * S);
	assert_in_range(took, 10 * S / PACE_OF_ALL - 100 * MS,
			10 * S / PACE_OF_ALL + 100 * MS);
}

static void of_proxy(void **state)
{
	const uint8_t *const keys[] = { NULL };
	uint64_t took = flood(keys, 1, S, 10 * S);

	assert_in_range(took, 10 * S / PACE_OF_ALL - 100 * MS,
			10 * S / PACE_OF_ALL + 100 * MS);
}

/* What was not used does not add up. */
static void burst(void **state)
{
	const uint8_t *const keys[] = { one };
	uint64_t most = PACE_BURST_NS / PACE_OF_ADDRESS;

	assert_in_range(flood(keys, 1, 1000 * S, most), most / 2,
			most + 2 * COST_NS);
	assert_in_range(flood(keys, 1, 2000 * S, S), S / PACE_OF_ADDRESS,
			S / PACE_OF_ADDRESS + 2 * most);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(of_address, reset),
		cmocka_unit_test_setup(of_all, reset),
		cmocka_unit_test_setup(of_proxy, reset),
		cmocka_unit_test_setup(burst, reset),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
