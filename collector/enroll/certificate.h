/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The certificate that hosts which enrol know the collector by: its own, in the data
 * folder, made when it is asked for first. A public one, as the page may have, is
 * another each few weeks, and a token names one.
 */
#ifndef KTACH_COLLECTOR_ENROLL_CERTIFICATE_H
#define KTACH_COLLECTOR_ENROLL_CERTIFICATE_H

#include <gnutls/gnutls.h>
#include <stdint.h>

#include "lib/base/enroll.h"

/**
 * certificate_open() - read it; make one where there is none
 * @folder: the collector's
 * @print: set to its SHA-256
 * @credentials: made with it and its key; NULL: not wanted
 *
 * Return: 0, or -errno after a message.
 */
int certificate_open(const char *folder, uint8_t print[ENROLL_PRINT_SIZE],
		     gnutls_certificate_credentials_t *credentials);

#endif /* KTACH_COLLECTOR_ENROLL_CERTIFICATE_H */
