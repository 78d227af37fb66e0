// SPDX-License-Identifier: GPL-2.0-only
/* KTACH_CMD_SAMPLE_GET. */
#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <linux/ktach_netlink.h>

#include "combine.h"
#include "netlink.h"
#include "netlink_put.h"

enum {
	MASK_BITS = KTACH_CPU_MASK_LEN * 8,
};

/* No CPU's number is beyond the mask. */
static_assert(CONFIG_NR_CPUS <= MASK_BITS);

/**
 * struct sample_dump - a dump under way
 * @put: its messages
 * @last: number of the last sample that it is to have
 * @cpus: the CPUs that it is to have
 */
struct sample_dump {
	struct ktach_put put;
	u64 last;
	DECLARE_BITMAP(cpus, MASK_BITS);
};

/* --- what is asked for -------------------------------------------------- */

static int refuse(struct netlink_callback *cb, int attr, int err,
		  const char *why)
{
	struct netlink_ext_ack *extack = cb->extack;

	if (extack) {
		extack->bad_attr = genl_info_dump(cb)->attrs[attr];
		extack->_msg = why;
	}
	return err;
}

/*
 * Without a since only the newest. Samples that are gone by now are lost, which
 * shows in the first, but do not interrupt this dump.
 */
static int choose_samples(struct sample_dump *d, struct netlink_callback *cb)
{
	struct nlattr *since = genl_info_dump(cb)->attrs[KTACH_A_SAMPLE_SINCE];
	const struct ktach_ring *ring = ktach_combine_ring();
	u64 first, lost = 0;

	d->last = ktach_ring_head(ring);
	first = max(d->last, 1ULL);
	if (since) {
		first = nla_get_u64(since) + 1;
		if (first > d->last + 1 || !first)
			return refuse(cb, KTACH_A_SAMPLE_SINCE, -ERANGE,
				      "since: is ahead; begin again at 0");
	}
	if (first <= d->last && first < ktach_ring_oldest(ring)) {
		lost = ktach_ring_oldest(ring) - first;
		first += lost;
	}
	ktach_put_begin(&d->put, first, lost);
	return 0;
}

static int choose_range(struct sample_dump *d, struct netlink_callback *cb)
{
	struct nlattr *first =
		genl_info_dump(cb)->attrs[KTACH_A_SAMPLE_CPU_FIRST];
	struct nlattr *last =
		genl_info_dump(cb)->attrs[KTACH_A_SAMPLE_CPU_LAST];
	u32 from = first ? nla_get_u32(first) : 0;
	u32 to = last ? nla_get_u32(last) : nr_cpu_ids - 1;

	if (from >= nr_cpu_ids)
		return refuse(cb, KTACH_A_SAMPLE_CPU_FIRST, -ERANGE,
			      "cpu-first: no CPU has a number that high");
	if (from > to)
		return refuse(cb, KTACH_A_SAMPLE_CPU_LAST, -EINVAL,
			      "cpu-last: is less than cpu-first");
	to = min(to, nr_cpu_ids - 1);
	bitmap_set(d->cpus, from, to - from + 1);
	return 0;
}

static int choose_mask(struct sample_dump *d, struct netlink_callback *cb)
{
	struct nlattr *mask =
		genl_info_dump(cb)->attrs[KTACH_A_SAMPLE_CPU_MASK];
	const u8 *byte = nla_data(mask);
	int cpu;

	for_each_possible_cpu(cpu) {
		if (cpu / 8 < nla_len(mask) && byte[cpu / 8] & BIT(cpu % 8))
			__set_bit(cpu, d->cpus);
	}
	if (bitmap_empty(d->cpus, nr_cpu_ids))
		return refuse(cb, KTACH_A_SAMPLE_CPU_MASK, -ERANGE,
			      "cpu-mask: none of these CPUs is possible");
	return 0;
}

static int choose_cpus(struct sample_dump *d, struct netlink_callback *cb)
{
	struct nlattr **attrs = genl_info_dump(cb)->attrs;
	bool range = attrs[KTACH_A_SAMPLE_CPU_FIRST] ||
		     attrs[KTACH_A_SAMPLE_CPU_LAST];
	bool mask = attrs[KTACH_A_SAMPLE_CPU_MASK];

	d->put.packed = attrs[KTACH_A_SAMPLE_AS_PACKED];
	if (range && mask)
		return refuse(cb, KTACH_A_SAMPLE_CPU_MASK, -EINVAL,
			      "cpu-mask: excludes cpu-first and cpu-last");
	if (attrs[KTACH_A_SAMPLE_TOTALS_ONLY]) {
		d->put.cpus = d->cpus;
		return !range && !mask && !d->put.packed ?
			       0 :
			       refuse(cb, KTACH_A_SAMPLE_TOTALS_ONLY, -EINVAL,
				      "totals-only: excludes as-packed and cpu-*");
	}
	if (!range && !mask)
		return 0;
	d->put.cpus = d->cpus;
	return mask ? choose_mask(d, cb) : choose_range(d, cb);
}

/*
 * At the first call of the dump rather than in its start callback, where older
 * kernels have no place to say what is wrong.
 */
static int begin(struct netlink_callback *cb)
{
	struct sample_dump *d = kzalloc(sizeof(*d), GFP_KERNEL);
	int err;

	if (!d)
		return -ENOMEM;
	cb->args[0] = (long)d;
	d->put.portid = NETLINK_CB(cb->skb).portid;
	d->put.seq = cb->nlh->nlmsg_seq;
	d->put.flags = NLM_F_MULTI;
	d->put.cmd = KTACH_CMD_SAMPLE_GET;
	d->put.hidden =
		ktach_netlink_hidden(ktach_netlink_may_measure(cb->skb));
	err = ktach_netlink_check_once(cb->nlh, cb->extack);
	if (!err)
		err = choose_cpus(d, cb);
	return err ? err : choose_samples(d, cb);
}

/* --- the dump ----------------------------------------------------------- */

/*
 * The sample under way is gone, and so may be others after it. What is lost is
 * told in the message after the gap, so there has to be one.
 */
static void skip_lost(struct sample_dump *d)
{
	const struct ktach_ring *ring = ktach_combine_ring();
	u64 next = max(ktach_ring_oldest(ring), d->put.number + 1);
	u64 lost = d->put.lost + next - d->put.number;

	if (next > d->last) {
		d->last = ktach_ring_head(ring);
		lost += d->last - next;
		next = d->last;
	}
	ktach_put_begin(&d->put, next, lost);
	d->put.flags |= NLM_F_DUMP_INTR;
}

/* Put one message, or go on to what can be put. */
static int step(struct sample_dump *d, struct sk_buff *skb)
{
	int more = ktach_put_message(&d->put, skb);

	if (more == -ESTALE) {
		skip_lost(d);
		return 0;
	}
	if (more < 0)
		return more;
	d->put.flags &= ~NLM_F_DUMP_INTR;
	if (!more)
		ktach_put_begin(&d->put, d->put.number + 1, 0);
	return 0;
}

int ktach_netlink_sample_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct sample_dump *d = (void *)cb->args[0];
	int err = 0;

	if (!d) {
		err = begin(cb);
		d = (void *)cb->args[0];
	}
	while (!err && d->put.number <= d->last)
		err = step(d, skb);
	/* What does not fit goes into the next; an empty skb has room for it. */
	return skb->len ?: err;
}

int ktach_netlink_sample_done(struct netlink_callback *cb)
{
	kfree((void *)cb->args[0]);
	return 0;
}
