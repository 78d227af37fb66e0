// SPDX-License-Identifier: GPL-2.0-or-later
/* Files of agents: what is wrong is named by file, line and key; what is right becomes
 * a unit.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agentd/agent/folder.h"
#include "agentd/agent/unit.h"
#include "agentd/agent/url.h"
#include "agentd/agent/words.h"
#include "tests/unit/scratch.h"

static char folder[64];

static int setup(void **state)
{
	return scratch_folder(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	return rmdir(folder);
}

static void file_path(char *path, size_t size, const char *name)
{
	snprintf(path, size, "%s/%s", folder, name);
}

static void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	file_path(path, sizeof(path), name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	chmod(path, 0644);
}

static void remove_file(const char *name)
{
	char path[128];

	file_path(path, sizeof(path), name);
	unlink(path);
}

/* Reads a file "web.conf" of this text; what is wrong, behind the folder's name. */
static int read_text(struct definition *d, const char *text, char *problem,
		     size_t size)
{
	char path[128], all[AGENT_PROBLEM_SIZE] = "";
	int err;

	write_file("web.conf", text);
	file_path(path, sizeof(path), "web.conf");
	err = definition_read(d, path, all, sizeof(all));
	snprintf(problem, size, "%s", err ? all + strlen(folder) + 1 : "");
	remove_file("web.conf");
	return err;
}

#define LEAST "exec = /bin/true\nuser = root\n"

static void defaults(void **state)
{
	char problem[AGENT_PROBLEM_SIZE];
	struct definition d;

	assert_int_equal(read_text(&d, LEAST, problem, sizeof(problem)), 0);
	assert_string_equal(d.name, "web");
	assert_true(d.enabled);
	assert_int_equal(d.check, HEALTH_NONE);
	assert_string_equal(d.policy, "on-failure");
	assert_int_equal(d.stop_ns, 10000000000);
}

static void wrong(void **state)
{
	static const struct {
		const char *text;
		const char *problem;
	} bad[] = {
		{ "user = root\n",
		  "web.conf: exec: there is no program to run" },
		{ "exec = /bin/true\n",
		  "web.conf: user: there is no user to run it as" },
		{ "exec = true\nuser = root\n",
		  "web.conf:1: exec: 'true': expected a path from / on" },
		{ LEAST "exce = /x\n",
		  "web.conf:3: exce: no such key; did you mean 'exec'?" },
		{ LEAST "[health]\nintervall = 5s\n",
		  "web.conf:4: intervall: no such key; did you mean 'interval'?" },
		{ LEAST "[limits]\nmemory = much\n",
		  "web.conf:4: memory: 'much': expected a number from 0 to 1099511627776" },
		{ LEAST "[restart]\npolicy = ever\n",
		  "web.conf:4: policy: 'ever': expected always|on-failure|no" },
		{ LEAST "args = one\n  'two\n",
		  "web.conf:3: args: 'one 'two': a quote is not closed" },
		{ LEAST "environment = A=1 B\n",
		  "web.conf:3: environment: 'A=1 B': expected NAME=VALUE, and spaces between them" },
		{ LEAST "[health]\ncheck = http\n",
		  "web.conf: health-url: the check 'http' needs it" },
		{ LEAST "[health]\ncheck = http\nurl = http://example.com/\n",
		  "web.conf:5: health-url: 'http://example.com/': expected http://ADDRESS:PORT/PATH, an address of this host" },
		{ LEAST "[health]\ncheck = command\n",
		  "web.conf: health-command: the check 'command' needs a program with its path from / on" },
		{ LEAST "[health]\ntimeout = 20s\n",
		  "web.conf:4: health-timeout: longer than the time between two checks" },
		{ LEAST "[restart]\ndelay = 2m\n",
		  "web.conf: restart-delay-max: shorter than restart-delay" },
		{ LEAST "name = a/b\n",
		  "web.conf:3: name: 'a/b': an agent's name has up to 63 letters, digits, '-', '_' and '.'" },
		{ LEAST "user = daemon\n",
		  "web.conf:3: user: stands in line 2, too" },
	};
	char problem[AGENT_PROBLEM_SIZE];
	struct definition d;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(read_text(&d, bad[i].text, problem,
					   sizeof(problem)),
				 -EINVAL);
		assert_string_equal(problem, bad[i].problem);
	}
}

/* Whoever may write such a file may run anything as anybody. */
static void others_may_write(void **state)
{
	char path[128], problem[AGENT_PROBLEM_SIZE];
	struct definition d;

	write_file("web.conf", LEAST);
	file_path(path, sizeof(path), "web.conf");
	chmod(path, 0664);
	assert_int_equal(definition_read(&d, path, problem, sizeof(problem)),
			 -EPERM);
	assert_non_null(strstr(problem, "others than its owner may write it"));
	write_file("web.conf", LEAST "token = secret\n");
	assert_int_equal(definition_read(&d, path, problem, sizeof(problem)),
			 -EPERM);
	assert_non_null(strstr(problem, "has a token"));
	chmod(path, 0600);
	assert_int_equal(definition_read(&d, path, problem, sizeof(problem)),
			 0);
	remove_file("web.conf");
}

/* What is different and what is not, in all but whether it is enabled. */
static void sameness(void **state)
{
	char problem[AGENT_PROBLEM_SIZE];
	struct definition a, b;

	read_text(&a, LEAST "args = x\n", problem, sizeof(problem));
	read_text(&b, "user = root\nexec = /bin/true\nargs = x\nenabled = no\n",
		  problem, sizeof(problem));
	assert_true(definition_same(&a, &b));
	read_text(&b, LEAST "args = y\n", problem, sizeof(problem));
	assert_false(definition_same(&a, &b));
}

static void words(void **state)
{
	static const struct {
		const char *text;
		const char *words; /* with bars between them; NULL: wrong */
	} all[] = {
		{ "", "" },
		{ "  one  two ", "one|two|" },
		{ "a'b c'd \"e f\"", "ab cd|e f|" },
		{ "a\\ b 'c\\' \"d\\\"e\"", "a b|c\\|d\"e|" },
		{ "'' x", "|x|" },
		{ "'x", NULL },
		{ "x \"y", NULL },
	};
	char word[16], joined[64];
	size_t i;
	int err;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const char *at = all[i].text;

		joined[0] = '\0';
		while ((err = words_next(&at, word, sizeof(word))) > 0)
			strcat(strcat(joined, word), "|");
		assert_int_equal(err, all[i].words ? 0 : -EINVAL);
		if (all[i].words)
			assert_string_equal(joined, all[i].words);
	}
	word[0] = '\0';
	assert_int_equal(words_next(&(const char *){ "0123456789abcdef" }, word,
				    sizeof(word)),
			 -E2BIG);
}

static void urls(void **state)
{
	static const char *const bad[] = { "",
					   "http://",
					   "https://127.0.0.1/",
					   "http://a.example/",
					   "http://127.0.0.1:x/",
					   "http://u@127.0.0.1/",
					   "http://127.0.0.1/a b" };
	struct url url;
	size_t i;

	assert_int_equal(url_parse(&url, "http://localhost:9100"), 0);
	assert_string_equal(url.path, "/");
	assert_string_equal(url.host, "localhost:9100");
	assert_int_equal(url_parse(&url, "http://[::1]:80/x?y"), 0);
	assert_string_equal(url.path, "/x?y");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(url_parse(&url, bad[i]), -EINVAL);
}

/* The unit of a file, or NULL where a line is missing in it. */
static char *unit_of(const char *text, bool grows)
{
	char problem[AGENT_PROBLEM_SIZE], *unit = NULL;
	struct definition d;
	size_t size;
	FILE *out = open_memstream(&unit, &size);

	assert_int_equal(read_text(&d, text, problem, sizeof(problem)), 0);
	unit_write(out, &d, grows);
	fclose(out);
	return unit;
}

static void assert_line(const char *unit, const char *line)
{
	char whole[256];

	snprintf(whole, sizeof(whole), "\n%s\n", line);
	if (!strstr(unit, whole))
		print_error("no line '%s' in:\n%s", line, unit);
	assert_non_null(strstr(unit, whole));
}

static void units(void **state)
{
	static const char *const lines[] = {
		"ExecStart=\"/opt/a%%b$c\" \"--x=a b\" \"50%%\" \"$$HOME\" \"q\\\"\\\\\"",
		"User=root",
		"Group=daemon",
		"WorkingDirectory=/srv/%%x",
		"Environment=\"KTACH_AGENT=web\"",
		"Environment=\"KTACH_AGENT_CONFIG=/etc/web.yml\"",
		"Environment=\"KTACH_HEARTBEAT=/run/ktach/heartbeat.sock\"",
		"Environment=\"A=1\"",
		"Environment=\"B=$x 5%%\"",
		"Restart=always",
		"RestartSec=500000us",
		"StartLimitBurst=8",
		"StartLimitIntervalSec=60000000us",
		"TimeoutStopSec=3000000us",
		"MemoryMax=64M",
		"CPUQuota=20%",
		"TasksMax=10",
		"LimitNOFILE=100",
		"Slice=ktach-agents.slice",
		"LogNamespace=ktach-agents",
		"NoNewPrivileges=yes",
		"Type=notify",
		"NotifyAccess=main",
	};
	char *unit = unit_of(
		"exec = /opt/a%b$c\nargs = '--x=a b' 50%\n  $HOME q\\\"\\\\\n"
		"user = root\ngroup = daemon\nfolder = /srv/%x\nconfig = /etc/web.yml\n"
		"environment = A=1\nenvironment = \"B=$x 5%\"\nnotify = yes\nstop-time = 3s\n"
		"[health]\ncheck = heartbeat\n"
		"[restart]\npolicy = always\ndelay = 500ms\ndelay-max = 3s\nlimit = 7\nwithin = 1m\n"
		"[limits]\nmemory = 64\ncpu = 20\ntasks = 10\nfiles = 100\n",
		false);
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_line(unit, lines[i]);
	assert_null(strstr(unit, "RestartSteps"));
	free(unit);
	unit = unit_of(LEAST "[health]\ncheck = watchdog\nretries = 2\n"
			     "[restart]\ndelay = 1s\ndelay-max = 10s\n",
		       true);
	assert_line(unit, "WatchdogSec=20000000us");
	assert_line(unit, "RestartSteps=4");
	assert_line(unit, "RestartMaxDelaySec=10000000us");
	assert_null(strstr(unit, "MemoryMax"));
	free(unit);
}

/* A file that is wrong, a name that is there twice, and what is no agent's file. */
static void folders(void **state)
{
	struct folder f;

	write_file("b.conf", LEAST);
	write_file("a.conf", "exec = x\n");
	write_file("c.conf", LEAST "name = b\n");
	write_file(".d.conf", LEAST);
	write_file("e.conf.dpkg-new", LEAST);
	assert_int_equal(folder_read(&f, folder), 0);
	assert_int_equal(f.count, 3);
	assert_string_equal(f.entries[0].definition.name, "a");
	assert_string_not_equal(f.entries[0].problem, "");
	assert_string_equal(f.entries[1].problem, "");
	assert_non_null(strstr(f.entries[2].problem, "the agent b is in "));
	folder_free(&f);
	remove_file("a.conf");
	remove_file("b.conf");
	remove_file("c.conf");
	remove_file(".d.conf");
	remove_file("e.conf.dpkg-new");
	assert_int_equal(folder_read(&f, "/nowhere"), 0);
	assert_int_equal(f.count, 0);
	folder_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(wrong),
		cmocka_unit_test(others_may_write),
		cmocka_unit_test(sameness),
		cmocka_unit_test(words),
		cmocka_unit_test(urls),
		cmocka_unit_test(units),
		cmocka_unit_test(folders),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
