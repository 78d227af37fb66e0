/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who sends as a node. Frames are taken from one sender at a time: the session
 * that began last, or, once that has been silent for some periods, another one
 * that still sends. Others are refused. One that goes on sending beside the
 * sender that is taken is a rival: two hosts have the same node id.
 */
#ifndef KTACH_COLLECTOR_NODES_SENDER_H
#define KTACH_COLLECTOR_NODES_SENDER_H

#include "collector/nodes/node.h"

/* What the session of a frame means for the frame. */
enum sender_verdict {
	SENDER_PRESENT, /* of the session that is taken */
	SENDER_NEXT, /* of one that takes its place */
	SENDER_ENDED, /* of one that has ended: a straggler, a replay */
};

enum sender_verdict sender_judge(const struct node *node,
				 const struct wire_frame *frame,
				 const struct node_time *now);

/* The newest frame that was taken of a session that is past; 0: none is known. */
uint64_t sender_past_newest(const struct node *node, uint64_t session);

/* The session that is taken ends here. */
void sender_end(struct node *node);

/* Remember where a frame that was taken came from. */
void sender_taken(struct node *node, const struct wire_frame *frame,
		  struct peer *from);

/* A frame was refused: whose it is. NULL: the present sender's own, or no
 * memory.
 */
struct rival *sender_refused(struct node *node, const struct wire_frame *frame,
			     const struct node_time *now, struct peer *from);

/* Rivals that sent lately. */
unsigned int sender_rivals(const struct node *node, uint64_t mono_ns);

/* Forget those that did not for long, or, with UINT64_MAX, all. */
void sender_forget(struct node *node, uint64_t mono_ns);

#endif /* KTACH_COLLECTOR_NODES_SENDER_H */
