// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vmexit STATUS: end the guest through QEMU's isa-debug-exit device. QEMU
 * exits with (value << 1) | 1; 16 is added so that its own errors, which are
 * 1, can be told apart.
 */
#include <stdlib.h>
#include <sys/io.h>
#include <unistd.h>

enum {
	PORT = 0xf4,
	OFFSET = 16,
	MAX = 45,
};

int main(int argc, char **argv)
{
	int status = argc > 1 ? atoi(argv[1]) : 0;

	sync();
	if (ioperm(PORT, 1, 1))
		return 1;
	outb((unsigned char)(OFFSET + (status > MAX ? MAX : status)), PORT);
	return 1;
}
