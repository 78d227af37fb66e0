// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of revoked tokens: who is on it, whatever their names, what is no list, and
 * that each change is noticed.
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
#include <unistd.h>

#include <cmocka.h>

#include "collector/login/revoked.h"
#include "lib/base/log.h"
#include "lib/wire/seal.h"
#include "tests/unit/scratch.h"

/* In place, as long as before, and its time set back. */
static bool is_seen_again(struct revoked *r)
{
	struct timespec times[2];
	struct stat was;
	FILE *f;

	assert_int_equal(stat(r->path, &was), 0);
	usleep(20000); /* a tick of the file system's clock */
	f = fopen(r->path, "r+");
	assert_non_null(f);
	fputs("id", f);
	fclose(f);
	times[0] = was.st_atim;
	times[1] = was.st_mtim;
	assert_int_equal(utimensat(AT_FDCWD, r->path, times, 0), 0);
	return revoked_look(r) && !revoked_look(r);
}

static void write_list(const char *path, const char *text, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, size), size);
	close(fd);
}

#define ID "0123456789abcdef0123456789abcdef"

/* One that an editor left without an end is whole; the next is one of its own. */
static void behind_no_end(void **state)
{
	const struct login_claims claims = { .name = "one", .issued_s = 1000 };
	struct revoked r = { 0 };
	char folder[48];

	assert_non_null(scratch_folder(folder));
	snprintf(r.path, sizeof(r.path), "%s/" REVOKED_FILE, folder);
	write_list(r.path, "id " ID, strlen("id " ID));
	assert_int_equal(revoked_add(folder, "one"), 0);
	assert_true(revoked_look(&r));
	assert_int_equal(r.count, 2);
	assert_true(revoked_has(&r, &claims));
	revoked_free(&r);
	unlink(r.path);
	rmdir(folder);
}

/* A list with a line that is none: whoever was revoked stays so, nobody new is, and
 * nothing is added to it; without any list before it, it is not known who is.
 */
static void no_list(void **state)
{
	static const struct {
		const char *text;
		size_t size;
	} bad[] = {
#define TEXT(text) { text, sizeof(text) - 1 }
		TEXT("id"),
		TEXT("id 0123\n"),
		TEXT("id " ID "0\n"),
		TEXT("id 0123456789ABCDEF0123456789ABCDEF\n"),
		TEXT("id " ID " x\n"),
		TEXT("name two\n"),
		TEXT("name two 0\n"),
		TEXT("name two -5\n"),
		TEXT("name two 5s\n"),
		TEXT("name two 5 6\n"),
		TEXT("name a name of more than the sixty-three bytes 5\n"),
		TEXT("encoded a%0 5\n"),
		TEXT("encoded a%00 5\n"),
		TEXT("Name two 5\n"),
		TEXT("two\n"),
		TEXT("name two 5\0\n"),
		TEXT("\0\0\0\0\0\0\0\0"),
		TEXT("name two 5\nname two\nname three 5\n"),
	};
	const struct login_claims one = { .name = "one", .issued_s = 1000 };
	const struct login_claims two = { .name = "two", .issued_s = 1 };
	char folder[48];
	struct revoked r = { 0 }, fresh;
	size_t i;

	assert_non_null(scratch_folder(folder));
	snprintf(r.path, sizeof(r.path), "%s/" REVOKED_FILE, folder);
	assert_true(revoked_known(&r)); /* nobody */
	assert_int_equal(revoked_add(folder, "one"), 0);
	assert_true(revoked_look(&r));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_list(r.path, bad[i].text, bad[i].size);
		assert_false(revoked_look(&r));
		assert_true(revoked_has(&r, &one));
		assert_false(revoked_has(&r, &two));
		assert_int_equal(revoked_add(folder, "two"), -EINVAL);
		fresh = (struct revoked){ 0 };
		strcpy(fresh.path, r.path);
		assert_false(revoked_known(&fresh));
		revoked_free(&fresh);
	}
#define GOOD "# ours\r\n\n \nid " ID " \r\nname two 5\nname 5%z 5\n"
	write_list(r.path, GOOD, strlen(GOOD));
	assert_true(revoked_look(&r));
	assert_int_equal(r.count, 3);
	assert_true(revoked_has(&r, &two));
	revoked_free(&r);
	unlink(r.path);
	rmdir(folder);
}

/* As others who sign tokens may call people. */
static void any_name(void **state)
{
	static const char *const names[] = {
		ID,
		"0123456789ABCDEF0123456789abcdef",
		"two words",
		" ",
		"a\tb\nid " ID,
		"50% of it",
		"%41",
		"auth0|5f7c8ec7c33c6c004bbafe82",
		"J\xc3\xb6rg M\xc3\xbcller",
		"someone.with.many.dots@a.place.that.is.called.what.nobody.can.remember.example",
		"eyJhbGciOiJFZERTQSJ9 is no token.but.it.has.two.dots",
	};
	struct login_claims claims = { .issued_s = 1000 };
	struct revoked r = { 0 };
	char folder[48];
	size_t i;

	assert_non_null(scratch_folder(folder));
	snprintf(r.path, sizeof(r.path), "%s/" REVOKED_FILE, folder);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(claims.name, sizeof(claims.name), "%s", names[i]);
		assert_false(revoked_has(&r, &claims));
		assert_int_equal(revoked_add(folder, names[i]), 0);
		assert_true(revoked_look(&r));
		assert_true(revoked_has(&r, &claims));
	}
	claims = (struct login_claims){ .id = ID };
	assert_true(revoked_has(&r, &claims));
	assert_int_equal(r.count, i + 2); /* two of them may be ids */
	assert_int_not_equal(revoked_add(folder, ""), 0);
	revoked_free(&r);
	unlink(r.path);
	rmdir(folder);
}

static void taken_back(void **state)
{
	static const char token[] =
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJvbmUifQ.c2lnbmF0dXJlIG9mIHRoaXM";
	struct login_claims claims = { .name = "one", .issued_s = 1000 };
	char folder[48];
	struct revoked r = { 0 };

	assert_non_null(scratch_folder(folder));
	snprintf(r.path, sizeof(r.path), "%s/" REVOKED_FILE, folder);
	assert_false(revoked_look(&r)); /* not there */
	assert_true(login_id(token, claims.id));
	assert_false(revoked_has(&r, &claims));
	assert_int_equal(revoked_add(folder, token), 0);
	assert_true(revoked_look(&r));
	assert_false(revoked_look(&r)); /* as it was */
	assert_true(revoked_has(&r, &claims));
	claims.id[0] ^= 1;
	assert_false(revoked_has(&r, &claims));
	assert_int_equal(revoked_add(folder, "one"), 0);
	assert_true(revoked_look(&r));
	assert_true(revoked_has(&r, &claims));
	claims.issued_s = UINT64_C(99999999999);
	assert_false(revoked_has(&r, &claims));
	claims.issued_s = 0;
	assert_true(revoked_has(&r, &claims));
	strcpy(claims.name, "two");
	assert_false(revoked_has(&r, &claims));
	assert_true(is_seen_again(&r));
	assert_int_not_equal(revoked_add("/nowhere", "a"), 0);
	unlink(r.path);
	assert_true(revoked_look(&r));
	claims.name[0] = 0;
	assert_false(revoked_has(&r, &claims));
	revoked_free(&r);
	rmdir(folder);
}

/* The folder is the collector's; who adds a line may be root, with any umask. */
static void whose_file(void **state)
{
	char folder[48], other[64], path[64];
	struct revoked r = { 0 };
	mode_t umask_was = umask(077);
	struct stat s;

	assert_non_null(scratch_folder(folder));
	snprintf(path, sizeof(path), "%s/" REVOKED_FILE, folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	snprintf(r.path, sizeof(r.path), "%s", path);
	assert_int_equal(revoked_add(folder, "one"), 0);
	umask(umask_was);
	assert_int_equal(stat(path, &s), 0);
	assert_int_equal(s.st_mode & 0777, 0644);
	assert_true(revoked_look(&r));
	assert_int_equal(chmod(path, 0640), 0);
	assert_true(revoked_look(&r)); /* it may be readable now */
	unlink(path);
	assert_int_equal(symlink("other", path), 0);
	assert_int_not_equal(revoked_add(folder, "one"), 0);
	assert_int_not_equal(stat(other, &s), 0);
	close(creat(other, 0600));
	assert_int_not_equal(revoked_add(folder, "one"), 0);
	assert_int_equal(stat(other, &s), 0);
	assert_int_equal(s.st_size, 0);
	revoked_free(&r);
	unlink(path);
	unlink(other);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(behind_no_end), cmocka_unit_test(no_list),
		cmocka_unit_test(any_name),	 cmocka_unit_test(taken_back),
		cmocka_unit_test(whose_file),
	};

	if (seal_init())
		return 1;
	log_init("test", LOG_ERROR);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
