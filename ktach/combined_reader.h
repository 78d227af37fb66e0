/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's combined samples, by generic netlink: what a CPU's shares and
 * rates were, computed in the kernel, averaged over the samples since the last
 * read.
 */
#ifndef KTACH_KTACH_COMBINED_READER_H
#define KTACH_KTACH_COMBINED_READER_H

#include "ktach/figures.h"
#include "lib/genl.h"

/**
 * struct combined_reader - where it stands
 * @family: NULL while there is none
 * @error: -errno: why not
 * @begun: something was read
 * @since: samples after this number come next; 0: the newest
 * @lost: samples that the kernel no longer had
 * @sum: what came since the last read
 */
struct combined_reader {
	struct family *family;
	int error;
	bool begun;
	uint64_t since;
	uint64_t lost;
	struct combined_sum *sum;
};

/**
 * combined_reader_open() - find the family
 * @r: filled
 * @history_ns: the first read begins that long ago, as far as samples are kept
 *
 * Return: 0, or -errno without a message: -ENOENT where there is no family.
 */
int combined_reader_open(struct combined_reader *r, uint64_t history_ns);
void combined_reader_close(struct combined_reader *r);

/**
 * combined_reader_read() - figures of all samples since the last read
 * @r: the reader
 * @f: those of @sections that the samples know of are filled, the other two
 *     tables of CPUs get ORIGIN_NONE; without a new sample all stays
 * @sections: bits of SECTION_CPU, SECTION_SOFTIRQ, SECTION_MEM, SECTION_LOAD
 * @late: bits of those that stay as they are when the samples lack them: their
 *        ring lives, and was late
 *
 * Return: 0; -EAGAIN if there was no sample at all yet; -errno.
 */
int combined_reader_read(struct combined_reader *r, struct figures *f,
			 unsigned int sections, unsigned int late);

#endif /* KTACH_KTACH_COMBINED_READER_H */
