// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <time.h>

#include "collector/outlets/outlet.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
	GATHER_MS = 100, /* what fires together is told together */
	LOOK_MS = 1000, /* silences end, and what is told again is due */
	AGAIN_MS = 1000, /* the first time; then twice as long each time */
	AGAIN_MAX_MS = 60000,
};

bool outlet_wants_fire(const struct outlet *o, const struct ledger_alarm *a,
		       uint64_t real_ns)
{
	return a->kept && !(a->fire_told & 1U << o->index) &&
	       (!a->cleared_ns || o->kind->patient) &&
	       !ledger_silenced(o->ledger, a, real_ns);
}

bool outlet_wants_clear(const struct outlet *o, const struct ledger_alarm *a)
{
	return a->kept && a->cleared_ns &&
	       (a->fire_told & ~a->clear_told) & 1U << o->index;
}

static bool ledger_waits(struct outlet *o, unsigned int ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	return !pthread_cond_timedwait(&o->ledger->news, &o->ledger->lock,
				       &until);
}

/* Whatever happens in the ledger meanwhile. */
static void pause_for(struct outlet *o, unsigned int ms)
{
	uint64_t until = clock_mono_ns() + ms * UINT64_C(1000000), now;

	while (!o->stop && (now = clock_mono_ns()) < until)
		ledger_waits(o, (unsigned int)((until - now) / 1000000) + 1);
}

/* It knows all that is in the message. */
static void note(struct outlet *o)
{
	unsigned int bit = 1U << o->index;
	uint64_t mono_ns = clock_mono_ns();
	size_t i;

	if (o->kind->told)
		o->kind->told(o, mono_ns);
	for (i = 0; i < o->count; i++) {
		struct ledger_alarm *a =
			ledger_find(o->ledger, o->events[i].id);
		unsigned int *told;

		if (!a)
			continue;
		told = o->events[i].cleared ? &a->clear_told : &a->fire_told;
		a->sent_ns[o->index] = mono_ns;
		if (*told & bit)
			continue;
		*told |= bit;
		ledger_touch(o->ledger, a);
	}
	o->sent += o->count;
}

static void succeed(struct outlet *o)
{
	note(o);
	if (o->tries > 1)
		log_info("%s: it takes alarms again", o->name);
	o->tries = 0;
	o->problem[0] = '\0';
	text_put(o->text);
	o->text = NULL;
}

/* Who takes what is late has the same message again, unless it is too large. */
static void fail(struct outlet *o, int err)
{
	unsigned int ms = AGAIN_MS;
	unsigned int i;

	o->failures++;
	if (!o->kind->patient || err == -E2BIG) {
		text_put(o->text);
		o->text = NULL;
	}
	if (err == -E2BIG && o->count > 1) {
		o->batch_max = (o->count + 1) / 2;
		return;
	}
	o->tries++;
	if (o->tries == 2)
		log_warn(
			"%s: %s: alarms wait, and are told when it listens again",
			o->name, o->problem);
	for (i = 1; i < o->tries && ms < AGAIN_MAX_MS; i++)
		ms *= 2;
	pause_for(o, ms < AGAIN_MAX_MS ? ms : AGAIN_MAX_MS);
}

/* The ledger is locked, but while the message is under way. */
static void take_turn(struct outlet *o)
{
	int err;

	if (!o->text &&
	    !o->kind->compose(o, clock_mono_ns(), clock_real_ns())) {
		o->batch_max = OUTLET_EVENTS_MAX;
		if (ledger_waits(o, LOOK_MS))
			pause_for(o, GATHER_MS);
		return;
	}
	o->kind->sign(o, clock_real_ns());
	pthread_mutex_unlock(&o->ledger->lock);
	err = outlet_post(o);
	pthread_mutex_lock(&o->ledger->lock);
	if (!err)
		succeed(o);
	else if (err != -ECANCELED)
		fail(o, err);
}

static void *run(void *argument)
{
	struct outlet *o = argument;

	pthread_mutex_lock(&o->ledger->lock);
	while (!o->stop)
		take_turn(o);
	pthread_mutex_unlock(&o->ledger->lock);
	return NULL;
}

int outlet_start(struct outlet *o)
{
	o->began_ns = clock_real_ns();
	o->batch_max = OUTLET_EVENTS_MAX;
	o->multi = curl_multi_init();
	if (!o->multi)
		return -ENOMEM;
	o->running = !pthread_create(&o->thread, NULL, run, o);
	return o->running ? 0 : -EAGAIN;
}

void outlet_stop(struct outlet *o)
{
	if (o->running) {
		pthread_mutex_lock(&o->ledger->lock);
		o->stop = true;
		pthread_cond_broadcast(&o->ledger->news);
		pthread_mutex_unlock(&o->ledger->lock);
		curl_multi_wakeup(o->multi);
		pthread_join(o->thread, NULL);
	}
	if (o->multi)
		curl_multi_cleanup(o->multi);
	text_put(o->text);
	*o = (struct outlet){ 0 };
}
