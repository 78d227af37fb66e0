/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is in a fleet, and which slices (groups_slice()) each one owns: each member has a score for
 * each slice, from a hash of both, and the highest one owns it (rendezvous hashing). Who has the
 * same list has the same owners, nobody places anything, and where a member comes or
 * goes only its own share moves.
 *
 * Keys in etcd, below /ktach/FLEET/, which is watched:
 *
 *   member/ID   JSON: "feed" and "http", its addresses; its lease is the member's
 *   drain/ID    it is to own nothing; with the member's lease
 *
 * and /ktach-state/FLEET/ID, what a member says of itself every few seconds.
 */
#ifndef KTACH_COLLECTOR_FLEET_MEMBERS_H
#define KTACH_COLLECTOR_FLEET_MEMBERS_H

#include "collector/fleet/etcd.h"
#include "collector/history/groups.h"

enum members_limits {
	MEMBERS_MAX = 64,
	MEMBER_ID_SIZE = 64,
	MEMBER_ADDRESS_SIZE = 128,
	MEMBERS_NOBODY = 255, /* owns a slice: there is no member */
	MEMBERS_KEY_SIZE = 160,
};

struct member {
	char id[MEMBER_ID_SIZE];
	char feed[MEMBER_ADDRESS_SIZE];
	char http[MEMBER_ADDRESS_SIZE];
	uint64_t lease;
	bool there;
	bool drained;
};

struct members {
	unsigned int count;
	struct member list[MEMBERS_MAX];
};

/* Letters, digits, '_', '.' and '-', 63 at most. */
bool members_id_good(const char *id);

/* What is wrong with the name of etcd's servers; NULL: nothing. */
const char *members_problem(const char *servers);

/* "/ktach/FLEET/", and what follows it: "member/", or "drain/", and an id, or nothing. */
void members_key(char key[MEMBERS_KEY_SIZE], const char *fleet,
		 const char *what, const char *id);
void members_state_key(char key[MEMBERS_KEY_SIZE], const char *fleet,
		       const char *id);

/* A key of the fleet that is there, or is gone. Others are passed over. */
void members_change(struct members *m, const char *fleet,
		    const struct etcd_key *k);

/* By its id; NULL: it is no member. */
const struct member *members_find(const struct members *m, const char *id);

/* Who owns each slice: places in the list, or MEMBERS_NOBODY. Where all are drained, none is. */
void members_owners(const struct members *m, uint8_t owners[GROUPS_SLICES]);

#endif /* KTACH_COLLECTOR_FLEET_MEMBERS_H */
