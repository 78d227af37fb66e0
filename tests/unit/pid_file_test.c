// SPDX-License-Identifier: GPL-2.0-or-later
/* The file with a process id: whose it is, and that no other file is lost for it. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/pid_file.h"
#include "tests/unit/scratch.h"

static char folder[64];
static char path[80];

static int setup(void **state)
{
	if (!scratch_folder(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/pid", folder);
	return 0;
}

static int teardown(void **state)
{
	unlink(path);
	return rmdir(folder);
}

static void put(const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void assert_holds(const char *wanted)
{
	char text[64] = "";
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	assert_int_equal(fread(text, 1, sizeof(text) - 1, f), strlen(wanted));
	fclose(f);
	assert_string_equal(text, wanted);
}

static void is_ours_while_we_run(void **state)
{
	struct pid_file p, other;
	char id[16];

	snprintf(id, sizeof(id), "%d\n", getpid());
	assert_int_equal(pid_file_claim(&p, path), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(pid_file_write(&p), 0);
	assert_holds(id);
	assert_int_equal(pid_file_claim(&other, path), -EBUSY);
	assert_int_equal(pid_file_write(&other), -EBUSY);
	pid_file_remove(&other);
	assert_holds(id);
	pid_file_remove(&p);
	assert_int_equal(p.fd, -1);
	assert_int_equal(access(path, F_OK), -1);
	/* A second time, when another one has it. */
	put("12\n");
	pid_file_remove(&p);
	assert_holds("12\n");
}

/* Longer than what is written over it, or empty, as after a power cut. */
static void a_leftover_goes(void **state)
{
	static const char *const texts[] = { "1234567890\n", "" };
	struct pid_file p;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char id[16];

		put(texts[i]);
		assert_int_equal(pid_file_claim(&p, path), 0);
		assert_int_equal(access(path, F_OK), -1);
		put(texts[i]);
		assert_int_equal(pid_file_write(&p), 0);
		snprintf(id, sizeof(id), "%d\n", getpid());
		assert_holds(id);
		pid_file_remove(&p);
	}
}

static void another_file_stays(void **state)
{
	static const char *const texts[] = {
		"important\n", "12",  "12 \n",
		"12\n13\n",    "0\n", "-5\n",
		"x\n",	       "\n",  "1\n2345678901234567890123456789012345",
	};
	struct pid_file p;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put(texts[i]);
		assert_int_equal(pid_file_claim(&p, path), -EEXIST);
		assert_int_equal(pid_file_write(&p), -EEXIST);
		assert_holds(texts[i]);
	}
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(pid_file_claim(&p, path), -EISDIR);
	rmdir(path);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(pid_file_claim(&p, path), -ELOOP);
}

/* Somebody put another one in its place: not ours to remove. */
static void replaced(void **state)
{
	struct pid_file p;

	assert_int_equal(pid_file_claim(&p, path), 0);
	assert_int_equal(pid_file_write(&p), 0);
	unlink(path);
	put("12\n");
	pid_file_remove(&p);
	assert_holds("12\n");
}

static void none_is_wanted(void **state)
{
	struct pid_file p;

	assert_int_equal(pid_file_claim(&p, NULL), 0);
	assert_int_equal(pid_file_write(&p), 0);
	assert_int_equal(p.fd, -1);
	pid_file_remove(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(is_ours_while_we_run, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_leftover_goes, setup,
						teardown),
		cmocka_unit_test_setup_teardown(another_file_stays, setup,
						teardown),
		cmocka_unit_test_setup_teardown(replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(none_is_wanted, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
