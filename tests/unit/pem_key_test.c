// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys in PEM: what is written is read, by its owner alone where it is secret. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "lib/base/log.h"
#include "lib/base/pem_key.h"
#include "tests/unit/said.h"

/* Of RFC 8410, section 10.1 and 10.3. */
#define PUBLIC_KEY                                                       \
	"-----BEGIN PUBLIC KEY-----\n"                                   \
	"MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n" \
	"-----END PUBLIC KEY-----\n"
#define PRIVATE_KEY                                                          \
	"-----BEGIN PRIVATE KEY-----\n"                                      \
	"MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n" \
	"-----END PRIVATE KEY-----\n"

static char folder[64], path[96];

static int setup(void **state)
{
	log_init("test", LOG_ERROR);
	said_begin();
	if (!scratch_folder(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/key", folder);
	umask(0);
	return 0;
}

static int teardown(void **state)
{
	unlink(path);
	said_end();
	return rmdir(folder);
}

static const char *text_of_file(void)
{
	static char text[PEM_TEXT_MAX];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	close(fd);
	return text;
}

static unsigned int mode_of_file(void)
{
	struct stat s;

	assert_int_equal(stat(path, &s), 0);
	return s.st_mode & 07777;
}

static void a_public_key_is_for_all(void **state)
{
	uint8_t key[PEM_KEY_SIZE], again[PEM_KEY_SIZE];

	assert_int_equal(pem_key_public(PUBLIC_KEY, key), 0);
	assert_int_equal(key[0], 0x19);
	assert_int_equal(key[31], 0xe1);
	assert_int_equal(pem_key_write_public(path, key), 0);
	assert_int_equal(mode_of_file(), 0644);
	assert_string_equal(text_of_file(), PUBLIC_KEY);
	assert_int_equal(pem_key_public(text_of_file(), again), 0);
	assert_memory_equal(key, again, sizeof(key));
}

static void a_private_key_is_its_owners(void **state)
{
	uint8_t seed[PEM_KEY_SIZE];

	assert_int_equal(pem_key_private(PRIVATE_KEY, seed), 0);
	assert_int_equal(seed[0], 0xd4);
	assert_int_equal(seed[31], 0x42);
	assert_int_equal(pem_key_write_private(path, seed), 0);
	assert_int_equal(mode_of_file(), 0600);
	assert_string_equal(text_of_file(), PRIVATE_KEY);
}

static void keys_are_never_overwritten(void **state)
{
	uint8_t key[PEM_KEY_SIZE] = { 1 };

	assert_int_equal(pem_key_write_private(path, key), 0);
	key[0] = 2;
	assert_int_equal(pem_key_write_private(path, key), -EEXIST);
	assert_true(said("keys are never overwritten"));
	assert_int_equal(pem_key_private(text_of_file(), key), 0);
	assert_int_equal(key[0], 1);
	snprintf(path, sizeof(path), "%s/none/key", folder);
	assert_int_equal(pem_key_write_public(path, key), -ENOENT);
	snprintf(path, sizeof(path), "%s/key", folder);
}

static void other_texts_are_no_keys(void **state)
{
	uint8_t key[PEM_KEY_SIZE];
	char text[] = PUBLIC_KEY;

	assert_int_equal(pem_key_private(PUBLIC_KEY, key), -EINVAL);
	assert_int_equal(pem_key_public(PRIVATE_KEY, key), -EINVAL);
	assert_int_equal(pem_key_public("", key), -EINVAL);
	*strstr(text, "MCow") = 'N';
	assert_int_equal(pem_key_public(text, key), -EINVAL);
	strcpy(strstr(text, "ZuE="), "Zg==\n");
	assert_int_equal(pem_key_public(text, key), -EINVAL);
	/* A file may have more than that. */
	assert_int_equal(pem_key_public("a key:\n" PUBLIC_KEY "more\n", key),
			 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_public_key_is_for_all),
		test(a_private_key_is_its_owners),
		test(keys_are_never_overwritten),
		test(other_texts_are_no_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
