// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <fnmatch.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "host/facts/fact.h"
#include "host/facts/facts.h"

enum {
	ADDRESSES_MAX = 64, /* whoever has more is known by the first */
};

/* Made for containers: nobody reaches the host by them. */
static const char *const inner[] = { "docker*", "veth*", "br-*", "virbr*" };

static bool is_inner(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		if (!fnmatch(inner[i], name, 0))
			return true;
	return false;
}

static const void *address_of(const struct sockaddr *a)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)a;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)a;

	if (a->sa_family == AF_INET)
		return &v4->sin_addr;
	if (a->sa_family != AF_INET6 || IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr))
		return NULL;
	return &v6->sin6_addr;
}

static bool is_wanted(const struct ifaddrs *i)
{
	return i->ifa_addr && i->ifa_flags & IFF_UP &&
	       !(i->ifa_flags & IFF_LOOPBACK) && !is_inner(i->ifa_name) &&
	       address_of(i->ifa_addr);
}

/* A row each. Those of a container are not the host's. */
void fact_addresses(struct rows *rows, const struct host_options *o)
{
	const struct ifaddrs *i;
	char one[INET6_ADDRSTRLEN];
	struct ifaddrs *all;
	int left = ADDRESSES_MAX;

	if (host_options_foreign(o) || getifaddrs(&all))
		return;
	for (i = all; i && left; i = i->ifa_next) {
		if (!is_wanted(i) ||
		    !inet_ntop(i->ifa_addr->sa_family, address_of(i->ifa_addr),
			       one, sizeof(one)))
			continue;
		fact_add(rows, WIRE_FACT_ADDRESS, one, strlen(one));
		left--;
	}
	freeifaddrs(all);
}
