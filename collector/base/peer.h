/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who sent something. Its name for the log is only made when the log needs it: each
 * datagram has a sender, and few get into the log.
 */
#ifndef KTACH_COLLECTOR_BASE_PEER_H
#define KTACH_COLLECTOR_BASE_PEER_H

#include <string.h>

#include "lib/base/address.h"

enum peer_limits {
	PEER_TEXT_SIZE = 80,
};

/**
 * struct peer - one of them
 * @address: with family 0: there is none, but for a text
 * @text: "" until peer_text() was asked
 */
struct peer {
	struct address address;
	char text[PEER_TEXT_SIZE];
};

static inline const char *peer_text(struct peer *p)
{
	if (!p->text[0])
		address_format(&p->address, p->text, sizeof(p->text));
	return p->text;
}

#endif /* KTACH_COLLECTOR_BASE_PEER_H */
