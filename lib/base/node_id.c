// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>

#include "lib/base/node_id.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int hex_parse(const char *text, uint8_t *bytes, size_t size)
{
	size_t digits = 0;

	for (; *text && *text != '\n'; text++) {
		int d = digit(*text);

		if (*text == '-')
			continue;
		if (d < 0 || digits == 2 * size)
			return -EINVAL;
		bytes[digits / 2] = (uint8_t)(bytes[digits / 2] << 4 | d);
		digits++;
	}
	return digits == 2 * size ? 0 : -EINVAL;
}

int node_id_parse(const char *text, uint8_t *id)
{
	return hex_parse(text, id, WIRE_ID_SIZE);
}

void node_id_format(const uint8_t *id, char text[NODE_ID_TEXT_SIZE])
{
	int i;

	for (i = 0; i < WIRE_ID_SIZE; i++)
		text += sprintf(text, "%s%02x",
				i == 4 || i == 6 || i == 8 || i == 10 ? "-" :
									"",
				id[i]);
}
