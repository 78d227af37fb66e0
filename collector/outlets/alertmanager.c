// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Alertmanager's API v2. It forgets an alarm at its endsAt, so those that fire are told
 * again and again with another one; two are the same by their labels. Grouping, silences
 * and who is woken are its affair.
 */
#include <limits.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "collector/outlets/outlet.h"
#include "lib/base/node_id.h"

#define S UINT64_C(1000000000)
#define AGAIN_NS (60 * S)
/* Four more may fail. */
#define LASTS_NS (300 * S)

static void write_time(struct document *w, const char *key, uint64_t ns)
{
	time_t s = (time_t)(ns / S);
	char text[64];
	struct tm tm;
	size_t n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S",
			    gmtime_r(&s, &tm));

	snprintf(text + n, sizeof(text) - n, ".%09uZ", (unsigned int)(ns % S));
	json_key_text(w, key, text);
}

static void write_texts(struct document *w, const char *key,
			const char *const texts[][2])
{
	json_key(w, key);
	json_open(w, '{');
	for (; (*texts)[0]; texts++)
		if ((*texts)[1] && *(*texts)[1])
			json_key_text(w, (*texts)[0], (*texts)[1]);
	json_close(w, '}');
}

static void write_alarm(struct document *w, const struct ledger_alarm *a,
			uint64_t real_ns)
{
	char id[NODE_ID_TEXT_SIZE];
	const char *const labels[][2] = {
		{ "alertname", a->rule },
		{ "severity", severity_names[a->severity] },
		{ "node", a->name },
		{ "node_id", id },
		{ "row", a->row },
		{ NULL, NULL }
	};
	const char *const annotations[][2] = { { "summary", a->text },
					       { "description", a->why },
					       { "look", a->look },
					       { NULL, NULL } };

	node_id_format(a->node, id);
	json_open(w, '{');
	write_texts(w, "labels", labels);
	write_texts(w, "annotations", annotations);
	write_time(w, "startsAt", a->fired_ns);
	write_time(w, "endsAt",
		   a->cleared_ns ? a->cleared_ns : real_ns + LASTS_NS);
	json_close(w, '}');
}

/* A dead man's: where it does not come any more, the collector does not run, or its
 * messages get lost.
 */
static void write_alive(struct document *w, const struct outlet *o,
			uint64_t real_ns)
{
	char host[HOST_NAME_MAX + 1] = "";
	const char *const labels[][2] = { { "alertname",
					    "ktach-collector-alive" },
					  { "severity", "none" },
					  { "collector", host },
					  { NULL, NULL } };
	const char *const annotations[][2] = {
		{ "summary",
		  "the collector runs, and can tell of alarms: this one always fires" },
		{ NULL, NULL }
	};

	gethostname(host, sizeof(host) - 1);
	json_open(w, '{');
	write_texts(w, "labels", labels);
	write_texts(w, "annotations", annotations);
	write_time(w, "startsAt", o->began_ns);
	write_time(w, "endsAt", real_ns + LASTS_NS);
	json_close(w, '}');
}

static bool is_due(const struct outlet *o, const struct ledger_alarm *a,
		   uint64_t mono_ns, uint64_t real_ns)
{
	uint64_t sent_ns = a->sent_ns[o->index];

	if (a->cleared_ns)
		return outlet_wants_clear(o, a);
	if (a->fire_told & 1U << o->index)
		return !sent_ns || mono_ns - sent_ns >= AGAIN_NS;
	return outlet_wants_fire(o, a, real_ns);
}

static bool compose(struct outlet *o, uint64_t mono_ns, uint64_t real_ns)
{
	bool alive_due = !o->alive_ns || mono_ns - o->alive_ns >= AGAIN_NS;
	const struct ledger *l = o->ledger;
	struct document w = { 0 };
	size_t i;

	o->count = 0;
	json_open(&w, '[');
	for (i = 0; i < l->count && o->count < o->batch_max; i++) {
		const struct ledger_alarm *a = l->all[i];

		if (!is_due(o, a, mono_ns, real_ns))
			continue;
		write_alarm(&w, a, real_ns);
		o->events[o->count++] =
			(struct outlet_event){ a->id, a->cleared_ns };
	}
	if (alive_due || o->count)
		write_alive(&w, o, real_ns);
	json_close(&w, ']');
	o->text = document_done(&w);
	if (alive_due || o->count)
		return o->text;
	text_put(o->text);
	o->text = NULL;
	return false;
}

static void sign(struct outlet *o, uint64_t real_ns)
{
}

static void told(struct outlet *o, uint64_t mono_ns)
{
	o->alive_ns = mono_ns;
}

const struct outlet_kind outlet_alertmanager = {
	.compose = compose,
	.sign = sign,
	.told = told,
};
