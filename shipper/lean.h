/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_SHIPPER_LEAN_H
#define KTACH_SHIPPER_LEAN_H

/**
 * lean_after_start() - give back memory that only the start needed
 *
 * Free memory of the heap, which reading BPF objects leaves behind, and pages of
 * programs and libraries: the kernel maps 16 around each that is touched, and
 * what runs from now on touches fewer.
 */
void lean_after_start(void);

#endif /* KTACH_SHIPPER_LEAN_H */
