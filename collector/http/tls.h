/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_COLLECTOR_HTTP_TLS_H
#define KTACH_COLLECTOR_HTTP_TLS_H

#include <gnutls/abstract.h>

/* Files of TLS, in PEM; both NULL for none. */
struct http_tls {
	const char *certificate;
	const char *key;
};

/**
 * tls_load() - read a certificate and its key
 * @tls: files
 *
 * New connections get them from then on. One that is being made may still use
 * those before, which are kept for a while.
 *
 * Return: 0, or -EINVAL after a message: then all is as before.
 */
int tls_load(const struct http_tls *tls);
void tls_exit(void);

/* Of GnuTLS: what a connection that is being made is to use. */
int tls_choose(gnutls_session_t session, const gnutls_datum_t *names,
	       int names_count, const gnutls_pk_algorithm_t *algorithms,
	       int algorithms_count, gnutls_pcert_st **certificates,
	       unsigned int *certificates_count, gnutls_privkey_t *key);

#endif /* KTACH_COLLECTOR_HTTP_TLS_H */
