/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What facts change by without being asked: the host's name, its addresses. */
#ifndef KTACH_HOST_FACTS_FACT_WATCH_H
#define KTACH_HOST_FACTS_FACT_WATCH_H

#include "host/options.h"
#include "host/settle.h"

/**
 * struct fact_watch - who tells
 * @name: PROC/sys/kernel/hostname, or -1
 * @events: rtnetlink's of addresses; negative: none
 * @settle: from the first news to the look at the facts
 */
struct fact_watch {
	int name;
	int events;
	struct settle settle;
};

/* What cannot be watched is only looked at now and then. Return 0; or -errno, and
 * there is nothing to close.
 */
int fact_watch_open(struct fact_watch *w, const struct host_options *o);
void fact_watch_close(struct fact_watch *w);

/* Take the news. Whether it is time to look at the facts. */
bool fact_watch_due(struct fact_watch *w);

#endif /* KTACH_HOST_FACTS_FACT_WATCH_H */
