// SPDX-License-Identifier: GPL-2.0-or-later
/* Durations and addresses: what people type. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/address.h"
#include "lib/base/log.h"
#include "lib/base/options.h"
#include "tests/unit/scratch.h"

static void durations(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = {
		{ "1ns", 1 },
		{ "100us", 100000 },
		{ "250ms", 250000000 },
		{ "1s", 1000000000 },
		{ "90s", 90000000000 },
		{ "5m", 300000000000 },
		{ "2h", 7200000000000 },
		{ "7d", 604800000000000 },
	};
	static const char *const bad[] = { "",	  "1",		 "s",	 "1x",
					   "-1s", "1 s",	 "1.5s", " 1s",
					   "1ss", "99999999999d" };
	uint64_t ns;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(duration_parse(good[i].text, &ns), 0);
		assert_int_equal(ns, good[i].ns);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(duration_parse(bad[i], &ns), -EINVAL);
}

static void durations_back(void **state)
{
	char text[32];

	duration_format(1000000000, text, sizeof(text));
	assert_string_equal(text, "1s");
	duration_format(1500000000, text, sizeof(text));
	assert_string_equal(text, "1500ms");
	duration_format(86400000000000, text, sizeof(text));
	assert_string_equal(text, "1d");
	duration_format(0, text, sizeof(text));
	assert_string_equal(text, "0ns");
}

static struct {
	uint64_t size;
	uint64_t interval_ns;
	bool enabled;
	int loud;
	const char *name;
	const char *way;
} set;

static const struct option_spec specs[] = {
	{ "size", 0, OPTION_NUMBER, &set.size, "BYTES", "a size", 1, 100 },
	{ "loud", 0, OPTION_FLAG, &set.loud, NULL, "a flag" },
	{ "name", 0, OPTION_TEXT, &set.name, "NAME", "a text" },
	{ "way", 0, OPTION_CHOICE, &set.way, "udp|tcp", "a choice" },
	{ "disk-interval", 0, OPTION_DURATION, &set.interval_ns, "TIME", NULL,
	  1000000, 60000000000, .section = "disk" },
	{ "disk-enabled", 0, OPTION_SWITCH, &set.enabled, "yes|no", NULL,
	  .section = "disk" },
	{ "disk-check", 0, OPTION_SWITCH, &set.enabled, "yes|no", NULL,
	  .command = 1, .section = "disk" },
	{ 0 },
};
static const struct options options = { .program = "test",
					.specs = specs,
					.section = "test" };

/* Reads a file of this text; what it complains of goes to @problem. */
static int read_file(const char *text, char *problem, unsigned int size)
{
	char path[64], all[600];
	int fd = scratch_file(path), err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	memset(&set, 0, sizeof(set));
	*all = '\0';
	err = options_file(&options, path, all, sizeof(all));
	unlink(path);
	snprintf(problem, size, "%s",
		 err ? all + strlen(path) + strlen(":") : "");
	return err;
}

/* What inih would take for something else, or for less. */
static void odd_lines(void **state)
{
	char text[590], problem[500], longer[300];

	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(read_file("name = a\nsize = 7\nname = b\n", problem,
				   sizeof(problem)),
			 -EINVAL);
	assert_string_equal(problem, "3: name: stands in line 1, too");
	assert_int_equal(read_file("[disk]\ninterval = 1s\n[test]\n"
				   "disk-interval = 2s\n",
				   problem, sizeof(problem)),
			 -EINVAL);
	assert_string_equal(problem, "4: disk-interval: stands in line 2, too");
	assert_int_equal(read_file("name = a,\n  b\n", problem,
				   sizeof(problem)),
			 -EINVAL);
	assert_string_equal(
		problem,
		"2: name: begins with a space: it would go on with line 1");
	assert_int_equal(read_file("  name = a\n", problem, sizeof(problem)),
			 0);
	assert_string_equal(set.name, "a");
	/* The rest of it would be a line of its own. */
	snprintf(text, sizeof(text), "way = udp\nname = %.192ssize = 7\n",
		 longer);
	assert_int_equal(read_file(text, problem, sizeof(problem)), -EINVAL);
	assert_non_null(strstr(problem, "2: the line is too long"));
	assert_int_equal(set.size, 0);
	snprintf(text, sizeof(text), "# %.197ssize = 7\n# %s\nloud = yes",
		 longer, longer);
	assert_int_equal(read_file(text, problem, sizeof(problem)), 0);
	assert_int_equal(set.size, 0);
	assert_int_equal(set.loud, 1);
	snprintf(text, sizeof(text), "name = %.191s\nsize = 7", longer);
	assert_int_equal(read_file(text, problem, sizeof(problem)), 0);
	assert_int_equal(strlen(set.name), 191);
	assert_int_equal(set.size, 7);
}

static void sections(void **state)
{
	char problem[500];

	assert_int_equal(read_file("size = 7\n[disk]\ninterval = 10s\n"
				   "enabled = Yes\n[test]\nloud = on\n",
				   problem, sizeof(problem)),
			 0);
	assert_int_equal(set.size, 7);
	assert_int_equal(set.interval_ns, 10000000000);
	assert_true(set.enabled);
	assert_int_equal(set.loud, 1);
	/* The whole name is a key of the program's own section. */
	assert_int_equal(
		read_file("disk-interval = 2s\n", problem, sizeof(problem)), 0);
	assert_int_equal(set.interval_ns, 2000000000);
}

/* What a file says outlives it; said again, it takes no more memory. */
static void kept(void **state)
{
	const char *name, *way;
	char problem[500];

	assert_int_equal(read_file("name = one\nway = tcp\n", problem,
				   sizeof(problem)),
			 0);
	name = set.name;
	way = set.way;
	assert_int_equal(read_file("way = udp\nname = another, and longer\n",
				   problem, sizeof(problem)),
			 0);
	assert_string_equal(name, "one");
	assert_string_equal(way, "tcp");
	assert_string_equal(set.name, "another, and longer");
	assert_string_equal(set.way, "udp");
	assert_int_equal(read_file("name = one\n", problem, sizeof(problem)),
			 0);
	assert_ptr_equal(set.name, name);
}

/* Lines with the same key, and such that begin with a space, are one text. */
static void joined(void **state)
{
	static const char *words, *other;
	static const struct option_spec list[] = {
		{ "words", 0, OPTION_TEXT, &words, .joined = true },
		{ "list-words", 0, OPTION_TEXT, &other, .joined = true,
		  .section = "list" },
		{ 0 },
	};
	const struct options o = { .specs = list, .section = "test" };
	static const char text[] = "words = a\n  b = c\n# no\nwords = d\n"
				   "[list]\nwords = e\n";
	char path[64], problem[200];
	int fd = scratch_file(path);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	assert_int_equal(options_file(&o, path, problem, sizeof(problem)), 0);
	assert_string_equal(words, "a b = c d");
	assert_string_equal(other, "e");
	assert_int_equal(options_line(&o, path, "words"), 1);
	assert_int_equal(options_line(&o, path, "list-words"), 6);
	assert_int_equal(options_line(&o, path, "none"), 0);
	unlink(path);
}

static void wrong_sections(void **state)
{
	static const struct {
		const char *text;
		const char *problem;
	} bad[] = {
		{ "[disk]\nsize = 7\n", "2: size: no such key" },
		{ "[disk]\ndisk-interval = 7s\n",
		  "2: disk-interval: no such key" },
		{ "[disk]\ncheck = yes\n", "2: check: no such key" },
		{ "[disk]\nintrval = 7s\n",
		  "2: intrval: no such key; did you mean 'interval'?" },
		{ "syze = 7\n", "1: syze: no such key; did you mean 'size'?" },
		{ "nam = 7\n", "1: nam: no such key; did you mean 'name'?" },
		{ "louder = 7\n",
		  "1: louder: no such key; did you mean 'loud'?" },
		{ "[disk]\ninterval = 7\n",
		  "2: interval: '7': expected a duration such as 500ms from 1ms to 1m" },
		{ "[disk]\nenabled = maybe\n",
		  "2: enabled: 'maybe': expected yes or no" },
		{ "[dis]\ninterval = 7s\n",
		  "2: interval: [dis]: no such section; expected none, [test], [disk]" },
		{ "[size]\nx = 7\n",
		  "2: x: [size]: no such section; expected none, [test], [disk]" },
	};
	char problem[500];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(read_file(bad[i].text, problem,
					   sizeof(problem)),
				 -EINVAL);
		assert_string_equal(problem, bad[i].problem);
	}
}

static void environment(void **state)
{
	char problem[500];

	memset(&set, 0, sizeof(set));
	set.name = "as before";
	setenv("KTACH_SIZE", "7", 1);
	setenv("KTACH_LOUD", "yes", 1);
	setenv("KTACH_NAME", "", 1);
	setenv("KTACH_DISK_INTERVAL", "2s", 1);
	assert_int_equal(
		options_environment(&options, problem, sizeof(problem)), 0);
	assert_int_equal(set.size, 7);
	assert_int_equal(set.loud, 1);
	assert_string_equal(set.name, "as before");
	assert_int_equal(set.interval_ns, 2000000000);
	setenv("KTACH_DISK_INTERVAL", "2", 1);
	assert_int_equal(options_environment(&options, problem,
					     sizeof(problem)),
			 -EINVAL);
	assert_string_equal(
		problem,
		"KTACH_DISK_INTERVAL: '2': expected a duration such as 500ms from 1ms to 1m");
	unsetenv("KTACH_SIZE");
	unsetenv("KTACH_LOUD");
	unsetenv("KTACH_NAME");
	unsetenv("KTACH_DISK_INTERVAL");
}

/* Lists are as long as what was added; a change is told by the table. */
static void changes(void **state)
{
	uint64_t now[2] = { 1, 1 }, next[2] = { 1, 1 };
	const char *name[2] = { "same", strdup("same") };
	struct option_list both[2] = { 0 };
	char text[100];
	int i;

	for (i = 0; i < 2; i++) {
		const struct option_spec three[] = {
			{ "now", 0, OPTION_NUMBER, &now[i], "N", "", 0, 9 },
			{ "next", 0, OPTION_NUMBER, &next[i], "N", "", 0, 9,
			  .start = true },
			{ "name", 0, OPTION_TEXT, &name[i], "NAME", "" },
		};

		OPTION_LIST_ADD(&both[i], three);
		assert_int_equal(both[i].count, 3);
		assert_null(both[i].specs[3].name);
	}
	assert_int_equal(options_change(&both[1], &both[0], text, sizeof(text)),
			 0);
	assert_string_equal(text, "nothing has changed");
	now[1] = next[1] = 2;
	options_change(&both[1], &both[0], text, sizeof(text));
	assert_string_equal(text, "changed: now; with the next start: next");
	assert_int_equal(now[1], 2);
	assert_int_equal(next[1], 1);
	now[1] = 1;
	next[1] = 2;
	options_change(&both[1], &both[0], text, sizeof(text));
	assert_string_equal(text, "with the next start: next");
	free((char *)name[1]);
	name[1] = NULL;
	options_change(&both[1], &both[0], text, sizeof(text));
	assert_string_equal(text, "changed: name");
	now[1] = 2;
	next[1] = 2;
	options_change(&both[1], &both[0], text, sizeof(text));
	assert_string_equal(text,
			    "changed: now, name; with the next start: next");
	option_list_free(&both[0]);
	option_list_free(&both[1]);
}

static void switches(void **state)
{
	char *yes[] = { "test", "--disk-enabled", "yes", NULL };
	char *no[] = { "test", "--disk-enabled", "no", NULL };

	set.enabled = false;
	assert_int_equal(options_parse(&options, 3, yes), 3);
	assert_true(set.enabled);
	assert_int_equal(options_parse(&options, 3, no), 3);
	assert_false(set.enabled);
}

static void addresses(void **state)
{
	static const struct {
		const char *text;
		const char *whole;
		bool loopback;
	} good[] = {
		{ "127.0.0.1", "127.0.0.1:4766", true },
		{ "127.0.0.2:99", "127.0.0.2:99", true },
		{ "192.0.2.7:1", "192.0.2.7:1", false },
		{ "::1", "[::1]:4766", true },
		{ "[::1]:99", "[::1]:99", true },
		{ "[2001:db8::7]", "[2001:db8::7]:4766", false },
	};
	static const char *const bad[] = { "",
					   ":99",
					   "[::1",
					   "[]:1",
					   "[::1]x",
					   "127.0.0.1:",
					   "127.0.0.1:port",
					   "127.0.0.1:65536",
					   "127.0.0.1:4294967297",
					   "127.0.0.1:-1",
					   "127.0.0.1:+1",
					   "[::1]:99999" };
	struct address a;
	char text[64];
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(address_resolve(&a, good[i].text, 4766), 0);
		address_format(&a, text, sizeof(text));
		assert_string_equal(text, good[i].whole);
		assert_int_equal(address_is_loopback(&a), good[i].loopback);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(address_resolve(&a, bad[i], 4766) < 0);
		assert_int_equal(address_check(bad[i]), -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations), cmocka_unit_test(durations_back),
		cmocka_unit_test(sections),  cmocka_unit_test(odd_lines),
		cmocka_unit_test(joined),    cmocka_unit_test(wrong_sections),
		cmocka_unit_test(switches),  cmocka_unit_test(addresses),
		cmocka_unit_test(kept),	     cmocka_unit_test(environment),
		cmocka_unit_test(changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
