/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where what is missing went. */
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

#endif /* KTACH_COLLECTOR_BASE_LOSS_H */
