/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is told of alarms: an Alertmanager, or a webhook. Each has a thread, which asks the
 * ledger what it does not know yet, says it, and notes in the ledger what it knows now.
 *
 *   ledger --- compose() ---> message --- POST ---> 2xx: noted, the next one
 *      ^                         ^                  else: again, later each time
 *      '------ it knows ---------'
 *
 * One that fails or hangs keeps neither nodes nor another one waiting.
 */
#ifndef KTACH_COLLECTOR_OUTLETS_OUTLET_H
#define KTACH_COLLECTOR_OUTLETS_OUTLET_H

#include <curl/curl.h>

#include "collector/alarms/ledger.h"
#include "collector/base/document.h"
#include "collector/outlets/setup.h"

enum outlet_limits {
	OUTLET_EVENTS_MAX = 500, /* of a message */
	OUTLET_HEADER_SIZE = 128,
	OUTLET_HEADERS = 3,
	OUTLET_NAME_SIZE = 24,
	OUTLET_PROBLEM_SIZE = 320,
};

/* What is said of an alarm: that it fires, or that it is over. */
struct outlet_event {
	uint64_t id;
	bool cleared;
};

struct outlet;

/**
 * struct outlet_kind - what an Alertmanager and a webhook differ in
 * @compose: the next message: fills @text, @events and @count of an outlet by the
 *	     ledger, which is locked, in the order of alarms' numbers. False: there is
 *	     nothing to say
 * @sign: set headers to a message that is about to be sent
 * @told: it was taken, before its events are noted; the ledger is locked
 * @patient: it is told of what is over already, too, and a message is never too old
 */
struct outlet_kind {
	bool (*compose)(struct outlet *o, uint64_t mono_ns, uint64_t real_ns);
	void (*sign)(struct outlet *o, uint64_t real_ns);
	void (*told)(struct outlet *o, uint64_t mono_ns);
	bool patient;
};

extern const struct outlet_kind outlet_alertmanager, outlet_webhook;

/**
 * struct outlet - one of them; what is marked (l) is the ledger's lock's
 * @kind: what it is
 * @index: its bit in the ledger's alarms
 * @name: for people and metrics
 * @url: where messages go
 * @setup: of all
 * @ledger: alarms
 * @began_ns: when it was started, real
 * @multi: of libcurl; wakes it
 * @thread: runs, if @running
 * @running: see @thread
 * @stop: set once (l)
 * @text: the message under way; NULL: none
 * @events: that are in it
 * @count: of @events
 * @batch_max: events that fit in one
 * @headers: of the message, by @kind->sign; "" for none
 * @alive_ns: when a dead man's alarm was sent last, monotonic; 0: not yet
 * @sent: events that were taken (l)
 * @failures: messages that were not (l)
 * @tries: of the message under way (l)
 * @problem: what went wrong last; "" while nothing does (l)
 */
struct outlet {
	const struct outlet_kind *kind;
	unsigned int index;
	char name[OUTLET_NAME_SIZE];
	const char *url;
	const struct outlets_setup *setup;
	struct ledger *ledger;
	uint64_t began_ns;
	CURLM *multi;
	pthread_t thread;
	bool running;
	bool stop;
	struct text *text;
	struct outlet_event events[OUTLET_EVENTS_MAX];
	size_t count;
	size_t batch_max;
	char headers[OUTLET_HEADERS][OUTLET_HEADER_SIZE];
	uint64_t alive_ns;
	uint64_t sent;
	uint64_t failures;
	unsigned int tries;
	char problem[OUTLET_PROBLEM_SIZE];
};

/* Start it. Return 0 or -errno. */
int outlet_start(struct outlet *o);

/* End it, whatever it is at: what was not taken stays in the ledger. */
void outlet_stop(struct outlet *o);

/* Whether it is to be told of an alarm that it knows nothing of, or only of its end. */
bool outlet_wants_fire(const struct outlet *o, const struct ledger_alarm *a,
		       uint64_t real_ns);
bool outlet_wants_clear(const struct outlet *o, const struct ledger_alarm *a);

/* post.c: send the message under way. Return 0; -ECANCELED when it is to stop; -E2BIG:
 * the message is too large for who listens; or -EIO; but for 0, with a problem.
 */
int outlet_post(struct outlet *o);

#endif /* KTACH_COLLECTOR_OUTLETS_OUTLET_H */
