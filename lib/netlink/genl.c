// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "lib/netlink/genl.h"
#include "lib/netlink/genl_family.h"
#include "lib/netlink/genl_reason.h"

/**
 * struct call - a question that waits for its answers
 * @f: who asks
 * @take: called with each answer; 0 or -errno
 * @fn: the caller's, of the type that @take calls
 * @arg: for @fn
 * @err: the first error
 * @changed: the answers do not fit together
 * @done: no more answers
 */
struct call {
	struct family *f;
	int (*take)(struct call *c, struct genlmsghdr *message);
	family_source_fn source_fn;
	family_sample_fn sample_fn;
	void *arg;
	int err;
	bool changed;
	bool done;
};

static const int nl_errno[] = {
	[NLE_NOMEM] = ENOMEM,	      [NLE_OBJ_NOTFOUND] = ENOENT,
	[NLE_PERM] = EPERM,	      [NLE_NOACCESS] = EACCES,
	[NLE_AGAIN] = EAGAIN,	      [NLE_INTR] = EINTR,
	[NLE_RANGE] = ERANGE,	      [NLE_INVAL] = EINVAL,
	[NLE_OPNOTSUPP] = EOPNOTSUPP,
};

int family_errno(int nl_err)
{
	size_t i = nl_err < 0 ? -nl_err : nl_err;

	if (nl_err >= 0)
		return 0;
	return i < sizeof(nl_errno) / sizeof(*nl_errno) && nl_errno[i] ?
		       -nl_errno[i] :
		       -EIO;
}

/* --- answers ------------------------------------------------------------ */

static int on_answer(struct nl_msg *msg, void *arg)
{
	struct call *c = arg;
	int err = c->take ? c->take(c, nlmsg_data(nlmsg_hdr(msg))) : 0;

	if (!c->err)
		c->err = err;
	return NL_OK;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct call *c = arg;

	c->done = true;
	return NL_STOP;
}

/* NLMSG_DONE: what a dump finds wrong, it tells in the end. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	struct call *c = arg;
	int err = 0;

	if (nlmsg_datalen(header) >= (int)sizeof(err))
		memcpy(&err, nlmsg_data(header), sizeof(err));
	if (err < 0) {
		c->err = err;
		refusal_reason(header, c->f->reason, sizeof(c->f->reason));
	}
	c->done = true;
	return NL_STOP;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *arg)
{
	const void *header = (const char *)error - NLMSG_HDRLEN;
	struct call *c = arg;

	c->err = error->error;
	refusal_reason(header, c->f->reason, sizeof(c->f->reason));
	c->done = true;
	return NL_STOP;
}

static int on_change(struct nl_msg *msg, void *arg)
{
	struct call *c = arg;

	c->changed = true;
	return NL_OK;
}

static struct nl_cb *create_cb(struct call *c)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);

	if (!cb)
		return NULL;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_answer, c);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, c);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, c);
	nl_cb_set(cb, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_change, c);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, c);
	return cb;
}

/* --- questions ---------------------------------------------------------- */

static struct nl_msg *create_request(struct family *f, int cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, f->id, 0, flags,
				cmd, KTACH_GENL_VERSION)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/* Send @msg, which is used up, and take all answers. */
static int ask_kernel(struct call *c, struct nl_msg *msg)
{
	struct nl_cb *cb = create_cb(c);
	int err;

	c->f->reason[0] = '\0';
	err = cb ? nl_send_auto(c->f->ask, msg) : -NLE_NOMEM;
	nlmsg_free(msg);
	while (err >= 0 && !c->done)
		err = nl_recvmsgs(c->f->ask, cb);
	nl_cb_put(cb);
	return c->err || c->done ? c->err : family_errno(err);
}

/* An attribute did not fit into the request. */
static int refuse_request(struct nl_msg *msg)
{
	nlmsg_free(msg);
	return -ENOMEM;
}

/* --- sources ------------------------------------------------------------ */

static int take_source(struct call *c, struct genlmsghdr *message)
{
	struct family_source source;
	int err = source_parse(&source, message);

	if (!err)
		c->source_fn(&source, c->arg);
	return err;
}

int family_sources(struct family *f, family_source_fn fn, void *arg)
{
	struct call c = {
		.f = f, .take = take_source, .source_fn = fn, .arg = arg
	};
	struct nl_msg *msg =
		create_request(f, KTACH_CMD_SOURCE_GET, NLM_F_DUMP);
	int err;

	if (!msg)
		return -ENOMEM;
	err = ask_kernel(&c, msg);
	return err ? err : c.changed ? -EINTR : 0;
}

static void keep_source(const struct family_source *source, void *arg)
{
	*(struct family_source *)arg = *source;
}

int family_source(struct family *f, const char *name,
		  struct family_source *source)
{
	struct call c = {
		.f = f,
		.take = take_source,
		.source_fn = keep_source,
		.arg = source,
	};
	struct nl_msg *msg = create_request(f, KTACH_CMD_SOURCE_GET, 0);

	if (!msg)
		return -ENOMEM;
	if (nla_put_string(msg, KTACH_A_SOURCE_NAME, name))
		return refuse_request(msg);
	return ask_kernel(&c, msg);
}

int family_set_period(struct family *f, const char *name, uint32_t period_us)
{
	struct nl_msg *msg = create_request(f, KTACH_CMD_PERIOD_SET, 0);
	struct call c = { .f = f };

	if (!msg)
		return -ENOMEM;
	if (nla_put_string(msg, KTACH_A_SOURCE_NAME, name) ||
	    nla_put_u32(msg, KTACH_A_SOURCE_PERIOD_US, period_us))
		return refuse_request(msg);
	return ask_kernel(&c, msg);
}

/* --- samples ------------------------------------------------------------ */

static int take_sample(struct call *c, struct genlmsghdr *message)
{
	int whole = assembly_add(&c->f->answer, message);

	if (whole > 0)
		c->sample_fn(&c->f->answer.sample, c->arg);
	return whole < 0 ? whole : 0;
}

static int put_query(struct nl_msg *msg, const struct family_query *q)
{
	int flag = q->totals_only ? KTACH_A_SAMPLE_TOTALS_ONLY :
				    KTACH_A_SAMPLE_AS_PACKED;

	if (nla_put_flag(msg, flag) ||
	    (q->has_since && nla_put_u64(msg, KTACH_A_SAMPLE_SINCE, q->since)))
		return -ENOMEM;
	if (q->has_range &&
	    (nla_put_u32(msg, KTACH_A_SAMPLE_CPU_FIRST, q->cpu_first) ||
	     nla_put_u32(msg, KTACH_A_SAMPLE_CPU_LAST, q->cpu_last)))
		return -ENOMEM;
	if (q->cpu_mask &&
	    nla_put(msg, KTACH_A_SAMPLE_CPU_MASK, q->cpu_mask_len, q->cpu_mask))
		return -ENOMEM;
	return 0;
}

int family_samples(struct family *f, const struct family_query *query,
		   family_sample_fn fn, void *arg)
{
	static const struct family_query newest;
	struct call c = {
		.f = f, .take = take_sample, .sample_fn = fn, .arg = arg
	};
	struct nl_msg *msg =
		create_request(f, KTACH_CMD_SAMPLE_GET, NLM_F_DUMP);

	if (!msg)
		return -ENOMEM;
	if (put_query(msg, query ? query : &newest))
		return refuse_request(msg);
	f->answer.open = false;
	return ask_kernel(&c, msg);
}

/* --- a client ----------------------------------------------------------- */

static int connect_to_family(struct family *f)
{
	int one = 1, err = genl_connect(f->ask);

	if (err < 0)
		return err;
	/* The reason of a refusal; without it there is just its number. */
	setsockopt(nl_socket_get_fd(f->ask), SOL_NETLINK, NETLINK_EXT_ACK, &one,
		   sizeof(one));
	f->id = genl_ctrl_resolve(f->ask, KTACH_GENL_NAME);
	return f->id;
}

int family_open(struct family **out)
{
	struct family *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	f->ask = nl_socket_alloc();
	err = f->ask ? connect_to_family(f) : -NLE_NOMEM;
	if (err < 0) {
		family_close(f);
		return family_errno(err);
	}
	*out = f;
	return 0;
}

void family_close(struct family *f)
{
	nl_socket_free(f->ask);
	nl_socket_free(f->events);
	assembly_free(&f->answer);
	assembly_free(&f->event);
	free(f);
}

const char *family_error(const struct family *f)
{
	return f->reason;
}
