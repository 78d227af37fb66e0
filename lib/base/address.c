// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/address.h"
#include "lib/base/log.h"

enum {
	HOST_MAX = 256,
	PORT_MAX = 16,
	PORTS = 65536,
};

/* getaddrinfo() takes what is left of a number that is too large. */
static bool is_port(const char *text)
{
	unsigned long port = 0;
	const char *at;

	for (at = text; *at >= '0' && *at <= '9' && port < PORTS; at++)
		port = port * 10 + (unsigned long)(*at - '0');
	return at != text && !*at && port < PORTS;
}

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
	return *port && !is_port(*port) ? -EINVAL : 0;
}

static void take_one(struct address *a, const struct addrinfo *list,
		     unsigned int turn)
{
	const struct addrinfo *at = list;

	while (turn--)
		at = at->ai_next ? at->ai_next : list;
	a->family = at->ai_family;
	a->size = at->ai_addrlen;
	memcpy(&a->storage, at->ai_addr, at->ai_addrlen);
}

static int look_up(struct address *a, const char *text, uint16_t port,
		   int flags, unsigned int turn)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
				  .ai_flags = flags };
	char host[HOST_MAX], preset[PORT_MAX];
	struct addrinfo *found;
	const char *named;
	int err;

	if (split(text, host, &named))
		return EAI_NONAME;
	snprintf(preset, sizeof(preset), "%u", port);
	err = getaddrinfo(host, named ? named : preset, &hints, &found);
	if (err)
		return err;
	take_one(a, found, turn);
	freeaddrinfo(found);
	return 0;
}

int address_check(const char *text)
{
	char host[HOST_MAX];
	const char *port;

	return split(text, host, &port);
}

/* An address in one of the ways to write it; a zone stays as it is. */
static bool normal_digits(char *host)
{
	char *zone = strchr(host, '%'), text[HOST_MAX] = "";
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_aton(host, &v4))
		return inet_ntop(AF_INET, &v4, host, HOST_MAX);
	if (zone)
		*zone = '\0';
	if (inet_pton(AF_INET6, host, &v6) != 1) {
		if (zone)
			*zone = '%';
		return false;
	}
	if (zone)
		snprintf(text, sizeof(text), "%%%s", zone + 1);
	inet_ntop(AF_INET6, &v6, host, HOST_MAX);
	strncat(host, text, HOST_MAX - strlen(host) - 1);
	return true;
}

static void normal_name(char *host)
{
	size_t size = strlen(host);
	char *at;

	for (at = host; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	if (size > 1 && host[size - 1] == '.')
		host[size - 1] = '\0';
}

int address_normal(const char *text, uint16_t port, char *normal, size_t size)
{
	unsigned long number = port;
	char host[HOST_MAX];
	const char *named;
	int used;

	if (split(text, host, &named))
		return -EINVAL;
	if (!normal_digits(host)) {
		normal_name(host);
		normal_digits(host);
	}
	if (named)
		number = strtoul(named, NULL, 10);
	if (number == port)
		used = snprintf(normal, size, "%s", host);
	else
		used = snprintf(normal, size,
				strchr(host, ':') ? "[%s]:%lu" : "%s:%lu", host,
				number);
	return used < 0 || (size_t)used >= size ? -EINVAL : 0;
}

const char *address_find(struct address *a, const char *text, uint16_t port,
			 unsigned int turn)
{
	int err = look_up(a, text, port, 0, turn);

	return err ? gai_strerror(err) : NULL;
}

int address_resolve(struct address *a, const char *text, uint16_t port)
{
	const char *problem;

	if (address_check(text)) {
		log_error(
			"'%s': not an address; expected HOST, HOST:PORT or [HOST]:PORT",
			text);
		return -EINVAL;
	}
	problem = address_find(a, text, port, 0);
	if (!problem)
		return 0;
	log_error("'%s': cannot be resolved: %s", text, problem);
	return -EHOSTUNREACH;
}

int address_numeric(struct address *a, const char *text, uint16_t port)
{
	return look_up(a, text, port, AI_NUMERICHOST, 0) ? -EINVAL : 0;
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

bool address_same(const struct address *a, const struct address *b)
{
	const struct sockaddr_in6 *a6 = (const void *)&a->storage;
	const struct sockaddr_in6 *b6 = (const void *)&b->storage;
	const struct sockaddr_in *a4 = (const void *)&a->storage;
	const struct sockaddr_in *b4 = (const void *)&b->storage;

	if (a->family != b->family)
		return false;
	if (a->family == AF_INET)
		return a4->sin_port == b4->sin_port &&
		       a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return a->family == AF_INET6 && a6->sin6_port == b6->sin6_port &&
	       a6->sin6_scope_id == b6->sin6_scope_id &&
	       !memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof(a6->sin6_addr));
}

bool address_is_loopback(const struct address *a)
{
	const struct sockaddr_in6 *v6 = (const void *)&a->storage;
	const struct sockaddr_in *v4 = (const void *)&a->storage;

	if (a->family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return a->family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

void address_network(const struct address *a,
		     uint8_t network[ADDRESS_NETWORK_SIZE])
{
	const struct sockaddr_in6 *v6 = (const void *)&a->storage;
	const struct sockaddr_in *v4 = (const void *)&a->storage;

	memset(network, 0, ADDRESS_NETWORK_SIZE);
	if (a->family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		memcpy(network, &v6->sin6_addr, ADDRESS_NETWORK_SIZE);
	else if (a->family == AF_INET6)
		memcpy(network, &v6->sin6_addr.s6_addr[12], 4);
	else
		memcpy(network, &v4->sin_addr, 4);
}

unsigned int address_port(const struct address *a)
{
	/* In the same place for both families. */
	return ntohs(((const struct sockaddr_in *)&a->storage)->sin_port);
}

bool address_is_any(const struct address *a)
{
	const struct sockaddr_in6 *v6 = (const void *)&a->storage;
	const struct sockaddr_in *v4 = (const void *)&a->storage;

	if (a->family == AF_INET)
		return v4->sin_addr.s_addr == htonl(INADDR_ANY);
	return a->family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
}
