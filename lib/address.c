// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "lib/address.h"
#include "lib/log.h"

enum {
	HOST_MAX = 256,
	PORT_MAX = 16,
};

/* Where the host ends and the port begins; *port is NULL without one. */
static int split(const char *text, char *host, const char **port)
{
	const char *colon = strrchr(text, ':'), *end;

	*port = NULL;
	if (text[0] == '[') {
		end = strchr(++text, ']');
		if (!end || (end[1] && end[1] != ':'))
			return -EINVAL;
		if (end[1])
			*port = end + 2;
	} else if (colon && colon == strchr(text, ':')) {
		end = colon;
		*port = colon + 1;
	} else {
		end = text + strlen(text); /* no port, or a bare IPv6 address */
	}
	if (end == text || end - text >= HOST_MAX)
		return -EINVAL;
	memcpy(host, text, (size_t)(end - text));
	host[end - text] = '\0';
	return 0;
}

static int look_up(struct address *a, const char *host, const char *named,
		   uint16_t port, int flags)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
				  .ai_flags = flags };
	struct addrinfo *found;
	char preset[PORT_MAX];
	int err;

	snprintf(preset, sizeof(preset), "%u", port);
	err = getaddrinfo(host, named ? named : preset, &hints, &found);
	if (err)
		return err;
	a->family = found->ai_family;
	a->size = found->ai_addrlen;
	memcpy(&a->storage, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return 0;
}

int address_resolve(struct address *a, const char *text, uint16_t port)
{
	char host[HOST_MAX];
	const char *named;
	int err;

	if (split(text, host, &named) || (named && !*named)) {
		log_error(
			"'%s': not an address; expected HOST, HOST:PORT or [HOST]:PORT",
			text);
		return -EINVAL;
	}
	err = look_up(a, host, named, port, 0);
	if (!err)
		return 0;
	log_error("'%s': cannot be resolved: %s", text, gai_strerror(err));
	return -EHOSTUNREACH;
}

int address_numeric(struct address *a, const char *text, uint16_t port)
{
	char host[HOST_MAX];
	const char *named;

	if (split(text, host, &named) || (named && !*named))
		return -EINVAL;
	return look_up(a, host, named, port, AI_NUMERICHOST) ? -EINVAL : 0;
}

void address_format(const struct address *a, char *text, size_t size)
{
	char host[INET6_ADDRSTRLEN] = "?", port[PORT_MAX] = "?";

	getnameinfo((const struct sockaddr *)&a->storage, a->size, host,
		    sizeof(host), port, sizeof(port),
		    NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(text, size, a->family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
		 port);
}

bool address_is_loopback(const struct address *a)
{
	const struct sockaddr_in6 *v6 = (const void *)&a->storage;
	const struct sockaddr_in *v4 = (const void *)&a->storage;

	if (a->family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return a->family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}
