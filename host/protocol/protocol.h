/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_HOST_PROTOCOL_PROTOCOL_H
#define KTACH_HOST_PROTOCOL_PROTOCOL_H

#include "host/numbers.h"

/* Take in /proc/net/snmp or netstat, snmp6, sockstat or sockstat6. What is missing, is
 * cut short or is no number is left out. Return 0, or -EINVAL if there was nothing to
 * take.
 */
int protocol_counts(const char *text, struct numbers *n);
int protocol_counts6(const char *text, struct numbers *n);
int protocol_sockets(const char *text, struct numbers *n);

#endif /* KTACH_HOST_PROTOCOL_PROTOCOL_H */
