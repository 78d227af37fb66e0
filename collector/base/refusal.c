// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#include "collector/base/refusal.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#define TELL_EVERY_NS UINT64_C(60000000000)

/* @text says of connections, or of @what, what became of them, and what may be done. */
static const struct {
	const char *door;
	const char *reason;
	const char *text;
	const char *what;
} kinds[REFUSALS] = {
	[REFUSAL_FEED_FULL] = { "feed", "full",
				"refused: all places are taken by senders; raise feed-connections or LimitNOFILE" },
	[REFUSAL_FEED_ADDRESS] = { "feed", "address",
				   "refused: their address has as many as feed-per-address allows" },
	[REFUSAL_FEED_SILENT] = { "feed", "silent",
				  "closed for newer ones: they had been silent for longest" },
	[REFUSAL_FEED_FIRST_FRAME] = { "feed", "first_frame",
				       "closed: no good frame came in time" },
	[REFUSAL_FEED_HALF_FRAME] = { "feed", "half_frame",
				      "closed: a frame was begun and not ended in time" },
	[REFUSAL_FEED_MEMORY] = { "feed", "memory",
				  "closed: frames that were begun took all memory for such" },
	[REFUSAL_FEED_REVOKED] = { "feed", "revoked",
				   "closed: the key of their node was revoked" },
	[REFUSAL_FEED_MOVED] = { "feed", "moved",
				 "sent on: their nodes are another member's of this fleet" },
	[REFUSAL_FEED_UDP] = { "feed", "udp",
			       "dropped: a fleet takes frames by TCP only, set transport = tcp in their shippers",
			       "datagrams" },
	[REFUSAL_FEED_DESCRIPTORS] = { "feed", "descriptors",
				       "wait: too many open files, here or on this host; raise LimitNOFILE or fs.file-max" },
	[REFUSAL_PAGE_FULL] = { "page", "full",
				"refused: all places are taken by visitors who are being answered; raise LimitNOFILE" },
	[REFUSAL_PAGE_ADDRESS] = { "page", "address",
				   "refused: their address has as many as one may; --proxy names a proxy that comes for many" },
	[REFUSAL_PAGE_SILENT] = { "page", "silent",
				  "closed for newer ones: they had been silent for longest" },
	[REFUSAL_PAGE_HEAD] = { "page", "head",
				"closed: no whole request came in time" },
	[REFUSAL_PAGE_BODY] = { "page", "body",
				"closed: a log-in was begun and not ended in time" },
	[REFUSAL_PAGE_READER] = { "page", "reader",
				  "closed: an answer was not read, or took too long" },
	[REFUSAL_PAGE_SOCKETS] = { "page", "sockets",
				   "closed or refused: there are as many WebSockets as there may be" },
	[REFUSAL_PAGE_SUBSCRIPTION] = { "page", "subscription",
					"closed: a WebSocket did not say in time what it wants" },
	[REFUSAL_PAGE_MESSAGES] = { "page", "messages",
				    "closed: a WebSocket sent more messages than anybody needs" },
	[REFUSAL_PAGE_PONG] = { "page", "pong",
				"closed: a WebSocket did not answer a ping" },
	[REFUSAL_PAGE_DESCRIPTORS] = { "page", "descriptors",
				       "wait: too many open files, here or on this host; raise LimitNOFILE or fs.file-max" },
	[REFUSAL_PAGE_HANDSHAKE] = { "page", "handshake",
				     "closed: they speak no TLS that is taken here" },
	[REFUSAL_PAGE_HANDSHAKES] = { "page", "handshakes",
				      "refused: their address begins TLS more often than there is time for; --proxy names a proxy that comes for many" },
	[REFUSAL_PAGE_REQUEST] = { "page", "request",
				   "refused: their head is no good HTTP/1.1, or WebSocket's",
				   "request" },
	[REFUSAL_PAGE_UNEXPECTED_BODY] = { "page", "unexpected_body",
					   "refused: no body is taken there",
					   "request" },
	[REFUSAL_PAGE_METHOD] = { "page", "method",
				  "refused: only GET and HEAD are served",
				  "request" },
	[REFUSAL_PAGE_SITE] = { "page", "site",
				"refused: they came from a page of another site; --host names this server",
				"log-in or WebSocket" },
	[REFUSAL_PAGE_HOST] = { "page", "host",
				"refused: their Host is no name of this server; --host gives it one",
				"request" },
	[REFUSAL_PAGE_TOKEN] = { "page", "token",
				 "refused: their token is wrong, has expired, or was revoked",
				 "request" },
	[REFUSAL_PAGE_GUESSES] = { "page", "guesses",
				   "refused: too many wrong tokens came from their address",
				   "request" },
	[REFUSAL_PAGE_ROLE] = { "page", "role",
				"refused: their token's role does not permit that",
				"request" },
	[REFUSAL_PAGE_BUSY] = { "page", "busy",
				"refused: others are being answered already",
				"request" },
	[REFUSAL_ENROLL_FULL] = { "enroll", "full",
				  "refused, or closed for newer ones: all places are taken" },
	[REFUSAL_ENROLL_ADDRESS] = { "enroll", "address",
				     "refused: their address has as many as one may" },
	[REFUSAL_ENROLL_HANDSHAKE] = { "enroll", "handshake",
				       "closed: they speak no TLS 1.3, or were shown another certificate than their token names" },
	[REFUSAL_ENROLL_SLOW] = { "enroll", "slow",
				  "closed: they showed no token in time" },
	[REFUSAL_ENROLL_REQUEST] = { "enroll", "request",
				     "closed: they said what no shipper says" },
	[REFUSAL_ENROLL_TOKEN] = { "enroll", "token",
				   "refused: their token is none, was used or has expired, or is not for them",
				   "host" },
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	uint64_t count;
	uint64_t told; /* of them in the log */
	uint64_t told_ns; /* when; 0: never */
} totals[REFUSALS];

const char *refusal_door(enum refusal refusal)
{
	return kinds[refusal].door;
}

const char *refusal_reason_name(enum refusal refusal)
{
	return kinds[refusal].reason;
}

/* Returns how many the log is to tell of now; 0: none. */
static uint64_t count_one(enum refusal refusal)
{
	uint64_t now_ns = clock_mono_ns(), untold = 0;

	pthread_mutex_lock(&lock);
	totals[refusal].count++;
	if (!totals[refusal].told_ns ||
	    now_ns - totals[refusal].told_ns >= TELL_EVERY_NS) {
		untold = totals[refusal].count - totals[refusal].told;
		totals[refusal].told = totals[refusal].count;
		totals[refusal].told_ns = now_ns;
	}
	pthread_mutex_unlock(&lock);
	return untold;
}

void refuse(enum refusal refusal, const char *from)
{
	const char *what = kinds[refusal].what ? kinds[refusal].what :
						 "connection";
	uint64_t untold = count_one(refusal);

	if (untold)
		log_warn(
			"%s: %" PRIu64
			" %s%s %s (%sfrom %s; the next line comes in a minute at the earliest)",
			kinds[refusal].door, untold, what,
			untold == 1 ? "" : "s", kinds[refusal].text,
			untold == 1 ? "" : "the last ", from);
}

void refusal_counts(uint64_t counts[REFUSALS])
{
	int i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < REFUSALS; i++)
		counts[i] = totals[i].count;
	pthread_mutex_unlock(&lock);
}
