/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A node's id in people's form: 32 hexadecimal digits as a UUID has them. */
#ifndef KTACH_LIB_BASE_NODE_ID_H
#define KTACH_LIB_BASE_NODE_ID_H

#include <stddef.h>
#include <stdint.h>

#include <ktach/wire.h>

enum {
	NODE_ID_TEXT_SIZE = 37,		/* digits, dashes and a NUL */
};

/* Read @size bytes as hexadecimal digits, up to the end or a newline; dashes
 * between them don't matter. Return 0 or -EINVAL.
 */
int hex_parse(const char *text, uint8_t *bytes, size_t size);

/* As hex_parse(), WIRE_ID_SIZE bytes. */
int node_id_parse(const char *text, uint8_t *id);

void node_id_format(const uint8_t *id, char text[NODE_ID_TEXT_SIZE]);

#endif /* KTACH_LIB_BASE_NODE_ID_H */
