// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agentd/agent/definition.h"
#include "agentd/agent/url.h"
#include "agentd/agent/words.h"
#include "lib/base/options.h"

#define S_NS UINT64_C(1000000000)
#define DAY_NS (86400 * S_NS)
#define SUFFIX ".conf"

static const char *const check_names[] = {
	[HEALTH_NONE] = "none",		  [HEALTH_COMMAND] = "command",
	[HEALTH_HTTP] = "http",		  [HEALTH_UNIX] = "unix",
	[HEALTH_HEARTBEAT] = "heartbeat", [HEALTH_WATCHDOG] = "watchdog",
};

static void add_specs(struct definition *d, struct option_list *list)
{
	const struct option_spec own[] = {
		{ "name", 0, OPTION_TEXT, &d->given_name },
		{ "type", 0, OPTION_TEXT, &d->type },
		{ "version", 0, OPTION_TEXT, &d->version },
		{ "exec", 0, OPTION_TEXT, &d->exec },
		{ "args", 0, OPTION_TEXT, &d->args, .joined = true },
		{ "config", 0, OPTION_TEXT, &d->config },
		{ "user", 0, OPTION_TEXT, &d->user },
		{ "group", 0, OPTION_TEXT, &d->group },
		{ "folder", 0, OPTION_TEXT, &d->folder },
		{ "environment", 0, OPTION_TEXT, &d->environment,
		  .joined = true },
		{ "token", 0, OPTION_TEXT, &d->token },
		{ "enabled", 0, OPTION_SWITCH, &d->enabled },
		{ "notify", 0, OPTION_SWITCH, &d->notifies },
		{ "reload", 0, OPTION_CHOICE, &d->reload,
		  "no|HUP|INT|USR1|USR2|WINCH" },
		{ "stop-time", 0, OPTION_DURATION, &d->stop_ns, .min = S_NS,
		  .max = 3600 * S_NS },
	};
	const struct option_spec health[] = {
		{ "health-check", 0, OPTION_CHOICE, &d->check_name,
		  "none|command|http|unix|heartbeat|watchdog" },
		{ "health-command", 0, OPTION_TEXT, &d->command,
		  .joined = true },
		{ "health-url", 0, OPTION_TEXT, &d->url },
		{ "health-socket", 0, OPTION_TEXT, &d->socket },
		{ "health-interval", 0, OPTION_DURATION, &d->interval_ns,
		  .min = S_NS, .max = DAY_NS },
		{ "health-timeout", 0, OPTION_DURATION, &d->timeout_ns,
		  .min = S_NS, .max = 3600 * S_NS },
		{ "health-retries", 0, OPTION_NUMBER, &d->retries, .min = 1,
		  .max = 1000 },
	};
	const struct option_spec rest[] = {
		{ "restart-policy", 0, OPTION_CHOICE, &d->policy,
		  "always|on-failure|no" },
		{ "restart-delay", 0, OPTION_DURATION, &d->delay_ns,
		  .min = 100000000, .max = DAY_NS },
		{ "restart-delay-max", 0, OPTION_DURATION, &d->delay_max_ns,
		  .min = 100000000, .max = DAY_NS },
		{ "restart-limit", 0, OPTION_NUMBER, &d->limit, .min = 1,
		  .max = 1000000 },
		{ "restart-within", 0, OPTION_DURATION, &d->within_ns,
		  .min = S_NS, .max = DAY_NS },
		{ "limits-memory", 0, OPTION_NUMBER, &d->memory_mib, .min = 0,
		  .max = UINT64_C(1) << 40 },
		{ "limits-cpu", 0, OPTION_NUMBER, &d->cpu_percent, .min = 0,
		  .max = 1000000 },
		{ "limits-tasks", 0, OPTION_NUMBER, &d->tasks, .min = 0,
		  .max = 1 << 22 },
		{ "limits-files", 0, OPTION_NUMBER, &d->files, .min = 0,
		  .max = 1 << 30 },
	};
	size_t i;

	OPTION_LIST_ADD(list, own);
	OPTION_LIST_ADD(list, health);
	OPTION_LIST_ADD(list, rest);
	if (list->failed)
		return;
	/* A section's keys are those whose names begin with it. */
	for (i = 0; i < list->count; i++) {
		static const char *const sections[] = { "health", "restart",
							"limits" };
		const char *name = list->specs[i].name;
		size_t j;

		for (j = 0; j < 3; j++)
			if (!strncmp(name, sections[j], strlen(sections[j])))
				list->specs[i].section = sections[j];
	}
}

static void preset(struct definition *d)
{
	*d = (struct definition){
		.type = "agent",
		.check_name = check_names[HEALTH_NONE],
		.enabled = true,
		.reload = "no",
		.stop_ns = 10 * S_NS,
		.interval_ns = 10 * S_NS,
		.timeout_ns = 3 * S_NS,
		.retries = 3,
		.policy = "on-failure",
		.delay_ns = S_NS,
		.delay_max_ns = 60 * S_NS,
		.limit = 5,
		.within_ns = 300 * S_NS,
	};
}

/* Letters, digits, - _ and . (not in front): what a unit's name may have. */
static bool is_good_name(const char *name)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	size_t size = strlen(name);

	return size && size < AGENT_NAME_SIZE && *name != '.' && *name != '-' &&
	       !name[strspn(name, good)];
}

/* A key whose value is wrong though it reads well; no problem: all is well. */
struct fault {
	const char *key;
	const char *value;
	const char *problem;
};

static const struct fault well;

static struct fault missing(const char *key, const char *problem)
{
	return (struct fault){ key, NULL, problem };
}

static struct fault judge_words(const char *key, const char *text)
{
	struct fault f = { key, text };
	char word[AGENT_WORD_SIZE];
	int count = 0, err = 1;

	while (text && err > 0) {
		err = words_next(&text, word, sizeof(word));
		count += err > 0;
	}
	if (!text)
		return well;
	if (err == -EINVAL)
		f.problem = "a quote is not closed";
	else if (err)
		f.problem = "a word is longer than 511 bytes";
	else if (count >= AGENT_WORDS_MAX)
		f.problem = "more than 63 words";
	else
		return well;
	return f;
}

static struct fault judge_path(const char *key, const char *path)
{
	if (!path || *path == '/')
		return well;
	return (struct fault){ key, path, "expected a path from / on" };
}

static struct fault judge_environment(const char *text)
{
	struct fault f = { "environment", text,
			   "expected NAME=VALUE, and spaces between them" };
	char word[AGENT_WORD_SIZE];
	const char *at = text;

	while (at && words_next(&at, word, sizeof(word)) > 0)
		if (!strchr(word, '=') || *word == '=' ||
		    (*word >= '0' && *word <= '9'))
			return f;
	return well;
}

static struct fault judge_health(const struct definition *d)
{
	struct url url;

	if (d->check == HEALTH_COMMAND && (!d->command || *d->command != '/'))
		return missing(
			"health-command",
			"the check 'command' needs a program with its path from / on");
	if (d->check == HEALTH_HTTP && !d->url)
		return missing("health-url", "the check 'http' needs it");
	if (d->url && url_parse(&url, d->url))
		return (struct fault){
			"health-url", d->url,
			"expected http://ADDRESS:PORT/PATH, an address of this host"
		};
	if (d->check == HEALTH_UNIX && !d->socket)
		return missing("health-socket", "the check 'unix' needs it");
	if (d->timeout_ns > d->interval_ns)
		return missing("health-timeout",
			       "longer than the time between two checks");
	return well;
}

/* The first thing that is wrong. */
static struct fault find_fault(const struct definition *d)
{
	const struct fault all[] = {
		judge_path("exec", d->exec),
		judge_path("config", d->config),
		judge_path("folder", d->folder),
		judge_path("health-socket", d->socket),
		judge_words("args", d->args),
		judge_words("environment", d->environment),
		judge_words("health-command", d->command),
		judge_environment(d->environment),
		judge_health(d),
	};
	size_t i;

	if (!is_good_name(d->name))
		return (struct fault){
			d->given_name ? "name" : NULL, d->given_name,
			"an agent's name has up to 63 letters, digits, '-', '_' and '.'"
		};
	if (!d->exec)
		return missing("exec", "there is no program to run");
	if (!d->user)
		return missing("user", "there is no user to run it as");
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].problem)
			return all[i];
	if (d->delay_max_ns < d->delay_ns)
		return missing("restart-delay-max",
			       "shorter than restart-delay");
	return well;
}

static int tell_fault(const struct options *o, const char *path,
		      const struct fault *f, char *problem, unsigned int size)
{
	int line = f->key ? options_line(o, path, f->key) : 0;
	char number[16] = "";

	if (!f->problem)
		return 0;
	if (line)
		snprintf(number, sizeof(number), ":%d", line);
	if (f->value)
		snprintf(problem, size, "%s%s: %s: '%s': %s", path, number,
			 f->key, f->value, f->problem);
	else
		snprintf(problem, size, "%s%s: %s%s%s", path, number,
			 f->key ? f->key : "", f->key ? ": " : "", f->problem);
	return -EINVAL;
}

/* Who may write the file says what runs as whom. */
static int judge_file(const struct definition *d, char *problem,
		      unsigned int size)
{
	const char *wrong = NULL;
	struct stat st;

	if (stat(d->path, &st))
		return 0; /* reading it says why */
	if (!S_ISREG(st.st_mode))
		wrong = "not a file";
	else if (st.st_uid && st.st_uid != geteuid())
		wrong = "belongs to another user than root";
	else if (st.st_mode & (S_IWGRP | S_IWOTH))
		wrong = "others than its owner may write it; chmod go-w";
	else if (d->token && (st.st_mode & (S_IRGRP | S_IROTH)))
		wrong = "has a token, and others than its owner may read it; chmod go-r";
	if (wrong)
		snprintf(problem, size, "%s: %s", d->path, wrong);
	return wrong ? -EPERM : 0;
}

static void name_after_file(struct definition *d)
{
	const char *base = strrchr(d->path, '/');
	size_t size;

	base = base ? base + 1 : d->path;
	size = strlen(base);
	if (size > strlen(SUFFIX) &&
	    !strcmp(base + size - strlen(SUFFIX), SUFFIX))
		size -= strlen(SUFFIX);
	snprintf(d->name, sizeof(d->name), "%.*s", (int)size, base);
	if (size >= sizeof(d->name)) /* a part of a name is no name */
		d->name[0] = '\0';
}

static void take_name(struct definition *d)
{
	if (!d->given_name)
		return;
	snprintf(d->name, sizeof(d->name), "%s", d->given_name);
	if (strlen(d->given_name) >= sizeof(d->name))
		d->name[0] = '\0';
}

static enum health_check check_named(const char *name)
{
	int i = HEALTH_WATCHDOG;

	while (i && strcmp(name, check_names[i]))
		i--;
	return (enum health_check)i;
}

int definition_read(struct definition *d, const char *path, char *problem,
		    unsigned int size)
{
	struct options options = { .program = "agent", .section = "agent" };
	struct option_list list = { 0 };
	struct fault fault;
	int err;

	preset(d);
	snprintf(d->path, sizeof(d->path), "%s", path);
	name_after_file(d);
	add_specs(d, &list);
	options.specs = list.specs;
	snprintf(problem, size, "%s: no memory", path);
	err = list.failed ? -ENOMEM : judge_file(d, problem, size);
	if (!err)
		err = options_file(&options, path, problem, size);
	if (!err)
		err = judge_file(d, problem, size);
	if (!err) {
		take_name(d);
		d->check = check_named(d->check_name);
		fault = find_fault(d);
		err = tell_fault(&options, path, &fault, problem, size);
	}
	option_list_free(&list);
	return err;
}

static struct fault find_absent(const struct definition *d)
{
	if (access(d->exec, X_OK))
		return (struct fault){ "exec", d->exec, strerror(errno) };
	if (!getpwnam(d->user))
		return (struct fault){ "user", d->user,
				       "there is no such user on this host" };
	if (d->group && !getgrnam(d->group))
		return (struct fault){ "group", d->group,
				       "there is no such group on this host" };
	if (d->config && access(d->config, F_OK))
		return (struct fault){ "config", d->config, strerror(errno) };
	return well;
}

int definition_try(const struct definition *d, char *problem, unsigned int size)
{
	struct options options = { .program = "agent", .section = "agent" };
	struct option_list list = { 0 };
	struct fault fault = find_absent(d);
	struct definition any;
	int err;

	add_specs(&any, &list);
	options.specs = list.specs;
	snprintf(problem, size, "%s: no memory", d->path);
	err = list.failed ?
		      -ENOMEM :
		      tell_fault(&options, d->path, &fault, problem, size);
	option_list_free(&list);
	return err;
}

bool definition_same(const struct definition *a, const struct definition *b)
{
	struct definition from = *a, to = *b;
	struct option_list one = { 0 }, other = { 0 };
	bool same;
	size_t i;

	add_specs(&from, &one);
	add_specs(&to, &other);
	same = !one.failed && !other.failed;
	for (i = 0; same && i < one.count; i++)
		same = one.specs[i].value == &from.enabled ||
		       option_same(&one.specs[i], &other.specs[i]);
	option_list_free(&one);
	option_list_free(&other);
	return same;
}
