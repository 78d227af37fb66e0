// SPDX-License-Identifier: GPL-2.0-only
/*
 * The group "sample". The thread that makes samples does not send them: to
 * send to many takes longer than to sample, and may not delay it. A work item
 * sends what the ring has, at its own pace.
 */
#include <linux/skbuff.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>
#include <linux/ktach_netlink.h>

#include "combine.h"
#include "netlink.h"
#include "netlink_put.h"

enum {
	/* What a listener has to have room for in one piece. */
	MESSAGE_BYTES_MAX = 8192 - 1024,
};

static struct workqueue_struct *queue;
static bool unheard; /* nobody has listened for a while */

/* Only the work item's. */
static struct ktach_put put = {
	.cmd = KTACH_CMD_SAMPLE_NTF,
	.packed = true,
};

/* 0, 1 or negative as ktach_put_message(). Out of memory the sample is lost. */
static int send_message(void)
{
	size_t size = min_t(size_t, ktach_put_packed_size(), MESSAGE_BYTES_MAX);
	struct sk_buff *skb = genlmsg_new(size, GFP_KERNEL);
	int more;

	if (!skb)
		return -ENOMEM;
	/* Everybody may join. */
	put.hidden = ktach_netlink_hidden(false);
	more = ktach_put_message(&put, skb);
	if (more < 0) {
		nlmsg_free(skb);
		return more;
	}
	/*
	 * Nobody is waited for: who has no room loses this, and is told so
	 * by netlink.
	 */
	genlmsg_multicast(&ktach_genl_family, skb, 0, 0,
			  GFP_NOWAIT | __GFP_NOWARN);
	return more;
}

static void send_sample(void)
{
	const struct ktach_ring *ring = ktach_combine_ring();
	u64 next = put.number + 1, lost = 0;
	int more;

	do
		more = send_message();
	while (more > 0);
	if (more < 0) {
		next = max(next, ktach_ring_oldest(ring));
		lost = put.lost + next - put.number;
	}
	ktach_put_begin(&put, next, lost);
}

static void send_all(struct work_struct *work)
{
	const struct ktach_ring *ring = ktach_combine_ring();

	if (READ_ONCE(unheard)) {
		WRITE_ONCE(unheard, false);
		ktach_put_begin(&put, ktach_ring_head(ring), 0);
	}
	while (put.number <= ktach_ring_head(ring))
		send_sample();
}

static DECLARE_WORK(send_work, send_all);

int ktach_netlink_publish_init(void)
{
	ktach_put_begin(&put, 1, 0);
	queue = alloc_ordered_workqueue("ktach_netlink", 0);
	return queue ? 0 : -ENOMEM;
}

void ktach_netlink_publish_uninit(void)
{
	destroy_workqueue(queue);
}

void ktach_netlink_publish(void)
{
	if (genl_has_listeners(&ktach_genl_family, &init_net, 0))
		queue_work(queue, &send_work);
	else
		WRITE_ONCE(unheard, true);
}
