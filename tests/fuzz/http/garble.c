// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/fuzz/http/garble.h"

enum {
	RECORD_MAX = 17000,
	FURTHEST =
		4000, /* byte of what is sent: a handshake is the first 500 or so */
	EMPTY_RECORDS = 200,
};

enum way {
	AS_IT_IS,
	FLIPPED,
	TWICE,
	DROPPED,
	BEHIND_GARBAGE,
	BEHIND_RECORDS,
	CUT,
	WAYS
};

/* @at: the byte where it goes wrong. */
static struct {
	gnutls_session_t session;
	int fd;
	uint64_t state;
	enum way way;
	size_t sent;
	size_t at;
} client;

/* xorshift64* */
static unsigned int pick(unsigned int below)
{
	client.state ^= client.state >> 12;
	client.state ^= client.state << 25;
	client.state ^= client.state >> 27;
	return (unsigned int)((client.state * UINT64_C(2685821657736338717)) >>
			      33) %
	       below;
}

static void send_garbage(void)
{
	uint8_t garbage[600];
	size_t i, size = 1 + pick(sizeof(garbage));

	for (i = 0; i < size; i++)
		garbage[i] = (uint8_t)pick(256);
	/* Of a form that is looked at: an alert, a handshake, data of any length. */
	if (size > 5 && pick(2)) {
		garbage[0] = (uint8_t)(20 + pick(5));
		garbage[1] = 3;
		garbage[2] = (uint8_t)(1 + pick(3));
		garbage[3] = (uint8_t)(pick(8) ? (size - 5) >> 8 : 0xff);
		garbage[4] = (uint8_t)(size - 5);
	}
	(void)!send(client.fd, garbage, size, MSG_NOSIGNAL);
}

static void send_records(void)
{
	const uint8_t record[5] = { (uint8_t)(20 + pick(5)), 3, 3, 0, 0 };
	uint8_t all[EMPTY_RECORDS * sizeof(record)];
	size_t i;

	for (i = 0; i < EMPTY_RECORDS; i++)
		memcpy(all + i * sizeof(record), record, sizeof(record));
	(void)!send(client.fd, all, sizeof(all), MSG_NOSIGNAL);
}

/* Send the record in which it goes wrong. */
static ssize_t send_spoilt(const uint8_t *data, size_t size, size_t at)
{
	uint8_t copy[RECORD_MAX];

	switch (client.way) {
	case FLIPPED:
		if (size > sizeof(copy))
			break;
		memcpy(copy, data, size);
		copy[at] ^= (uint8_t)(1 << pick(8));
		return send(client.fd, copy, size, MSG_NOSIGNAL);
	case TWICE:
		(void)!send(client.fd, data, size, MSG_NOSIGNAL);
		break;
	case DROPPED:
		return (ssize_t)size;
	case BEHIND_GARBAGE:
		send_garbage();
		break;
	case BEHIND_RECORDS:
		send_records();
		break;
	case CUT:
		(void)!send(client.fd, data, at, MSG_NOSIGNAL);
		shutdown(client.fd, SHUT_WR);
		return (ssize_t)size;
	default:
		break;
	}
	return send(client.fd, data, size, MSG_NOSIGNAL);
}

static ssize_t push(gnutls_transport_ptr_t pointer, const void *data,
		    size_t size)
{
	size_t begin = client.sent;
	ssize_t n;

	if (client.way != AS_IT_IS && client.at >= begin &&
	    client.at < begin + size)
		n = send_spoilt(data, size, client.at - begin);
	else
		n = send(client.fd, data, size, MSG_NOSIGNAL);
	if (n > 0)
		client.sent += (size_t)n;
	else
		gnutls_transport_set_errno(client.session, errno);
	return n;
}

/* True: none that is taken. */
static bool wish_protocol(void)
{
	static const gnutls_datum_t protocols[] = {
		{ (unsigned char *)"h2", 2 },
		{ (unsigned char *)"http/1.1", 8 },
	};
	unsigned int first = pick(2), count = 1 + pick(2 - first);

	if (pick(2))
		return false;
	gnutls_alpn_set_protocols(client.session, protocols + first, count, 0);
	return !first && count == 1;
}

bool garble_begin(gnutls_session_t session, int fd, unsigned int seed)
{
	client.session = session;
	client.fd = fd;
	client.state = UINT64_C(0x9e3779b97f4a7c15) * (seed + UINT64_C(1));
	client.sent = 0;
	client.way = pick(4) ? AS_IT_IS : (enum way)pick(WAYS);
	client.at = pick(pick(2) ? FURTHEST : FURTHEST / 8);
	gnutls_transport_set_int(session, fd);
	gnutls_transport_set_push_function(session, push);
	if (pick(2))
		gnutls_priority_set_direct(
			session, "NORMAL:-VERS-ALL:+VERS-TLS1.2", NULL);
	return wish_protocol() || client.way != AS_IT_IS;
}

void garble_shaken(gnutls_session_t session)
{
	if (!pick(4) && gnutls_protocol_get_version(session) == GNUTLS_TLS1_3)
		gnutls_session_key_update(session, GNUTLS_KU_PEER);
}
