/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection to one server: commands go out, replies come back in their order. */
#ifndef KTACH_COLLECTOR_HISTORY_REDIS_LINK_H
#define KTACH_COLLECTOR_HISTORY_REDIS_LINK_H

#include <gnutls/gnutls.h>
#include <hiredis/hiredis.h>
#include <stdbool.h>

#include "collector/base/buffer.h"
#include "collector/base/place.h"

enum link_limits {
	LINK_HELD_MAX = 512 << 20,
};

/**
 * struct link_held - replies in memory, of all connections of a handle
 * @used: bytes that came, and what hiredis makes of them
 * @most: with more the connection is ended
 */
struct link_held {
	size_t used;
	size_t most;
};

/* Whose a reply is: of a call by its number, or one of these. */
enum link_whose {
	LINK_NOBODY = -1, /* it is of no interest */
	LINK_WAIT = -2, /* how many replicas have all before it */
	LINK_ASKED = -3, /* of link_ask() */
};

/**
 * struct link - a connection; all zeroes: none
 * @fd: of it
 * @tls: over it; NULL: none
 * @trust: certificates for that
 * @reader: of replies
 * @fn: its functions, which count
 * @plain: those that they call
 * @held: what they count into
 * @partial: of it, of a reply that is not whole
 * @out: bytes to be sent
 * @sent: of these
 * @whose: int for each reply that is to come
 * @came: bytes of @whose whose replies did
 * @answer: of link_ask()
 * @up: connected
 * @problem: why it is not, or was ended
 */
struct link {
	int fd;
	gnutls_session_t tls;
	gnutls_certificate_credentials_t trust;
	redisReader *reader;
	redisReplyObjectFunctions fn;
	const redisReplyObjectFunctions *plain;
	struct link_held *held;
	size_t partial;
	struct buffer out;
	size_t sent;
	struct buffer whose;
	size_t came;
	redisReply *answer;
	bool up;
	char problem[160];
};

/* Told of each reply, which is then its own. */
typedef void link_reply(void *context, int whose, redisReply *reply);

/* Return 0, or -EIO with a problem. @turn: of the host's addresses. */
int link_open(struct link *l, const struct place *p, const char *host,
	      unsigned int turn);
void link_close(struct link *l);

/* It is of no use any more; replies that were to come will not. */
void link_fail(struct link *l, const char *problem);

static inline bool link_is_busy(const struct link *l)
{
	return l->up && l->came < l->whose.used;
}

/* Whether bytes wait to be sent. */
static inline bool link_is_full(const struct link *l)
{
	return l->sent < l->out.used;
}

/* Nothing came that nobody asked for, and it was not ended; of one that is not busy. */
bool link_is_quiet(const struct link *l);

/* Why there is no answer that is of use. */
static inline const char *link_told(const struct link *l,
				    const redisReply *reply)
{
	return !reply				? l->problem :
	       reply->type == REDIS_REPLY_ERROR ? reply->str :
						  "its answer is none";
}

/* Expect a reply. Its command was appended to @out. */
int link_expect(struct link *l, int whose);

/* Send and receive what can be without waiting, some of it: what is left comes with the next
 * call.
 */
void link_move(struct link *l, link_reply *told, void *context);

/* A short command and its reply, NULL if there was none within some seconds. It belongs to
 * the caller. What was sent before is told to nobody.
 */
redisReply *link_ask(struct link *l, int argc, const char *const *argv);

#endif /* KTACH_COLLECTOR_HISTORY_REDIS_LINK_H */
