// SPDX-License-Identifier: GPL-2.0-or-later
/* Facts are told when they change: in a network and a name of our own. */
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/facts/facts.h"
#include "tests/unit/patience.h"

enum {
	FACTS_MAX = 64,
	NEWS_MS = 20000, /* until something is told: never that long */
};

/* What was put last. */
static struct {
	uint64_t key[FACTS_MAX];
	char text[FACTS_MAX][WIRE_TEXT_MAX + 1];
	uint32_t rows;
	int tables;
} seen;

static void see(void *arg, const struct wire_table *t)
{
	uint32_t i;

	assert_int_equal(t->kind, WIRE_FACTS);
	assert_true(t->rows < FACTS_MAX);
	for (i = 0; i < t->rows; i++) {
		seen.key[i] = t->cells[i];
		snprintf(seen.text[i], sizeof(seen.text[i]), "%.*s",
			 (int)t->text[i].size, t->text[i].data);
	}
	seen.rows = t->rows;
	seen.tables++;
}

static const struct host_sink sink = { .put = see };
static void *collector;
static bool have_namespace;

static bool is_told(uint64_t key, const char *text)
{
	uint32_t i;

	for (i = 0; i < seen.rows; i++)
		if (seen.key[i] == key && !strcmp(seen.text[i], text))
			return true;
	return false;
}

static void sh(const char *command)
{
	assert_int_equal(system(command), 0);
}

static void next_news(void)
{
	struct pollfd p = { .fd = host_facts.fd(collector), .events = POLLIN };

	assert_int_equal(poll(&p, 1, patience_ms(NEWS_MS)), 1);
	assert_int_equal(host_facts.changed(collector, &sink), 0);
}

static void until_told(uint64_t key, const char *text)
{
	while (!is_told(key, text))
		next_news();
}

static int enter_namespaces(void **state)
{
	have_namespace = !geteuid() && !system("command -v ip >/dev/null") &&
			 !unshare(CLONE_NEWNET | CLONE_NEWUTS);
	if (!have_namespace)
		return 0;
	sh("ip link add k0 type veth peer name k1");
	sh("ip link set k0 up && ip link set k1 up");
	return sethostname("before", 6);
}

static int set_up(void **state)
{
	static const struct host_options options = { .proc = "/proc",
						     .sys = "/sys",
						     .root = "" };

	memset(&seen, 0, sizeof(seen));
	assert_int_equal(host_facts.open(&collector, &options), 0);
	assert_int_equal(host_facts.read(collector, &sink), 0);
	return 0;
}

static int tear_down(void **state)
{
	host_facts.close(collector);
	return 0;
}

#define NEED_NAMESPACES()            \
	do {                         \
		if (!have_namespace) \
			skip();      \
	} while (0)

static void another_name(void **state)
{
	NEED_NAMESPACES();
	assert_true(is_told(WIRE_FACT_HOST_NAME, "before"));
	assert_int_equal(sethostname("after", 5), 0);
	until_told(WIRE_FACT_HOST_NAME, "after");
	assert_int_equal(sethostname("later", 5), 0);
	until_told(WIRE_FACT_HOST_NAME, "later");
	assert_false(is_told(WIRE_FACT_HOST_NAME, "after"));
}

/* Each is a row of its own. */
static void other_addresses(void **state)
{
	NEED_NAMESPACES();
	sh("ip addr add 192.0.2.1/24 dev k0");
	until_told(WIRE_FACT_ADDRESS, "192.0.2.1");
	sh("ip addr add 2001:db8::1/64 dev k0 nodad");
	until_told(WIRE_FACT_ADDRESS, "2001:db8::1");
	assert_true(is_told(WIRE_FACT_ADDRESS, "192.0.2.1"));
	sh("ip addr del 192.0.2.1/24 dev k0");
	while (is_told(WIRE_FACT_ADDRESS, "192.0.2.1"))
		next_news();
	assert_true(is_told(WIRE_FACT_ADDRESS, "2001:db8::1"));
}

/* News that an address lives on are looked at, and not put. */
static void same_addresses(void **state)
{
	int tables;

	NEED_NAMESPACES();
	sh("ip addr add 192.0.2.3/24 dev k0 valid_lft 1000 preferred_lft 1000");
	until_told(WIRE_FACT_ADDRESS, "192.0.2.3");
	tables = seen.tables;
	sh("ip addr change 192.0.2.3/24 dev k0 valid_lft 900 preferred_lft 900");
	next_news();
	next_news();
	assert_int_equal(seen.tables, tables);
	assert_int_equal(host_facts.read(collector, &sink), 0);
	assert_int_equal(seen.tables, tables + 1);
}

#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE(another_name),
		LIVE(other_addresses),
		LIVE(same_addresses),
	};

	return cmocka_run_group_tests(tests, enter_namespaces, NULL);
}
