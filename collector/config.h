/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_COLLECTOR_CONFIG_H
#define KTACH_COLLECTOR_CONFIG_H

#include <stdint.h>

#include "collector/history/store.h"
#include "collector/outlets/setup.h"
#include "lib/base/address.h"
#include "lib/base/log.h"

#define CONFIG_FILE "/etc/ktach/collector.conf"

/**
 * struct config - the command line, below it the environment and the file
 * @file: NULL: CONFIG_FILE, if it is there
 * @check: say whether it is good, and exit
 * @pid_file: NULL for none
 * @listen: where frames come in
 * @http: where the page and the API are served
 * @data: folder of the history, and of lists of what is revoked
 * @servers: that have the history instead; NULL: none
 * @members: etcd servers that know who else writes to them; NULL: nobody does
 * @member_id: of this one; NULL: this host's name
 * @member_address: where shippers find it; NULL: @listen
 * @history: how much of it is kept
 * @size_mib: its size_max, as it is given
 * @memory_mib: its memory_max, likewise
 * @writers: its groups
 * @keys: file or folder of keys that frames are sealed with; NULL: none
 * @enroll: where hosts enrol; NULL: nowhere
 * @unsealed: take frames that are not sealed, wherever they come from
 * @login: files of keys that tokens are signed with; NULL: no token is asked for
 * @tls_certificate: PEM file; NULL: no TLS
 * @tls_key: its private key
 * @hosts: names of this server, beside loopback's, separated by commas
 * @cors: origins whose pages may read the API, separated by commas
 * @proxies: addresses of reverse proxies, separated by commas; NULL: none
 * @incidents_keep_ns: how long incidents of flight recorders are kept
 * @incidents_mib: what they may take, MiB; 0: none are kept
 * @rules: folder of rules for alarms; NULL: the usual one, if it is there
 * @alarms: who is told of them
 * @insecure_remote: other hosts may see the page and the API without a token
 * @workers: threads that take frames; 0: by the CPUs
 * @connections: of shippers, at once; 0: as many as there may be open files
 * @per_address: of them from one address; 0: a quarter
 * @first_frame_ns: that one has for its first good frame
 * @no_io_uring: go without
 * @metrics_process: /metrics has series of single processes
 * @metrics_interrupt: and of single interrupts
 * @metrics_per_node: series that a node may have there
 * @log: last level that is shown
 * @debug: as "debug" in @log
 * @level: what follows from both
 * @listen_address: @listen, resolved
 * @http_address: @http, resolved
 * @enroll_address: @enroll, resolved, if there is one
 */
#define RULES_FOLDER "/etc/ktach/rules.d"

struct config {
	const char *file;
	int check;
	const char *pid_file;
	const char *listen;
	const char *http;
	const char *data;
	const char *servers;
	const char *members;
	const char *member_id;
	const char *member_address;
	struct store_policy history;
	uint64_t size_mib;
	uint64_t memory_mib;
	uint64_t writers;
	const char *keys;
	const char *enroll;
	int unsealed;
	const char *login;
	const char *tls_certificate;
	const char *tls_key;
	const char *hosts;
	const char *cors;
	const char *proxies;
	uint64_t incidents_keep_ns;
	uint64_t incidents_mib;
	const char *rules;
	struct outlets_config alarms;
	int insecure_remote;
	uint64_t workers;
	uint64_t connections;
	uint64_t per_address;
	uint64_t first_frame_ns;
	int no_io_uring;
	int metrics_process;
	int metrics_interrupt;
	uint64_t metrics_per_node;
	const char *log;
	int debug;
	enum log_level level;
	struct address listen_address;
	struct address http_address;
	struct address enroll_address;
};

/* Exits on --help, --version, --check-config and what is wrong. */
void collector_config_parse(struct config *c, int argc, char **argv);

struct rules;
struct incidents_policy;

/* How much of incidents is kept. */
struct incidents_policy config_incidents(const struct config *c);

/* Read the rules. Return 0, or -errno after a message. */
int config_rules(const struct config *c, struct rules *rules);

/* Read the secret of those who are told of alarms. Return 0, or -errno after a message. */
int config_outlets(const struct config *c, struct outlets_setup *setup);

/* Where the history is: a folder or servers. */
const char *config_history(const struct config *c);

/* Resolve and judge the addresses. Return 0, or -errno after a message. */
int config_resolve(struct config *c);

/**
 * collector_config_reload() - read it again
 * @fresh: filled; what changes with the next start only is @running's
 * @running: in use
 * @argc: of main()
 * @argv: of main()
 * @changes: set to what has changed, as options_change() says it
 * @size: room there
 *
 * Return: 0, or -errno after a message.
 */
int collector_config_reload(struct config *fresh, struct config *running,
			    int argc, char **argv, char *changes,
			    unsigned int size);

#endif /* KTACH_COLLECTOR_CONFIG_H */
