/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_AGENTD_CONFIG_H
#define KTACH_AGENTD_CONFIG_H

#include <stdbool.h>

#include "agentd/doors/gate.h"
#include "lib/base/log.h"

#define AGENTD_CONFIG_FILE "/etc/ktach/agentd.conf"

/**
 * struct config - command line, environment and file
 * @file: what --config sets
 * @check: end once all is checked
 * @pid_file: NULL: none
 * @agents: folder of the agents' files
 * @run: folder of the sockets
 * @state: folder of what is kept
 * @http: where heartbeats come by HTTP; empty: nowhere
 * @remote: what a collector may ask
 * @gate: what follows from that, and the rest of it
 * @log: what to log
 * @debug: all
 * @level: follows from both
 */
struct config {
	const char *file;
	int check;
	const char *pid_file;
	const char *agents;
	const char *run;
	const char *state;
	const char *http;
	const char *remote;
	struct gate_setup gate;
	const char *log;
	int debug;
	enum log_level level;
};

/* Exits with 2 where something is wrong, and after --check-config. */
void agentd_config_parse(struct config *c, int argc, char **argv);

/* Read it again; what is wrong is told, and @running stays. @changes: for the log.
 * Return 0 or -errno.
 */
int agentd_config_reload(struct config *fresh, struct config *running, int argc,
			 char **argv, char *changes, unsigned int size);

#endif /* KTACH_AGENTD_CONFIG_H */
