/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only place in user space with atomics and barriers: what a reader of
 * memory that the kernel, a BPF program or another thread writes needs.
 */
#ifndef KTACH_LIB_BASE_BARRIER_H
#define KTACH_LIB_BASE_BARRIER_H

/* Nothing after it, in program order, is read before it. */
#define load_acquire(p)		__atomic_load_n((p), __ATOMIC_ACQUIRE)

/* Once, whole, without order. */
#define load_relaxed(p)		__atomic_load_n((p), __ATOMIC_RELAXED)

/* Once, whole, without order. */
#define store_relaxed(p, v)	__atomic_store_n((p), (v), __ATOMIC_RELAXED)

/* Add, where several threads do; the value before. Orders nothing. */
#define add_relaxed(p, v)	__atomic_fetch_add((p), (v), __ATOMIC_RELAXED)

/* Count up where one thread does, and others look. */
#define count_up(p, v)		store_relaxed((p), load_relaxed(p) + (v))

/* Everything before it, in program order, is written before it. */
#define store_release(p, v)	__atomic_store_n((p), (v), __ATOMIC_RELEASE)

/* Loads before it are done before loads after it. */
#define load_barrier()		__atomic_thread_fence(__ATOMIC_ACQUIRE)

#endif /* KTACH_LIB_BASE_BARRIER_H */
