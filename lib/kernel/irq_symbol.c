// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include "lib/kernel/irq_symbol.h"

char *irq_symbol(uint64_t key, char text[IRQ_SYMBOL_SIZE])
{
	int i = 0;

	if (key < IRQ_NAMED) {
		snprintf(text, IRQ_SYMBOL_SIZE, "%" PRIu64, key);
		return text;
	}
	for (; i < IRQ_LETTERS && isgraph((unsigned char)key); i++, key >>= 8)
		text[i] = (char)key;
	text[i] = '\0';
	return text;
}
