/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of WIRE_IRQ: numbers, or names such as LOC. */
#ifndef KTACH_LIB_KERNEL_IRQ_SYMBOL_H
#define KTACH_LIB_KERNEL_IRQ_SYMBOL_H

#include <stdint.h>

enum irq_symbol_limits {
	IRQ_LETTERS = 4,
	IRQ_SYMBOL_SIZE = 24,		/* bytes of the text, NUL included */
};

/* Those that have no number have their letters below this bit, the first lowest. */
#define IRQ_NAMED	(UINT64_C(1) << 32)

/* As the kernel's own list begins: "36", "LOC". Returns @text. */
char *irq_symbol(uint64_t key, char text[IRQ_SYMBOL_SIZE]);

#endif /* KTACH_LIB_KERNEL_IRQ_SYMBOL_H */
