/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of replies. */
#ifndef KTACH_COLLECTOR_HISTORY_REDIS_REPLY_H
#define KTACH_COLLECTOR_HISTORY_REDIS_REPLY_H

#include <hiredis/hiredis.h>
#include <stdint.h>
#include <stdlib.h>

static inline uint64_t reply_number(const redisReply *reply)
{
	return reply->type == REDIS_REPLY_INTEGER ?
		       (uint64_t)reply->integer :
	       reply->type == REDIS_REPLY_STRING ?
		       strtoull(reply->str, NULL, 10) :
		       0;
}

/* Those of sorted sets are floating point; what is none of ours is the next one to it. */
#define SCORE_MAX (UINT64_C(1) << 62)

static inline uint64_t reply_score(const redisReply *reply)
{
	double score = strtod(reply->str, NULL);

	return score >= (double)SCORE_MAX ? SCORE_MAX :
	       score > 0		  ? (uint64_t)score :
					    0;
}

#endif /* KTACH_COLLECTOR_HISTORY_REDIS_REPLY_H */
