// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "ktach/command.h"
#include "ktach/figures/readers.h"
#include "ktach/show/account.h"
#include "ktach/show/json.h"
#include "ktach/pace.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#define LATE_NS 200000000ULL

static int wait_for_rest(struct reading *now, const struct host_collector *c,
			 void *state, uint64_t until_ns)
{
	int ret = 1;

	while (ret > 0 && c->waits(state) && clock_mono_ns() < until_ns)
		ret = reading_follow(now, c, state, until_ns - clock_mono_ns());
	return ret < 0 ? ret : 0;
}

/* Two readings, as far apart as the user wants; one where that says it all. */
static int take_readings(const struct settings *s,
			 const struct subject *subject, struct reading *now,
			 struct reading *before)
{
	const struct host_collector *c = host_collector_find(subject->name);
	void *state;
	int err = c->open(&state, &s->host);

	if (err)
		return err;
	if (!subject->settled) {
		uint64_t begin_ns = clock_mono_ns();

		/* What fails now is said, and may do better the next time. */
		reading_take(before, c, state);
		pace_until(begin_ns + s->interval_ns);
	}
	err = reading_take(now, c, state);
	/* A deadline's own news come a little after it. */
	if (!err && c->waits)
		err = wait_for_rest(
			now, c, state,
			clock_mono_ns() + s->host.mount_deadline_ns + LATE_NS);
	c->close(state);
	if (subject->add)
		subject->add(now, &s->host);
	return err;
}

static int print_json(const struct account *a, const struct host_options *host)
{
	struct figures names = { 0 };
	struct span span = account_span(a);
	json_t *o = json_answer();

	readers_names(&names, host);
	json_object_set_new(o, "host", json_name(names.host));
	json_object_set_new(o, "kernel", json_name(names.release));
	json_object_set_new(o, "real_ns", json_from_count(span.real_ns));
	json_object_set_new(o, a->subject->name, account_json(a));
	json_object_set_new(o, "notes", json_array());
	return json_print(o, false) ? EXIT_FAILED : EXIT_OK;
}

static int answer(const struct settings *s, const struct account *a)
{
	struct paper p;

	if (s->json)
		return print_json(a, &s->host);
	paper_stream(&p, stdout);
	if (s->csv)
		account_csv(stdout, a);
	else
		view_account(&p, a);
	return answer_flushed();
}

/* What was put counts, whatever else is missing. */
static bool is_empty(const struct reading *r)
{
	int kind;

	for (kind = 0; kind < WIRE_KINDS; kind++)
		if (r->table[kind].rows.count)
			return false;
	return true;
}

int show_subject(const struct settings *s, const struct subject *subject)
{
	struct reading now = { 0 }, before = { 0 };
	const struct account a = {
		.subject = subject,
		.now = &now,
		.before = &before,
		.order = s->order,
		.wish = { .sort = s->sort, .rows = (uint32_t)s->rows },
	};
	int status = EXIT_FAILED, err;

	if (s->from == HOST_FROM_NETLINK || s->from == HOST_FROM_RING)
		options_refuse(s->options,
			       "--from: not of %s; choose best or proc",
			       subject->name);
	err = take_readings(s, subject, &now, &before);
	if (!err || !is_empty(&now))
		status = answer(s, &a);
	reading_free(&now);
	reading_free(&before);
	return status;
}
