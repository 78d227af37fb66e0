/* SPDX-License-Identifier: GPL-2.0-only */
/* An object's timer, in a map that stands alone: one with a timer can't be mmapable. */
#ifndef KTACH_BPF_TICKER_H
#define KTACH_BPF_TICKER_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct ticker {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ticker);
} tickers SEC(".maps");

#endif /* KTACH_BPF_TICKER_H */
