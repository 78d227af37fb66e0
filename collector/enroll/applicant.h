/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One host that asks for a key (lib/base/enroll.h): a connection, as far as it came. All
 * of it is the enrolling thread's.
 */
#ifndef KTACH_COLLECTOR_ENROLL_APPLICANT_H
#define KTACH_COLLECTOR_ENROLL_APPLICANT_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdint.h>

#include "collector/base/peer.h"
#include "collector/base/refusal.h"
#include "collector/http/pace.h"
#include "lib/base/enroll.h"
#include "lib/wire/wire.h"

struct feed;

enum applicant_stage {
	APPLICANT_GREETS, /* TLS */
	APPLICANT_ASKS,
	APPLICANT_WAITS, /* it has its key, and frames are to come */
	APPLICANT_LEAVES, /* when the last line is sent */
	APPLICANT_GONE,
};

/**
 * struct applicant - one of them
 * @stage: how far it came
 * @fd: its socket
 * @session: TLS over it
 * @deadline_ns: until when it may take, monotonic
 * @next_ns: when it is looked at again though nothing came, monotonic
 * @peer: from where
 * @network: the same, as far as it counts
 * @in: what it has said of its line
 * @in_size: bytes there
 * @out: what it is told
 * @out_size: bytes there that are not sent yet
 * @node: who it is, from APPLICANT_WAITS on
 * @granted_ns: since then it waits, monotonic
 */
struct applicant {
	enum applicant_stage stage;
	int fd;
	gnutls_session_t session;
	uint64_t deadline_ns;
	uint64_t next_ns;
	struct peer peer;
	uint8_t network[PACE_KEY_SIZE];
	char in[ENROLL_LINE_SIZE];
	size_t in_size;
	char out[2 * ENROLL_LINE_SIZE];
	size_t out_size;
	uint8_t node[WIRE_ID_SIZE];
	uint64_t granted_ns;
};

/**
 * struct applicant_shared - what all of them share
 * @folder: the collector's, with tokens and certificate
 * @feed: whose keys hosts get, and whose nodes show whether frames came
 * @feed_port: where these go
 * @credentials: certificate and key
 * @pace: of handshakes
 */
struct applicant_shared {
	const char *folder;
	struct feed *feed;
	unsigned int feed_port;
	gnutls_certificate_credentials_t credentials;
	struct pace pace;
};

/* Take a connection over. Return 0, or -errno: then it is closed. */
int applicant_begin(struct applicant *a, const struct applicant_shared *s, int fd,
		    const struct address *from, uint64_t now_ns);

/* Go as far as it goes without waiting. */
void applicant_step(struct applicant *a, struct applicant_shared *s, uint64_t now_ns);

/* Close it for this reason; REFUSALS: for none that counts. */
void applicant_end(struct applicant *a, enum refusal why);

#endif /* KTACH_COLLECTOR_ENROLL_APPLICANT_H */
