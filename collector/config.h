/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_COLLECTOR_CONFIG_H
#define KTACH_COLLECTOR_CONFIG_H

#include <stdint.h>

#include "collector/history/store.h"
#include "lib/address.h"

#define CONFIG_FILE	"/etc/ktach/collector.conf"

/**
 * struct config - the command line, and below it the configuration file
 * @file: NULL: CONFIG_FILE, if it is there
 * @check: say whether it is good, and exit
 * @listen: where frames come in
 * @http: where the page and the API are served
 * @data: folder of the history
 * @history: how much of it is kept
 * @size_mib: its size_max, as it is given
 * @memory_mib: its memory_max, likewise
 * @keys: file or folder of keys that frames are sealed with; NULL: none
 * @unsealed: take frames that are not sealed, wherever they come from
 * @login: files of keys that tokens are signed with; NULL: no token is asked for
 * @tls_certificate: PEM file; NULL: no TLS
 * @tls_key: its private key
 * @hosts: names of this server, beside loopback's, separated by commas
 * @insecure_remote: other hosts may see the page and the API without a token
 * @workers: threads that take frames; 0: by the CPUs
 * @connections: of shippers, at once; 0: as many as there may be open files
 * @per_address: of them from one address; 0: a quarter
 * @first_frame_ns: that one has for its first good frame
 * @no_io_uring: go without
 * @log: last level that is shown
 * @debug: as "debug" in @log
 * @listen_address: @listen, resolved
 * @http_address: @http, resolved
 */
struct config {
	const char *file;
	int check;
	const char *listen;
	const char *http;
	const char *data;
	struct store_policy history;
	uint64_t size_mib;
	uint64_t memory_mib;
	const char *keys;
	int unsealed;
	const char *login;
	const char *tls_certificate;
	const char *tls_key;
	const char *hosts;
	int insecure_remote;
	uint64_t workers;
	uint64_t connections;
	uint64_t per_address;
	uint64_t first_frame_ns;
	int no_io_uring;
	const char *log;
	int debug;
	struct address listen_address;
	struct address http_address;
};

/* Exits on --help, --version, --check-config and what is wrong. */
void config_parse(struct config *c, int argc, char **argv);

/* Resolve and judge the addresses. Return 0, or -errno after a message. */
int config_resolve(struct config *c);

/**
 * config_reload() - read the file and the command line again
 * @fresh: filled; what can't change without a restart is @old's
 * @old: in use
 * @argc: of main()
 * @argv: of main()
 *
 * Return: 0, or -errno after a message.
 */
int config_reload(struct config *fresh, const struct config *old, int argc,
		  char **argv);

#endif /* KTACH_COLLECTOR_CONFIG_H */
