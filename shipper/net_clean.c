// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include "shipper/attach.h"
#include "shipper/links.h"
#include "shipper/net_clean.h"

static void on_present(void *context, const struct link *link)
{
	detach(context, link->ifindex);
}

static void on_gone(void *context, uint32_t ifindex)
{
}

static void detach_all(struct attacher *a)
{
	struct links links = {
		.present = on_present,
		.gone = on_gone,
		.context = a,
	};

	if (links_open(&links))
		return;
	links_list(&links);
	links_close(&links);
}

void net_clean(struct pins *p)
{
	int prog_fd[KTACH_NET_DIRECTIONS] = {
		[KTACH_NET_RX] = pins_get(p, "ingress"),
		[KTACH_NET_TX] = pins_get(p, "egress"),
	};
	struct attacher a;
	int d;

	if (!attacher_open(&a, p, prog_fd, false)) {
		detach_all(&a);
		attacher_close(&a);
	}
	for (d = 0; d < KTACH_NET_DIRECTIONS; d++) {
		if (prog_fd[d] >= 0)
			close(prog_fd[d]);
	}
	pins_clear(p, false);
}
