/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS as this server speaks it: 1.2 and 1.3, HTTP/1.1 inside and nothing else, no
 * tickets: each connection is made with the certificate that was read last.
 */
#ifndef KTACH_COLLECTOR_HTTP_TLS_H
#define KTACH_COLLECTOR_HTTP_TLS_H

#include <gnutls/gnutls.h>

/* Files of TLS, in PEM; both NULL for none. */
struct http_tls {
	const char *certificate;
	const char *key;
};

/* A certificate and its key, for as long as a session has them. */
struct tls_pair;

/**
 * tls_load() - read a certificate and its key
 * @tls: files
 *
 * Sessions that begin then have them; others keep theirs.
 *
 * Return: 0, or -EINVAL after a message: then all is as before.
 */
int tls_load(const struct http_tls *tls);
void tls_exit(void);

/**
 * tls_begin() - a session
 * @session: set
 * @pair: set; tls_end() takes it back
 *
 * The caller sets where it reads and writes. This thread's only.
 *
 * Return: 0, or less: there is no memory.
 */
int tls_begin(gnutls_session_t *session, struct tls_pair **pair);
void tls_end(gnutls_session_t session, struct tls_pair *pair);

#endif /* KTACH_COLLECTOR_HTTP_TLS_H */
