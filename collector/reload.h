/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIGHUP: the configuration again, and the files that it names. */
#ifndef KTACH_COLLECTOR_RELOAD_H
#define KTACH_COLLECTOR_RELOAD_H

struct config;
struct http;
struct feed;
struct incidents;
struct outlets;
struct store;

/**
 * struct reload - what a configuration changes
 * @config: in use
 * @argc: of main()
 * @argv: of main()
 * @store: how much is kept
 * @feed: keys of frames
 * @warden: rules for alarms
 * @nodes: that it watches
 * @outlets: who is told of alarms
 * @incidents: how much of them is kept
 * @http: keys of tokens, names, certificate
 */
struct reload {
	struct config *config;
	int argc;
	char **argv;
	struct store *store;
	struct feed *feed;
	struct warden *warden;
	struct nodes *nodes;
	struct outlets *outlets;
	struct incidents *incidents;
	struct http *http;
};

/* All of it, or after a message none. Context: the main thread. */
void reload_all(struct reload *r);

#endif /* KTACH_COLLECTOR_RELOAD_H */
