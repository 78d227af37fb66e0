/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tokens that hosts enrol with (lib/base/enroll.h): a list in the data folder, which
 * 'ktach-collector enroll' and a running collector change, each under the folder's lock.
 * A line is
 *
 *   HASH EXPIRES USED NODE|-
 *
 * the SHA-256 of the secret, and two times in seconds; USED is 0 until somebody used
 * it, NODE then who that was, and before, if it is not "-", the only one who may.
 */
#ifndef KTACH_COLLECTOR_ENROLL_TOKENS_H
#define KTACH_COLLECTOR_ENROLL_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/enroll.h"
#include "lib/wire/wire.h"

enum tokens_limits {
	TOKENS_MAX = 4096,
	TOKENS_HASH_SIZE = 32,
	TOKENS_ID_DIGITS = 8, /* of the hash, which tell tokens apart for people */
};

/**
 * struct token_line - one token
 * @hash: of its secret
 * @expires_s: when
 * @used_s: when it was; 0: it was not
 * @bound: @node is who may use it, or did
 */
struct token_line {
	uint8_t hash[TOKENS_HASH_SIZE];
	uint64_t expires_s;
	uint64_t used_s;
	bool bound;
	uint8_t node[WIRE_ID_SIZE];
};

struct tokens {
	struct token_line *list;
	size_t count;
};

/* Read the list; there may be none. Return 0, or -errno after a message: a line that is
 * none makes it no list.
 */
int tokens_load(struct tokens *t, const char *folder);
void tokens_free(struct tokens *t);

/**
 * tokens_add() - make a token
 * @folder: the collector's
 * @secret: filled: nobody can tell it later
 * @expires_s: when it will
 * @node: who may use it; NULL: any host that is new
 *
 * What expired a month ago leaves the list.
 *
 * Return: 0, or -errno after a message.
 */
int tokens_add(const char *folder, uint8_t secret[ENROLL_SECRET_SIZE],
	       uint64_t expires_s, const uint8_t *node);

/* Take the token with this id back, or all of "all" that nobody has used. Return 0, or
 * -errno after a message.
 */
int tokens_revoke(const char *folder, const char *id);

enum token_verdict {
	TOKEN_GOOD,
	TOKEN_UNKNOWN, /* forged, revoked, or long gone */
	TOKEN_EXPIRED,
	TOKEN_USED,
	TOKEN_OTHERS, /* it is for another node */
	TOKEN_NODE_KNOWN, /* it is for new ones, and this one is not */
	TOKEN_TROUBLE, /* the list can't be read or written: it was not used */
};

/**
 * tokens_use() - whether somebody may enrol, and if so, nobody with this token any more
 * @folder: the collector's
 * @secret: of the token
 * @node: who it is that enrols
 * @known: that node is known here
 * @now_s: the time
 */
enum token_verdict tokens_use(const char *folder,
			      const uint8_t secret[ENROLL_SECRET_SIZE],
			      const uint8_t *node, bool known, uint64_t now_s);

#endif /* KTACH_COLLECTOR_ENROLL_TOKENS_H */
