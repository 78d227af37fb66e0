// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bpf/layout.h"
#include "lib/kernel/net_table.h"
#include "lib/kernel/tc.h"

/* enum bpf_attach_type, since Linux 6.6 */
enum {
	ATTACH_TCX_INGRESS = 46,
	ATTACH_TCX_EGRESS = 47,
};

enum {
	PROGRAM_MAPS = 32, /* of a program, looked at */
};

static bool name_is_ktach(const char *name)
{
	return !strncmp(name, KTACH_NET_PROG_PREFIX,
			strlen(KTACH_NET_PROG_PREFIX));
}

/* Let @take see each message of a dump. */
static void dump(struct nl_sock *s, int type, struct tcmsg *tc,
		 nl_recvmsg_msg_cb_t take, void *context)
{
	nl_socket_modify_cb(s, NL_CB_VALID, NL_CB_CUSTOM, take, context);
	if (nl_send_simple(s, type, NLM_F_DUMP, tc, sizeof(*tc)) >= 0)
		nl_recvmsgs_default(s);
}

struct place {
	uint32_t ifindex;
	char *kind;
};

static int take_kind(struct nl_msg *message, void *context)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	struct tcmsg *tc = nlmsg_data(header);
	struct place *p = context;
	struct nlattr *kind;

	if (header->nlmsg_type != RTM_NEWQDISC ||
	    tc->tcm_ifindex != (int)p->ifindex || tc->tcm_parent != TC_H_CLSACT)
		return NL_OK;
	kind = nlmsg_find_attr(header, sizeof(*tc), TCA_KIND);
	if (kind)
		nla_strlcpy(p->kind, kind, TC_KIND_LEN);
	return NL_OK;
}

/* All are listed, as some kernels do not answer a question for one. */
void tc_qdisc_kind(struct nl_sock *s, uint32_t ifindex, char kind[TC_KIND_LEN])
{
	struct tcmsg tc = { .tcm_family = AF_UNSPEC };
	struct place p = { .ifindex = ifindex, .kind = kind };

	kind[0] = '\0';
	dump(s, RTM_GETQDISC, &tc, take_kind, &p);
}

struct listing {
	struct tc_filter *filters;
	size_t count;
};

static void read_program(struct tc_filter *f, struct nlattr *options)
{
	struct nlattr *bpf[TCA_BPF_MAX + 1];

	if (nla_parse_nested(bpf, TCA_BPF_MAX, options, NULL) < 0)
		return;
	if (bpf[TCA_BPF_ID])
		f->prog_id = nla_get_u32(bpf[TCA_BPF_ID]);
	if (bpf[TCA_BPF_NAME])
		f->ktach = name_is_ktach(nla_get_string(bpf[TCA_BPF_NAME]));
}

/* A classifier is announced with handle 0 before its filters: passed over. */
static int take_filter(struct nl_msg *message, void *context)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	struct tcmsg *tc = nlmsg_data(header);
	struct nlattr *attr[TCA_MAX + 1];
	struct listing *l = context;
	struct tc_filter *f;

	if (header->nlmsg_type != RTM_NEWTFILTER || !tc->tcm_handle ||
	    l->count == TC_FILTERS_MAX ||
	    nlmsg_parse(header, sizeof(*tc), attr, TCA_MAX, NULL) < 0)
		return NL_OK;
	f = &l->filters[l->count++];
	*f = (struct tc_filter){
		.handle = tc->tcm_handle,
		.priority = TC_H_MAJ(tc->tcm_info) >> 16,
	};
	if (attr[TCA_KIND] && attr[TCA_OPTIONS] &&
	    !strcmp(nla_get_string(attr[TCA_KIND]), "bpf"))
		read_program(f, attr[TCA_OPTIONS]);
	return NL_OK;
}

size_t tc_filters(struct nl_sock *s, uint32_t ifindex,
		  enum ktach_net_direction direction, struct tc_filter *filters)
{
	struct listing l = { .filters = filters };
	struct tcmsg tc = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = ifindex,
		.tcm_parent = TC_H_MAKE(TC_H_CLSACT, direction == KTACH_NET_RX ?
							     TC_H_MIN_INGRESS :
							     TC_H_MIN_EGRESS),
	};

	dump(s, RTM_GETTFILTER, &tc, take_filter, &l);
	return l.count;
}

int tcx_attach_type(enum ktach_net_direction direction)
{
	return direction == KTACH_NET_RX ? ATTACH_TCX_INGRESS :
					   ATTACH_TCX_EGRESS;
}

int tcx_programs(uint32_t ifindex, enum ktach_net_direction direction,
		 uint32_t *ids)
{
	LIBBPF_OPTS(bpf_prog_query_opts, query, .prog_ids = ids,
		    .prog_cnt = TC_FILTERS_MAX);
	int error = bpf_prog_query_opts(ifindex, tcx_attach_type(direction),
					&query);

	return error ? error : (int)query.prog_cnt;
}

uint32_t tc_program_id(int prog_fd)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info);

	return bpf_obj_get_info_by_fd(prog_fd, &info, &size) ? 0 : info.id;
}

static int program_info(uint32_t prog_id, struct bpf_prog_info *info)
{
	uint32_t size = sizeof(*info);
	int fd, error;

	fd = bpf_prog_get_fd_by_id(prog_id);
	if (fd < 0)
		return fd;
	error = bpf_obj_get_info_by_fd(fd, info, &size);
	close(fd);
	return error;
}

void tc_program_name(uint32_t prog_id, char name[TC_KIND_LEN])
{
	struct bpf_prog_info info = { 0 };

	program_info(prog_id, &info);
	snprintf(name, TC_KIND_LEN, "%s", info.name);
}

bool tc_program_is_ktach(uint32_t prog_id)
{
	char name[TC_KIND_LEN];

	tc_program_name(prog_id, name);
	return name_is_ktach(name);
}

/* Whether this map is a head, and says that its timer ticks no more. */
static bool map_is_dead_head(uint32_t map_id)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info), zero = 0;
	struct ktach_net_head head;
	int fd = bpf_map_get_fd_by_id(map_id);
	bool dead;

	if (fd < 0)
		return false;
	dead = !bpf_obj_get_info_by_fd(fd, &info, &size) &&
	       !strcmp(info.name, "head") && info.value_size == sizeof(head) &&
	       !bpf_map_lookup_elem(fd, &zero, &head) &&
	       head.magic == KTACH_NET_MAGIC && !net_head_lives(&head);
	close(fd);
	return dead;
}

bool tc_program_lives(uint32_t prog_id)
{
	uint32_t maps[PROGRAM_MAPS];
	struct bpf_prog_info info = {
		.nr_map_ids = PROGRAM_MAPS,
		.map_ids = (uintptr_t)maps,
	};
	uint32_t i;

	if (program_info(prog_id, &info))
		return true;
	for (i = 0; i < info.nr_map_ids && i < PROGRAM_MAPS; i++) {
		if (map_is_dead_head(maps[i]))
			return false;
	}
	return true;
}
