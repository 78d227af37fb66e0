// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/clean.h"
#include "lib/wire.h"

/* Bytes of the sequence that a first byte announces; 0: it can't be a first. */
static size_t announced(uint8_t c)
{
	if (c < 0x80)
		return c >= 0x20 && c != 0x7f;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* The second byte's narrower ranges: overlong forms, surrogates, the end of
 * Unicode, and (c2) the C1 control characters. RFC 3629, section 4.
 */
static bool second_fits(uint8_t first, uint8_t second)
{
	switch (first) {
	case 0xc2:
	case 0xe0:
		return second >= 0xa0;
	case 0xed:
		return second < 0xa0;
	case 0xf0:
		return second >= 0x90;
	case 0xf4:
		return second < 0x90;
	default:
		return true;
	}
}

/* Bytes of the character at @at, 0 if it is none. */
static size_t character(const uint8_t *at, size_t left)
{
	size_t i, size = announced(at[0]);

	if (!size || size > left)
		return 0;
	if (size > 1 && !second_fits(at[0], at[1]))
		return 0;
	for (i = 1; i < size; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return size;
}

void clean_text(char *out, size_t size, const struct wire_text *text)
{
	const uint8_t *at = (const uint8_t *)text->data;
	size_t left = text->size;

	while (left) {
		size_t n = character(at, left);

		if (size <= (n ? n : 1))
			break;
		if (n)
			memcpy(out, at, n);
		else
			*out = '?';
		n = n ? n : 1;
		out += n;
		size -= n;
		at += n;
		left -= n;
	}
	*out = '\0';
}
