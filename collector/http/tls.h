/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_COLLECTOR_HTTP_TLS_H
#define KTACH_COLLECTOR_HTTP_TLS_H

/* Files of TLS, in PEM; both NULL for none. */
struct http_tls {
	const char *certificate;
	const char *key;
};

/* Whether a certificate and its key can be read, and fit each other:
 * libwebsockets tells only that something is wrong, and a running server that was
 * given half of a new pair has none. Return 0, or -EINVAL after a message.
 */
int tls_check(const struct http_tls *tls);

#endif /* KTACH_COLLECTOR_HTTP_TLS_H */
