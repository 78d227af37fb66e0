/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a host gets its key: over TLS, with a token that the collector's admin made.
 *
 * A token is "kt1_" and 48 bytes in URL-safe base64: a secret, which the collector
 * knows by its hash only, and the SHA-256 of the certificate (DER) that the collector
 * shows. The host speaks to nobody who shows another one. Then each end sends lines,
 * which end with a newline:
 *
 *   host                                      collector
 *   ktach-enroll 1 SECRET NODE
 *                                             ktach-key 1 node ID NODE KEY
 *                                             feed PORT
 *   ... which starts to send frames ...
 *                                             arrived
 *
 * SECRET is in hexadecimal digits, NODE an id, the key as in a key file
 * (lib/base/key_file.h). "arrived": a frame of that node was taken. "refused WHY" may
 * come in the place of each line, and is the last one.
 */
#ifndef KTACH_LIB_BASE_ENROLL_H
#define KTACH_LIB_BASE_ENROLL_H

#include <stdint.h>

enum enroll_sizes {
	ENROLL_PORT = 4767,
	ENROLL_SECRET_SIZE = 16,
	ENROLL_PRINT_SIZE = 32, /* SHA-256 */
	ENROLL_TOKEN_SIZE = 4 + 64 + 1, /* text and a NUL */
	ENROLL_LINE_SIZE = 256, /* of any line, and a NUL */
};

#define ENROLL_HELLO "ktach-enroll 1 "

/**
 * struct enroll_token - what a token says
 * @secret: that permits to enrol
 * @print: fingerprint of the collector's certificate
 */
struct enroll_token {
	uint8_t secret[ENROLL_SECRET_SIZE];
	uint8_t print[ENROLL_PRINT_SIZE];
};

void enroll_token_format(const struct enroll_token *token,
			 char text[ENROLL_TOKEN_SIZE]);

/* Return 0, or -EINVAL: it is none. */
int enroll_token_parse(struct enroll_token *token, const char *text);

#endif /* KTACH_LIB_BASE_ENROLL_H */
