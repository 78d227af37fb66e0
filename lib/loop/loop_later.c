// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "lib/base/clock.h"
#include "lib/loop/loop_later.h"

void later_finish(struct loop *l, struct loop_op *op, int result)
{
	op->result = result;
	op->next = NULL;
	*l->last_ready = op;
	l->last_ready = &op->next;
}

/* In the order of their times: there are a handful at most. */
void later_start(struct loop *l, struct loop_op *op)
{
	struct loop_op **at = &l->timeouts;

	while (*at && (*at)->at_ns <= op->at_ns)
		at = &(*at)->next;
	op->next = *at;
	*at = op;
}

void later_cancel(struct loop *l, struct loop_op **list, struct loop_op *op)
{
	while (*list && *list != op)
		list = &(*list)->next;
	if (!*list)
		return;
	*list = op->next;
	later_finish(l, op, -ECANCELED);
}

uint64_t later_wait_ns(const struct loop *l)
{
	uint64_t now_ns;

	if (l->ready)
		return 0;
	if (!l->timeouts)
		return UINT64_MAX;
	now_ns = clock_mono_ns();
	return l->timeouts->at_ns > now_ns ? l->timeouts->at_ns - now_ns : 0;
}

void later_expire(struct loop *l)
{
	uint64_t now_ns;

	if (!l->timeouts)
		return;
	now_ns = clock_mono_ns();
	while (l->timeouts && l->timeouts->at_ns <= now_ns) {
		struct loop_op *op = l->timeouts;

		l->timeouts = op->next;
		later_finish(l, op, -ETIME);
	}
}

void later_deliver(struct loop *l)
{
	struct loop_op *op = l->ready, *next;

	l->ready = NULL;
	l->last_ready = &l->ready;
	for (; op; op = next) {
		next = op->next;
		op->done(op, op->result, 0);
	}
}
