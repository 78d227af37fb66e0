// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The bytes of frames stay as they are in tests/unit/golden and as docs/wire.md
 * shows them. A new version of the frame has new files: WRITE_GOLDEN=1 in the
 * environment writes them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/wire_samples.h"

static uint8_t made[WIRE_FRAME_MAX], stored[WIRE_FRAME_MAX + 1];

static FILE *golden(enum wire_samples which, const char *mode)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "tests/unit/golden/%s.bin",
		 samples_name(which));
	f = fopen(path, mode);
	assert_non_null(f);
	return f;
}

static size_t load(enum wire_samples which)
{
	FILE *f = golden(which, "r");
	size_t size = fread(stored, 1, sizeof(stored), f);

	fclose(f);
	return size;
}

static void bytes_stay(void **state)
{
	int i;

	for (i = 0; i < SAMPLES_FRAMES; i++) {
		size_t size = samples_make((enum wire_samples)i, made);

		if (getenv("WRITE_GOLDEN")) {
			FILE *f = golden((enum wire_samples)i, "w");

			assert_int_equal(fwrite(made, 1, size, f), size);
			fclose(f);
		}
		assert_int_equal(load((enum wire_samples)i), size);
		assert_memory_equal(made, stored, size);
	}
}

/* What an old file holds must be read for ever: here without the encoder. */
static void node_is_read(void **state)
{
	uint64_t cells[64];
	struct wire_text text[8];
	struct wire_stamp stamps[WIRE_SAMPLES_MAX];
	const struct wire_room room = { cells, 64, text, 8, stamps };
	size_t size = load(SAMPLES_NODE);
	struct wire_frame f;
	struct wire_table t;

	assert_int_equal(wire_open(&f, stored, size), WIRE_OK);
	assert_int_equal(f.sequence, 42);
	assert_int_equal(f.time, UINT64_C(1790000000000000000));
	assert_int_equal(wire_next(&f, &t, &room), 1);
	assert_int_equal(t.kind, WIRE_NODE);
	assert_int_equal(t.real_ns, UINT64_C(1789999999998500000));
	assert_int_equal(t.mono_ns, UINT64_C(86400000000000));
	assert_int_equal(t.cells[WIRE_NODE_PERIOD_NS], 1000000000);
	assert_int_equal(t.cells[WIRE_NODE_SEND_FAILED], 3);
	assert_memory_equal(t.text[WIRE_NODE_NAME].data, "db7", 3);
	assert_int_equal(wire_next(&f, &t, &room), 0);
}

/* Lines of "offset  bytes  what they are" in the document, byte by byte. */
static void document_shows_it(void **state)
{
	FILE *f = fopen("docs/wire.md", "r");
	size_t size = load(SAMPLES_NODE), at = 0;
	unsigned int offset, byte;
	char line[256];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		char *bytes = line;
		int used = 0;

		if (strspn(line, " ") != 4 ||
		    strspn(line + 4, "0123456789") != 4)
			continue;
		assert_int_equal(sscanf(line, "%u  %n", &offset, &used), 1);
		assert_int_equal(offset, at);
		for (bytes += used;
		     sscanf(bytes, "%2x%n", &byte, &used) == 1 && used == 2;
		     bytes += 3) {
			assert_true(at < size);
			assert_int_equal(byte, stored[at]);
			at++;
			if (bytes[2] != ' ' || bytes[3] == ' ')
				break;
		}
	}
	fclose(f);
	assert_int_equal(at, size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_stay),
		cmocka_unit_test(node_is_read),
		cmocka_unit_test(document_shows_it),
	};

	return seal_init() || cmocka_run_group_tests(tests, NULL, NULL);
}
