// SPDX-License-Identifier: GPL-2.0-or-later
/* A file that is there as it was or as it is to be. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/whole_file.h"
#include "tests/unit/scratch.h"

static char folder[64];
static char path[80], beside[88], other[80];

static int setup(void **state)
{
	if (!scratch_folder(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/file", folder);
	snprintf(beside, sizeof(beside), "%s.new", path);
	snprintf(other, sizeof(other), "%s/other", folder);
	return 0;
}

static int teardown(void **state)
{
	unlink(path);
	unlink(beside);
	unlink(other);
	return rmdir(folder);
}

static void assert_holds(const char *name, const char *wanted)
{
	char text[64] = "";
	FILE *f = fopen(name, "re");

	assert_non_null(f);
	assert_int_equal(fread(text, 1, sizeof(text) - 1, f), strlen(wanted));
	fclose(f);
	assert_string_equal(text, wanted);
}

static void replaced(void **state)
{
	struct stat st;

	assert_int_equal(whole_file_write(path, "one\n", 4, NULL), 0);
	assert_holds(path, "one\n");
	assert_int_equal(whole_file_write(path, "2\n", 2, NULL), 0);
	assert_holds(path, "2\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(access(beside, F_OK), -1);
}

static void like_the_old_one(void **state)
{
	struct stat like = { .st_mode = S_IFREG | 0640,
			     .st_uid = getuid(),
			     .st_gid = getgid() },
		    st;

	assert_int_equal(whole_file_write(path, "secret", 6, &like), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

/* A link that somebody laid there is not followed. */
static void not_followed(void **state)
{
	assert_int_equal(whole_file_write(other, "theirs", 6, NULL), 0);
	assert_int_equal(symlink(other, beside), 0);
	assert_int_equal(whole_file_write(path, "ours", 4, NULL), 0);
	assert_holds(other, "theirs");
	assert_holds(path, "ours");
}

/* What cannot be written leaves what is there. */
static void fails(void **state)
{
	struct stat st;
	char long_path[5000];

	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(whole_file_write(path, "x", 1, NULL), -EISDIR);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(access(beside, F_OK), -1);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(whole_file_write("/dev/full/x", "x", 1, NULL),
			 -ENOTDIR);
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(whole_file_write(long_path, "x", 1, NULL),
			 -ENAMETOOLONG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(replaced),
		TEST(like_the_old_one),
		TEST(not_followed),
		TEST(fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
