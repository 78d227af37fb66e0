// SPDX-License-Identifier: GPL-2.0-or-later
/* Histograms of waits: their buckets, and quantiles beside the sorted waits. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/latency/histogram.h"
#include "tests/unit/host_table.h"

enum {
	WAITS = 5000,
};

static unsigned int bucket_of(uint64_t ns)
{
	unsigned int i = 0;

	while (i < LATENCY_BUCKETS - 1 && ns >= bucket_to(i))
		i++;
	return i;
}

/* Each begins where the one before ends, and is an eighth of its middle wide, at most, to
 * either side.
 */
static void buckets(void **state)
{
	unsigned int i;

	assert_int_equal(bucket_from(0), 0);
	for (i = 0; i < LATENCY_BUCKETS; i++) {
		uint64_t from = bucket_from(i), to = bucket_to(i);

		assert_true(to > from);
		assert_int_equal(to, bucket_from(i + 1));
		if (i >= 4)
			assert_true(4 * (to - from) <= from);
	}
	assert_int_equal(bucket_from(4), 4);
	assert_int_equal(bucket_from(8), 8);
	assert_int_equal(bucket_from(9), 10);
	assert_int_equal(bucket_from(40), 2048);
	assert_true(bucket_from(LATENCY_BUCKETS - 1) > UINT64_C(1) << 40);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* In the bucket of the wait that it is of, whatever the waits are. */
static void quantiles(void **state)
{
	static const unsigned int all[] = { 1, 500, 900, 990, 999, 1000 };
	uint32_t count[LATENCY_BUCKETS];
	uint64_t waits[WAITS], ns, right;
	unsigned int seed = 1, n, i;

	for (n = 1; n <= WAITS; n = n * 3 + 1) {
		memset(count, 0, sizeof(count));
		for (i = 0; i < n; i++) {
			waits[i] = (uint64_t)rand_r(&seed) >>
				   rand_r(&seed) % 31;
			count[bucket_of(waits[i])]++;
		}
		qsort(waits, n, sizeof(*waits), compare);
		for (i = 0; i < sizeof(all) / sizeof(*all); i++) {
			ns = histogram_quantile(count, all[i], waits[n - 1]);
			right = waits[(n * all[i] + 999) / 1000 - 1];
			assert_in_range(ns, bucket_from(bucket_of(right)),
					bucket_to(bucket_of(right)));
			assert_true(ns <= waits[n - 1]);
		}
		assert_int_equal(histogram_quantile(count, 1000, waits[n - 1]),
				 waits[n - 1]);
	}
}

static void no_waits(void **state)
{
	const uint32_t count[LATENCY_BUCKETS] = { 0 };

	assert_int_equal(histogram_quantile(count, 500, 0), UINT64_MAX);
}

/* Ours are not told as those of a machine whose files are read. */
static void another_machine(void **state)
{
	struct host_tree tree;
	void *collector;

	assert_int_equal(host_tree_make(&tree, "arm"), 0);
	assert_int_equal(host_collector_find("latency")->open(&collector,
							      &tree.options),
			 -EXDEV);
	host_tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets),
		cmocka_unit_test(quantiles),
		cmocka_unit_test(no_waits),
		cmocka_unit_test(another_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
