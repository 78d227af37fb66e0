// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "ktach/agent/agent_show.h"
#include "ktach/command.h"
#include "ktach/figures/format.h"
#include "ktach/show/json.h"

enum {
	US_NS = 1000,
	KEY_COLUMN = 20,
};

/* Keys whose values are numbers in JSON, and those that are yes or no. */
static const char *const numbers[] = {
	"pid",	    "starts",	"restarts",    "health_restarts",
	"checks",   "failures", "said_memory", "refused_heartbeats",
	"said_cpu", "exit_us",	"started_us",  "heartbeat_us",
	"begun_us", "done_us",
};
static const char *const truths[] = { "enabled", "changed" };

static bool is_one_of(const char *const *keys, size_t count, const char *line,
		      size_t size)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strlen(keys[i]) == size && !strncmp(keys[i], line, size))
			return true;
	return false;
}

static enum style style_of(const char *state)
{
	if (!strcmp(state, "running"))
		return STYLE_GOOD;
	if (!strcmp(state, "failed") || !strcmp(state, "broken"))
		return STYLE_BAD;
	if (!strcmp(state, "stopped") || !strcmp(state, "disabled"))
		return STYLE_DIM;
	return STYLE_WARN;
}

static const char *moment(const char *us, char *text)
{
	if (!*us)
		return "-";
	format_time(text, strtoull(us, NULL, 10) * US_NS);
	return text;
}

static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

static void put_agent(struct paper *p, const struct agent_answer *a,
		      const char *agent)
{
	const char *state = agent_value(a, agent, "state");
	const char *failure = agent_value(a, agent, "failure");
	const char *problem = agent_value(a, agent, "problem");
	char since[FORMAT_SIZE];

	paper_put(p, STYLE_PLAIN, "%-16s ", agent_value(a, agent, "agent"));
	paper_put(p, style_of(state), "%-10s", state);
	paper_put(p, STYLE_PLAIN, " %7s %8s  %-19s  %s",
		  or_dash(agent_value(a, agent, "pid")),
		  or_dash(agent_value(a, agent, "restarts")),
		  moment(agent_value(a, agent, "started_us"), since),
		  *problem ? problem :
		  *failure ? failure :
			     or_dash(agent_value(a, agent, "exit")));
	paper_line(p);
}

void agent_show_table(const struct agent_answer *a)
{
	const char *agent;
	struct paper p;

	paper_stream(&p, stdout);
	if (!a->first) {
		paper_wrap(
			&p, STYLE_DIM, 0,
			"There is no agent: ktach-agent.conf(5) says how to make one.");
		return;
	}
	paper_put(&p, STYLE_TITLE, "%-16s %-10s %7s %8s  %-19s  %s", "agent",
		  "state", "pid", "restarts", "started",
		  "last end, or problem");
	paper_line(&p);
	for (agent = a->first; agent; agent = agent_next(a, agent))
		put_agent(&p, a, agent);
}

void agent_show_one(const struct agent_answer *a)
{
	const char *line;
	char text[FORMAT_SIZE];
	struct paper p;

	paper_stream(&p, stdout);
	for (line = a->first; line; line = agent_line(a, line)) {
		size_t size = strcspn(line, " ");
		bool time = size > 3 && !strncmp(line + size - 3, "_us", 3);

		paper_put(&p, STYLE_TITLE, "%.*s",
			  (int)(time ? size - 3 : size), line);
		paper_pad(&p, KEY_COLUMN);
		paper_wrap(&p, STYLE_PLAIN, KEY_COLUMN,
			   time ? moment(line + size + 1, text) :
				  line + size + 1);
	}
}

static json_t *agent_json(const struct agent_answer *a, const char *agent)
{
	json_t *o = json_object();
	const char *line;

	for (line = agent; line; line = agent_line(a, line)) {
		size_t size = strcspn(line, " ");
		const char *value = line + size + !!line[size];
		char key[32];
		json_t *v;

		snprintf(key, sizeof(key), "%.*s", (int)size, line);
		if (is_one_of(numbers, sizeof(numbers) / sizeof(numbers[0]),
			      line, size))
			v = strchr(value, '.') ?
				    json_real(strtod(value, NULL)) :
				    json_from_count(strtoull(value, NULL, 10));
		else if (is_one_of(truths, sizeof(truths) / sizeof(truths[0]),
				   line, size))
			v = json_boolean(!strcmp(value, "yes"));
		else
			v = json_string(value);
		json_object_set_new(o, key, v);
	}
	return o;
}

void agent_show_orders(const struct agent_answer *a)
{
	char when[FORMAT_SIZE];
	const char *o;
	struct paper p;

	paper_stream(&p, stdout);
	paper_put(&p, STYLE_TITLE, "%-19s  %-12s %-12s %-8s %-16s  %s", "begun",
		  "operator", "through", "verb", "agent", "result");
	paper_line(&p);
	for (o = a->first; o; o = agent_next(a, o)) {
		paper_put(&p, STYLE_PLAIN, "%-19s  %-12s %-12s %-8s %-16s  %s",
			  moment(agent_value(a, o, "begun_us"), when),
			  agent_value(a, o, "operator"),
			  agent_value(a, o, "through"),
			  agent_value(a, o, "verb"), agent_value(a, o, "agent"),
			  agent_value(a, o, "result"));
		paper_line(&p);
	}
}

int agent_show_json(const struct agent_answer *a, const char *name)
{
	json_t *o = json_answer(), *list = json_array();
	const char *agent;

	for (agent = a->first; agent; agent = agent_next(a, agent))
		json_array_append_new(list, agent_json(a, agent));
	json_object_set_new(o, name, list);
	return json_print(o, false) ? EXIT_FAILED : EXIT_OK;
}
