// SPDX-License-Identifier: GPL-2.0-or-later
/* The files of /proc/PID, whole and cut; who uses the most; what is secret. */
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

#include "host/process/process_exits.h"
#include "host/memory/system.h"
#include "host/process/process_top.h"
#include "host/process/process_way.h"
#include "host/process/redact.h"
#include "host/process/users.h"
#include "tests/unit/scratch.h"

static const struct process_units units = { 10000000, 4096 };

/* --- stat -------------------------------------------------------------------- */

#define REST                                                               \
	" S 1 42 42 0 -1 4194304 119 0 0 0 7 5 0 0 20 0 3 0 6281 8073216 " \
	"1023 18446744073709551615 1 1 0"

static void stat_values(void **state)
{
	struct process p;

	assert_int_equal(process_stat_parse("42 (bash)" REST "\n", &units, &p),
			 0);
	assert_int_equal(p.pid, 42);
	assert_string_equal(p.name, "bash");
	assert_int_equal(p.state, 'S');
	assert_int_equal(p.parent, 1);
	assert_int_equal(p.cpu_ns, 120000000);
	assert_int_equal(p.threads, 3);
	assert_int_equal(p.start_ns, 62810000000);
	assert_int_equal(p.rss_bytes, 1023 * 4096);
	assert_false(p.kernel);
}

static void stat_kernel_thread(void **state)
{
	struct process p;

	assert_int_equal(
		process_stat_parse(
			"9 (kworker/0:1-events) I 2 0 0 0 -1 69238880 0 0 0 "
			"0 0 3 0 0 20 0 1 0 31 0 0 18446744073709551615 0\n",
			&units, &p),
		0);
	assert_true(p.kernel);
	assert_int_equal(p.state, 'I');
	assert_int_equal(p.rss_bytes, 0);
	assert_string_equal(p.name, "kworker/0:1-events");
}

static void stat_names(void **state)
{
	static const struct {
		const char *text, *name;
	} cases[] = {
		{ "42 ()" REST, "" },
		{ "42 (a b)" REST, "a b" },
		{ "42 () R 1 ()" REST, ") R 1 (" },
		{ "42 ())" REST, ")" },
		{ "42 (a\\nb\\\\n\\)" REST, "a\nb\\n\\" },
		{ "42 (\xff\xfe)" REST, "\xff\xfe" },
	};
	struct process p;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(process_stat_parse(cases[i].text, &units, &p),
				 0);
		assert_string_equal(p.name, cases[i].name);
		assert_int_equal(p.parent, 1);
	}
}

static void stat_long_name(void **state)
{
	char text[512], name[200];
	struct process p;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	snprintf(text, sizeof(text), "42 (%s)%s", name, REST);
	assert_int_equal(process_stat_parse(text, &units, &p), 0);
	assert_int_equal(strlen(p.name), PROCESS_NAME);
}

/* Whatever is missing: refused, or all that is told of was there. */
static void stat_cut(void **state)
{
	static const char whole[] = "42 (bash)" REST;
	const size_t enough = (size_t)(strstr(whole, "1023 ") - whole) + 5;
	size_t n;

	for (n = 0; n < sizeof(whole); n++) {
		char *cut = strndup(whole, n);
		struct process p;
		int err = process_stat_parse(cut, &units, &p);

		assert_int_equal(err, n < enough ? -EINVAL : 0);
		if (!err)
			assert_int_equal(p.rss_bytes, 1023 * 4096);
		free(cut);
	}
}

static void stat_bad(void **state)
{
	static const struct {
		const char *text;
		int err;
	} cases[] = {
		{ "", -EINVAL },
		{ "42", -EINVAL },
		{ ") (", -EINVAL },
		{ "42 )(" REST, -EINVAL },
		{ "-42 (bash)" REST, -EINVAL },
		{ "x (bash)" REST, -EINVAL },
		{ "4294967296 (bash)" REST, -ERANGE },
		{ "99999999999999999999 (bash)" REST, -ERANGE },
		{ "42 (b) 1 1 0 0 0 0 0 0 0 0 0 7 5 0 0 0 0 3 0 1 0 0 \n",
		  -EINVAL },
		{ "42 (b) S x 0 0 0 0 0 0 0 0 0 7 5 0 0 0 0 3 0 1 0 0 \n",
		  -EINVAL },
		{ "42 (b) S 1 0 0 0 0 0 0 0 0 0 -7 5 0 0 0 0 3 0 1 0 0 \n",
		  -EINVAL },
		/* ticks that are no time in ns any more, and their sum */
		{ "42 (b) S 1 0 0 0 0 0 0 0 0 0 999999999999 5 0 0 0 0 3 0 1 0 "
		  "0 \n",
		  -ERANGE },
		{ "42 (b) S 1 0 0 0 0 0 0 0 0 0 922337203685 922337203685 0 0 "
		  "0 0 3 0 1 0 0 \n",
		  -ERANGE },
		{ "42 (b) S 1 0 0 0 0 0 0 0 0 0 7 5 0 0 0 0 3 0 1 0 "
		  "18446744073709551615 \n",
		  -ERANGE },
	};
	struct process p;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(process_stat_parse(cases[i].text, &units, &p),
				 cases[i].err);
}

/* --- other files ------------------------------------------------------------- */

static void other_files(void **state)
{
	uint64_t bytes;
	uint32_t uid;

	assert_int_equal(
		process_statm_parse("1000 25 7 1 0 2 0", &units, &bytes), 0);
	assert_int_equal(bytes, 25 * 4096);
	assert_int_equal(process_statm_parse("1000 25", &units, &bytes),
			 -EINVAL);
	assert_int_equal(process_statm_parse("1000", &units, &bytes), -EINVAL);
	assert_int_equal(process_uid_parse("Name:\tUid:\nPid:\t3\n"
					   "Uid:\t1000\t0\t0\t0\nGid:\t1\n",
					   &uid),
			 0);
	assert_int_equal(uid, 0);
	assert_int_equal(process_uid_parse("Name:\tx\nUid:\t1000\t65", &uid),
			 -EINVAL);
	assert_int_equal(process_uid_parse("Name:\tx\n", &uid), -EINVAL);
	assert_int_equal(process_uid_parse("Uid:\t0\t4294967295\t0\t0\n", &uid),
			 -ERANGE);
}

static void cgroups(void **state)
{
	static const struct {
		const char *text, *path;
	} cases[] = {
		{ "0::/system.slice/ssh.service\n",
		  "/system.slice/ssh.service" },
		{ "0::/\n", "/" },
		{ "12:cpu,cpuacct:/docker/abc\n1:name=systemd:/user.slice\n"
		  "0::/\n",
		  "/user.slice" },
		{ "12:cpu,cpuacct:/docker/abc\n2:pids:/\n0::/\n",
		  "/docker/abc" },
		{ "1:name=systemd:/a\n0::/b:c d", "/b:c d" },
		{ "0::/a (deleted)\n", "/a (deleted)" },
	};
	static const char *const bad[] = { "",	  "\n",	 "0",	       "0:",
					   "0::", ":\n", "garbage\n\n" };
	size_t i, size;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *path = process_cgroup_parse(cases[i].text, &size);

		assert_non_null(path);
		assert_int_equal(size, strlen(cases[i].path));
		assert_memory_equal(path, cases[i].path, size);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(process_cgroup_parse(bad[i], &size));
}

static void exits(void **state)
{
	uint64_t v;

	assert_int_equal(system_forks("cpu 1\nintr 5\nprocesses 1234\n"
				      "procs_running 3\n",
				      &v),
			 0);
	assert_int_equal(v, 1234);
	assert_int_equal(system_forks("cpu 1\nprocesses 12", &v), -EINVAL);
	assert_int_equal(system_forks("cpu 1\n", &v), -EINVAL);
	assert_int_equal(system_forks("processes 99999999999999999999\n", &v),
			 -EINVAL);
	assert_int_equal(process_cpus_parse("0", &v), 0);
	assert_int_equal(v, 1);
	assert_int_equal(process_cpus_parse("0-3,8-127\n", &v), 0);
	assert_int_equal(v, 128);
	assert_int_equal(process_cpus_parse("", &v), -EINVAL);
	assert_int_equal(process_cpus_parse("none", &v), -EINVAL);
}

static void states(void **state)
{
	assert_int_equal(process_state(0), 'R');
	assert_int_equal(process_state(0x2001), 'S');
	assert_int_equal(process_state(2), 'D');
	assert_int_equal(process_state(0x102), 'D');
	assert_int_equal(process_state(4), 'T');
	assert_int_equal(process_state(8), 't');
	assert_int_equal(process_state(0x10 | 0x80), 'X');
	assert_int_equal(process_state(0x20 | 0x80), 'Z');
	assert_int_equal(process_state(0x40), 'P');
	assert_int_equal(process_state(0x402), 'I');
	assert_int_equal(process_state(0x1000), 'D');
	assert_int_equal(process_state(0x8000), 'D');
	assert_int_equal(process_state(0x80), 'R');
	assert_int_equal(process_state(UINT32_MAX), 'I');
}

/* --- users ------------------------------------------------------------------- */

static void users_of_text(void **state)
{
	static const char text[] = "root:x:0:0:root:/root:/bin/bash\n"
				   "# comment\n\n:x:7:7::\n"
				   "half:x\nodd:x:-5:0::\nhuge:x:"
				   "99999999999999999999:0::\n"
				   "one:x:1000:1000::\nother:x:1000:1000::\n"
				   "cut:x:10";
	char name[USER_NAME];

	assert_int_equal(users_find(text, 0, name, sizeof(name)), 0);
	assert_string_equal(name, "root");
	assert_int_equal(users_find(text, 1000, name, sizeof(name)), 0);
	assert_string_equal(name, "one");
	assert_int_equal(users_find(text, 7, name, sizeof(name)), -ENOENT);
	assert_int_equal(users_find(text, 10, name, sizeof(name)), -ENOENT);
	assert_int_equal(users_find(text, 0, name, 4), -ENOENT);
	assert_int_equal(users_find("", 0, name, sizeof(name)), -ENOENT);
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* Of another root than our own, and as it is now. */
static void users_of_root(void **state)
{
	char root[48], folder[64], file[64], new[64];
	static struct users u;

	assert_non_null(scratch_folder(root));
	snprintf(folder, sizeof(folder), "%s/etc", root);
	snprintf(file, sizeof(file), "%s/etc/passwd", root);
	snprintf(new, sizeof(new), "%s/etc/passwd-", root);
	users_init(&u, root);
	users_refresh(&u);
	assert_string_equal(users_name(&u, 0), "0");
	assert_int_equal(mkdir(folder, 0755), 0);
	write_text(file, "nobody:x:65534:1::\n");
	users_refresh(&u);
	assert_string_equal(users_name(&u, 0), "0");
	assert_string_equal(users_name(&u, 65534), "nobody");
	write_text(new, "nobodi:x:65534:1::\n");
	assert_int_equal(rename(new, file), 0);
	assert_string_equal(users_name(&u, 65534), "nobody");
	users_refresh(&u);
	assert_string_equal(users_name(&u, 65534), "nobodi");
	unlink(file);
	rmdir(folder);
	rmdir(root);
}

/* More than are kept. */
static void users_many(void **state)
{
	static struct users u;
	char text[16];
	uint32_t i;

	users_init(&u, "/nonexistent");
	for (i = 0; i < 3 * USERS_MAX; i++) {
		snprintf(text, sizeof(text), "%u", i);
		assert_string_equal(users_name(&u, i), text);
	}
}

/* --- command lines ----------------------------------------------------------- */

static void secrets(void **state)
{
	/* Arguments with '|' for the NUL after each. */
	static const struct {
		const char *args, *text;
	} cases[] = {
		{ "", "" },
		{ "ls|-l|", "ls -l" },
		{ "ls|-l", "ls -l" },
		{ "mysql|--password=x y|-v|", "mysql --password=*** -v" },
		{ "mysql|--password|x y|-v|", "mysql --password *** -v" },
		{ "mysql|--PASSWORD|x|-v|", "mysql --PASSWORD *** -v" },
		{ "mysql|--password=|x|-v|", "mysql --password=*** *** -v" },
		{ "mysql|--password|", "mysql --password" },
		{ "passwd|root|", "passwd root" },
		{ "/usr/bin/token|a|", "/usr/bin/token a" },
		{ "env|PGPASSWORD=x|psql|", "env PGPASSWORD=*** psql" },
		{ "java|-Djavax.net.ssl.keyStorePassword=x|-jar|",
		  "java -Djavax.net.ssl.keyStorePassword=*** -jar" },
		{ "curl|-H|Authorization: Bearer x|u|",
		  "curl -H Authorization:*** u" },
		{ "sh|-c|curl --token x y; ls|-v|",
		  "sh -c curl --token *** -v" },
		{ "app --token x y", "app --token ***" },
		{ "psql|postgres://me:p@ss@db/x|-v|",
		  "psql postgres://***@db/x -v" },
		{ "curl|https://x.y:80/?a=b&access_token=x|-v|",
		  "curl https://x.y:80/?a=b&access_token=*** -v" },
		{ "curl|https://x.y/@a|", "curl https://***@a" },
		{ "helm|--set=db.password=x|", "helm --set=db.password=***" },
		{ "x|{\"password\":\"y\"}|z|", "x {\"password\"*** z" },
		{ "x|--api-key|y|--apikey=y|z|",
		  "x --api-key *** --apikey=*** z" },
		{ "x|--secret|--token|y|", "x --secret *** y" },
		{ "tailscale|up|--auth-key=y|", "tailscale up --auth-key=***" },
		{ "x|--signingKey|y|--sort-key|z|",
		  "x --signingKey *** --sort-key z" },
		{ "x||y|", "x  y" },
	};
	char args[256], text[256];
	size_t i, j;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t size = strlen(cases[i].args);

		for (j = 0; j <= size; j++)
			args[j] = cases[i].args[j] == '|' ? '\0' :
							    cases[i].args[j];
		redact(args, size, REDACT_DEFAULT, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
}

static void secrets_of_own_list(void **state)
{
	static const char args[] = "mysql\0-p\0x\0--password=y";
	char text[64];

	redact(args, sizeof(args), "-p", text, sizeof(text));
	assert_string_equal(text, "mysql -p *** --password=y");
	redact(args, sizeof(args), "", text, sizeof(text));
	assert_string_equal(text, "mysql -p x --password=y");
}

/* However little room there is: a beginning of the whole. */
static void secrets_cut(void **state)
{
	static const char args[] = "app\0--token\0x y\0http://a:b@c\0-v";
	char whole[64];
	size_t room;

	redact(args, sizeof(args), REDACT_DEFAULT, whole, sizeof(whole));
	assert_string_equal(whole, "app --token *** http://***@c -v");
	for (room = 1; room < sizeof(whole); room++) {
		char *text = malloc(room);
		size_t n =
			redact(args, sizeof(args), REDACT_DEFAULT, text, room);

		assert_int_equal(n, strlen(text));
		assert_true(n < room);
		assert_int_equal(strncmp(text, whole, n), 0);
		free(text);
	}
}

/* --- who uses the most ------------------------------------------------------- */

enum {
	S = 1000000000,
	TICK = 10000000,
};

static struct process process(uint32_t pid, uint64_t start_ns, uint64_t cpu_ns,
			      uint64_t rss_bytes, uint64_t at_ns)
{
	return (struct process){ .pid = pid,
				 .start_ns = start_ns,
				 .cpu_ns = cpu_ns,
				 .rss_bytes = rss_bytes,
				 .at_ns = at_ns,
				 .threads = 1,
				 .state = 'S' };
}

static void reading(struct process_top *t, uint64_t now_ns,
		    const struct process *p, size_t count)
{
	size_t i;

	process_top_begin(t, now_ns, now_ns);
	for (i = 0; i < count; i++)
		process_top_take(t, &p[i]);
	process_top_end(t);
}

static const struct process_ranked *winner(const struct process_top *t,
					   uint32_t pid)
{
	uint32_t i;

	for (i = 0; i < t->winner_count; i++)
		if (t->winners[i]->p.pid == pid)
			return t->winners[i];
	return NULL;
}

static void shares(void **state)
{
	const uint64_t first = 100ULL * S, second = 102ULL * S;
	const struct process before[] = {
		process(1, 0, 10ULL * S, 1, first),
		process(2, 0, 5ULL * S, 1, first),
		process(3, 0, 5ULL * S, 1, first),
	};
	const struct process after[] = {
		/* two CPUs */
		process(1, 0, 14ULL * S, 1, second),
		/* the same pid, another process: half of one CPU */
		process(2, 101ULL * S, S, 1, second),
		/* less than before: nothing, and not less */
		process(3, 0, 4ULL * S, 1, second),
		/* new */
		process(4, 101ULL * S, S / 2, 1, second),
		/* old, and not seen before: who knows */
		process(5, 50ULL * S, 9ULL * S, 1, second),
		/* started a tick before, as far as /proc can tell */
		process(6, first - TICK, S, 1, second),
	};
	struct process_top t;

	assert_int_equal(process_top_init(&t, 10, TICK), 0);
	reading(&t, first, before, 3);
	assert_int_equal(t.winner_count, 3);
	assert_true(winner(&t, 1)->share == WIRE_ABSENT);
	reading(&t, second, after, 6);
	assert_int_equal(t.winner_count, 6);
	assert_int_equal(winner(&t, 1)->share, 20000);
	assert_int_equal(winner(&t, 2)->share, 5000);
	assert_int_equal(winner(&t, 3)->share, 0);
	assert_int_equal(winner(&t, 3)->p.cpu_ns, 5ULL * S);
	assert_int_equal(winner(&t, 4)->share, 2500);
	assert_true(winner(&t, 5)->share == WIRE_ABSENT);
	assert_int_equal(winner(&t, 6)->share, 5000);
	process_top_exit(&t);
}

/* Against sorting, in whatever order processes come. */
static void top_of_many(void **state)
{
	enum {
		COUNT = 5000,
		MAX = 10
	};
	static struct process p[COUNT];
	struct process_top t;
	uint32_t i, round;

	assert_int_equal(process_top_init(&t, MAX, TICK), 0);
	for (round = 0; round < 3; round++) {
		uint64_t now_ns = (100ULL + 2 * round) * S;

		/* In round 1 pid i uses i us, and has 5001 - i pages. */
		for (i = 0; i < COUNT; i++) {
			uint32_t pid = 1 + i * 7 % COUNT;

			p[i] = process(pid, 0, round * pid * 1000ULL,
				       COUNT + 1 - pid, now_ns);
			if (round == 2)
				p[i].cpu_ns =
					pid * 1000ULL + (COUNT - pid) * 1000ULL;
		}
		reading(&t, now_ns, p, COUNT);
		assert_int_equal(t.counts.sleeping, COUNT);
	}
	/* In the last one the little ones used the most: of CPU, too. */
	assert_int_equal(t.winner_count, MAX);
	for (i = 0; i < MAX; i++)
		assert_int_equal(t.winners[i]->p.pid, 1 + i);
	for (i = 0; i < COUNT; i++)
		p[i].cpu_ns += p[i].pid > COUNT - MAX ? S : 1;
	reading(&t, 106ULL * S, p, COUNT);
	assert_int_equal(t.winner_count, 2 * MAX);
	for (i = 0; i < MAX; i++) {
		assert_int_equal(t.winners[i]->p.pid, 1 + i);
		assert_int_equal(t.winners[MAX + i]->p.pid,
				 COUNT - MAX + 1 + i);
		assert_int_equal(t.winners[MAX + i]->used_ns, S);
	}
	process_top_exit(&t);
}

/* Nobody uses anything: the same ones are told of each time. */
static void top_of_idle(void **state)
{
	struct process p[100];
	struct process_top t;
	int round, i;

	assert_int_equal(process_top_init(&t, 2, TICK), 0);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 100; i++)
			p[i] = process(i + 1, 0, i % 50, 0, (uint64_t)round);
		reading(&t, 1ULL + round, p, 100);
		assert_int_equal(t.winner_count, 4);
		assert_int_equal(t.winners[0]->p.pid, 1);
		assert_int_equal(t.winners[1]->p.pid, 2);
		assert_int_equal(t.winners[2]->p.pid, 50);
		assert_int_equal(t.winners[3]->p.pid, 100);
	}
	process_top_exit(&t);
}

static void counts_by_state(void **state)
{
	static const char all[] = "RSDZTtXIPW";
	struct process p[sizeof(all) - 1];
	struct process_top t;
	size_t i;

	assert_int_equal(process_top_init(&t, 1, TICK), 0);
	for (i = 0; i < sizeof(all) - 1; i++) {
		p[i] = process(i + 1, 0, 0, 0, 0);
		p[i].state = all[i];
	}
	reading(&t, 1, p, i);
	assert_int_equal(t.counts.running, 1);
	assert_int_equal(t.counts.blocked, 1);
	assert_int_equal(t.counts.zombie, 2);
	assert_int_equal(t.counts.stopped, 2);
	assert_int_equal(t.counts.sleeping, 4);
	process_top_exit(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stat_values),
		cmocka_unit_test(stat_kernel_thread),
		cmocka_unit_test(stat_names),
		cmocka_unit_test(stat_long_name),
		cmocka_unit_test(stat_cut),
		cmocka_unit_test(stat_bad),
		cmocka_unit_test(other_files),
		cmocka_unit_test(cgroups),
		cmocka_unit_test(exits),
		cmocka_unit_test(states),
		cmocka_unit_test(users_of_text),
		cmocka_unit_test(users_of_root),
		cmocka_unit_test(users_many),
		cmocka_unit_test(secrets),
		cmocka_unit_test(secrets_of_own_list),
		cmocka_unit_test(secrets_cut),
		cmocka_unit_test(shares),
		cmocka_unit_test(top_of_many),
		cmocka_unit_test(top_of_idle),
		cmocka_unit_test(counts_by_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
