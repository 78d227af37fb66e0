/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a ktach ring (include/uapi/linux/ktach_ring.h) through its mapping.
 */
#ifndef KTACH_LIB_KERNEL_RING_H
#define KTACH_LIB_KERNEL_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/ktach_ring.h>

struct ring {
	int fd;				/* for poll() */
	const uint8_t *base;
	size_t size;			/* bytes mapped */
	struct ktach_ring_header layout; /* constant part, checked and copied */
};

/* A sample, in the ring: it holds until ring_end() says so. */
struct ring_sample {
	uint64_t number;		/* from 1 */
	uint64_t real_ns;
	uint64_t mono_ns;
	const uint8_t *records;		/* see ring_record() */
	uint32_t seen;			/* records; the CPUs of more never came up */
};

/**
 * ring_open() - open and map a ring device
 * @r: filled
 * @path: the device
 * @kind: the kind of record that the caller understands
 * @record_size: bytes of a record that the caller uses
 *
 * Return: 0; -ENOENT, -EACCES and the like from open(); -EPROTO if what is
 * mapped is not a ring of this ABI version and kind.
 */
int ring_open(struct ring *r, const char *path, enum ktach_ring_kind kind,
	      size_t record_size);

/* The same of a file that is open, or a BPF map. It is the ring's from then on; if
 * it cannot be mapped, it is closed.
 */
int ring_open_fd(struct ring *r, int fd, enum ktach_ring_kind kind,
		 size_t record_size);
void ring_close(struct ring *r);

/* The number of the newest complete sample, 0 before the first. */
uint64_t ring_head(const struct ring *r);

/* Time between two samples, ns; it may change at any time. */
uint64_t ring_period_ns(const struct ring *r);

/* False once the source's module is gone. */
bool ring_live(const struct ring *r);

/* Whether samples come as they should. Who fills it may have gone without a word: the
 * newest sample is then older than a few periods. @now_ns is of CLOCK_MONOTONIC.
 */
bool ring_is_filled(const struct ring *r, uint64_t now_ns);

/* Ticks that passed without a sample of their own. */
uint64_t ring_missed(const struct ring *r);

/* The oldest sample that can be read when the newest is @head. */
uint64_t ring_oldest(const struct ring *r, uint64_t head);

/**
 * ring_begin() - begin to read a sample
 * @r: the ring
 * @number: which, from 1
 * @s: filled
 *
 * Its records are where the writer writes: copy them, and trust the copy only
 * if ring_end() says 0.
 *
 * Return: 0; -EAGAIN if it is not complete yet; -EOVERFLOW if it was lapped.
 */
int ring_begin(const struct ring *r, uint64_t number, struct ring_sample *s);

/* Record @index of a sample, less than @s->seen. */
static inline const void *ring_record(const struct ring *r,
				      const struct ring_sample *s,
				      uint32_t index)
{
	return s->records + (size_t)index * r->layout.record_stride;
}

/* Return: 0; -EOVERFLOW if the sample was lapped while it was read. */
int ring_end(const struct ring *r, const struct ring_sample *s);

#endif /* KTACH_LIB_KERNEL_RING_H */
