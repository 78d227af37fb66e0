// SPDX-License-Identifier: GPL-2.0-only
/* KTACH_CMD_SOURCE_GET and KTACH_CMD_PERIOD_SET. */
#include <linux/string.h>
#include <net/genetlink.h>
#include <linux/ktach_netlink.h>

#include "combine.h"
#include "netlink.h"
#include "source.h"

/* --- a message ---------------------------------------------------------- */

static int put_u64(struct sk_buff *skb, int type, u64 value)
{
	return nla_put_u64_64bit(skb, type, value, KTACH_A_SOURCE_PAD);
}

/* What a ring's header tells, which its writer changes meanwhile. */
static int put_header(struct sk_buff *skb, const struct ktach_ring_header *h)
{
	u64 period_us = div_u64(READ_ONCE(h->period_ns), NSEC_PER_USEC);

	if (nla_put_string(skb, KTACH_A_SOURCE_NAME, h->name) ||
	    nla_put_u32(skb, KTACH_A_SOURCE_FEATURES, h->features) ||
	    nla_put_u32(skb, KTACH_A_SOURCE_PERIOD_US, period_us) ||
	    nla_put_u32(skb, KTACH_A_SOURCE_SLOTS, h->slots) ||
	    nla_put_u32(skb, KTACH_A_SOURCE_RECORDS, h->records) ||
	    put_u64(skb, KTACH_A_SOURCE_HEAD, READ_ONCE(h->head)) ||
	    put_u64(skb, KTACH_A_SOURCE_MISSED, READ_ONCE(h->missed)) ||
	    put_u64(skb, KTACH_A_SOURCE_FILL_NS_LAST,
		    READ_ONCE(h->fill_ns_last)) ||
	    put_u64(skb, KTACH_A_SOURCE_FILL_NS_MAX,
		    READ_ONCE(h->fill_ns_max)) ||
	    put_u64(skb, KTACH_A_SOURCE_BACKWARD_EVENTS,
		    READ_ONCE(h->backward_events)))
		return -EMSGSIZE;
	return 0;
}

/**
 * struct listing - a message a source, into an skb
 * @skb: the answer
 * @portid: who asked
 * @seq: the question's number
 * @cb: of a dump, or NULL
 * @only: the name of the only source that is wanted, or NULL
 * @next: what comes after earlier messages: 0 for the combined samples, then
 *	feeds from this id on
 */
struct listing {
	struct sk_buff *skb;
	u32 portid;
	u32 seq;
	struct netlink_callback *cb;
	const char *only;
	u32 next;
};

/* Without a feed: the combined samples. */
static int put_source(struct listing *l, const struct ktach_ring_header *header,
		      const struct ktach_feed *feed)
{
	void *msg = genlmsg_put(l->skb, l->portid, l->seq, &ktach_genl_family,
				l->cb ? NLM_F_MULTI : 0, KTACH_CMD_SOURCE_GET);

	if (!msg)
		return -EMSGSIZE;
	if (put_header(l->skb, header) ||
	    (feed &&
	     (nla_put_string(l->skb, KTACH_A_SOURCE_DEVICE, feed->device) ||
	      nla_put_u32(l->skb, KTACH_A_SOURCE_KIND, header->kind)))) {
		genlmsg_cancel(l->skb, msg);
		return -EMSGSIZE;
	}
	if (l->cb)
		genl_dump_check_consistent(l->cb, msg);
	genlmsg_end(l->skb, msg);
	return 0;
}

static int list_one(struct listing *l, const struct ktach_ring_header *header,
		    const struct ktach_feed *feed)
{
	int err = 0;

	if (!l->only || !strcmp(l->only, header->name))
		err = put_source(l, header, feed);
	if (!err)
		l->next = feed ? feed->id + 1 : 1;
	return err;
}

static int list_feed(struct listing *l, struct ktach_feed *feed)
{
	struct ktach_ring *ring = ktach_feed_ring(feed);
	int err = list_one(l, ring->header, feed);

	ktach_ring_put(ring);
	return err;
}

/* Neither a lock nor the feed's source is held on to from one to the next. */
static int list_all(struct listing *l)
{
	struct ktach_feed *feed;
	int err = 0;

	if (l->cb)
		l->cb->seq = ktach_feed_generation();
	if (!l->next)
		err = list_one(l, ktach_combine_ring()->header, NULL);
	while (!err && (feed = ktach_feed_after(l->next - 1))) {
		err = list_feed(l, feed);
		ktach_feed_put(feed);
	}
	return err;
}

/* --- KTACH_CMD_SOURCE_GET ----------------------------------------------- */

int ktach_netlink_source_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr *name = genl_info_dump(cb)->attrs[KTACH_A_SOURCE_NAME];
	struct listing l = {
		.skb = skb,
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.cb = cb,
		.only = name ? nla_data(name) : NULL,
		.next = cb->args[0],
	};
	int err = 0;

	if (!cb->args[0])
		err = ktach_netlink_check_once(cb->nlh, cb->extack);
	if (!err)
		err = list_all(&l);
	cb->args[0] = l.next;
	/* What does not fit goes into the next; an empty skb has room for it. */
	return skb->len ?: err;
}

static bool lacks_name(struct genl_info *info)
{
	if (!GENL_REQ_ATTR_CHECK(info, KTACH_A_SOURCE_NAME))
		return false;
	GENL_SET_ERR_MSG(info, "name: is missing; dump the sources for theirs");
	return true;
}

static int refuse_name(struct genl_info *info)
{
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[KTACH_A_SOURCE_NAME],
			    "name: there is no such source");
	return -ENOENT;
}

int ktach_netlink_source_get(struct sk_buff *skb, struct genl_info *info)
{
	struct listing l = { .portid = info->snd_portid, .seq = info->snd_seq };
	int err = ktach_netlink_check_once(info->nlhdr, info->extack);

	if (err)
		return err;
	if (lacks_name(info))
		return -EINVAL;
	l.only = nla_data(info->attrs[KTACH_A_SOURCE_NAME]);
	l.skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!l.skb)
		return -ENOMEM;
	err = list_all(&l);
	if (!err && l.skb->len)
		return genlmsg_reply(l.skb, info);
	nlmsg_free(l.skb);
	return err ?: refuse_name(info);
}

/* --- KTACH_CMD_PERIOD_SET ----------------------------------------------- */

static int set_feed(struct genl_info *info, const char *name, u32 period_us)
{
	struct ktach_feed *feed = ktach_feed_find(name);
	int err;

	if (!feed)
		return refuse_name(info);
	err = ktach_tick_set_period(&feed->tick, period_us);
	ktach_feed_put(feed);
	return err;
}

static int set_combined(struct genl_info *info, u32 period_us)
{
	struct nlattr *attr = info->attrs[KTACH_A_SOURCE_PERIOD_US];
	int err = ktach_combine_set_period(period_us);

	if (err)
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "period-us: is at least 1000 here");
	return err;
}

int ktach_netlink_period_set(struct sk_buff *skb, struct genl_info *info)
{
	int err = ktach_netlink_check_once(info->nlhdr, info->extack);
	const char *name;
	u32 period_us;

	if (err)
		return err;
	if (!ktach_netlink_may_measure(skb))
		return -EPERM;
	if (lacks_name(info))
		return -EINVAL;
	if (GENL_REQ_ATTR_CHECK(info, KTACH_A_SOURCE_PERIOD_US)) {
		GENL_SET_ERR_MSG(info, "period-us: is missing");
		return -EINVAL;
	}
	name = nla_data(info->attrs[KTACH_A_SOURCE_NAME]);
	period_us = nla_get_u32(info->attrs[KTACH_A_SOURCE_PERIOD_US]);
	if (!strcmp(name, KTACH_COMBINED_NAME))
		return set_combined(info, period_us);
	return set_feed(info, name, period_us);
}
