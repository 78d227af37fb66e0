// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vmexit STATUS: end the guest, QEMU with (16 + STATUS) * 2 + 1, so that its own
 * errors, which are 1, can be told apart: on x86 by its isa-debug-exit device, on
 * arm64 by semihosting.
 */
#include <stdint.h>
#include <stdlib.h>
#ifndef __aarch64__
#include <sys/io.h>
#endif
#include <unistd.h>

enum {
	PORT = 0xf4,
	OFFSET = 16,
	MAX = 45,
	SYS_EXIT = 0x18,
	APPLICATION_EXIT = 0x20026,
};

#ifdef __aarch64__
static void leave(int value)
{
	uint64_t block[2] = { APPLICATION_EXIT, value << 1 | 1 };
	register uint64_t operation __asm__("x0") = SYS_EXIT;
	register uint64_t argument __asm__("x1") = (uintptr_t)block;

	__asm__ volatile("hlt #0xf000"
			 : "+r"(operation)
			 : "r"(argument)
			 : "memory");
}
#else
static void leave(int value)
{
	if (!ioperm(PORT, 1, 1))
		outb((unsigned char)value, PORT);
}
#endif

int main(int argc, char **argv)
{
	int status = argc > 1 ? atoi(argv[1]) : 0;

	sync();
	leave(OFFSET + (status > MAX ? MAX : status));
	return 1;
}
