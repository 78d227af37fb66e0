// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "shipper/attach.h"
#include "shipper/tc.h"

/* BPF_F_BEFORE, since Linux 6.6; relative to nothing: in front of all */
#define ATTACH_BEFORE (1U << 3)

/*
 * Handles of our filters, "kt" and a flag: a filter that outlives its process
 * remembers whether the qdisc under it was made for it.
 */
#define HANDLE 0x6b740010U
#define HANDLE_MADE 0x1U

/* Of our filters, where nobody is in front: low, with room for others below. */
#define PRIORITY 3U

/*
 * An instance in clsact mode holds a socket of this name for each of its
 * programs. Returns the socket, or -errno: -EADDRINUSE if it is taken.
 */
static int hold_name(uint32_t prog_id)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, length;

	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	length = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1,
			  "ktach-net-%u", prog_id);
	if (!bind(fd, (struct sockaddr *)&address,
		  offsetof(struct sockaddr_un, sun_path) + 1 + length))
		return fd;
	length = -errno;
	close(fd);
	return length;
}

static bool owner_is_alive(const struct tc_filter *f)
{
	int fd = hold_name(f->prog_id);

	if (fd < 0)
		return true;
	close(fd);
	return false;
}

int attacher_open(struct attacher *a, const int prog_fd[KTACH_NET_DIRECTIONS],
		  bool clsact_only)
{
	uint32_t ids[TC_FILTERS_MAX];
	int d;

	a->tc = tc_socket();
	if (!a->tc)
		return -ENOMEM;
	/* lo or not there: -EINVAL is for a kernel without tcx only */
	a->tcx = !clsact_only && tcx_programs(1, KTACH_NET_RX, ids) != -EINVAL;
	for (d = 0; d < KTACH_NET_DIRECTIONS; d++) {
		struct bpf_prog_info info = { 0 };
		uint32_t size = sizeof(info);

		bpf_obj_get_info_by_fd(prog_fd[d], &info, &size);
		a->prog_fd[d] = prog_fd[d];
		a->prog_id[d] = info.id;
		a->alive_fd[d] = a->tcx ? -1 : hold_name(info.id);
	}
	return 0;
}

void attacher_close(struct attacher *a)
{
	int d;

	for (d = 0; d < KTACH_NET_DIRECTIONS; d++) {
		if (a->alive_fd[d] >= 0)
			close(a->alive_fd[d]);
	}
	nl_socket_free(a->tc);
}

static void filter_coordinates(uint32_t ifindex,
			       enum ktach_net_direction direction,
			       struct bpf_tc_hook *hook)
{
	*hook = (struct bpf_tc_hook){
		.sz = sizeof(*hook),
		.ifindex = ifindex,
		.attach_point = direction == KTACH_NET_RX ? BPF_TC_INGRESS :
							    BPF_TC_EGRESS,
	};
}

static int remove_filter(uint32_t ifindex, enum ktach_net_direction direction,
			 uint32_t handle, uint32_t priority)
{
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = handle,
		    .priority = priority);
	struct bpf_tc_hook hook;

	filter_coordinates(ifindex, direction, &hook);
	return bpf_tc_detach(&hook, &filter);
}

/* Whether a ktach was on this tcx hook before us. */
static bool busy_tcx(struct attacher *a, struct attachment *t,
		     enum ktach_net_direction direction)
{
	uint32_t ids[TC_FILTERS_MAX];
	bool behind = t->link_fd[direction] < 0;
	int count, i;

	count = tcx_programs(t->ifindex, direction, ids);
	for (i = 0; i < count; i++) {
		if (ids[i] == a->prog_id[direction])
			behind = true;
		else if (behind && tcx_program_is_ktach(ids[i]))
			return true;
	}
	return false;
}

/*
 * Whether a living ktach was on this clsact hook before us, or may have been
 * where we could not get in front. Filters of dead ones are removed.
 */
static bool busy_clsact(struct attacher *a, struct attachment *t,
			enum ktach_net_direction direction)
{
	struct tc_filter filters[TC_FILTERS_MAX];
	uint32_t own = t->priority[direction];
	bool busy = false;
	size_t count, i;

	count = tc_filters(a->tc, t->ifindex, direction, filters);
	for (i = 0; i < count; i++) {
		struct tc_filter *f = &filters[i];

		if (!f->ktach || f->prog_id == a->prog_id[direction])
			continue;
		if (!owner_is_alive(f))
			remove_filter(t->ifindex, direction, f->handle,
				      f->priority);
		else if (f->priority > own || own > PRIORITY)
			busy = true;
	}
	return busy;
}

static bool busy(struct attacher *a, struct attachment *t)
{
	int d;

	for (d = 0; d < KTACH_NET_DIRECTIONS; d++) {
		if (busy_tcx(a, t, d) || busy_clsact(a, t, d))
			return true;
	}
	return false;
}

static int attach_tcx(struct attacher *a, struct attachment *t)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = ATTACH_BEFORE);
	int d, fd;

	for (d = 0; d < KTACH_NET_DIRECTIONS; d++) {
		fd = bpf_link_create(a->prog_fd[d], t->ifindex,
				     tcx_attach_type(d), &options);
		if (fd < 0)
			return fd;
		t->link_fd[d] = fd;
	}
	return 0;
}

/* Whether a dead ktach's filter says that the clsact qdisc was made for it. */
static bool inherit_qdisc(struct attacher *a, uint32_t ifindex)
{
	struct tc_filter filters[TC_FILTERS_MAX];
	size_t count, i;
	int d;

	for (d = 0; d < KTACH_NET_DIRECTIONS; d++) {
		count = tc_filters(a->tc, ifindex, d, filters);
		for (i = 0; i < count; i++) {
			if (filters[i].ktach &&
			    filters[i].handle == (HANDLE | HANDLE_MADE) &&
			    !owner_is_alive(&filters[i]))
				return true;
		}
	}
	return false;
}

/*
 * A filter for egress on an ingress qdisc would land on ingress, and count
 * there: that qdisc is refused, not replaced.
 */
static int get_qdisc(struct attacher *a, struct attachment *t)
{
	char kind[TC_KIND_LEN];
	struct bpf_tc_hook hook;
	int error;

	t->handle = HANDLE;
	tc_qdisc_kind(a->tc, t->ifindex, kind);
	if (!strcmp(kind, "clsact")) {
		if (inherit_qdisc(a, t->ifindex))
			t->handle |= HANDLE_MADE;
		return 0;
	}
	if (kind[0])
		return -EEXIST;
	filter_coordinates(t->ifindex, KTACH_NET_RX, &hook);
	error = bpf_tc_hook_create(&hook);
	if (!error)
		t->handle |= HANDLE_MADE;
	return error == -EEXIST ? 0 : error;
}

/*
 * In front of all filters, so that none of them takes the packets away before
 * they are counted; where the lowest priority is taken, the first free one.
 */
static uint32_t choose_priority(struct attacher *a, uint32_t ifindex,
				enum ktach_net_direction direction)
{
	struct tc_filter filters[TC_FILTERS_MAX];
	uint32_t priority = PRIORITY;
	size_t count, i;

	count = tc_filters(a->tc, ifindex, direction, filters);
	if (count && filters[0].priority <= priority)
		priority = filters[0].priority - 1;
	if (priority)
		return priority;
	priority = 1;
	for (i = 0; i < count && filters[i].priority <= priority; i++)
		priority = filters[i].priority + 1;
	return priority;
}

/* -EEXIST: another ktach chose the same place in the same instant. */
static int attach_filter(struct attacher *a, struct attachment *t,
			 enum ktach_net_direction direction)
{
	uint32_t priority = choose_priority(a, t->ifindex, direction);
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = t->handle,
		    .priority = priority, .prog_fd = a->prog_fd[direction]);
	struct bpf_tc_hook hook;
	int error;

	filter_coordinates(t->ifindex, direction, &hook);
	error = bpf_tc_attach(&hook, &filter);
	if (error)
		return error == -EEXIST ? -EBUSY : error;
	t->priority[direction] = priority;
	return 0;
}

static int attach_clsact(struct attacher *a, struct attachment *t)
{
	int d, error;

	error = get_qdisc(a, t);
	for (d = 0; !error && d < KTACH_NET_DIRECTIONS; d++)
		error = attach_filter(a, t, d);
	return error;
}

static void detach_clsact(struct attacher *a, struct attachment *t)
{
	struct tc_filter filters[TC_FILTERS_MAX];
	struct bpf_tc_hook hook;
	int d;

	for (d = 0; d < KTACH_NET_DIRECTIONS; d++) {
		if (t->priority[d])
			remove_filter(t->ifindex, d, t->handle, t->priority[d]);
		t->priority[d] = 0;
	}
	if (!(t->handle & HANDLE_MADE))
		return;
	for (d = 0; d < KTACH_NET_DIRECTIONS; d++) {
		if (tc_filters(a->tc, t->ifindex, d, filters))
			return;
	}
	filter_coordinates(t->ifindex, KTACH_NET_RX, &hook);
	hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS; /* the qdisc */
	bpf_tc_hook_destroy(&hook);
}

int attach(struct attacher *a, struct attachment *t, uint32_t ifindex)
{
	int error;

	*t = (struct attachment){ .ifindex = ifindex, .link_fd = { -1, -1 } };
	error = a->tcx ? attach_tcx(a, t) : attach_clsact(a, t);
	if (!error && busy(a, t))
		error = -EBUSY;
	if (error)
		detach(a, t);
	return error;
}

void detach_gone(struct attachment *t)
{
	int d;

	for (d = 0; d < KTACH_NET_DIRECTIONS; d++) {
		if (t->link_fd[d] >= 0)
			close(t->link_fd[d]);
		t->link_fd[d] = -1;
	}
}

void detach(struct attacher *a, struct attachment *t)
{
	detach_gone(t);
	if (t->handle)
		detach_clsact(a, t);
}
