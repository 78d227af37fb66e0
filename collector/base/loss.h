/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why frames and samples are missing. */
#ifndef KTACH_COLLECTOR_BASE_LOSS_H
#define KTACH_COLLECTOR_BASE_LOSS_H

enum loss_cause {
	LOSS_RECEIVED,		/* no loss: frames that came, to compare with */
	LOSS_MISSING,		/* frames that did not come */
	LOSS_LATE,		/* frames that came too late to be told apart */
	LOSS_SEND_FAILED,	/* frames that the node's kernel did not send */
	LOSS_QUEUE,		/* frames' worth: the shipper's queue was full */
	LOSS_SPOOL,		/* frames: its spool was full or damaged */
	LOSS_SIZE,		/* rows that fit no frame */
	LOSS_KEY,		/* frames: no collector knew their key */
	LOSS_CPU,		/* samples of WIRE_CPU, at their source */
	LOSS_SOFTIRQ,		/* of WIRE_SOFTIRQ */
	LOSS_NET,		/* of WIRE_NET */
	LOSS_BUDGET,		/* frames, in which it sent more than it may */
	LOSS_CAUSES
};

/* "received", "lost", "late", ... */
extern const char *const loss_names[LOSS_CAUSES];

/* Why frames and tables of a node were not taken. Those of which it is not certain
 * whose they are are counted for all together only.
 */
enum node_drop {
	NODE_DROP_DUPLICATE,	/* had come already */
	NODE_DROP_LATE,		/* came long after newer ones */
	NODE_DROP_STRAGGLER,	/* of a session that has ended */
	NODE_DROP_CLONE,	/* of another host with its id */
	NODE_DROP_BUDGET,	/* had more values than a node may send */
	NODE_DROP_TABLE,	/* tables that cannot be decoded */
	NODE_DROP_VALUE,	/* a number that cannot be */
	NODE_DROP_FULL,		/* tables whose rows there was no room for */
	NODE_DROP_LEFT,		/* it went to another collector with them */
	NODE_DROPS
};

/* "duplicate", "late", ... */
extern const char *const node_drop_names[NODE_DROPS];

#endif /* KTACH_COLLECTOR_BASE_LOSS_H */
