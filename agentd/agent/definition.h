/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a file of /etc/ktach/agents.d says of an agent. ktach-agentd and the generator
 * of its unit read it alike.
 */
#ifndef KTACH_AGENTD_AGENT_DEFINITION_H
#define KTACH_AGENTD_AGENT_DEFINITION_H

#include <stdbool.h>
#include <stdint.h>

enum definition_sizes {
	AGENT_NAME_SIZE = 64,
	AGENT_PATH_SIZE = 512,
	AGENT_WORD_SIZE = 512,
	AGENT_PROBLEM_SIZE = 1200,
	AGENT_WORDS_MAX = 64, /* of a command line */
};

enum health_check {
	HEALTH_NONE,
	HEALTH_COMMAND,
	HEALTH_HTTP,
	HEALTH_UNIX,
	HEALTH_HEARTBEAT,
	HEALTH_WATCHDOG, /* systemd's */
};

/**
 * struct definition - an agent, as its file has it
 * @path: the file
 * @name: the key "name", or the file's without ".conf"
 * @type: what kind of a program it is, for people
 * @version: its version, for people
 * @exec: the program
 * @args: its arguments, as words
 * @config: its own configuration file
 * @user: that it runs as
 * @group: that it runs as; NULL: the user's
 * @folder: where it runs
 * @environment: NAME=VALUE, as words
 * @token: that its heartbeats over HTTP have to have
 * @enabled: it is started with the host
 * @notifies: it tells systemd when it is ready
 * @reload: the signal that has it read its configuration again, as HUP; or no
 * @stop_ns: how long it may take to end, before it is killed
 * @check: how its health is seen
 * @command: of HEALTH_COMMAND, as words
 * @url: of HEALTH_HTTP: http://ADDRESS[:PORT][/PATH]
 * @socket: of HEALTH_UNIX
 * @interval_ns: between two checks
 * @timeout_ns: how long one may take
 * @retries: so many in a row fail before it is restarted
 * @policy: always, on-failure or no: when systemd starts it again
 * @delay_ns: before a restart
 * @delay_max_ns: what the delay grows to
 * @limit: restarts ...
 * @within_ns: ... in this time, before it is given up
 * @memory_mib: 0: as much as there is
 * @cpu_percent: of one CPU; 0: as much as there is
 * @tasks: processes and threads; 0: systemd's limit
 * @files: that each process may have open; 0: systemd's limit
 */
struct definition {
	char path[AGENT_PATH_SIZE];
	char name[AGENT_NAME_SIZE];
	const char *given_name;
	const char *type;
	const char *version;
	const char *exec;
	const char *args;
	const char *config;
	const char *user;
	const char *group;
	const char *folder;
	const char *environment;
	const char *token;
	bool enabled;
	bool notifies;
	const char *reload;
	uint64_t stop_ns;
	enum health_check check;
	const char *check_name;
	const char *command;
	const char *url;
	const char *socket;
	uint64_t interval_ns;
	uint64_t timeout_ns;
	uint64_t retries;
	const char *policy;
	uint64_t delay_ns;
	uint64_t delay_max_ns;
	uint64_t limit;
	uint64_t within_ns;
	uint64_t memory_mib;
	uint64_t cpu_percent;
	uint64_t tasks;
	uint64_t files;
};

/**
 * definition_read() - read an agent's file
 * @d: filled in; its name also where the file is wrong
 * @path: ends with NAME.conf
 * @problem: set after an error to "path:line: key: what is wrong"
 * @size: room there
 *
 * Return: 0 or -errno, with @problem.
 */
int definition_read(struct definition *d, const char *path, char *problem,
		    unsigned int size);

/* Whether this host has what the file names: program, user, group, configuration
 * file. Return 0 or -errno, with @problem.
 */
int definition_try(const struct definition *d, char *problem,
		   unsigned int size);

/* Whether two say the same, in all that counts for the unit and for health. */
bool definition_same(const struct definition *a, const struct definition *b);

#endif /* KTACH_AGENTD_AGENT_DEFINITION_H */
