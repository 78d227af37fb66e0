// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/log.h"
#include "shipper/packets/complaints.h"

void complain(struct complaints *c, const char *name, uint32_t ifindex,
	      int error)
{
	switch (-error) {
	case EBUSY:
		if (!c->busy++)
			snprintf(c->busy_name, sizeof(c->busy_name), "%s",
				 name);
		break;
	case ENODEV: /* gone meanwhile: the event is on its way */
		break;
	case EEXIST:
		log_warn("network: %s is not counted: its ingress qdisc leaves "
			 "no room for clsact; \"tc qdisc replace dev %s "
			 "clsact\" keeps the room",
			 name, name);
		break;
	case ENOSPC:
		log_warn("network: %s is not counted: all places for its "
			 "number %u are others'",
			 name, ifindex);
		break;
	default:
		log_warn("network: %s is not counted: cannot attach to it: %s",
			 name, strerror(-error));
	}
}

void complain_busy(struct complaints *c)
{
	if (c->busy == 1)
		log_warn("network: %s is not counted: another ktach counts it "
			 "already",
			 c->busy_name);
	else if (c->busy)
		log_warn("network: %s and %u more interfaces are not counted: "
			 "another ktach counts them already",
			 c->busy_name, c->busy - 1);
	c->busy = 0;
}

void complain_full(struct complaints *c, uint32_t slots)
{
	if (c->full)
		return;
	log_warn("network: more than %u interfaces: the rest is not counted; "
		 "--interfaces makes room",
		 slots);
	c->full = true;
}
