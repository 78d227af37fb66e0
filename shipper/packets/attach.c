// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/netlink/route_socket.h"
#include "lib/kernel/tc.h"
#include "shipper/packets/attach.h"

/* BPF_F_BEFORE, since Linux 6.6; without another program to be before: in front of
 * all
 */
#define ATTACH_BEFORE (1U << 3)

/*
 * Handles of our filters, "kt" and a flag: a filter that outlives its process
 * remembers whether the qdisc under it was made for it.
 */
#define HANDLE 0x6b740010U
#define HANDLE_MADE 0x1U

/* The priority of our filters, where no other filter is in front: low, with room for
 * others below.
 */
#define PRIORITY 3U

int attacher_open(struct attacher *a, const struct pins *p,
		  const int prog_fd[KTACH_NET_DIRECTIONS], bool clsact_only)
{
	uint32_t ids[TC_FILTERS_MAX];
	int d;

	*a = (struct attacher){ .pins = p, .tc = route_socket() };
	if (!a->tc)
		return -ENOMEM;
	/* lo or not there: -EINVAL is for a kernel without tcx only */
	a->tcx = !clsact_only && tcx_programs(1, KTACH_NET_RX, ids) != -EINVAL;
	for (d = 0; d < KTACH_NET_DIRECTIONS; d++) {
		a->prog_fd[d] = prog_fd[d];
		a->prog_id[d] = tc_program_id(prog_fd[d]);
	}
	return 0;
}

void attacher_close(struct attacher *a)
{
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
			 const struct tc_filter *f)
{
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = f->handle,
		    .priority = f->priority);
	struct bpf_tc_hook hook;

	filter_coordinates(ifindex, direction, &hook);
	return bpf_tc_detach(&hook, &filter);
}

/* --- what is there ----------------------------------------------------------- */

/* Our filter on a hook; 0 priority if there is none. */
static struct tc_filter own_filter(struct attacher *a, uint32_t ifindex,
				   enum ktach_net_direction direction)
{
	struct tc_filter filters[TC_FILTERS_MAX];
	size_t count, i;

	count = tc_filters(a->tc, ifindex, direction, filters);
	for (i = 0; i < count; i++) {
		if (filters[i].prog_id &&
		    filters[i].prog_id == a->prog_id[direction])
			return filters[i];
	}
	return (struct tc_filter){ 0 };
}

static bool on_tcx(struct attacher *a, uint32_t ifindex,
		   enum ktach_net_direction direction)
{
	uint32_t ids[TC_FILTERS_MAX];
	int count, i;

	count = tcx_programs(ifindex, direction, ids);
	for (i = 0; i < count; i++) {
		if (ids[i] == a->prog_id[direction])
			return true;
	}
	return false;
}

bool attached(struct attacher *a, uint32_t ifindex)
{
	int d;

	for (d = 0; d < KTACH_NET_DIRECTIONS; d++) {
		if (a->tcx ? !on_tcx(a, ifindex, d) :
			     !own_filter(a, ifindex, d).priority)
			return false;
	}
	return true;
}

/* Whether a ktach was on this tcx hook before us; any, if we are not. */
static bool busy_tcx(struct attacher *a, uint32_t ifindex,
		     enum ktach_net_direction direction)
{
	bool behind = !on_tcx(a, ifindex, direction);
	uint32_t ids[TC_FILTERS_MAX];
	int count, i;

	count = tcx_programs(ifindex, direction, ids);
	for (i = 0; i < count; i++) {
		if (ids[i] == a->prog_id[direction])
			behind = true;
		else if (behind && tc_program_is_ktach(ids[i]))
			return true;
	}
	return false;
}

/*
 * Whether a living ktach was on this clsact hook before us, or may have been
 * where we could not get in front; any, if we are not there.
 */
static bool busy_clsact(struct attacher *a, uint32_t ifindex,
			enum ktach_net_direction direction)
{
	uint32_t own = own_filter(a, ifindex, direction).priority;
	struct tc_filter filters[TC_FILTERS_MAX];
	size_t count, i;

	count = tc_filters(a->tc, ifindex, direction, filters);
	for (i = 0; i < count; i++) {
		struct tc_filter *f = &filters[i];

		if (f->ktach && f->prog_id != a->prog_id[direction] &&
		    (f->priority > own || own > PRIORITY) &&
		    tc_program_lives(f->prog_id))
			return true;
	}
	return false;
}

bool attached_other(struct attacher *a, uint32_t ifindex)
{
	int d;

	for (d = 0; d < KTACH_NET_DIRECTIONS; d++) {
		if (busy_tcx(a, ifindex, d) || busy_clsact(a, ifindex, d))
			return true;
	}
	return false;
}

/* What a ktach that is gone left behind. */
static bool is_dead(const struct tc_filter *f)
{
	return f->ktach && !tc_program_lives(f->prog_id);
}

/* Whether @is_it is true of a filter of either direction; those after it are not
 * looked at then.
 */
static bool find_filter(struct attacher *a, uint32_t ifindex,
			bool (*is_it)(uint32_t ifindex,
				      enum ktach_net_direction direction,
				      const struct tc_filter *f))
{
	struct tc_filter filters[TC_FILTERS_MAX];
	size_t count, i;
	int d;

	for (d = 0; d < KTACH_NET_DIRECTIONS; d++) {
		count = tc_filters(a->tc, ifindex, d, filters);
		for (i = 0; i < count; i++)
			if (is_it(ifindex, d, &filters[i]))
				return true;
	}
	return false;
}

/* Remove the filters of dead ktachs, once what they tell of the qdisc was taken over.
 */
static bool remove_if_dead(uint32_t ifindex, enum ktach_net_direction direction,
			   const struct tc_filter *f)
{
	if (is_dead(f))
		remove_filter(ifindex, direction, f);
	return false;
}

/* --- tcx --------------------------------------------------------------------- */

/* The pin of an interface's link. */
static void link_name(char name[32], uint32_t ifindex,
		      enum ktach_net_direction direction)
{
	snprintf(name, 32, "link_%u_%s", ifindex,
		 direction == KTACH_NET_RX ? "ingress" : "egress");
}

/*
 * A link that has lost its pin goes away in the background: what is attached next
 * would still find it there. So it is detached first; the link of a device that is
 * gone is detached already.
 */
static void remove_link(struct attacher *a, uint32_t ifindex,
			enum ktach_net_direction direction)
{
	char name[32];
	int fd;

	link_name(name, ifindex, direction);
	fd = pins_get(a->pins, name);
	if (fd >= 0) {
		bpf_link_detach(fd);
		close(fd);
	}
	pins_remove(a->pins, name);
}

/* The pin keeps the link; a stale one of that name is of a device that went. */
static int attach_tcx_side(struct attacher *a, uint32_t ifindex,
			   enum ktach_net_direction direction)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = ATTACH_BEFORE);
	char name[32];
	int error, fd;

	remove_link(a, ifindex, direction);
	link_name(name, ifindex, direction);
	fd = bpf_link_create(a->prog_fd[direction], (int)ifindex,
			     tcx_attach_type(direction), &options);
	if (fd < 0)
		return fd;
	error = pins_put(a->pins, name, fd);
	close(fd);
	return error;
}

static int attach_tcx(struct attacher *a, uint32_t ifindex)
{
	int error = 0, d;

	for (d = 0; !error && d < KTACH_NET_DIRECTIONS; d++)
		error = attach_tcx_side(a, ifindex, d);
	return error;
}

void detach_gone(struct attacher *a, uint32_t ifindex)
{
	int d;

	for (d = 0; d < KTACH_NET_DIRECTIONS; d++)
		remove_link(a, ifindex, d);
}

/* --- clsact ------------------------------------------------------------------ */

/* Whether a dead ktach's filter says that the clsact qdisc was made for it. */
static bool is_of_dead_maker(uint32_t ifindex,
			     enum ktach_net_direction direction,
			     const struct tc_filter *f)
{
	return f->handle == (HANDLE | HANDLE_MADE) && is_dead(f);
}

/*
 * Make sure of a qdisc, and set the handle that our filters get. A filter for
 * egress on an ingress qdisc would land on ingress, and count there: that qdisc
 * is refused, not replaced.
 */
static int get_qdisc(struct attacher *a, uint32_t ifindex, uint32_t *handle)
{
	char kind[TC_KIND_LEN];
	struct bpf_tc_hook hook;
	int error;

	*handle = HANDLE;
	tc_qdisc_kind(a->tc, ifindex, kind);
	if (!strcmp(kind, "clsact")) {
		if (find_filter(a, ifindex, is_of_dead_maker))
			*handle |= HANDLE_MADE;
		return 0;
	}
	if (kind[0])
		return -EEXIST;
	filter_coordinates(ifindex, KTACH_NET_RX, &hook);
	error = bpf_tc_hook_create(&hook);
	if (!error)
		*handle |= HANDLE_MADE;
	return error == -EEXIST ? 0 : error;
}

/*
 * In front of all other filters, so that none of them takes packets away before they
 * are counted; where the lowest priority is taken, at the first free one.
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
static int attach_filter(struct attacher *a, uint32_t ifindex, uint32_t handle,
			 enum ktach_net_direction direction)
{
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = handle,
		    .priority = choose_priority(a, ifindex, direction),
		    .prog_fd = a->prog_fd[direction]);
	struct bpf_tc_hook hook;
	int error;

	filter_coordinates(ifindex, direction, &hook);
	error = bpf_tc_attach(&hook, &filter);
	return error == -EEXIST ? -EBUSY : error;
}

static int attach_clsact(struct attacher *a, uint32_t ifindex)
{
	uint32_t handle;
	int d, error;

	error = get_qdisc(a, ifindex, &handle);
	for (d = 0; !error && d < KTACH_NET_DIRECTIONS; d++)
		error = attach_filter(a, ifindex, handle, d);
	return error;
}

/* Ours, and what a dead ktach left behind. Returns whether the qdisc is ours. */
static bool remove_filters(struct attacher *a, uint32_t ifindex,
			   enum ktach_net_direction direction)
{
	struct tc_filter filters[TC_FILTERS_MAX];
	bool made = false;
	size_t count, i;

	count = tc_filters(a->tc, ifindex, direction, filters);
	for (i = 0; i < count; i++) {
		struct tc_filter *f = &filters[i];

		if (!f->ktach || (f->prog_id != a->prog_id[direction] &&
				  tc_program_lives(f->prog_id)))
			continue;
		made |= f->handle == (HANDLE | HANDLE_MADE);
		remove_filter(ifindex, direction, f);
	}
	return made;
}

static void detach_clsact(struct attacher *a, uint32_t ifindex)
{
	struct tc_filter filters[TC_FILTERS_MAX];
	struct bpf_tc_hook hook;
	bool made = false;
	int d;

	for (d = 0; d < KTACH_NET_DIRECTIONS; d++)
		made |= remove_filters(a, ifindex, d);
	for (d = 0; made && d < KTACH_NET_DIRECTIONS; d++)
		made = !tc_filters(a->tc, ifindex, d, filters);
	if (!made)
		return;
	filter_coordinates(ifindex, KTACH_NET_RX, &hook);
	hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS; /* the qdisc */
	bpf_tc_hook_destroy(&hook);
}

int attach(struct attacher *a, uint32_t ifindex)
{
	int error = a->tcx ? attach_tcx(a, ifindex) : attach_clsact(a, ifindex);

	if (!error && attached_other(a, ifindex))
		error = -EBUSY;
	if (error)
		detach(a, ifindex);
	else
		find_filter(a, ifindex, remove_if_dead);
	return error;
}

void detach(struct attacher *a, uint32_t ifindex)
{
	detach_gone(a, ifindex);
	detach_clsact(a, ifindex);
}
