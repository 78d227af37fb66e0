// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of revoked keys: each change is noticed, whatever its file's time says, and
 * none is lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/feed/revoked_keys.h"

static char folder[64];
static char path[64], other[64];
static const struct revoked_key first = { .node = { 1 }, .any = true };
static const struct revoked_key second = { .node = { 2 }, .any = true };

static int setup(void **state)
{
	strcpy(folder, "/tmp/ktach-revoked-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/revoked-keys", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	return 0;
}

static int teardown(void **state)
{
	unlink(path);
	unlink(other);
	return rmdir(folder);
}

static void set_back(const char *file, const struct stat *was)
{
	const struct timespec times[] = { was->st_atim, was->st_mtim };

	assert_int_equal(utimensat(AT_FDCWD, file, times, 0), 0);
}

static bool is_revoked(const struct revoked_key *key)
{
	struct revoked_keys keys;
	bool is;

	assert_int_equal(revoked_keys_load(&keys, folder), 0);
	is = revoked_keys_have(&keys, key->node, 0);
	revoked_keys_free(&keys);
	return is;
}

/* The file with the other node's number in it; as long as before. */
static void write_second(const char *to)
{
	char text[512] = "", *digit;
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	(void)!fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	digit = strstr(text, "\n01");
	assert_non_null(digit);
	digit[2] = '2';
	f = fopen(to, strcmp(to, path) ? "w" : "r+");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void in_place(void **state)
{
	struct stat seen = { 0 }, was;

	assert_false(revoked_keys_changed(folder, &seen));
	assert_int_equal(revoked_keys_add(folder, &first), 0);
	assert_true(revoked_keys_changed(folder, &seen));
	assert_false(revoked_keys_changed(folder, &seen));
	assert_int_equal(stat(path, &was), 0);
	usleep(20000); /* a tick of the file system's clock */
	write_second(path);
	set_back(path, &was);
	assert_true(revoked_keys_changed(folder, &seen));
	assert_false(revoked_keys_changed(folder, &seen));
	assert_true(is_revoked(&second) && !is_revoked(&first));
}

static void replaced(void **state)
{
	struct stat seen = { 0 }, was;

	assert_int_equal(revoked_keys_add(folder, &first), 0);
	assert_true(revoked_keys_changed(folder, &seen));
	assert_int_equal(stat(path, &was), 0);
	write_second(other);
	set_back(other, &was);
	assert_int_equal(rename(other, path), 0);
	assert_true(revoked_keys_changed(folder, &seen));
	assert_true(is_revoked(&second) && !is_revoked(&first));
	unlink(path);
	assert_true(revoked_keys_changed(folder, &seen));
	assert_false(revoked_keys_changed(folder, &seen));
}

/* Each child revokes its own nodes. */
static void at_once(void **state)
{
	enum {
		CHILDREN = 8,
		EACH = 8
	};
	struct revoked_keys keys;
	int i, status;

	for (i = 0; i < CHILDREN; i++) {
		struct revoked_key key = { .node = { (uint8_t)(i + 1) },
					   .any = true };

		if (fork())
			continue;
		for (; key.node[1] < EACH; key.node[1]++)
			if (revoked_keys_add(folder, &key))
				_exit(1);
		_exit(0);
	}
	for (i = 0; i < CHILDREN; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(revoked_keys_load(&keys, folder), 0);
	assert_int_equal(keys.count, CHILDREN * EACH);
	revoked_keys_free(&keys);
}

/* What somebody put where the new list is written stays what it is. */
static void planted(void **state)
{
	char fresh[80], text[8] = "";
	int fd = open(other, O_RDWR | O_CREAT, 0600);
	struct stat now;

	snprintf(fresh, sizeof(fresh), "%s.new", path);
	assert_int_equal(write(fd, "mine", 4), 4);
	assert_int_equal(link(other, fresh), 0);
	assert_int_equal(revoked_keys_add(folder, &first), 0);
	assert_true(is_revoked(&first));
	assert_int_equal(pread(fd, text, sizeof(text), 0), 4);
	assert_string_equal(text, "mine");
	assert_int_equal(fstat(fd, &now), 0);
	assert_int_equal(now.st_mode & 0777, 0600);
	close(fd);
	assert_int_not_equal(revoked_keys_add("/nowhere", &first), 0);
}

/* A line that is none: whose key it was would be let in, so that there is no list. */
static void no_list(void **state)
{
#define NODE "01000000-0000-0000-0000-000000000000"
	static const char *const bad[] = {
		"0100\n",
		NODE "0\n",
		NODE " 12\n",
		NODE " 0123456\n",
		NODE " 012345678\n",
		NODE " -1234567\n",
		NODE " 01234567 x\n",
		"x" NODE "\n",
		"\x01\n",
		NODE "\nnode\n",
	};
	struct revoked_keys keys;
	size_t i;
	FILE *f;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f = fopen(path, "w");
		assert_non_null(f);
		fputs(bad[i], f);
		fclose(f);
		assert_int_equal(revoked_keys_load(&keys, folder), -EINVAL);
		assert_int_equal(keys.count, 0);
		assert_int_equal(revoked_keys_add(folder, &second), -EINVAL);
		assert_int_equal(revoked_keys_remove(folder, first.node),
				 -EINVAL);
	}
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("# x\n\n" NODE " 0123abcd\r\n" NODE, f);
	fclose(f);
	assert_true(is_revoked(&first));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_place, setup, teardown),
		cmocka_unit_test_setup_teardown(replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(planted, setup, teardown),
		cmocka_unit_test_setup_teardown(no_list, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
