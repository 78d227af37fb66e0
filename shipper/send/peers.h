/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The collectors of a configuration, in the order in which this node wants
 * them. Every node gives each collector a score, from a hash of both, and takes
 * the one with the highest (rendezvous hashing): the nodes spread evenly, and
 * when one collector comes or goes only its own share of them moves. What is hashed
 * of a collector is its address in its normal form (lib/base/address.h), so that
 * "c1" and "C1:4766" are one.
 */
#ifndef KTACH_SHIPPER_SEND_PEERS_H
#define KTACH_SHIPPER_SEND_PEERS_H

#include <stdint.h>

#include <ktach/wire.h>

enum peers_limits {
	PEERS_MAX = 16,
	PEER_SIZE = 280, /* HOST:PORT and a NUL */
};

struct peer {
	uint64_t score;
	char text[PEER_SIZE];
};

struct peers {
	unsigned int count;
	struct peer list[PEERS_MAX]; /* the best one first */
};

/**
 * peers_init() - read a list, put it in order
 * @p: filled
 * @list: HOST[:PORT], or several with commas between them; one that is there
 *        already, in whatever spelling, is left out
 * @node: this node's id
 *
 * Return: 0; -EINVAL if it is empty, too long, or an entry is.
 */
int peers_init(struct peers *p, const char *list, const uint8_t *node);

#endif /* KTACH_SHIPPER_SEND_PEERS_H */
