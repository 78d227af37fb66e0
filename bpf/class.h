/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kind of packet it is. Most are an Ethernet header, IP and TCP or UDP,
 * all in the packet's linear part: read in place. The rest is walked.
 */
#ifndef KTACH_BPF_CLASS_H
#define KTACH_BPF_CLASS_H

#include "packet.h"

enum {
	IPV4_HEADER = 20,		/* bytes */
	IPV4_PROTOCOL = 9,		/* offset */
	IPV4_DESTINATION = 16,		/* offset */
	IPV4_MULTICAST = 224,		/* first byte of an address, and above */
	IPV6_NEXT = 6,			/* offset */
	IPV6_DESTINATION = 24,		/* offset */
};

static __always_inline __u32 transport_of(__u32 protocol)
{
	if (protocol == IPPROTO_TCP)
		return NET_TCP;
	return protocol == IPPROTO_UDP ? NET_UDP : NET_OTHER;
}

/* Not inlined: tags in the data, extension headers, headers in fragments. */
static __noinline int walk_class(struct __sk_buff *skb, __u32 link_header)
{
	struct headers h = {
		.bytes = link_header,
		.protocol = bpf_ntohs(skb->protocol),
	};

	measure_headers(skb, &h);
	if (h.network == ETH_P_IP)
		return NET_IPV4 + transport_of(h.protocol);
	if (h.network == ETH_P_IPV6)
		return NET_IPV6 + transport_of(h.protocol);
	return NET_NOT_IP;
}

static __always_inline bool is_tag(__be16 protocol)
{
	return protocol == bpf_htons(ETH_P_8021Q) ||
	       protocol == bpf_htons(ETH_P_8021AD);
}

static __always_inline bool is_extension(__u32 next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING ||
	       next == IPPROTO_FRAGMENT || next == IPPROTO_DSTOPTS;
}

/* Which cell of enum net_cell, of the protocols. */
static __always_inline __u32 class_of(struct __sk_buff *skb, __u32 link_header)
{
	__u8 *end = (void *)(long)skb->data_end;
	__u8 *ip = (void *)(long)skb->data;
	__be16 protocol = skb->protocol;

	if (link_header)
		ip += ETH_HLEN;
	if (protocol == bpf_htons(ETH_P_IP)) {
		if (ip + IPV4_HEADER <= end)
			return NET_IPV4 + transport_of(ip[IPV4_PROTOCOL]);
	} else if (protocol == bpf_htons(ETH_P_IPV6)) {
		if (ip + IPV6_HEADER <= end && !is_extension(ip[IPV6_NEXT]))
			return NET_IPV6 + transport_of(ip[IPV6_NEXT]);
	} else if (!is_tag(protocol)) {
		return NET_NOT_IP;
	}
	return walk_class(skb, link_header);
}

static __always_inline __u32 cast_of_ethernet(__u8 *data, __u8 *end)
{
	if (data + ETH_HLEN > end || !(data[0] & 1))
		return 0;
	if ((data[0] & data[1] & data[2] & data[3] & data[4] & data[5]) == 0xff)
		return NET_BROADCAST;
	return NET_MULTICAST;
}

static __always_inline __u32 cast_of_ip(__u8 *ip, __u8 *end, __be16 protocol)
{
	__u8 *to = ip + IPV4_DESTINATION;

	if (ip + IPV4_HEADER > end)
		return 0;
	if (protocol == bpf_htons(ETH_P_IPV6))
		return ip + IPV6_HEADER <= end && ip[IPV6_DESTINATION] == 0xff ? NET_MULTICAST : 0;
	if (protocol != bpf_htons(ETH_P_IP) || to[0] < IPV4_MULTICAST)
		return 0;
	return (to[0] & to[1] & to[2] & to[3]) == 0xff ? NET_BROADCAST :
							 NET_MULTICAST;
}

/*
 * The cell of what is not unicast, else 0. Where there is no Ethernet header
 * the address that IP has decides.
 */
static __always_inline __u32 cast_of(struct __sk_buff *skb, __u32 link_header)
{
	__u8 *end = (void *)(long)skb->data_end;
	__u8 *data = (void *)(long)skb->data;

	return link_header ? cast_of_ethernet(data, end) :
			     cast_of_ip(data, end, skb->protocol);
}

#endif /* KTACH_BPF_CLASS_H */
