// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * LD_PRELOAD: the points of a unit test in another order, chosen by ORDER_SEED in
 * the environment; 0 turns them round.
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

typedef int run_group(const char *name, const struct CMUnitTest *tests,
		      size_t count, CMFixtureFunction setup,
		      CMFixtureFunction teardown);

static void swap(struct CMUnitTest *a, struct CMUnitTest *b)
{
	struct CMUnitTest c = *a;

	*a = *b;
	*b = c;
}

static void turn_round(struct CMUnitTest *tests, size_t count)
{
	size_t i;

	for (i = 0; i < count / 2; i++)
		swap(&tests[i], &tests[count - 1 - i]);
}

static void shuffle(struct CMUnitTest *tests, size_t count, unsigned int seed)
{
	size_t i;

	for (i = count; i > 1; i--)
		swap(&tests[i - 1], &tests[(size_t)rand_r(&seed) % i]);
}

int _cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests,
			    size_t count, CMFixtureFunction setup,
			    CMFixtureFunction teardown)
{
	run_group *run = (run_group *)dlsym(RTLD_NEXT, __func__);
	struct CMUnitTest *other = malloc(count * sizeof(*tests));
	unsigned int seed = (unsigned int)atoi(getenv("ORDER_SEED") ?: "0");
	int status;

	memcpy(other, tests, count * sizeof(*tests));
	if (seed)
		shuffle(other, count, seed);
	else
		turn_round(other, count);
	status = run(name, other, count, setup, teardown);
	free(other);
	return status;
}
