// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/enroll/applicant.h"
#include "collector/feed/feed.h"
#include "collector/enroll/tokens.h"
#include "lib/base/clock.h"
#include "lib/base/key_file.h"
#include "lib/base/log.h"
#include "lib/base/node_id.h"

#define S UINT64_C(1000000000)

enum {
	ASK_S = 10, /* from the connection to its token */
	WAIT_S = 120, /* for a first frame */
	LEAVE_S = 5,
	LOOK_MS = 200,
};

static const char *const whys[] = {
	[TOKEN_UNKNOWN] =
		"this token is not known: it was taken back, or belongs to another collector",
	[TOKEN_EXPIRED] = "this token has expired",
	[TOKEN_USED] = "this token was used already",
	[TOKEN_OTHERS] = "this token is for another node",
	[TOKEN_TROUBLE] =
		"the collector could not look at its tokens: see its log",
};

int applicant_begin(struct applicant *a, const struct applicant_shared *s,
		    int fd, const struct address *from, uint64_t now_ns)
{
	static const char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3";
	int err;

	*a = (struct applicant){ .fd = fd,
				 .peer.address = *from,
				 .deadline_ns = now_ns + ASK_S * S };
	address_network(from, a->network);
	err = gnutls_init(&a->session, GNUTLS_SERVER | GNUTLS_NONBLOCK |
					       GNUTLS_NO_SIGNAL |
					       GNUTLS_NO_TICKETS);
	if (err < 0) {
		close(fd);
		return -ENOMEM;
	}
	err = gnutls_priority_set_direct(a->session, priorities, NULL);
	if (err >= 0)
		err = gnutls_credentials_set(a->session, GNUTLS_CRD_CERTIFICATE,
					     s->credentials);
	if (err >= 0) {
		gnutls_transport_set_int(a->session, fd);
		return 0;
	}
	applicant_end(a, REFUSALS);
	return -ENOMEM;
}

void applicant_end(struct applicant *a, enum refusal why)
{
	if (why < REFUSALS)
		refuse(why, peer_text(&a->peer));
	gnutls_deinit(a->session);
	sodium_memzero(a->in, sizeof(a->in));
	sodium_memzero(a->out, sizeof(a->out));
	close(a->fd);
	a->stage = APPLICANT_GONE;
}

static void leave(struct applicant *a, uint64_t now_ns)
{
	a->stage = APPLICANT_LEAVES;
	a->deadline_ns = now_ns + LEAVE_S * S;
}

static void tell(struct applicant *a, const char *text)
{
	int size = snprintf(a->out + a->out_size, sizeof(a->out) - a->out_size,
			    "%s\n", text);

	a->out_size += (size_t)size;
}

static void reject(struct applicant *a, const char *why, uint64_t now_ns)
{
	char line[ENROLL_LINE_SIZE];

	snprintf(line, sizeof(line), "refused %s", why);
	tell(a, line);
	leave(a, now_ns);
	refuse(REFUSAL_ENROLL_TOKEN, peer_text(&a->peer));
}

/* Shake hands once the CPU time that its network, or all, have used is worked off. */
static void greet(struct applicant *a, struct applicant_shared *s,
		  uint64_t now_ns)
{
	int err;

	if (!pace_may(&s->pace, a->network, now_ns)) {
		a->next_ns = now_ns + PACE_MS * S / 1000;
		return;
	}
	a->next_ns = 0;
	err = gnutls_handshake(a->session);
	pace_spend(&s->pace, a->network, clock_mono_ns() - now_ns, now_ns);
	if (err >= 0)
		a->stage = APPLICANT_ASKS;
	else if (gnutls_error_is_fatal(err))
		applicant_end(a, REFUSAL_ENROLL_HANDSHAKE);
}

static void reject_known(struct applicant *a, uint64_t now_ns)
{
	char why[ENROLL_LINE_SIZE], id[NODE_ID_TEXT_SIZE];

	node_id_format(a->node, id);
	snprintf(
		why, sizeof(why),
		"this node is known here already: 'ktach-collector enroll --new --node %s' makes a token for it",
		id);
	reject(a, why, now_ns);
}

static bool is_known(struct applicant_shared *s, const uint8_t *node)
{
	bool is;

	nodes_lock(s->feed->nodes, node);
	is = nodes_find(s->feed->nodes, node) != NULL;
	nodes_unlock(s->feed->nodes, node);
	return is;
}

static bool has_arrived(struct applicant_shared *s, const struct applicant *a)
{
	struct node *node;
	bool has;

	nodes_lock(s->feed->nodes, a->node);
	node = nodes_find(s->feed->nodes, a->node);
	has = node && node->last_seen.mono_ns > a->granted_ns;
	nodes_unlock(s->feed->nodes, a->node);
	return has;
}

static void grant(struct applicant *a, struct applicant_shared *s,
		  const struct seal_key *key, uint64_t now_ns)
{
	char line[ENROLL_LINE_SIZE], id[NODE_ID_TEXT_SIZE];

	node_id_format(a->node, id);
	log_info("node %s enrolled from %s", id, peer_text(&a->peer));
	key_line_format(key, line);
	tell(a, line);
	snprintf(line, sizeof(line), "feed %u", s->feed_port);
	tell(a, line);
	sodium_memzero(line, sizeof(line));
	a->stage = APPLICANT_WAITS;
	a->granted_ns = now_ns;
	a->deadline_ns = now_ns + WAIT_S * S;
	a->next_ns = now_ns;
}

static bool parse_hello(struct applicant *a, uint8_t *secret)
{
	char digits[2 * ENROLL_SECRET_SIZE + 1], id[NODE_ID_TEXT_SIZE], rest;
	bool good;

	_Static_assert(sizeof(digits) == 33 && sizeof(id) == 37,
		       "the widths below");
	good = sscanf(a->in, ENROLL_HELLO "%32s %36s%c", digits, id, &rest) ==
		       2 &&
	       !hex_parse(digits, secret, ENROLL_SECRET_SIZE) &&
	       !node_id_parse(id, a->node);
	sodium_memzero(digits, sizeof(digits));
	return good;
}

/* A token that is good is void from here on, whatever becomes of its bearer. */
static void answer(struct applicant *a, struct applicant_shared *s,
		   uint64_t now_ns)
{
	uint8_t secret[ENROLL_SECRET_SIZE];
	enum token_verdict verdict;
	struct seal_key key;

	if (!parse_hello(a, secret)) {
		applicant_end(a, REFUSAL_ENROLL_REQUEST);
		return;
	}
	if (!feed_node_key(s->feed, a->node, &key)) {
		reject(a,
		       "the collector has no fleet key: see 'ktach-collector key --help'",
		       now_ns);
		return;
	}
	if (feed_is_revoked(s->feed, a->node, key.id)) {
		reject(a, "the key of this node was revoked", now_ns);
		return;
	}
	verdict = tokens_use(s->folder, secret, a->node, is_known(s, a->node),
			     clock_real_ns() / S);
	if (verdict == TOKEN_GOOD)
		grant(a, s, &key, now_ns);
	else if (verdict == TOKEN_NODE_KNOWN)
		reject_known(a, now_ns);
	else
		reject(a, whys[verdict], now_ns);
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(&key, sizeof(key));
}

/* What was read so far, or -1: nothing more for now, or ever. */
static ssize_t receive(struct applicant *a, char *to, size_t size,
		       enum refusal why)
{
	ssize_t n = gnutls_record_recv(a->session, to, size);

	if (n > 0)
		return n;
	if (!n || gnutls_error_is_fatal((int)n))
		applicant_end(a, why);
	return -1;
}

static void listen_to(struct applicant *a, struct applicant_shared *s,
		      uint64_t now_ns)
{
	size_t room = sizeof(a->in) - 1 - a->in_size;
	ssize_t n =
		receive(a, a->in + a->in_size, room, REFUSAL_ENROLL_REQUEST);
	char *end;

	if (n < 0)
		return;
	a->in_size += (size_t)n;
	end = memchr(a->in, '\n', a->in_size);
	if (end && end == a->in + a->in_size - 1) {
		*end = '\0';
		answer(a, s, now_ns);
	} else if (end || a->in_size == sizeof(a->in) - 1) {
		applicant_end(a, REFUSAL_ENROLL_REQUEST);
	}
}

/* The host has nothing more to say: if it does, the connection ends. */
static void wait_for_frames(struct applicant *a, struct applicant_shared *s,
			    uint64_t now_ns)
{
	char more;

	if (receive(a, &more, 1, REFUSALS) > 0) {
		applicant_end(a, REFUSAL_ENROLL_REQUEST);
		return;
	}
	if (a->stage != APPLICANT_WAITS)
		return;
	a->next_ns = now_ns + LOOK_MS * S / 1000;
	if (a->out_size || !has_arrived(s, a))
		return;
	tell(a, "arrived");
	leave(a, now_ns);
}

static void flush(struct applicant *a)
{
	ssize_t n;

	while (a->out_size) {
		n = gnutls_record_send(a->session, a->out, a->out_size);
		if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
			return;
		if (n < 0) {
			applicant_end(a, REFUSALS);
			return;
		}
		a->out_size -= (size_t)n;
		memmove(a->out, a->out + n, a->out_size);
	}
	if (a->stage != APPLICANT_LEAVES)
		return;
	gnutls_bye(a->session, GNUTLS_SHUT_WR);
	applicant_end(a, REFUSALS);
}

void applicant_step(struct applicant *a, struct applicant_shared *s,
		    uint64_t now_ns)
{
	if (now_ns >= a->deadline_ns) {
		applicant_end(a, a->stage < APPLICANT_WAITS ?
					 REFUSAL_ENROLL_SLOW :
					 REFUSALS);
		return;
	}
	if (a->stage == APPLICANT_GREETS)
		greet(a, s, now_ns);
	if (a->stage == APPLICANT_ASKS)
		listen_to(a, s, now_ns);
	if (a->stage == APPLICANT_WAITS)
		wait_for_frames(a, s, now_ns);
	if (a->stage >= APPLICANT_WAITS && a->stage < APPLICANT_GONE)
		flush(a);
}
