/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clients of connections.c that speak another TLS than most, or none in the end. */
#ifndef KTACH_TESTS_FUZZ_HTTP_GARBLE_H
#define KTACH_TESTS_FUZZ_HTTP_GARBLE_H

#include <gnutls/gnutls.h>
#include <stdbool.h>

/* A session over a socket begins, before its handshake: versions, ALPN, and what becomes
 * of its bytes. True: it may be left without an answer.
 */
bool garble_begin(gnutls_session_t session, int fd, unsigned int seed);

/* After its handshake: new keys, which change nothing. */
void garble_shaken(gnutls_session_t session);

#endif /* KTACH_TESTS_FUZZ_HTTP_GARBLE_H */
