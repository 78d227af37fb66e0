// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collector/outlets/outlets.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
	WEBHOOK_INDEX = SETUP_ALERTMANAGERS,
};

_Static_assert(WEBHOOK_INDEX + 1 == LEDGER_OUTLETS, "a bit for each outlet");

void outlets_open(struct outlets *o, struct ledger *ledger)
{
	*o = (struct outlets){ .ledger = ledger };
	pthread_mutex_init(&o->lock, NULL);
}

static void stop_all(struct outlets *o)
{
	while (o->count)
		outlet_stop(&o->all[--o->count]);
	setup_free(&o->setup);
}

void outlets_close(struct outlets *o)
{
	if (!o->ledger)
		return;
	stop_all(o);
	pthread_mutex_destroy(&o->lock);
	o->ledger = NULL;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_setup(const struct outlets_setup *a,
		       const struct outlets_setup *b)
{
	size_t i;

	for (i = 0; i < SETUP_ALERTMANAGERS; i++)
		if (!same_text(a->alertmanagers[i], b->alertmanagers[i]))
			return false;
	return same_text(a->webhook, b->webhook) &&
	       same_text(a->secret, b->secret) && same_text(a->ca, b->ca);
}

static struct outlet *add_outlet(struct outlets *o, const char *name,
				 unsigned int index,
				 const struct outlet_kind *kind,
				 const char *url)
{
	struct outlet *one = &o->all[o->count++];

	*one = (struct outlet){ .kind = kind,
				.index = index,
				.url = url,
				.setup = &o->setup,
				.ledger = o->ledger };
	if (index && index != WEBHOOK_INDEX)
		snprintf(one->name, sizeof(one->name), "%s-%u", name,
			 index + 1);
	else
		snprintf(one->name, sizeof(one->name), "%s", name);
	return one;
}

static void add_all(struct outlets *o)
{
	unsigned int i, bits = 0, patient = 0;

	for (i = 0; i < SETUP_ALERTMANAGERS; i++)
		if (o->setup.alertmanagers[i])
			add_outlet(o, "alertmanager", i, &outlet_alertmanager,
				   o->setup.alertmanagers[i]);
	if (o->setup.webhook)
		add_outlet(o, "webhook", WEBHOOK_INDEX, &outlet_webhook,
			   o->setup.webhook);
	for (i = 0; i < o->count; i++) {
		bits |= 1U << o->all[i].index;
		if (o->all[i].kind->patient)
			patient |= 1U << o->all[i].index;
	}
	ledger_tell(o->ledger, bits, patient);
}

static int start_all(struct outlets *o)
{
	size_t i;
	int err = 0;

	if (o->count && curl_global_init(CURL_GLOBAL_DEFAULT))
		err = -ENOMEM;
	for (i = 0; !err && i < o->count; i++)
		err = outlet_start(&o->all[i]);
	if (err)
		log_error("nobody can be told of alarms: %s", strerror(-err));
	return err;
}

int outlets_change(struct outlets *o, struct outlets_setup *setup)
{
	int err = 0;

	pthread_mutex_lock(&o->lock);
	if (same_setup(&o->setup, setup)) {
		setup_free(setup);
	} else {
		stop_all(o);
		o->setup = *setup;
		*setup = (struct outlets_setup){ 0 };
		add_all(o);
		err = start_all(o);
	}
	pthread_mutex_unlock(&o->lock);
	return err;
}

/* Something waits since then. */
static void count_waiting(struct outlet_stats *s, uint64_t since_ns,
			  uint64_t real_ns)
{
	s->waiting++;
	if (real_ns > since_ns && real_ns - since_ns > s->lag_ns)
		s->lag_ns = real_ns - since_ns;
}

static void look_at(const struct outlet *one, struct outlet_stats *s,
		    uint64_t real_ns)
{
	const struct ledger *l = one->ledger;
	size_t i;

	*s = (struct outlet_stats){ .sent = one->sent,
				    .failures = one->failures };
	strcpy(s->name, one->name);
	strcpy(s->problem, one->problem);
	for (i = 0; i < l->count; i++) {
		const struct ledger_alarm *a = l->all[i];

		if (outlet_wants_fire(one, a, real_ns))
			count_waiting(s, a->fired_ns, real_ns);
		else if (outlet_wants_clear(one, a))
			count_waiting(s, a->cleared_ns, real_ns);
	}
}

void outlets_stats(struct outlets *o, struct outlets_stats *stats)
{
	uint64_t real_ns = clock_real_ns();
	size_t i;

	pthread_mutex_lock(&o->lock);
	pthread_mutex_lock(&o->ledger->lock);
	*stats = (struct outlets_stats){ .count = o->count,
					 .refused = o->ledger->refused,
					 .failing = o->ledger->failing,
					 .forgetful = !o->ledger->file };
	for (i = 0; i < o->count; i++)
		look_at(&o->all[i], &stats->all[i], real_ns);
	pthread_mutex_unlock(&o->ledger->lock);
	pthread_mutex_unlock(&o->lock);
}
