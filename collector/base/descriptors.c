// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/resource.h>

#include "collector/base/descriptors.h"
#include "lib/base/log.h"

enum {
	PAGE_MAX = 1024,
	OWN = 100, /* history, enrolment, listening sockets, files that are read */
	OWN_OF_WORKER = 8,
	LEAST = 8, /* of each door, however few there are */
};

static unsigned int raise_limit(unsigned int wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return wanted;
	if (limit.rlim_cur < wanted) {
		limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max :
							   wanted;
		setrlimit(RLIMIT_NOFILE, &limit);
		getrlimit(RLIMIT_NOFILE, &limit);
	}
	return limit.rlim_cur < wanted ? (unsigned int)limit.rlim_cur : wanted;
}

void descriptors_share(struct descriptors *d, unsigned int feed_max,
		       unsigned int workers, unsigned int a_visitor)
{
	unsigned int own = OWN + workers * OWN_OF_WORKER;
	unsigned int limit = raise_limit(own + feed_max + PAGE_MAX * a_visitor);
	unsigned int left = limit > own ? limit - own : 0;

	d->page = left / 4 / a_visitor;
	if (d->page > PAGE_MAX)
		d->page = PAGE_MAX;
	left -= d->page * a_visitor;
	d->feed = left < feed_max ? left : feed_max;
	if (d->feed < LEAST)
		d->feed = LEAST;
	if (d->page < LEAST)
		d->page = LEAST;
	if (d->feed < feed_max)
		log_info(
			"%u open files are allowed: %u connections of shippers and %u of visitors; LimitNOFILE (ulimit -n) raises that",
			limit, d->feed, d->page);
}
