/* SPDX-License-Identifier: GPL-2.0-only */
/* A combined sample as messages. */
#ifndef KTACH_AGGREGATOR_NETLINK_PUT_H
#define KTACH_AGGREGATOR_NETLINK_PUT_H

#include <linux/types.h>

struct ktach_combined;
struct sk_buff;

/**
 * struct ktach_put - messages in the making
 * @portid: whom they are for
 * @seq: the number of the question, 0 if there was none
 * @flags: NLM_F_* of each
 * @cmd: KTACH_CMD_* of each
 * @packed: CPUs as KTACH_A_SAMPLE_PACKED
 * @hidden: bits of metrics that are left out
 * @cpus: bits of the CPUs that are wanted, NULL for all
 * @number: the sample that is under way
 * @lost: what its first message is to give as lost; 0 after it
 * @begun: it has its first message
 * @next: the first of its CPUs that has no message yet
 */
struct ktach_put {
	u32 portid;
	u32 seq;
	u16 flags;
	u8 cmd;
	bool packed;
	u64 hidden;
	const unsigned long *cpus;
	u64 number;
	u64 lost;
	bool begun;
	unsigned int next;
};

/* Go on to sample @number, of which nothing has been put. */
void ktach_put_begin(struct ktach_put *put, u64 number, u64 lost);

/**
 * ktach_put_message() - put the next message of a sample
 * @put: which; moved on
 * @skb: where to
 *
 * Context: process.
 * Return: 0 if that was the last, 1 if more are to follow, -EMSGSIZE if it does
 * not fit @skb, -ESTALE if the sample is no longer there; @put and @skb are
 * what they were if it is negative.
 */
int ktach_put_message(struct ktach_put *put, struct sk_buff *skb);

/* Bytes that the whole sample takes in one message, packed; or more. */
size_t ktach_put_packed_size(void);

#endif /* KTACH_AGGREGATOR_NETLINK_PUT_H */
