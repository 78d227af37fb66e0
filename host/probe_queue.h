/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that wait for a thread, in order. */
#ifndef KTACH_HOST_PROBE_QUEUE_H
#define KTACH_HOST_PROBE_QUEUE_H

#include <stddef.h>

#include "host/probe.h"

struct probe_queue {
	struct probe *first;
	struct probe **last;
};

static inline void probe_queue_init(struct probe_queue *q)
{
	q->first = NULL;
	q->last = &q->first;
}

static inline void probe_queue_put(struct probe_queue *q, struct probe *p)
{
	p->next = NULL;
	*q->last = p;
	q->last = &p->next;
}

/* The first one; the queue is not empty. */
static inline struct probe *probe_queue_take(struct probe_queue *q)
{
	struct probe *p = q->first;

	q->first = p->next;
	if (!q->first)
		q->last = &q->first;
	return p;
}

/* One that is in it. */
static inline void probe_queue_remove(struct probe_queue *q, struct probe *p)
{
	struct probe **at = &q->first;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	if (q->last == &p->next)
		q->last = at;
}

#endif /* KTACH_HOST_PROBE_QUEUE_H */
