/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections that were refused or closed to leave room for others, and requests that
 * were refused: counted by reason, and a line in the log a minute for each reason at
 * most. To add a reason is to add a line here and one in refusal.c.
 */
#ifndef KTACH_COLLECTOR_BASE_REFUSAL_H
#define KTACH_COLLECTOR_BASE_REFUSAL_H

#include <stdint.h>

enum refusal {
	REFUSAL_FEED_FULL,
	REFUSAL_FEED_ADDRESS,
	REFUSAL_FEED_SILENT,
	REFUSAL_FEED_FIRST_FRAME,
	REFUSAL_FEED_HALF_FRAME,
	REFUSAL_FEED_MEMORY,
	REFUSAL_FEED_DESCRIPTORS,
	REFUSAL_FEED_REVOKED,
	REFUSAL_FEED_MOVED,
	REFUSAL_FEED_UDP,
	REFUSAL_PAGE_FULL,
	REFUSAL_PAGE_ADDRESS,
	REFUSAL_PAGE_SILENT,
	REFUSAL_PAGE_HEAD,
	REFUSAL_PAGE_BODY,
	REFUSAL_PAGE_READER,
	REFUSAL_PAGE_SOCKETS,
	REFUSAL_PAGE_SUBSCRIPTION,
	REFUSAL_PAGE_MESSAGES,
	REFUSAL_PAGE_PONG,
	REFUSAL_PAGE_DESCRIPTORS,
	REFUSAL_PAGE_HANDSHAKE,
	REFUSAL_PAGE_HANDSHAKES,
	REFUSAL_PAGE_REQUEST,
	REFUSAL_PAGE_UNEXPECTED_BODY,
	REFUSAL_PAGE_METHOD,
	REFUSAL_PAGE_SITE,
	REFUSAL_PAGE_HOST,
	REFUSAL_PAGE_TOKEN,
	REFUSAL_PAGE_GUESSES,
	REFUSAL_PAGE_ROLE,
	REFUSAL_PAGE_BUSY,
	REFUSAL_ENROLL_FULL,
	REFUSAL_ENROLL_ADDRESS,
	REFUSAL_ENROLL_HANDSHAKE,
	REFUSAL_ENROLL_SLOW,
	REFUSAL_ENROLL_REQUEST,
	REFUSAL_ENROLL_TOKEN,
	REFUSALS
};

/* Where and why, as metrics and the API have it: "feed", "address". */
const char *refusal_door(enum refusal refusal);
const char *refusal_reason_name(enum refusal refusal);

/* Count one; @from says whose it was, for the log. Any thread. */
void refuse(enum refusal refusal, const char *from);

/* All counts since the start. Any thread. */
void refusal_counts(uint64_t counts[REFUSALS]);

#endif /* KTACH_COLLECTOR_BASE_REFUSAL_H */
