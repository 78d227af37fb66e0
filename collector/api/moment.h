/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A moment, as people and programs write it. */
#ifndef KTACH_COLLECTOR_API_MOMENT_H
#define KTACH_COLLECTOR_API_MOMENT_H

#include <stdint.h>

/**
 * moment_parse() - read one
 * @text: "now"; "-90m", a time before it; s, ms or ns since 1970, which their size tells
 *        apart; or ISO 8601: 2026-01-31, 2026-01-31T15:04, 2026-01-31T15:04:05.678,
 *        with Z or an offset such as +01:00 behind it, else UTC. For the plus of an
 *        offset there may be a space, which it is in an address.
 * @now_ns: real time
 * @ns: set: since 1970
 *
 * Return: 0 or -EINVAL.
 */
int moment_parse(const char *text, uint64_t now_ns, uint64_t *ns);

#endif /* KTACH_COLLECTOR_API_MOMENT_H */
