// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agentd/agent/folder.h"
#include "agentd/agent/unit.h"
#include "agentd/config.h"
#include "lib/base/address.h"
#include "lib/base/options.h"

enum {
	HEARTBEAT_PORT = 8081,
};

static const char details[] =
	"Each file NAME.conf in " AGENTS_FOLDER
	" is an agent: ktach-agent.conf(5).\n"
	"systemd runs it as " UNIT_PREFIX
	"NAME.service, which ktach-agent-generator\n"
	"writes; this program starts new ones, stops those whose file is gone, watches\n"
	"their health, and answers 'ktach agent'.\n"
	"\n"
	"--check-config also checks all files of agents.\n"
	"\n"
	"Exit status: 0 ended by SIGTERM or SIGINT, 1 could not start, 2 usage or a\n"
	"wrong line in a file.\n";

static void add_specs(struct config *c, struct option_list *list)
{
	const struct option_spec all[] = {
		{ "config", 'f', OPTION_TEXT, &c->file, "FILE",
		  "what to read instead of " AGENTD_CONFIG_FILE, .command = 1 },
		{ "check-config", 0, OPTION_FLAG, &c->check, NULL,
		  "say what is wrong with the files, and exit", .command = 1 },
		{ "agents", 0, OPTION_TEXT, &c->agents, "DIR",
		  "folder of the agents' files", .command = 1, .start = true },
		{ "pid-file", 0, OPTION_TEXT, &c->pid_file, "FILE",
		  "holds the process id while it runs", .start = true },
		{ "run", 0, OPTION_TEXT, &c->run, "DIR",
		  "folder of the sockets", .start = true },
		{ "state", 's', OPTION_TEXT, &c->state, "DIR",
		  "folder of what is kept over a restart", .start = true },
		{ "http", 0, OPTION_TEXT, &c->http, "ADDRESS",
		  "take heartbeats by HTTP there; none: nowhere",
		  .start = true },
		{ "remote", 0, OPTION_CHOICE, &c->remote, "none|list|operate",
		  "what a collector may ask, over the feed of ktach-shipper",
		  .start = true },
		{ "operators", 0, OPTION_TEXT, &c->gate.operators, "DIR",
		  "public keys of those whose orders count", .start = true },
		{ "name", 0, OPTION_TEXT, &c->gate.name, "NAME",
		  "name of this node in orders, instead of the host name",
		  .start = true },
		{ "node-id", 0, OPTION_TEXT, &c->gate.node_id, "FILE",
		  "this node's id, which orders may name", .start = true },
		{ "log", 0, OPTION_CHOICE, &c->log, "error|warning|info|debug",
		  "what to log" },
		{ "debug", 0, OPTION_FLAG, &c->debug, NULL, "as --log debug" },
	};

	OPTION_LIST_ADD(list, all);
}

static void preset(void *values)
{
	struct config *c = values;

	*c = (struct config){
		.agents = AGENTS_FOLDER,
		.run = "/run/ktach",
		.state = "/var/lib/ktach-agentd",
		.http = "127.0.0.1:8081",
		.remote = "none",
		.gate = { .operators = "/etc/ktach/operators.d",
			  .node_id = "/var/lib/ktach/node-id" },
		.log = "info",
	};
}

static const struct options agentd_options = {
	.program = "ktach-agentd",
	.summary = "Watch over the agents of this host, which systemd runs.",
	.details = details,
	.section = "agentd",
	.reloads = true,
};

/* Whoever could reach it from elsewhere could keep a dead agent from a restart. */
static int judge(const struct config *c, const struct options *options,
		 char *problem, unsigned int size)
{
	const char *file = c->file ? c->file : AGENTD_CONFIG_FILE;
	struct address address;
	char blamed[512];

	if (!strcmp(c->http, "none") ||
	    (!address_numeric(&address, c->http, HEARTBEAT_PORT) &&
	     address_is_loopback(&address)))
		return 0;
	options_blame(options, file, "http", c->http, blamed, sizeof(blamed));
	snprintf(problem, size,
		 "%s: expected an address of the loopback, or none", blamed);
	return -EINVAL;
}

/* What follows from values. */
static void settle(struct config *c)
{
	static char host[HOST_NAME_MAX + 1];

	c->level = log_level_named(c->debug ? "debug" : c->log);
	c->gate.mode = GATE_NONE;
	if (!strcmp(c->remote, "list"))
		c->gate.mode = GATE_LIST;
	else if (!strcmp(c->remote, "operate"))
		c->gate.mode = GATE_OPERATE;
	if (c->gate.name)
		return;
	gethostname(host, sizeof(host) - 1);
	c->gate.name = host;
}

static int load(struct config *c, struct option_list *list, int argc,
		char **argv, char *problem, unsigned int size)
{
	static const int no; /* the file may be missing: agents need none */
	const struct option_sources from = {
		.preset = preset,
		.values = c,
		.file = &c->file,
		.check = &no,
		.default_file = AGENTD_CONFIG_FILE,
		.argc = argc,
		.argv = argv,
	};
	struct options options = agentd_options;
	int err;

	add_specs(c, list);
	if (list->failed) {
		snprintf(problem, size, "no memory for options");
		return -ENOMEM;
	}
	options.specs = list->specs;
	err = options_load(&options, &from, problem, size);
	if (!err)
		err = judge(c, &options, problem, size);
	settle(c);
	return err;
}

/* Returns how many files are wrong. */
static size_t check_agents(const struct config *c)
{
	char problem[AGENT_PROBLEM_SIZE];
	size_t i, wrong = 0;
	struct folder f;
	int err = folder_read(&f, c->agents);

	if (err)
		printf("%s: %s\n", c->agents, strerror(-err));
	for (i = 0; i < f.count; i++) {
		const struct folder_entry *e = &f.entries[i];

		if (!e->problem[0] &&
		    !definition_try(&e->definition, problem, sizeof(problem)))
			printf("%s: good\n", e->definition.path);
		else
			wrong += printf("%s\n", e->problem[0] ? e->problem :
								problem) > 0;
	}
	folder_free(&f);
	return wrong + (err != 0);
}

/* A file that is not there by default says nothing, which is good. */
static __attribute__((noreturn)) void end_checked(const struct config *c)
{
	if (c->file)
		printf("%s: good\n", c->file);
	exit(check_agents(c) ? 2 : 0);
}

void agentd_config_parse(struct config *c, int argc, char **argv)
{
	struct option_list list = { 0 };
	char problem[1024];

	if (load(c, &list, argc, argv, problem, sizeof(problem))) {
		fprintf(stderr, "ktach-agentd: %s\n", problem);
		exit(2);
	}
	option_list_free(&list);
	if (c->check)
		end_checked(c);
}

int agentd_config_reload(struct config *fresh, struct config *running, int argc,
			 char **argv, char *changes, unsigned int size)
{
	struct option_list list = { 0 }, old = { 0 };
	char problem[1024];
	int err = load(fresh, &list, argc, argv, problem, sizeof(problem));

	if (!err) {
		add_specs(running, &old);
		snprintf(problem, sizeof(problem), "no memory for options");
		err = options_change(&list, &old, changes, size);
	}
	if (err)
		log_error("%s; going on as before", problem);
	option_list_free(&old);
	option_list_free(&list);
	return err;
}
