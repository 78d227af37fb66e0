/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where hosts enrol: a listener with TLS and a thread of its own. Strangers face it:
 * there are ENROLL_PLACES connections at most, of which a network has a quarter; each
 * has ten seconds to show a token; the one that has shown none for longest goes when a
 * place is needed; and handshakes take at most half of one CPU.
 */
#ifndef KTACH_COLLECTOR_ENROLL_ENROLL_H
#define KTACH_COLLECTOR_ENROLL_ENROLL_H

#include <pthread.h>

#include "collector/enroll/applicant.h"
#include "collector/feed/feed.h"
#include "lib/base/address.h"

enum enroll_places {
	ENROLL_PLACES = 32,
	ENROLL_OF_NETWORK = ENROLL_PLACES / 4,
};

/**
 * struct enroll - all of it
 * @shared: what connections share
 * @fd: that listens; -1: there is no enrolment
 * @wake: readable when the thread is to end
 * @thread: its own
 * @all: connections
 * @count: of @all
 * @deaf_ns: until then no connection is taken: there was no descriptor for one
 */
struct enroll {
	struct applicant_shared shared;
	int fd;
	int wake;
	pthread_t thread;
	struct applicant all[ENROLL_PLACES];
	unsigned int count;
	uint64_t deaf_ns;
};

/**
 * enroll_start() - listen, and let hosts enrol
 * @e: its feed is set
 * @address: where; NULL: nowhere
 * @folder: the collector's
 * @feed: the feed
 * @feed_port: where its frames come in
 *
 * Return: 0, or -errno after a message.
 */
int enroll_start(struct enroll *e, const struct address *address,
		 const char *folder, struct feed *feed, unsigned int feed_port);
void enroll_stop(struct enroll *e);

#endif /* KTACH_COLLECTOR_ENROLL_ENROLL_H */
