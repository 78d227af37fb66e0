// SPDX-License-Identifier: GPL-2.0-or-later
/* Sealing: what is opened is what was sealed, by whoever has the key. */
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

#include "lib/base/key_file.h"
#include "tests/unit/scratch.h"
#include "tests/unit/wire_samples.h"

static uint8_t frame[WIRE_FRAME_MAX], copy[WIRE_FRAME_MAX];
static uint8_t plain[WIRE_FRAME_MAX];

static struct seal_keys one(const struct seal_key *key)
{
	return (struct seal_keys){ (struct seal_key *)key, 1 };
}

static void round_trip(void **state)
{
	size_t unsealed = samples_make(SAMPLES_NODE, copy);
	size_t size = samples_make(SAMPLES_SEALED, frame);
	struct seal_keys keys = one(&samples_key);
	struct wire_frame f;

	assert_int_equal(size, unsealed + WIRE_SEAL_SIZE);
	assert_int_equal(wire_open(&f, frame, size), WIRE_E_SEALED);
	assert_int_equal(seal_open(&f, &keys, copy, unsealed, plain),
			 WIRE_E_UNSEALED);
	assert_int_equal(seal_open(&f, &keys, frame, size, plain), WIRE_OK);
	assert_int_equal(f.sequence, 42);
	assert_int_equal(f.end - f.at, unsealed - WIRE_HEADER_SIZE);
	assert_memory_equal(f.at, copy + WIRE_HEADER_SIZE,
			    unsealed - WIRE_HEADER_SIZE);
	/* Into its own place, too. */
	assert_int_equal(seal_open(&f, &keys, frame, size,
				   frame + WIRE_HEADER_SIZE),
			 WIRE_OK);
	assert_memory_equal(f.at, copy + WIRE_HEADER_SIZE,
			    unsealed - WIRE_HEADER_SIZE);
}

static void every_bit_counts(void **state)
{
	size_t size = samples_make(SAMPLES_SEALED, frame), bit;
	struct seal_keys keys = one(&samples_key);
	struct wire_frame f;

	for (bit = 0; bit < size * 8; bit++) {
		frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(seal_open(&f, &keys, frame, size, plain),
				     WIRE_OK);
		frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(seal_open(&f, &keys, frame, size, plain), WIRE_OK);
}

/* Even with a length field that fits. */
static void truncated(void **state)
{
	size_t size = samples_make(SAMPLES_SEALED, frame), n;
	struct seal_keys keys = one(&samples_key);
	struct wire_frame f;

	for (n = WIRE_HEADER_SIZE; n < size; n++) {
		frame[8] = (uint8_t)(n - WIRE_HEADER_SIZE);
		assert_int_equal(seal_open(&f, &keys, frame, n, plain),
				 n < WIRE_HEADER_SIZE + WIRE_SEAL_SIZE ?
					 WIRE_E_SHORT :
					 WIRE_E_FORGED);
	}
}

static void keys_are_told_apart(void **state)
{
	static const uint8_t other[WIRE_ID_SIZE] = "somebody else";
	struct seal_key fleet, mine, theirs, list[3];
	struct seal_keys keys = { list, 3 };
	struct wire_frame f;
	struct seal s;
	size_t size;

	seal_make(&fleet, NULL);
	seal_derive(&mine, &fleet, samples_sender.node);
	seal_derive(&theirs, &fleet, other);
	assert_int_equal(mine.id, fleet.id);
	assert_memory_not_equal(mine.secret, theirs.secret, WIRE_KEY_SIZE);
	assert_memory_not_equal(mine.secret, fleet.secret, WIRE_KEY_SIZE);

	/* A node that is taken over cannot speak for another one. */
	seal_start(&s, &theirs);
	size = seal_frame(&s, frame, samples_make(SAMPLES_NODE, frame));
	list[0] = fleet;
	list[1] = samples_key;
	seal_make(&list[2], NULL);
	assert_int_equal(seal_open(&f, &keys, frame, size, plain),
			 WIRE_E_FORGED);
	/* Each of several keys opens what it sealed. */
	seal_start(&s, &mine);
	size = seal_frame(&s, frame, samples_make(SAMPLES_HOST, frame));
	assert_int_equal(seal_open(&f, &keys, frame, size, plain), WIRE_OK);
	seal_start(&s, &samples_key);
	size = seal_frame(&s, frame, samples_make(SAMPLES_ACK, frame));
	assert_int_equal(seal_open(&f, &keys, frame, size, plain), WIRE_OK);
	assert_int_equal(f.kind, WIRE_ACK);
	keys.count = 1;
	assert_int_equal(seal_open(&f, &keys, frame, size, plain), WIRE_E_KEY);
}

static void nonces_differ(void **state)
{
	const uint8_t *nonce = frame, *other = copy;
	struct seal a, b;
	size_t size;

	seal_start(&a, &samples_key);
	seal_start(&b, &samples_key);
	size = seal_frame(&a, frame, samples_make(SAMPLES_NODE, frame));
	nonce += size - WIRE_SEAL_SIZE;
	other += size - WIRE_SEAL_SIZE;
	seal_frame(&b, copy, samples_make(SAMPLES_NODE, copy));
	assert_memory_not_equal(nonce, other, WIRE_NONCE_SIZE);
	seal_frame(&a, copy, samples_make(SAMPLES_NODE, copy));
	assert_memory_not_equal(nonce, other, WIRE_NONCE_SIZE);
	assert_memory_not_equal(frame + WIRE_HEADER_SIZE,
				copy + WIRE_HEADER_SIZE, 16);
}

/* Two machines that are resumed from one image have the same memory: what they
 * seal next must not share a nonce, in any of its parts.
 */
static void resumed_twice(void **state)
{
	enum {
		PARTS = WIRE_NONCE_SIZE / 8
	};
	const uint8_t *nonce, *other;
	struct seal a, b;
	size_t size, i;

	seal_start(&a, &samples_key);
	seal_frame(&a, frame, samples_make(SAMPLES_NODE, frame));
	memcpy(&b, &a, sizeof(b));
	size = seal_frame(&a, frame, samples_make(SAMPLES_NODE, frame));
	seal_frame(&b, copy, samples_make(SAMPLES_NODE, copy));
	nonce = frame + size - WIRE_SEAL_SIZE;
	other = copy + size - WIRE_SEAL_SIZE;
	for (i = 0; i < PARTS; i++)
		assert_memory_not_equal(nonce + 8 * i, other + 8 * i, 8);
}

/* An answer is about the key that it names, and of no use against another one. */
static void unknown_key_is_named(void **state)
{
	uint8_t bytes[WIRE_NO_KEY_SIZE + WIRE_SEAL_SIZE];
	struct wire_sender sender = { .session = 7 };
	struct seal_key key = { 0 };
	struct seal_keys keys = { &key, 1 };
	struct wire_frame f;
	struct seal seal;
	size_t size;

	seal_make(&key, sender.node);
	seal_start(&seal, &key);
	size = wire_no_key(bytes, &sender, 3, 0x12345678, 1);
	assert_int_equal(size, WIRE_NO_KEY_SIZE);
	assert_int_equal(wire_open(&f, bytes, size), WIRE_OK);
	assert_true(wire_no_key_is_of(&f, 0x12345678));
	assert_false(wire_no_key_is_of(&f, 0x12345679));
	size = seal_frame(&seal, bytes, size);
	assert_int_equal(seal_open(&f, &keys, bytes, size, plain), WIRE_OK);
	assert_int_equal(f.kind, WIRE_NO_KEY);
	assert_true(wire_no_key_is_of(&f, 0x12345678));
	assert_false(wire_no_key_is_of(&f, key.id));

	/* Of a collector that names none. */
	size = wire_message(bytes, WIRE_NO_KEY, &sender, 3, 1, NULL, 0);
	assert_int_equal(wire_open(&f, bytes, size), WIRE_OK);
	assert_true(wire_no_key_is_of(&f, 0x12345678));
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	chmod(path, mode);
}

static void files(void **state)
{
	char folder[48], path[64];
	struct seal_key fleet;
	struct seal_keys keys;

	assert_non_null(scratch_folder(folder));
	assert_int_equal(key_file_load(&keys, folder), -ENODATA);
	snprintf(path, sizeof(path), "%s/a.key", folder);
	seal_make(&fleet, NULL);
	assert_int_equal(key_file_write(path, &fleet), 0);
	assert_int_equal(key_file_write(path, &fleet), -EEXIST);
	snprintf(path, sizeof(path), "%s/b.key", folder);
	assert_int_equal(key_file_write(path, &samples_key), 0);
	assert_int_equal(key_file_load(&keys, folder), 0);
	assert_int_equal(keys.count, 2);
	assert_true(keys.list[0].fleet);
	assert_int_equal(keys.list[0].id, fleet.id);
	assert_memory_equal(keys.list[0].secret, fleet.secret, WIRE_KEY_SIZE);
	assert_false(keys.list[1].fleet);
	assert_memory_equal(keys.list[1].node, samples_key.node, WIRE_ID_SIZE);
	key_file_free(&keys);

	chmod(path, 0640);
	assert_int_equal(key_file_load(&keys, path), -EPERM);
	write_file(path, "ktach-key 2 fleet 12345678 00\n", 0600);
	assert_int_equal(key_file_load(&keys, path), -EINVAL);
	write_file(path, "ktach-key 1 node 12345678 00 00\n", 0600);
	assert_int_equal(key_file_load(&keys, folder), -EINVAL);
	unlink(path);
	/* One that can't be read to its end may have had another key. */
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(key_file_load(&keys, folder), -EISDIR);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/a.key", folder);
	unlink(path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(every_bit_counts),
		cmocka_unit_test(truncated),
		cmocka_unit_test(keys_are_told_apart),
		cmocka_unit_test(nonces_differ),
		cmocka_unit_test(resumed_twice),
		cmocka_unit_test(unknown_key_is_named),
		cmocka_unit_test(files),
	};

	return seal_init() || cmocka_run_group_tests(tests, NULL, NULL);
}
