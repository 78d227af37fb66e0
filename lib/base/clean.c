// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/clean.h"
#include "lib/wire/wire.h"

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

/*
 * What nobody sees, or what changes how its neighbours are seen: formats and
 * marks of direction, joiners and fillers, variation selectors, tags, line and
 * paragraph separators, what is no character. Most are Unicode's
 * Default_Ignorable_Code_Point and Bidi_Control.
 */
static const struct {
	uint32_t first;
	uint32_t last;
} unseen[] = {
	{ 0x00ad, 0x00ad },   { 0x034f, 0x034f },   { 0x061c, 0x061c },
	{ 0x115f, 0x1160 },   { 0x17b4, 0x17b5 },   { 0x180b, 0x180f },
	{ 0x200b, 0x200f },   { 0x2028, 0x202e },   { 0x2060, 0x206f },
	{ 0x2800, 0x2800 },   { 0x1d159, 0x1d159 }, { 0x3164, 0x3164 },
	{ 0xfdd0, 0xfdef },   { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },   { 0x13430, 0x1345f },
	{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
};

static bool is_unseen(uint32_t code)
{
	size_t i;

	for (i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		if (code >= unseen[i].first && code <= unseen[i].last)
			return true;
	return (code & 0xfffe) == 0xfffe;
}

/* Bytes of the character at @at; 0 if there is none, or one that is not to be seen.
 */
static size_t character(const uint8_t *at, size_t left)
{
	size_t i, size = announced(at[0]);
	uint32_t code;

	if (size <= 1)
		return size;
	if (size > left || !second_fits(at[0], at[1]))
		return 0;
	code = at[0] & (0x7fU >> size);
	for (i = 1; i < size; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	return is_unseen(code) ? 0 : size;
}

void clean_string(char *text)
{
	size_t n, left = strlen(text);

	for (; left; text += n, left -= n) {
		n = character((const uint8_t *)text, left);
		if (n)
			continue;
		*text = '?';
		n = 1;
	}
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
