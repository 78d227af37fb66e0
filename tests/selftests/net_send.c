// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sends frames of a known size on the wire out of an interface, for
 * net_test.sh, and prints what they come to: "BYTES PACKETS".
 *
 *   net_send INTERFACE COUNT FAMILY PROTOCOL PAYLOAD GSO_SIZE VLAN_TAGS [CAST]
 *
 * FAMILY is 4, 6, or 0 for a frame without IP; PROTOCOL tcp, udp or other; CAST
 * m for multicast, b for broadcast; PAYLOAD is bytes a frame. With a
 * GSO_SIZE other than 0 the frames are super-packets, handed to the kernel as
 * a guest's would be: without a count of their segments. No host answers them.
 * Exits with 77 if this kernel doesn't take such frames.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
	EXIT_SKIP = 77,
	IPV4_OPTIONS = 4, /* bytes; so that a fixed length is wrong */
	TCP_OPTIONS = 12,
	GSO_UDP_L4 = 5, /* since Linux 6.2 */
	PAYLOAD_MAX = 60000,
};

struct frame {
	bool six, udp;
	uint8_t family, protocol;
	char cast;
	unsigned int payload, gso_size, tags;
	unsigned int network, transport, headers; /* offsets, bytes */
	uint8_t data[256 + PAYLOAD_MAX];
	struct virtio_net_hdr virtio;
};

static void put16(uint8_t *at, unsigned int value)
{
	at[0] = value >> 8;
	at[1] = value;
}

/* To a station that isn't there. */
static void build_link(struct frame *f)
{
	static const uint8_t stations[] = { 2, 0, 0, 0, 0, 0x99,
					    2, 0, 0, 0, 0, 0x98 };
	unsigned int i;

	memcpy(f->data, stations, sizeof(stations));
	if (f->cast == 'm')
		f->data[0] |= 1;
	if (f->cast == 'b')
		memset(f->data, 0xff, ETH_ALEN);
	for (i = 0; i < f->tags; i++) {
		put16(f->data + 12 + 4 * i, ETH_P_8021Q);
		put16(f->data + 14 + 4 * i, 5 + i);
	}
	f->network = ETH_HLEN + 4 * f->tags;
	put16(f->data + f->network - 2, !f->family ? ETH_P_802_EX1 :
					f->six	   ? ETH_P_IPV6 :
						     ETH_P_IP);
}

static void build_network(struct frame *f)
{
	uint8_t *ip = f->data + f->network;
	unsigned int transport = f->udp ? 8 : 20 + TCP_OPTIONS;
	unsigned int header = f->six ? 40 : 20 + IPV4_OPTIONS;

	f->transport = f->network + header;
	f->headers = f->transport + transport;
	if (f->six) {
		ip[0] = 0x60;
		put16(ip + 4, transport + f->payload);
		ip[6] = f->protocol;
		ip[7] = 1;
		return;
	}
	ip[0] = 0x40 | header / 4;
	put16(ip + 2, header + transport + f->payload);
	ip[8] = 1;
	ip[9] = f->protocol;
	memset(ip + 20, 1, IPV4_OPTIONS);
}

static void build_transport(struct frame *f)
{
	uint8_t *transport = f->data + f->transport;

	if (f->udp) {
		put16(transport + 4, 8 + f->payload);
	} else {
		transport[12] = (20 + TCP_OPTIONS) / 4 << 4;
		transport[13] = 0x10; /* ACK */
		memset(transport + 20, 1, TCP_OPTIONS);
	}
	if (!f->gso_size)
		return;
	f->virtio = (struct virtio_net_hdr){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = f->udp ? GSO_UDP_L4 :
			    f->six ? VIRTIO_NET_HDR_GSO_TCPV6 :
				     VIRTIO_NET_HDR_GSO_TCPV4,
		.hdr_len = f->headers,
		.gso_size = f->gso_size,
		.csum_start = f->transport,
		.csum_offset = f->udp ? 6 : 16,
	};
}

static int open_packet(const char *interface)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_ifindex = if_nametoindex(interface),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1;

	if (fd < 0 || !address.sll_ifindex ||
	    setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		perror(interface);
		exit(1);
	}
	return fd;
}

static void send_frames(struct frame *f, int fd, unsigned int count)
{
	struct iovec parts[] = {
		{ &f->virtio, sizeof(f->virtio) },
		{ f->data, f->headers + f->payload },
	};

	while (count--) {
		if (writev(fd, parts, 2) >= 0)
			continue;
		if (errno == EINVAL && f->gso_size)
			exit(EXIT_SKIP);
		perror("net_send");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static struct frame f;
	unsigned int count, segments;

	if (argc != 8 && argc != 9)
		return 2;
	count = atoi(argv[2]);
	f.family = atoi(argv[3]);
	f.six = f.family == 6;
	f.udp = !strcmp(argv[4], "udp");
	f.protocol = f.udp		       ? IPPROTO_UDP :
		     !strcmp(argv[4], "other") ? IPPROTO_GRE :
						 IPPROTO_TCP;
	f.cast = argc == 9 ? argv[8][0] : 'u';
	f.payload = atoi(argv[5]);
	f.gso_size = atoi(argv[6]);
	f.tags = atoi(argv[7]);
	if (f.payload > PAYLOAD_MAX || f.tags > 2)
		return 2;
	build_link(&f);
	build_network(&f);
	build_transport(&f);
	send_frames(&f, open_packet(argv[1]), count);
	segments = f.gso_size ? (f.payload + f.gso_size - 1) / f.gso_size : 1;
	printf("%u %u\n", count * (f.payload + segments * f.headers),
	       count * segments);
	return 0;
}
