/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What BPF has as barriers: an atomic that tells what was there is fully ordered on
 * every architecture. To exchange always does. To add, or, and only if somebody uses
 * the answer: else the compiler takes the instruction without one, which orders
 * nothing.
 */
#ifndef KTACH_BPF_RING_ORDER_H
#define KTACH_BPF_RING_ORDER_H

#include <linux/types.h>
#include <bpf/bpf_helpers.h>

static __always_inline __u64 load_ordered(__u64 *value)
{
	return __sync_fetch_and_add(value, 0);
}

static __always_inline void store_ordered(__u64 *value, __u64 to)
{
	__sync_lock_test_and_set(value, to);
}

#endif /* KTACH_BPF_RING_ORDER_H */
