// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <net/if.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "ktach/doctor.h"
#include "lib/kernel/net_table.h"
#include "lib/netlink/route_socket.h"
#include "lib/kernel/tc.h"

void check_bpffs(const struct settings *s, struct finding *f)
{
	struct statfs fs;

	if (!statfs(KTACH_NET_BPFFS, &fs) && fs.f_type == BPF_FS_MAGIC)
		found(f, VERDICT_OK, KTACH_NET_BPFFS " is mounted", "");
	else
		found(f, VERDICT_WARNING, "no bpffs at " KTACH_NET_BPFFS,
		      "mount -t bpf bpf " KTACH_NET_BPFFS);
}

static void no_table(const struct settings *s, int err, struct finding *f)
{
	f->verdict = VERDICT_WARNING;
	if (err == -ENOENT)
		found(f, f->verdict, "nothing counts packets",
		      "start ktach-shipper");
	else if (err == -EPERM || err == -EACCES)
		found(f, f->verdict, "the rate table may not be read",
		      "be root, or have CAP_BPF");
	else if (err == -EPROTO)
		found(f, VERDICT_FAILED, "the rate table is another version's",
		      "start the ktach-shipper of this version");
	else
		found(f, VERDICT_FAILED, strerror(-err), "look at dmesg");
}

void check_packets(const struct settings *s, struct finding *f)
{
	const struct ktach_net_head *head;
	struct net_table table;
	int err = net_table_open(&table, s->host.net.pins);

	if (err) {
		no_table(s, err, f);
		return;
	}
	head = net_table_head(&table);
	found_more(f, "%" PRIu64 " ticks", (uint64_t)head->ticks);
	if (!net_table_lives(&table)) {
		f->verdict = VERDICT_FAILED;
		found_more(f, "its timer stands still");
		snprintf(f->advice, sizeof(f->advice), "start ktach-shipper");
	} else if (!net_table_is_here(&table)) {
		f->verdict = VERDICT_WARNING;
		found_more(f, "of another network namespace");
		snprintf(f->advice, sizeof(f->advice),
			 "run ktach where ktach-shipper runs");
	} else {
		found_more(f, "a tick took %.1f us, the longest %.1f us",
			   (double)head->tick_cost_ns / 1000,
			   (double)head->tick_cost_max_ns / 1000);
	}
	net_table_close(&table);
}

/* What stands at the TC hooks: ours, and who else is there. */
struct hooks {
	int ours;
	int others;
	int interfaces;
};

static void take_program(struct finding *f, struct hooks *h, const char *where,
			 const char *side, uint32_t id)
{
	char name[TC_KIND_LEN] = "";

	if (tc_program_is_ktach(id)) {
		h->ours++;
		return;
	}
	h->others++;
	tc_program_name(id, name);
	found_more(f, "%s %s: %s", where, side, *name ? name : "a filter");
}

static void look_at_tcx(struct finding *f, struct hooks *h, uint32_t ifindex,
			const char *where, int side)
{
	uint32_t ids[TC_FILTERS_MAX];
	int i, count = tcx_programs(ifindex, side, ids);

	for (i = 0; i < count; i++)
		take_program(f, h, where, side ? "tcx egress" : "tcx ingress",
			     ids[i]);
}

static void look_at_filters(struct finding *f, struct hooks *h,
			    struct nl_sock *socket, uint32_t ifindex,
			    const char *where, int side)
{
	struct tc_filter filters[TC_FILTERS_MAX];
	size_t i, count = tc_filters(socket, ifindex, side, filters);

	for (i = 0; i < count; i++) {
		if (filters[i].ktach)
			h->ours++;
		else
			take_program(f, h, where, side ? "egress" : "ingress",
				     filters[i].prog_id);
	}
}

static void look_at_interface(struct finding *f, struct hooks *h,
			      struct nl_sock *socket,
			      const struct if_nameindex *interface)
{
	char kind[TC_KIND_LEN];
	int side;

	h->interfaces++;
	tc_qdisc_kind(socket, interface->if_index, kind);
	if (!strcmp(kind, "ingress")) {
		h->others++;
		found_more(f, "%s: an ingress qdisc of somebody else",
			   interface->if_name);
	}
	for (side = 0; side < KTACH_NET_DIRECTIONS; side++) {
		look_at_tcx(f, h, interface->if_index, interface->if_name,
			    side);
		if (!strcmp(kind, "clsact"))
			look_at_filters(f, h, socket, interface->if_index,
					interface->if_name, side);
	}
}

void check_tc(const struct settings *s, struct finding *f)
{
	struct nl_sock *socket = route_socket();
	struct if_nameindex *all = if_nameindex(), *i;
	struct hooks h = { 0 };

	if (!socket || !all) {
		found(f, VERDICT_WARNING, "cannot list interfaces",
		      "look at dmesg");
	} else {
		for (i = all; i->if_index; i++)
			look_at_interface(f, &h, socket, i);
		found_more(f,
			   "%d interfaces, %d programs of ktach, %d of others",
			   h.interfaces, h.ours, h.others);
		if (h.others)
			snprintf(
				f->advice, sizeof(f->advice),
				"ktach counts and lets the others run; it removes nothing of theirs");
	}
	if (all)
		if_freenameindex(all);
	if (socket)
		nl_socket_free(socket);
}
