/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_COLLECTOR_CONFIG_H
#define KTACH_COLLECTOR_CONFIG_H

#include <stdint.h>

#include "collector/history/store.h"
#include "lib/address.h"

/**
 * struct config - the command line
 * @listen: where frames come in
 * @http: where the page and the API are served
 * @data: folder of the history
 * @history: how much of it is kept
 * @keys: file or folder of keys that frames are sealed with; NULL: none
 * @unsealed: take frames that are not sealed, wherever they come from
 * @login: file of keys that tokens are signed with; NULL: no token is asked for
 * @tls_certificate: PEM file; NULL: no TLS
 * @tls_key: its private key
 * @hosts: names of this server, beside loopback's, separated by commas
 * @insecure_remote: other hosts may see the page and the API without a token
 * @workers: threads that take frames; 0: by the CPUs
 * @no_io_uring: go without
 * @debug: log what libraries say, too
 * @listen_address: @listen, resolved
 * @http_address: @http, resolved
 */
struct config {
	const char *listen;
	const char *http;
	const char *data;
	struct store_policy history;
	const char *keys;
	int unsealed;
	const char *login;
	const char *tls_certificate;
	const char *tls_key;
	const char *hosts;
	int insecure_remote;
	uint64_t workers;
	int no_io_uring;
	int debug;
	struct address listen_address;
	struct address http_address;
};

/* Exits on --help, --version and errors of usage. */
void config_parse(struct config *c, int argc, char **argv);

/* Resolve and judge the addresses. Return 0, or -errno after a message. */
int config_resolve(struct config *c);

#endif /* KTACH_COLLECTOR_CONFIG_H */
