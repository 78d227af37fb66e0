// SPDX-License-Identifier: GPL-2.0-or-later
/* Labels of hosts: as they are configured, sent, and asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/nodes/labels.h"
#include "lib/base/labels.h"

static void configured(void **state)
{
	static const char *const good[] = {
		"",	 "rack=r1", "rack=r1,role=db",
		"a=b=c", "_x9=y z", "a=\xc3\xa4",
	};
	static const char *const bad[] = {
		"rack",
		"rack=",
		"=r1",
		"9x=y",
		"ra-ck=r1",
		"rack=r1,",
		",rack=r1",
		"rack=r1,rack=r2",
		"rack=r1,,role=db",
		"a=b\n",
		" a=b",
	};
	char many[512] = "", name[100];
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(labels_good(good[i]));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(labels_good(bad[i]));
	for (i = 0; i < LABELS_MAX; i++)
		sprintf(many + strlen(many), "%sa%zu=b", i ? "," : "", i);
	assert_true(labels_good(many));
	strcat(many, ",x=y");
	assert_false(labels_good(many));
	memset(name, 'a', sizeof(name));
	strcpy(name + LABEL_NAME_MAX, "=x");
	assert_true(labels_good(name));
	strcpy(name + LABEL_NAME_MAX, "a=x");
	assert_false(labels_good(name));
}

/* As a sender may send them, who need not be ours. */
static void take(struct facts *f, const char *const *texts, uint32_t count)
{
	uint64_t keys[64];
	struct wire_text text[64];
	const struct wire_table t = { .kind = WIRE_FACTS,
				      .mono_ns = 1,
				      .columns = 1,
				      .rows = count,
				      .texts = 1,
				      .cells = keys,
				      .text = text };
	uint32_t i;

	for (i = 0; i < count; i++) {
		keys[i] = WIRE_FACT_LABEL;
		text[i] = (struct wire_text){ texts[i], strlen(texts[i]) };
	}
	assert_int_equal(facts_take(f, &t), 0);
}

static void sent(void **state)
{
	static const char *const texts[] = { "rack=r1", "nonsense", "role=db",
					     "rack=r2", "ra=x" };
	const char *many[64];
	struct facts f = { 0 };
	const struct fact *fact = NULL;
	unsigned int count = 0;
	size_t size;

	take(&f, texts, 5);
	while ((fact = labels_next(&f, fact)))
		count++;
	assert_int_equal(count, 3);
	fact = labels_next(&f, NULL);
	assert_string_equal(labels_value(fact, &size), "r1");
	assert_int_equal(size, 4);
	assert_string_equal(labels_find(&f, "rack"), "r1");
	assert_string_equal(labels_find(&f, "ra"), "x");
	assert_null(labels_find(&f, "nonsense"));
	assert_true(labels_match(&f, ""));
	assert_true(labels_match(&f, "rack=r*,role=db"));
	assert_false(labels_match(&f, "rack=r*,role=web"));
	assert_false(labels_match(&f, "rack=r2"));
	assert_false(labels_match(&f, "zone=*"));
	facts_clear(&f);
	for (count = 0; count < 64; count++)
		many[count] = "a=b";
	take(&f, many, 64);
	assert_int_equal(f.count, LABELS_MAX);
	facts_clear(&f);
}

static void wished(void **state)
{
	char many[200] = "a=b";
	int i;

	assert_true(labels_are_wishes(""));
	assert_true(labels_are_wishes("rack=r*,role=db"));
	assert_false(labels_are_wishes("rack"));
	assert_false(labels_are_wishes("rack="));
	for (i = 1; i < 16; i++)
		strcat(many, ",a=b");
	assert_true(labels_are_wishes(many));
	strcat(many, ",a=b");
	assert_false(labels_are_wishes(many));
}

/* Of a series. */
static void of_series(void **state)
{
	static const char *const good[] = { "", "a=\"1\"", "a=\"1\",aa=\"2\"",
					    "_a=\"\\\"\",b=\"}\"" };
	static const char *const bad[] = { "a",
					   "a=1",
					   "a=\"1\"}",
					   "a=\"1\n\"",
					   "a=\"1\",a=\"2\"",
					   "a=\"1\",b=\"2\",a=\"1\"",
					   "__name__=\"x\"",
					   "a=\"1\",__x=\"2\"" };
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(labels_sane(good[i]));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(labels_sane(bad[i]));
	assert_true(labels_have(good[2], "aa"));
	assert_false(labels_have(good[2], "b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(configured),
		cmocka_unit_test(sent),
		cmocka_unit_test(wished),
		cmocka_unit_test(of_series),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
