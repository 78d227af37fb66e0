// SPDX-License-Identifier: GPL-2.0-only
/* What bench/tc.sh compares with: nothing at all, and the common design. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct traffic {
	__u64 bytes;
	__u64 packets;
};

/* One hash for all CPUs, by ifindex; user space makes the rates. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct traffic);
} interfaces SEC(".maps");

char LICENSE[] SEC("license") = "GPL";

SEC("tc")
int bench_empty(struct __sk_buff *skb)
{
	return -1;
}

SEC("tc")
int bench_common(struct __sk_buff *skb)
{
	struct traffic first = { .bytes = skb->len, .packets = 1 }, *t;
	__u32 key = skb->ifindex;

	t = bpf_map_lookup_elem(&interfaces, &key);
	if (!t) {
		bpf_map_update_elem(&interfaces, &key, &first, BPF_NOEXIST);
		return -1;
	}
	__sync_fetch_and_add(&t->bytes, skb->len);
	__sync_fetch_and_add(&t->packets, 1);
	return -1;
}
