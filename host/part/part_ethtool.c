// SPDX-License-Identifier: GPL-2.0-or-later
/* What drivers count of their interfaces: those that are chosen by name. */
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/part/part.h"
#include "lib/base/globs.h"

enum {
	STATISTICS_MAX = 16384, /* of an interface */
};

static int ask(int fd, const char *name, void *command)
{
	struct ifreq request = { .ifr_data = command };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(fd, SIOCETHTOOL, &request);
}

static uint32_t count_of(int fd, const char *name)
{
	struct {
		struct ethtool_sset_info info;
		uint32_t count;
	} set = { .info = { .cmd = ETHTOOL_GSSET_INFO,
			    .sset_mask = UINT64_C(1) << ETH_SS_STATS } };

	if (ask(fd, name, &set) || !set.info.sset_mask ||
	    set.count > STATISTICS_MAX)
		return 0;
	return set.count;
}

static void put_chosen(struct parts *p, const char *device,
		       const struct ethtool_gstrings *names,
		       const struct ethtool_stats *values)
{
	char name[ETH_GSTRING_LEN + 1];
	struct part_labels l;
	uint32_t i;

	for (i = 0; i < names->len && i < values->n_stats; i++) {
		snprintf(name, sizeof(name), "%.*s", ETH_GSTRING_LEN,
			 (const char *)names->data + i * ETH_GSTRING_LEN);
		if (!globs_match(p->options->part_ethtool, name))
			continue;
		l.used = 0;
		part_label(&l, "device", device);
		part_label(&l, "statistic", name);
		part_count(p, "ktach_ethtool_statistic", &l, values->data[i]);
	}
}

static void put_device(struct parts *p, int fd, const char *device)
{
	const uint32_t count = count_of(fd, device);
	struct ethtool_gstrings *names =
		calloc(1, sizeof(*names) + (size_t)count * ETH_GSTRING_LEN);
	struct ethtool_stats *values =
		calloc(1, sizeof(*values) + count * sizeof(uint64_t));

	if (count && names && values) {
		names->cmd = ETHTOOL_GSTRINGS;
		names->string_set = ETH_SS_STATS;
		names->len = count;
		values->cmd = ETHTOOL_GSTATS;
		values->n_stats = count;
		if (!ask(fd, device, names) && !ask(fd, device, values))
			put_chosen(p, device, names, values);
	}
	free(names);
	free(values);
}

void part_ethtool(struct parts *p)
{
	struct if_nameindex *all;
	int fd, i;

	if (!p->options->part_ethtool || !*p->options->part_ethtool)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	all = fd < 0 ? NULL : if_nameindex();
	for (i = 0; all && all[i].if_index; i++)
		put_device(p, fd, all[i].if_name);
	if (all)
		if_freenameindex(all);
	if (fd >= 0)
		close(fd);
}
