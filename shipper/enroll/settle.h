/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host keeps of its enrolment: its key, and where to send. */
#ifndef KTACH_SHIPPER_ENROLL_SETTLE_H
#define KTACH_SHIPPER_ENROLL_SETTLE_H

#include <stdbool.h>

#include "lib/wire/seal.h"

/* Whether both files can be written, before anybody is asked. Return 0, or -errno after a
 * message.
 */
int settle_check(const char *config, const char *key_file, bool replace);

/**
 * settle_write() - keep it
 * @config: the shipper's file
 * @key_file: where the key goes; it is the service's user's, if there is one
 * @key: it
 * @collector: where frames go
 *
 * Return: 0, or -errno after a message.
 */
int settle_write(const char *config, const char *key_file,
		 const struct seal_key *key, const char *collector);

#endif /* KTACH_SHIPPER_ENROLL_SETTLE_H */
