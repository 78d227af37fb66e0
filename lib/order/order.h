/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an operator has signed: an order, which is carried out once and soon, or how
 * agents are to be from now on. Both are texts, a line each thing, in this order and
 * nothing between; what is signed (Ed25519) is all to the end of the line "key".
 *
 *   ktach-order 1                      ktach-desired 1
 *   node NAME|ID                       node NAME|ID
 *   agent NAME|*                       revision NUMBER
 *   verb start|stop|restart|reload     signed US
 *   signed US                          agent NAME running|stopped     (0 or more)
 *   expires S                          key 64 DIGITS
 *   nonce 32 DIGITS                    signature 128 DIGITS
 *   key 64 DIGITS
 *   signature 128 DIGITS
 *
 * US are microseconds and S seconds since 1970, digits hexadecimal, in lower case. The
 * node is named as the operator has: whoever carries it there cannot make it another's.
 */
#ifndef KTACH_LIB_ORDER_ORDER_H
#define KTACH_LIB_ORDER_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktach/wire.h>

enum order_limits {
	ORDER_NODE_SIZE = 256,
	ORDER_AGENT_SIZE = 64,
	ORDER_VERB_SIZE = 16,
	ORDER_NONCE_SIZE = 16,
	ORDER_KEY_SIZE = 32,
	ORDER_SIGNATURE_SIZE = 64,
	ORDER_TEXT_MAX =
		WIRE_REQUEST_MAX - 1024, /* what goes with it has room */
	ORDER_LIFE_S = 3600, /* from when it is signed to when it expires */
};

/* Of all agents. */
#define ORDER_EVERY "*"

/**
 * struct signature - below a text
 * @size: bytes of the text that are signed
 * @key: the public key
 * @bytes: of the signature
 */
struct signature {
	size_t size;
	uint8_t key[ORDER_KEY_SIZE];
	uint8_t bytes[ORDER_SIGNATURE_SIZE];
};

/**
 * struct order - once, and soon
 * @node: as the operator named it
 * @agent: which, or ORDER_EVERY
 * @verb: start, stop, restart or reload
 * @signed_us: when it was signed
 * @expires_s: when it is too late
 * @nonce: no two have the same
 * @signature: below it
 */
struct order {
	char node[ORDER_NODE_SIZE];
	char agent[ORDER_AGENT_SIZE];
	char verb[ORDER_VERB_SIZE];
	uint64_t signed_us;
	uint64_t expires_s;
	uint8_t nonce[ORDER_NONCE_SIZE];
	struct signature signature;
};

/**
 * struct desired - from now on
 * @node: as the operator named it
 * @revision: the largest one counts
 * @signed_us: when it was signed
 * @agents: its lines "agent"; in the text
 * @agents_size: bytes of them
 * @signature: below it
 */
struct desired {
	char node[ORDER_NODE_SIZE];
	uint64_t revision;
	uint64_t signed_us;
	const char *agents;
	size_t agents_size;
	struct signature signature;
};

/* Read one of @size bytes. Return 0, or -EINVAL: it is none. Whether it was signed by
 * whom it says is not looked at.
 */
int order_parse(struct order *o, const char *text, size_t size);
int desired_parse(struct desired *d, const char *text, size_t size);

/* What a text begins with, whatever follows. */
bool order_is_one(const char *text, size_t size);
bool desired_is_one(const char *text, size_t size);

/* How an agent is to be: "running" or "stopped"; "" where nothing is said of it. */
const char *desired_of(const struct desired *d, const char *agent);

/* Step through its agents: @at is @agents at first. False: that were all. */
bool desired_next(const struct desired *d, const char **at,
		  char agent[ORDER_AGENT_SIZE], const char **state);

/* Whether the owner of the key that a text names has signed it. */
bool signature_good(const struct signature *s, const char *text);

/**
 * order_sign() - append "key" and "signature"
 * @text: ends with a newline; room for ORDER_SIGNED_ROOM more bytes
 * @size: bytes of it
 * @seed: of the private key
 *
 * Return: its size now.
 */
size_t order_sign(char *text, size_t size, const uint8_t *seed);

enum {
	ORDER_SIGNED_ROOM = 4 + 64 + 1 + 10 + 128 + 1 + 1,
};

/* Whether it is good as an agent's name here, or ORDER_EVERY. */
bool order_agent_good(const char *agent);

/* Whether it is one of the verbs. */
bool order_verb_good(const char *verb);

#endif /* KTACH_LIB_ORDER_ORDER_H */
