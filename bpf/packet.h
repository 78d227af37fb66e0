/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a packet is on the wire.
 *
 * The stack moves TCP and UDP in super-packets that are cut into segments by
 * the device, or were merged from segments on the way in. On the wire each
 * segment has all headers:
 *
 *   super-packet   | eth | ip | tcp |  payload of gso_segs * gso_size or less |
 *   wire           | eth | ip | tcp | gso_size | eth | ip | tcp | gso_size | ...
 *
 * so bytes = length + (segments - 1) * headers. The headers are measured here
 * for both directions. Egress has skb->wire_len, but that leaves out a VLAN tag
 * that waits in the skb for the device to insert, and is wrong for a
 * super-packet that came with gso_segs unset.
 *
 * Below a tunnel a segment has the outer and the inner headers. IP in IP and GRE
 * are told by IP, VXLAN and Geneve by their usual ports. Not seen through, so
 * that further segments count with the outer headers only: UDP tunnels on other
 * ports, which look like UDP that is cut into segments itself (what kind of
 * super-packet it is, a program at TC isn't told), and tunnels in tunnels.
 */
#ifndef KTACH_BPF_PACKET_H
#define KTACH_BPF_PACKET_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "layout.h"

enum {
	VLAN_TAG = 4,			/* bytes */
	VLAN_TAGS_MAX = 2,		/* in the packet's data */
	IPV6_HEADER = 40,		/* bytes */
	IPV6_EXTENSIONS_MAX = 4,
	UDP_HEADER = 8,			/* bytes */
	UDP_TO = 2,			/* offset of the port it goes to */
	SCTP_HEADER = 12,		/* bytes */
	VXLAN_PORT = 4789,
	VXLAN_PORT_OLD = 8472,		/* Linux's own, still its default */
	VXLAN_HEADER = 8,		/* bytes */
	GENEVE_PORT = 6081,
	GENEVE_HEADER = 8,		/* bytes, and options */
	GRE_HEADER = 4,			/* bytes, and 4 for each of its flags */
	IPV6_FRAGMENT = 8,		/* bytes of that extension header */
	GSO_BY_FRAGS = 0xffff,		/* gso_size: segments differ in size */
};

/* How far the headers were measured. */
struct headers {
	__u32 bytes;			/* so far; of each segment */
	__u32 stripped;			/* of these, gone from the segments */
	__u32 network;			/* ethertype, of what comes after tags */
	__u32 protocol;			/* what comes next: ethertype, then IP */
};

/* Skip VLAN tags in the data; one that the skb carries aside isn't there. */
static __always_inline int skip_vlan(struct __sk_buff *skb, struct headers *h)
{
	__be16 protocol;
	int i;

	for (i = 0; i < VLAN_TAGS_MAX; i++) {
		if (h->protocol != ETH_P_8021Q && h->protocol != ETH_P_8021AD)
			return 0;
		if (bpf_skb_load_bytes(skb, h->bytes + 2, &protocol, 2))
			return -1;
		h->protocol = bpf_ntohs(protocol);
		h->bytes += VLAN_TAG;
	}
	return 0;
}

static __always_inline int skip_ipv4(struct __sk_buff *skb, struct headers *h)
{
	__u8 ip[10];

	if (bpf_skb_load_bytes(skb, h->bytes, ip, sizeof(ip)))
		return -1;
	h->bytes += (ip[0] & 0xf) * 4;
	h->protocol = ip[9];
	return 0;
}

/*
 * The stack marks an IPv6 super-packet of more than 64 KiB ("BIG TCP") with a
 * hop-by-hop header of 8 bytes that no segment has: payload length 0 shows it.
 */
static __always_inline int skip_ipv6(struct __sk_buff *skb, struct headers *h)
{
	__u8 ip[8], extension[2];
	int i;

	if (bpf_skb_load_bytes(skb, h->bytes, ip, sizeof(ip)))
		return -1;
	h->bytes += IPV6_HEADER;
	h->protocol = ip[6];
	for (i = 0; i < IPV6_EXTENSIONS_MAX; i++) {
		if (h->protocol != IPPROTO_HOPOPTS &&
		    h->protocol != IPPROTO_ROUTING &&
		    h->protocol != IPPROTO_FRAGMENT &&
		    h->protocol != IPPROTO_DSTOPTS)
			return 0;
		if (bpf_skb_load_bytes(skb, h->bytes, extension, 2))
			return -1;
		if (h->protocol == IPPROTO_HOPOPTS && !ip[4] && !ip[5])
			h->stripped = 8;
		h->bytes += h->protocol == IPPROTO_FRAGMENT ?
				    IPV6_FRAGMENT :
				    (extension[1] + 1) * 8;
		h->protocol = extension[0];
	}
	return 0;
}

static __always_inline void skip_transport(struct __sk_buff *skb,
					   struct headers *h)
{
	__u8 offset;

	switch (h->protocol) {
	case IPPROTO_TCP:
		if (!bpf_skb_load_bytes(skb, h->bytes + 12, &offset, 1))
			h->bytes += (offset >> 4) * 4;
		break;
	case IPPROTO_UDP:
		h->bytes += UDP_HEADER;
		break;
	case IPPROTO_SCTP:
		h->bytes += SCTP_HEADER;
		break;
	}
}

/*
 * Headers that are not understood are taken for payload. Not static: verified by
 * itself, once. In its callers' paths, which have it twice, Linux 6.1 looks at
 * each way through the outer headers with each through the inner ones.
 */
__noinline int measure_headers(struct __sk_buff *skb, struct headers *h)
{
	int error = -1;

	if (!h || skip_vlan(skb, h))
		return 0;
	h->network = h->protocol;
	if (h->network == ETH_P_IP)
		error = skip_ipv4(skb, h);
	else if (h->network == ETH_P_IPV6)
		error = skip_ipv6(skb, h);
	if (error)
		h->protocol = IPPROTO_RAW;
	else
		skip_transport(skb, h);
	return 0;
}

/* --- tunnels ----------------------------------------------------------------- */

/* Behind a tunnel's header: the Ethernet frame that it carries. */
static __always_inline int enter_ethernet(struct __sk_buff *skb,
					  struct headers *h)
{
	__be16 protocol;

	if (bpf_skb_load_bytes(skb, h->bytes + ETH_HLEN - 2, &protocol, 2))
		return -1;
	h->protocol = bpf_ntohs(protocol);
	h->bytes += ETH_HLEN;
	return 0;
}

static __always_inline int enter_protocol(struct __sk_buff *skb,
					  struct headers *h, const __u8 *ethertype)
{
	h->protocol = ethertype[0] << 8 | ethertype[1];
	return h->protocol == ETH_P_TEB ? enter_ethernet(skb, h) : 0;
}

/* Version 0, with a checksum, key and sequence number or without. */
static __always_inline int enter_gre(struct __sk_buff *skb, struct headers *h)
{
	__u8 gre[GRE_HEADER];

	if (bpf_skb_load_bytes(skb, h->bytes, gre, sizeof(gre)) || gre[1] & 7)
		return -1;
	h->bytes += GRE_HEADER + (gre[0] >> 7 & 1) * 4 + (gre[0] >> 5 & 1) * 4 +
		    (gre[0] >> 4 & 1) * 4;
	return enter_protocol(skb, h, gre + 2);
}

static __always_inline int enter_udp(struct __sk_buff *skb, struct headers *h)
{
	__u8 geneve[4];
	__be16 port;

	if (bpf_skb_load_bytes(skb, h->bytes - UDP_HEADER + UDP_TO, &port, 2))
		return -1;
	if (port == bpf_htons(VXLAN_PORT) ||
	    port == bpf_htons(VXLAN_PORT_OLD)) {
		h->bytes += VXLAN_HEADER;
		return enter_ethernet(skb, h);
	}
	if (port != bpf_htons(GENEVE_PORT) ||
	    bpf_skb_load_bytes(skb, h->bytes, geneve, sizeof(geneve)))
		return -1;
	h->bytes += GENEVE_HEADER + (geneve[0] & 0x3f) * 4;
	return enter_protocol(skb, h, geneve + 2);
}

/* From behind the outer headers to the inner network header. */
static __always_inline int enter_tunnel(struct __sk_buff *skb,
					struct headers *h)
{
	switch (h->protocol) {
	case IPPROTO_IPIP:
		h->protocol = ETH_P_IP;
		return 0;
	case IPPROTO_IPV6:
		h->protocol = ETH_P_IPV6;
		return 0;
	case IPPROTO_GRE:
		return enter_gre(skb, h);
	case IPPROTO_UDP:
		return enter_udp(skb, h);
	}
	return -1;
}

/* --- segments ---------------------------------------------------------------- */

/* A super-packet from a guest or a tap comes with gso_segs unset. */
static __always_inline __u32 count_segments(struct __sk_buff *skb,
					    __u32 headers)
{
	__u32 segments = skb->gso_segs, size = skb->gso_size;

	if (!segments && size != GSO_BY_FRAGS && skb->len > headers)
		segments = (skb->len - headers + size - 1) / size;
	return segments ? segments : 1;
}

/* Not inlined: most packets are no super-packets and skip all of it. */
static __noinline int measure_segments(struct __sk_buff *skb,
				       __u32 link_header,
				       struct ktach_net_count *count)
{
	struct headers h = {
		.bytes = link_header,
		.protocol = bpf_ntohs(skb->protocol),
	};
	__u32 segments;

	if (!count)
		return 0;
	measure_headers(skb, &h);
	if (!enter_tunnel(skb, &h))
		measure_headers(skb, &h);
	segments = count_segments(skb, h.bytes);
	count->bytes = skb->len - h.stripped +
		       (__u64)(segments - 1) * (h.bytes - h.stripped);
	count->packets = segments;
	return 0;
}

/* Bytes and packets of @skb on the wire, on either hook. */
static __always_inline struct ktach_net_count measure(struct __sk_buff *skb,
						      __u32 link_header)
{
	struct ktach_net_count count = { .bytes = skb->len, .packets = 1 };

	if (skb->gso_size)
		measure_segments(skb, link_header, &count);
	if (skb->vlan_present)
		count.bytes += count.packets * VLAN_TAG;
	return count;
}

#endif /* KTACH_BPF_PACKET_H */
