/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts of a row, one after the other, each with its NUL: most change never,
 * and many rows have none.
 */
#ifndef KTACH_COLLECTOR_NODES_TEXTS_H
#define KTACH_COLLECTOR_NODES_TEXTS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/wire/wire.h"

/**
 * texts_take() - bring a row's texts up to date
 * @texts: from malloc(), or NULL; replaced only if one of them is another
 * @text: the new ones, cleaned on their way
 * @count: of them, at most WIRE_TEXTS_MAX
 *
 * Return: 0, 1 if one of them is another, or -ENOMEM: they stay as they were.
 */
int texts_take(char **texts, const struct wire_text *text, uint32_t count);

/* One of @count texts; "" if there is none. */
const char *texts_at(const char *texts, uint32_t index);

#endif /* KTACH_COLLECTOR_NODES_TEXTS_H */
