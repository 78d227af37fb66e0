/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection to the collector that gives this host its key (lib/base/enroll.h). */
#ifndef KTACH_SHIPPER_ENROLL_CONTACT_H
#define KTACH_SHIPPER_ENROLL_CONTACT_H

#include <gnutls/gnutls.h>
#include <stddef.h>

#include "lib/base/enroll.h"

/**
 * struct contact - the connection
 * @fd: its socket
 * @session: TLS over it
 * @credentials: none, as nobody is asked who signed
 * @in: what was read and is not taken
 * @size: bytes there
 */
struct contact {
	int fd;
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
	char in[2 * ENROLL_LINE_SIZE];
	size_t size;
};

/**
 * contact_open() - reach the collector
 * @c: filled
 * @collector: HOST, HOST:PORT or [HOST]:PORT
 * @token: names the certificate that it has to show
 *
 * Return: 0, or -errno after a message.
 */
int contact_open(struct contact *c, const char *collector,
		 const struct enroll_token *token);
void contact_close(struct contact *c);

/* Say a line, without its end. Return 0, or -errno after a message. */
int contact_say(struct contact *c, const char *line);

/**
 * contact_hear() - wait for a line
 * @c: the connection
 * @begin: what it begins with; what follows is in @line
 * @line: filled, without its end
 * @wait_s: for so long
 *
 * Return: 0, or -errno after a message; -ECONNREFUSED: the collector said why not.
 */
int contact_hear(struct contact *c, const char *begin,
		 char line[ENROLL_LINE_SIZE], unsigned int wait_s);

#endif /* KTACH_SHIPPER_ENROLL_CONTACT_H */
