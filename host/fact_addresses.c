// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <fnmatch.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "host/facts.h"

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

/* One text, with blanks between them: as many as it takes. Those of a container
 * are not the host's.
 */
void fact_addresses(struct rows *rows, const struct host_options *o)
{
	char text[WIRE_TEXT_MAX + 1] = "", one[INET6_ADDRSTRLEN];
	const struct ifaddrs *i;
	struct ifaddrs *all;
	size_t used = 0;

	if (host_options_foreign(o) || getifaddrs(&all))
		return;
	for (i = all; i; i = i->ifa_next) {
		if (!is_wanted(i) ||
		    !inet_ntop(i->ifa_addr->sa_family, address_of(i->ifa_addr),
			       one, sizeof(one)) ||
		    used + strlen(one) + 1 >= sizeof(text))
			continue;
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "%s%s", used ? " " : "", one);
	}
	freeifaddrs(all);
	fact_add(rows, WIRE_FACT_ADDRESS, text, used);
}
