/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the descriptors that this process may have are shared: so that neither
 * door takes those of the other one, or of the history.
 */
#ifndef KTACH_COLLECTOR_BASE_DESCRIPTORS_H
#define KTACH_COLLECTOR_BASE_DESCRIPTORS_H

/**
 * struct descriptors - connections that may be open at once
 * @feed: shippers'
 * @page: of the page and the API
 */
struct descriptors {
	unsigned int feed;
	unsigned int page;
};

/* Raise the limit of open files as far as that is allowed and of use, and share
 * them: @feed_max is what the feed can use at most, with @workers threads; a visitor
 * has @a_visitor of them.
 */
void descriptors_share(struct descriptors *d, unsigned int feed_max,
		       unsigned int workers, unsigned int a_visitor);

#endif /* KTACH_COLLECTOR_BASE_DESCRIPTORS_H */
