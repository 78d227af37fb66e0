// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "shipper/packets/attach.h"
#include "shipper/packets/links.h"
#include "shipper/packets/net_clean.h"

/* A program comes off once no CPU runs it: that takes tens of ms. */
static const uint64_t progress_ns = 2000000000;

struct cleaning {
	struct attacher *attacher;
	uint32_t done; /* interfaces */
	uint64_t said_ns;
};

static void on_present(void *context, const struct link *link)
{
	struct cleaning *c = context;
	uint64_t now_ns;

	detach(c->attacher, link->ifindex);
	c->done++;
	now_ns = clock_mono_ns();
	if (now_ns - c->said_ns < progress_ns)
		return;
	log_info("network: programs are taken off; %" PRIu32
		 " interfaces are done",
		 c->done);
	c->said_ns = now_ns;
}

static void on_gone(void *context, uint32_t ifindex)
{
}

static void detach_all(struct attacher *a)
{
	struct cleaning cleaning = { .attacher = a,
				     .said_ns = clock_mono_ns() };
	struct links links = {
		.present = on_present,
		.gone = on_gone,
		.context = &cleaning,
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
