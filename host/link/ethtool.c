// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <linux/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "host/link/ethtool.h"
#include "lib/wire/wire.h"

enum {
	BITS_PER_MBIT = 1000000,
	MODES_MAX = 3 * 127, /* words: three masks, as many as fit an s8 */
};

static int ask_driver(int fd, const char *name, void *command)
{
	struct ifreq request = { .ifr_data = command };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(fd, SIOCETHTOOL, &request);
}

/* A request without room for link modes is answered by their number of words,
 * negated; only a request with that number gets the answer itself.
 */
static void read_settings(int fd, const char *name, struct link_hardware *h)
{
	struct {
		struct ethtool_link_settings s;
		uint32_t modes[MODES_MAX];
	} get = { .s.cmd = ETHTOOL_GLINKSETTINGS };

	if (ask_driver(fd, name, &get) || get.s.link_mode_masks_nwords >= 0)
		return;
	get.s = (struct ethtool_link_settings){
		.cmd = ETHTOOL_GLINKSETTINGS,
		.link_mode_masks_nwords = (int8_t)-get.s.link_mode_masks_nwords,
	};
	if (ask_driver(fd, name, &get))
		return;
	if (get.s.speed && get.s.speed != (uint32_t)SPEED_UNKNOWN)
		h->speed_bits_per_s = (uint64_t)get.s.speed * BITS_PER_MBIT;
	if (get.s.duplex == DUPLEX_FULL)
		h->duplex = WIRE_LINK_FULL_DUPLEX;
	else if (get.s.duplex == DUPLEX_HALF)
		h->duplex = WIRE_LINK_HALF_DUPLEX;
}

void ethtool_read(int fd, const char *name, struct link_hardware *hardware)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };

	*hardware = (struct link_hardware){ .speed_bits_per_s = WIRE_ABSENT };
	read_settings(fd, name, hardware);
	if (!ask_driver(fd, name, &info))
		snprintf(hardware->driver, sizeof(hardware->driver), "%.*s",
			 (int)sizeof(info.driver) - 1, info.driver);
}
