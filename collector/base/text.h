/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes to be sent, shared by all connections that send them. */
#ifndef KTACH_COLLECTOR_BASE_TEXT_H
#define KTACH_COLLECTOR_BASE_TEXT_H

#include <stddef.h>

struct text {
	unsigned int users;
	size_t size;
	char data[];
};

/* Both take NULL. */
struct text *text_get(struct text *text);
void text_put(struct text *text);

#endif /* KTACH_COLLECTOR_BASE_TEXT_H */
