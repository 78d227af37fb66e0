/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where an agent answers to HTTP. */
#ifndef KTACH_AGENTD_AGENT_URL_H
#define KTACH_AGENTD_AGENT_URL_H

#include "lib/base/address.h"

/**
 * struct url - a URL in its parts
 * @address: where to connect to: an address, no name, as looking one up takes time
 * @host: address and port as they are written
 * @path: from / on
 */
struct url {
	struct address address;
	char host[64];
	const char *path;
};

/* http://ADDRESS[:PORT][/PATH]; "localhost" is 127.0.0.1. @path points into @text.
 * Return 0 or -EINVAL.
 */
int url_parse(struct url *url, const char *text);

#endif /* KTACH_AGENTD_AGENT_URL_H */
