// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ktach/burst_view.h"
#include "ktach/command.h"
#include "ktach/show/json.h"
#include "ktach/source_list.h"

static const struct json_member source_members[] = {
	{ "period_us", offsetof(struct source, period_us) },
	{ "slots", offsetof(struct source, slots) },
	{ "records", offsetof(struct source, records) },
	{ "head", offsetof(struct source, head) },
	{ "missed", offsetof(struct source, missed) },
	{ "fill_ns_last", offsetof(struct source, fill_ns_last) },
	{ "fill_ns_max", offsetof(struct source, fill_ns_max) },
	{ "backward_events", offsetof(struct source, backward_events) },
	{ 0 },
};

static json_t *source_json(const struct source *s)
{
	json_t *o = json_object();

	json_object_set_new(o, "name", json_string(s->name));
	json_object_set_new(o, "device", json_string(s->device));
	json_object_set_new(o, "origin", json_string(origin_name(s->origin)));
	json_members(o, source_members, s);
	return o;
}

static int print_json(const struct source_list *l)
{
	json_t *o = json_answer(), *sources = json_array();
	int i;

	for (i = 0; i < l->count; i++)
		json_array_append_new(sources, source_json(&l->source[i]));
	json_object_set_new(o, "sources", sources);
	return json_print(o, false) ? EXIT_FAILED : EXIT_OK;
}

static void print_csv(const struct source_list *l)
{
	int i;

	puts("name,device,origin,period_us,slots,records,head,missed,"
	     "fill_ns_last,fill_ns_max,backward_events");
	for (i = 0; i < l->count; i++) {
		const struct source *s = &l->source[i];

		printf("%s,%s,%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
		       ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n",
		       s->name, s->device, origin_name(s->origin), s->period_us,
		       s->slots, s->records, s->head, s->missed,
		       s->fill_ns_last, s->fill_ns_max, s->backward_events);
	}
}

static void put_source(struct paper *p, const struct source *s)
{
	char period[32];

	duration_format(s->period_us * 1000, period, sizeof(period));
	paper_put(p, STYLE_PLAIN, "%-10s %8s %6" PRIu64 " %7" PRIu64, s->name,
		  period, s->slots, s->records);
	paper_put(p, STYLE_PLAIN, " %10" PRIu64, s->head);
	paper_put(p, s->missed ? STYLE_WARN : STYLE_DIM, " %7" PRIu64,
		  s->missed);
	paper_put(p, STYLE_PLAIN, " %8.1f %8.1f  ",
		  (double)s->fill_ns_last / 1000,
		  (double)s->fill_ns_max / 1000);
	paper_put(p, STYLE_DIM, "%s", s->device);
	paper_line(p);
}

static void print_table(const struct source_list *l)
{
	struct paper p;
	int i;

	paper_stream(&p, stdout);
	if (!l->count) {
		paper_wrap(
			&p, STYLE_WARN, 0,
			"No source is loaded: figures come from /proc. 'ktach doctor' says what to do.");
		return;
	}
	paper_put(&p, STYLE_TITLE, "%-10s %8s %6s %7s %10s %7s %8s %8s  %s",
		  "source", "period", "slots", "records", "newest", "missed",
		  "us last", "us max", "device");
	paper_line(&p);
	for (i = 0; i < l->count; i++)
		put_source(&p, &l->source[i]);
}

int run_sources(const struct settings *s)
{
	struct source_list l;

	source_list_read(&l, s->host.net.pins);
	if (s->json)
		return print_json(&l);
	if (s->csv)
		print_csv(&l);
	else
		print_table(&l);
	return EXIT_OK;
}

/* "5000" are microseconds, "5ms" says its unit. */
static uint64_t period_us(const struct settings *s, const char *text)
{
	uint64_t ns;
	char *end;

	if (!duration_parse(text, &ns)) {
		if (ns % 1000 || !ns)
			options_refuse(
				s->options,
				"'%s': not a whole number of microseconds",
				text);
		return ns / 1000;
	}
	errno = 0;
	ns = strtoull(text, &end, 10);
	if (errno || *end || end == text || *text == '-' || !ns)
		options_refuse(
			s->options,
			"'%s': expected microseconds, or a duration such as 10ms",
			text);
	return ns;
}

static bool is_bursts(const struct settings *s)
{
	return (s->operand_count == 2 || s->operand_count == 3) &&
	       !strcmp(s->operands[0], "bursts") &&
	       (!strcmp(s->operands[1], "freeze") ||
		!strcmp(s->operands[1], "run"));
}

int run_set(const struct settings *s)
{
	uint64_t us;
	json_t *o;

	if (is_bursts(s))
		return set_bursts(s);
	if (s->operand_count != 3 || strcmp(s->operands[0], "period"))
		options_refuse(
			s->options,
			"expected: period SOURCE US, or bursts freeze|run [INTERFACE]");
	us = period_us(s, s->operands[2]);
	if (source_set_period(s->operands[1], us, s->host.net.pins))
		return EXIT_FAILED;
	if (!s->json)
		return EXIT_OK;
	o = json_answer();
	json_object_set_new(o, "source", json_string(s->operands[1]));
	json_object_set_new(o, "period_us", json_from_count(us));
	return json_print(o, false) ? EXIT_FAILED : EXIT_OK;
}
