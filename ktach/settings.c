// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "host/name.h"
#include "ktach/command.h"
#include "ktach/show/account.h"

enum {
	NAMES_MAX = 256,
};

#define MS_NS 1000000ULL
#define HOUR_NS 3600000000000ULL

/* Texts that become numbers once they are checked. */
struct words {
	const char *from;
	const char *sort;
};

static const char *const from_names[] = {
	[HOST_FROM_BEST] = "best",
	[HOST_FROM_NETLINK] = "netlink",
	[HOST_FROM_RING] = "ring",
	[HOST_FROM_PROC] = "proc",
};

static const char *const sort_names[] = {
	[ORDER_NUMBER] = "number",
	[ORDER_ACTIVITY] = "activity",
};

static int find_word(const struct options *o, const char *option,
		     const char *word, const char *const *names, int count)
{
	char all[128] = "";
	int i;

	for (i = 0; i < count; i++)
		if (!strcmp(word, names[i]))
			return i;
	for (i = 0; i < count; i++) {
		strcat(all, i ? ", " : "");
		strcat(all, names[i]);
	}
	options_refuse(o, "--%s '%s': expected one of %s", option, word, all);
}

struct name_list {
	char *text;
	size_t room;
};

static void add_row_name(void *arg, const char *name, const struct value *v)
{
	struct name_list *list = arg;
	size_t n = strlen(list->text);

	snprintf(list->text + n, list->room - n, ", %s", name);
}

/* Rows of a subject are sorted by any of their values, too. */
static void set_order(struct settings *s, const char *word)
{
	const struct subject *subject =
		s->operand_count ? subject_find(s->operands[0]) : NULL;
	char names[1024] = "";
	struct name_list list = { names, sizeof(names) };

	if (!subject || !subject->kind || !strcmp(word, sort_names[0]) ||
	    !strcmp(word, sort_names[1])) {
		s->order =
			find_word(s->options, "sort", word, sort_names, ORDERS);
		return;
	}
	s->sort = word;
	if (row_has(subject->kind, word))
		return;
	row_members(NULL, subject->kind, add_row_name, &list);
	options_refuse(s->options,
		       "--sort '%s': expected one of number, activity%s", word,
		       names);
}

static void all_specs(struct settings *s, struct words *w,
		      struct option_list *list, unsigned int mask)
{
	const struct {
		enum setting setting;
		struct option_spec spec;
	} all[] = {
		{ SET_JSON,
		  { "json", 'j', OPTION_FLAG, &s->json, NULL,
		    "answer in JSON, see ktach(1) for its members" } },
		{ SET_CSV,
		  { "csv", 'c', OPTION_FLAG, &s->csv, NULL,
		    "answer in CSV, with a line of titles" } },
		{ SET_INTERVAL,
		  { "interval", 'i', OPTION_DURATION, &s->interval_ns, "TIME",
		    "time between two samples", MS_NS, HOUR_NS } },
		{ SET_COUNT,
		  { "count", 'n', OPTION_NUMBER, &s->count, "NUMBER",
		    "end after that many samples; 0: go on", 0, UINT32_MAX } },
		{ SET_SORT,
		  { "sort", 's', OPTION_TEXT, &w->sort, "number|activity",
		    "order of CPUs and interfaces; of a subject's rows also NAME" } },
		{ SET_ROWS,
		  { "rows", 'r', OPTION_NUMBER, &s->rows, "NUMBER",
		    "of a subject: so many rows at most; 0: all", 0,
		    UINT32_MAX } },
		{ SET_BURSTS,
		  { "bursts", 'b', OPTION_FLAG, &s->bursts, NULL,
		    "net: draw the last milliseconds of each interface" } },
		{ SET_SPEED,
		  { "speed", 'x', OPTION_NUMBER, &s->speed, "FACTOR",
		    "replay that many times as fast; 0: at once", 0,
		    1000000 } },
		{ SET_FROM,
		  { "from", 'f', OPTION_TEXT, &w->from,
		    "best|netlink|ring|proc", "where figures may come from" } },
		{ SET_AGENT,
		  { "all", 'a', OPTION_FLAG, &s->every, NULL,
		    "all agents, instead of one" } },
		{ SET_AGENT,
		  { "follow", 'F', OPTION_FLAG, &s->follow, NULL,
		    "logs: go on with lines as they come" } },
		{ SET_AGENT,
		  { "lines", 'n', OPTION_NUMBER, &s->count, "NUMBER",
		    "logs: the last ones", 0, 1000000 } },
		{ SET_AGENT,
		  { "run", 0, OPTION_TEXT, &s->agentd, "DIR",
		    "folder of ktach-agentd's socket" } },
		{ SET_FLIGHT,
		  { "socket", 0, OPTION_TEXT, &s->flight_socket, "FILE",
		    "of the flight recorder" } },
		{ SET_PINS,
		  { "pins", 0, OPTION_TEXT, &s->host.net.pins, "DIR",
		    "folder of the pinned packet rates" } },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (mask & all[i].setting)
			option_list_add(list, &all[i].spec, 1);
	if (mask & SET_HOST)
		host_options_specs(&s->host, list);
}

void settings_parse(struct settings *s, const struct command *c, int argc,
		    char **argv)
{
	static struct option_list list;
	static struct options options;
	static char program[32];
	struct words w = { from_names[HOST_FROM_BEST],
			   sort_names[ORDER_NUMBER] };
	int first;

	*s = (struct settings){
		.interval_ns = c->interval_ns,
		.count = c->count,
		.speed = 1,
		.agentd = "/run/ktach",
		.options = &options,
	};
	host_options_preset(&s->host);
	snprintf(program, sizeof(program), "ktach%s%s", *c->name ? " " : "",
		 c->name);
	options = (struct options){
		.program = program,
		.summary = c->summary,
		.details = c->details,
		.operands = c->operands,
	};
	all_specs(s, &w, &list, c->settings);
	options.specs = list.specs;
	if (list.failed)
		options_refuse(&options, "no memory");
	argv[0] = program;
	first = options_parse(&options, argc, argv);
	options_strays(&(struct options){ .specs = host_options_trees() });
	host_settle_sys(&s->host);
	s->operands = argv + first;
	s->operand_count = argc - first;
	s->from = find_word(&options, "from", w.from, from_names, 4);
	set_order(s, w.sort);
	if (s->json && s->csv)
		options_refuse(&options, "--json and --csv: choose one");
}

/* Nothing may follow the operand at @index. */
static void end_of_operands(const struct settings *s, int index)
{
	if (s->operand_count > index + 1)
		options_refuse(s->options, "'%s': unexpected",
			       s->operands[index + 1]);
}

int settings_section(const struct settings *s, int index, int otherwise)
{
	int section;

	if (index >= s->operand_count)
		return otherwise;
	section = section_find(s->operands[index]);
	if (section < 0)
		options_refuse(s->options,
			       "'%s': expected cpu, softirq, net, mem or load",
			       s->operands[index]);
	end_of_operands(s, index);
	return section;
}

static void add_name(char *names, const char *name)
{
	if (*names)
		strcat(names, ", ");
	strcat(names, name);
}

static void __attribute__((noreturn)) refuse_name(const struct settings *s)
{
	char names[NAMES_MAX] = "";
	const struct subject *subject;
	int i;

	for (i = 0; i < SECTIONS; i++)
		add_name(names, section_name(i));
	for (subject = subjects; subject->name; subject++)
		add_name(names, subject->name);
	options_refuse(s->options, "'%s': expected one of %s", s->operands[0],
		       names);
}

/* Netlink has sections only. */
const struct subject *settings_subject(const struct settings *s)
{
	const struct subject *subject;
	int section;

	if (!s->operand_count)
		return NULL;
	subject = subject_find(s->operands[0]);
	section = section_find(s->operands[0]);
	if (!subject && section < 0)
		refuse_name(s);
	if (section >= 0 && s->from == HOST_FROM_NETLINK)
		return NULL;
	if (subject)
		end_of_operands(s, 0);
	return subject;
}

struct readers_options settings_readers(const struct settings *s,
					unsigned int sections)
{
	return (struct readers_options){
		.from = s->from,
		.sections = sections,
		.host = &s->host,
	};
}
