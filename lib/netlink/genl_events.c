// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel sends by itself, to the group "sample". */
#include <errno.h>

#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "lib/netlink/genl.h"
#include "lib/netlink/genl_family.h"

enum {
	/* A subscriber that is not woken for a while keeps what it can. */
	BUFFER_BYTES = 1 << 20,
};

/* What one call of family_receive() does with what it finds. */
struct receipt {
	struct family *f;
	family_sample_fn fn;
	void *arg;
	int err;
};

/* When the family goes, its group goes with it, and nothing more is sent there. */
static bool family_is_gone(struct family *f, struct nlmsghdr *header)
{
	struct genlmsghdr *message = nlmsg_data(header);
	struct nlattr *id;

	if (header->nlmsg_type != GENL_ID_CTRL ||
	    message->cmd != CTRL_CMD_DELFAMILY)
		return false;
	id = nla_find(genlmsg_attrdata(message, 0), genlmsg_attrlen(message, 0),
		      CTRL_ATTR_FAMILY_ID);
	return id && nla_get_u16(id) == f->id;
}

/*
 * A sample that lacks one of its messages lacks CPUs. What is lost shows in
 * the numbers, whether the kernel or this socket lost it.
 */
static void give_event(struct receipt *r)
{
	struct family *f = r->f;
	struct family_sample *s = &f->event.sample;

	if (s->cpus != s->cpus_possible)
		return;
	s->lost = f->last ? s->number - f->last - 1 : 0;
	f->last = s->number;
	r->fn(s, r->arg);
}

static int on_event(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	struct receipt *r = arg;
	int whole;

	if (family_is_gone(r->f, header))
		r->err = -ENODEV;
	if (header->nlmsg_type != r->f->id)
		return NL_OK;
	whole = assembly_add(&r->f->event, nlmsg_data(header));
	if (whole > 0)
		give_event(r);
	else if (whole < 0 && !r->err)
		r->err = whole;
	return NL_OK;
}

/* Nobody asked, so there is no sequence. */
static int on_sequence(struct nl_msg *msg, void *arg)
{
	return NL_OK;
}

static int join(struct family *f, struct nl_sock *events)
{
	int group = genl_ctrl_resolve_grp(f->ask, KTACH_GENL_NAME,
					  KTACH_GENL_GROUP_SAMPLE);
	int err;

	if (group < 0)
		return group;
	err = genl_connect(events);
	if (err < 0)
		return err;
	nl_socket_set_nonblocking(events);
	nl_socket_set_buffer_size(events, BUFFER_BYTES, 0);
	/* The controller's own group has its number. */
	return nl_socket_add_memberships(events, group, GENL_ID_CTRL, 0);
}

int family_subscribe(struct family *f)
{
	struct nl_sock *events;
	int err;

	if (f->events)
		return 0;
	events = nl_socket_alloc();
	if (!events)
		return -ENOMEM;
	err = join(f, events);
	if (err < 0) {
		nl_socket_free(events);
		return family_errno(err);
	}
	f->events = events;
	return 0;
}

int family_fd(const struct family *f)
{
	return nl_socket_get_fd(f->events);
}

/* libnl gives ENOBUFS, a socket that was too slow, as out of memory. */
int family_receive(struct family *f, family_sample_fn fn, void *arg)
{
	struct receipt r = { .f = f, .fn = fn, .arg = arg };
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int err;

	if (!cb)
		return -ENOMEM;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_event, &r);
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_sequence, &r);
	do {
		err = nl_recvmsgs(f->events, cb);
	} while (!r.err && (err >= 0 || err == -NLE_NOMEM));
	nl_cb_put(cb);
	return r.err ? r.err : err == -NLE_AGAIN ? 0 : family_errno(err);
}
