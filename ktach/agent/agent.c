// SPDX-License-Identifier: GPL-2.0-or-later
/* 'ktach agent': ktach-agentd is asked, and the journal. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ktach/agent/agent_ask.h"
#include "ktach/agent/agent_show.h"
#include "ktach/agent/agent_switch.h"
#include "ktach/command.h"
#include "lib/base/log.h"

static int list(const struct settings *s, const char *name)
{
	struct agent_answer a;
	int status = EXIT_OK;

	if (agent_ask(&a, s->agentd, "list", name)) {
		status = EXIT_FAILED;
	} else if (*name && !a.first) {
		log_error("%s: there is no such agent", name);
		status = EXIT_FAILED;
	} else if (s->json) {
		status = agent_show_json(&a, "agents");
	} else if (*name) {
		agent_show_one(&a);
	} else {
		agent_show_table(&a);
	}
	agent_answer_free(&a);
	return status ? status : answer_flushed();
}

/* Who has ordered what from afar, the newest first. */
static int show_orders(const struct settings *s)
{
	struct agent_answer a;
	int status = EXIT_OK;

	if (agent_ask(&a, s->agentd, "orders", ""))
		status = EXIT_FAILED;
	else if (s->json)
		status = agent_show_json(&a, "orders");
	else
		agent_show_orders(&a);
	agent_answer_free(&a);
	return status ? status : answer_flushed();
}

static int operate(const struct settings *s, const char *verb, const char *name)
{
	struct agent_answer a;
	int err = agent_ask(&a, s->agentd, verb, name);

	agent_answer_free(&a);
	return err ? EXIT_FAILED : EXIT_OK;
}

/* The file is where ktach-agentd says. */
static int enable(const struct settings *s, const char *verb, const char *name)
{
	bool on = !strcmp(verb, "enable"), every = !strcmp(name, "--all");
	struct agent_answer a;
	const char *agent;
	int err = agent_ask(&a, s->agentd, "list", every ? "" : name);

	if (!err && !a.first && !every) {
		log_error("%s: there is no such agent", name);
		err = -ENOENT;
	}
	for (agent = a.first; agent && !err; agent = agent_next(&a, agent))
		err = agent_switch(agent_value(&a, agent, "file"), on);
	agent_answer_free(&a);
	return err ? EXIT_FAILED : EXIT_OK;
}

/* Who may read the journal is the journal's to say. */
static int show_log(const struct settings *s, const char *verb,
		    const char *name)
{
	char unit[128], lines[24];
	const char *arguments[] = { "journalctl",
				    "--namespace=ktach-agents",
				    "--unit",
				    unit,
				    "--lines",
				    lines,
				    s->follow ? "--follow" : "--no-pager",
				    NULL };

	if (!strcmp(name, "--all"))
		snprintf(unit, sizeof(unit), "ktach-agent@*.service");
	else
		snprintf(unit, sizeof(unit), "ktach-agent@%s.service", name);
	snprintf(lines, sizeof(lines), "%llu", (unsigned long long)s->count);
	execvp(arguments[0], (char *const *)arguments);
	log_error("journalctl: %s", strerror(errno));
	return EXIT_FAILED;
}

static const struct verb {
	const char *name;
	int (*run)(const struct settings *s, const char *verb,
		   const char *name);
} verbs[] = {
	{ "start", operate },  { "stop", operate },  { "restart", operate },
	{ "reload", operate }, { "enable", enable }, { "disable", enable },
	{ "logs", show_log },
};

static const char *operand(const struct settings *s, int index)
{
	return index < s->operand_count ? s->operands[index] : "";
}

static int run_verb(const struct settings *s, const struct verb *v)
{
	const char *name = s->every ? "--all" : operand(s, 1);

	if (!*name)
		options_refuse(s->options, "%s: expected NAME, or --all",
			       v->name);
	if (s->every && s->operand_count > 1)
		options_refuse(s->options, "'%s': --all is given, too",
			       operand(s, 1));
	return v->run(s, v->name, name);
}

int run_agent(const struct settings *s)
{
	const char *verb = s->operand_count ? s->operands[0] : "list";
	size_t i;

	if (s->operand_count > 2)
		options_refuse(s->options, "'%s': unexpected", operand(s, 2));
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verb, verbs[i].name))
			return run_verb(s, &verbs[i]);
	if (!strcmp(verb, "orders"))
		return show_orders(s);
	if (strcmp(verb, "list"))
		options_refuse(
			s->options,
			"'%s': expected list, start, stop, restart, reload, enable, disable, logs or orders",
			verb);
	return list(s, operand(s, 1));
}
