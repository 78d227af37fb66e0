// SPDX-License-Identifier: GPL-2.0-or-later
/* The ledger's thread: what changes in it goes to disk. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "collector/alarms/ledger_file.h"
#include "lib/base/clock.h"
#include "lib/base/cond.h"
#include "lib/base/log.h"

enum {
	BATCH = 1024, /* alarms that are written at once */
	AGAIN_S = 5, /* until a file that failed is tried again */
};

/**
 * struct batch - what is being written
 * @alarms: as they were when they were taken
 * @count: of @alarms
 * @silences: all of them; NULL: as they were
 * @silence_count: of @silences
 */
struct batch {
	struct ledger_alarm alarms[BATCH];
	size_t count;
	struct ledger_silence *silences;
	size_t silence_count;
};

/* Who knows that it fires is to know that it is over; of one that is silenced, or that
 * an outlet does not want to hear of when it is too late, nobody else is.
 */
static bool is_done(const struct ledger *l, const struct ledger_alarm *a,
		    uint64_t real_ns)
{
	unsigned int to_be_told = l->outlets & a->fire_told;

	if (!a->cleared_ns)
		return false;
	if (!ledger_silenced(l, a, real_ns))
		to_be_told |= l->outlets & l->patient;
	return !(to_be_told & ~a->clear_told);
}

static void forget_silences(struct ledger *l, uint64_t real_ns)
{
	size_t i, left = 0;

	for (i = 0; i < l->silence_count; i++)
		if (l->silences[i].until_ns > real_ns)
			l->silences[left++] = l->silences[i];
	if (left != l->silence_count)
		l->silences_changed = true;
	l->silence_count = left;
}

static void take_silences(struct ledger *l, struct batch *b)
{
	size_t size = l->silence_count * sizeof(*b->silences);

	b->silences = malloc(size ? size : 1);
	if (!b->silences)
		return; /* with the next batch */
	memcpy(b->silences, l->silences, size);
	b->silence_count = l->silence_count;
	l->silences_changed = false;
}

/* Whether there is anything to be written. */
static bool take_batch(struct ledger *l, struct batch *b)
{
	uint64_t real_ns = clock_real_ns();
	size_t i;

	b->count = 0;
	b->silences = NULL;
	l->changed = false;
	for (i = 0; i < l->count; i++) {
		struct ledger_alarm *a = l->all[i];

		if (!a->changed)
			continue;
		if (b->count == BATCH) {
			l->changed = true;
			break;
		}
		a->done = is_done(l, a, real_ns);
		a->changed = false;
		b->alarms[b->count++] = *a;
	}
	forget_silences(l, real_ns);
	if (l->silences_changed)
		take_silences(l, b);
	return b->count || b->silences;
}

static void tell_failing(struct ledger *l, bool failing)
{
	if (failing && !l->failing)
		log_error(
			"%s: alarms are kept in memory only until it can be written",
			ledger_file_problem(l->file));
	if (!failing && l->failing)
		log_info("alarms.db is written again");
	l->failing = failing;
}

/* They are there, or are not going to be for a while: then they are sent all the same.
 * Only this thread frees alarms.
 */
static void end_batch(struct ledger *l, const struct batch *b, bool written)
{
	size_t i, left = 0;

	for (i = 0; i < b->count; i++) {
		struct ledger_alarm *a = ledger_find(l, b->alarms[i].id);

		a->kept = true;
		if (!written)
			a->changed = true;
	}
	if (!written) {
		l->changed = true;
		l->silences_changed = l->silences_changed || b->silences;
	}
	for (i = 0; i < l->count; i++) {
		struct ledger_alarm *a = l->all[i];

		if (a->done && !a->changed)
			free(a);
		else
			l->all[left++] = a;
	}
	l->count = left;
	pthread_cond_broadcast(&l->news);
}

static bool write_batch(struct ledger *l, struct batch *b)
{
	bool written = !l->file ||
		       !ledger_file_write(l->file, b->alarms, b->count,
					  b->silences, b->silence_count);

	free(b->silences);
	return written;
}

static void wait_for_news(struct ledger *l, bool failed)
{
	struct timespec until;

	if (!failed) {
		pthread_cond_wait(&l->news, &l->lock);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += AGAIN_S;
	while (!l->stop && !pthread_cond_timedwait(&l->news, &l->lock, &until))
		;
}

static void *write_changes(void *argument)
{
	struct ledger *l = argument;
	struct batch *b = malloc(sizeof(*b)); /* too large for a stack */
	bool failed = false;

	pthread_mutex_lock(&l->lock);
	while (b && !(l->stop && (failed || !l->changed))) {
		if (failed || !l->changed) {
			wait_for_news(l, failed);
			failed = false;
			continue;
		}
		if (!take_batch(l, b))
			continue;
		pthread_mutex_unlock(&l->lock);
		failed = !write_batch(l, b);
		pthread_mutex_lock(&l->lock);
		tell_failing(l, failed);
		end_batch(l, b, !failed);
	}
	pthread_mutex_unlock(&l->lock);
	free(b);
	return NULL;
}

/**
 * struct reading - the file of the process before
 * @ledger: what is not done with goes there
 * @past: told the rest
 * @context: for @past
 */
struct reading {
	struct ledger *ledger;
	void (*past)(void *context, const struct ledger_alarm *alarm);
	void *context;
};

static void read_alarm(void *context, const struct ledger_alarm *alarm)
{
	struct reading *in = context;
	struct ledger *l = in->ledger;
	struct ledger_alarm *a;

	if (alarm->id > l->last_id)
		l->last_id = alarm->id;
	if (alarm->cleared_ns)
		in->past(in->context, alarm);
	if (alarm->done || l->count == LEDGER_MAX)
		return;
	a = ledger_copy(alarm);
	if (!a)
		return;
	a->changed = a->cleared_ns; /* it may be done with */
	l->all[l->count++] = a;
}

static void read_silence(void *context, const struct ledger_silence *silence)
{
	struct ledger *l = ((struct reading *)context)->ledger;

	if (l->silence_count < LEDGER_SILENCES_MAX)
		l->silences[l->silence_count++] = *silence;
}

static void read_file(struct ledger *l, struct reading *in, const char *folder)
{
	if (ledger_file_open(&l->file, folder))
		l->file = NULL;
	else if (ledger_file_read(l->file, read_alarm, read_silence, in))
		l->failing = true;
}

int ledger_open(struct ledger *l, const char *folder,
		void (*past)(void *context, const struct ledger_alarm *alarm),
		void *context)
{
	struct reading in = { l, past, context };

	*l = (struct ledger){
		.all = calloc(LEDGER_MAX, sizeof(struct ledger_alarm *)),
		.silences = calloc(LEDGER_SILENCES_MAX,
				   sizeof(struct ledger_silence)),
	};
	pthread_mutex_init(&l->lock, NULL);
	cond_init(&l->news);
	if (!l->all || !l->silences)
		return -ENOMEM;
	if (folder)
		read_file(l, &in, folder);
	l->changed = true;
	return 0;
}

int ledger_start(struct ledger *l)
{
	l->running = !pthread_create(&l->writer, NULL, write_changes, l);
	return l->running ? 0 : -ENOMEM;
}

void ledger_close(struct ledger *l)
{
	size_t i;

	if (l->running) {
		pthread_mutex_lock(&l->lock);
		l->stop = true;
		pthread_cond_broadcast(&l->news);
		pthread_mutex_unlock(&l->lock);
		pthread_join(l->writer, NULL);
	}
	ledger_file_close(l->file);
	for (i = 0; i < l->count; i++)
		free(l->all[i]);
	free(l->all);
	free(l->silences);
	pthread_cond_destroy(&l->news);
	pthread_mutex_destroy(&l->lock);
	*l = (struct ledger){ 0 };
}
