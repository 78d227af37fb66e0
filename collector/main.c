// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collector/config.h"
#include "collector/control.h"
#include "collector/http/http.h"
#include "collector/feed/ingest.h"
#include "collector/feed/key.h"
#include "collector/feed/listen.h"
#include "collector/feed/losses.h"
#include "collector/nodes/node.h"
#include "collector/feed/receive.h"
#include "collector/history/schema.h"
#include "collector/history/store.h"
#include "collector/feed/stream.h"
#include "collector/http/token.h"
#include "collector/history/tool.h"
#include "collector/reload.h"
#include "lib/clock.h"
#include "lib/key_file.h"
#include "lib/log.h"
#include "lib/notify.h"

enum {
	LOOP_ENTRIES = 256,
};

/* Too large for a stack. */
static struct {
	struct config config;
	struct loop loop;
	struct nodes nodes;
	struct store *store;
	struct ingest ingest;
	struct receive receive;
	struct streams streams;
	struct losses losses;
	struct api api;
	struct http http;
	struct control control;
	int argc;
	char **argv;
	uint64_t watchdog_ns; /* how often systemd wants a sign of life */
	uint64_t alive_ns; /* when it had the last one */
	int http_fd;
} collector;

static void sign_of_life(uint64_t now)
{
	if (!collector.watchdog_ns ||
	    now - collector.alive_ns < collector.watchdog_ns / 4)
		return;
	collector.alive_ns = now;
	notify("WATCHDOG=1");
}

static void tick(void *argument)
{
	uint64_t now = clock_mono_ns(),
		 keep_ns = collector.config.history.keep_ns[SCHEMA_RAW];

	if (now > keep_ns) {
		nodes_forget(&collector.nodes, now - keep_ns);
		sessions_forget(&collector.ingest.sessions, now - keep_ns);
	}
	nodes_age(&collector.nodes, now);
	losses_tick(&collector.losses, clock_real_ns());
	streams_tick(&collector.streams);
	http_tick(&collector.http);
	sign_of_life(now);
}

static void reload(void *argument)
{
	struct reload r = {
		.config = &collector.config,
		.argc = collector.argc,
		.argv = collector.argv,
		.store = collector.store,
		.ingest = &collector.ingest,
		.http = &collector.http,
	};

	reload_all(&r);
}

static void announce(void)
{
	struct address address;
	char http[80], udp[80];

	listen_address(collector.http_fd, &address);
	address_format(&address, http, sizeof(http));
	listen_address(collector.receive.fd, &address);
	address_format(&address, udp, sizeof(udp));
	log_info(
		"listening on %s://%s/, for frames on udp %s, and tcp, history in %s",
		collector.http.tls ? "https" : "http", http, udp,
		collector.config.data);
}

static int open_loop(void)
{
	int err = loop_init(&collector.loop, LOOP_ENTRIES);

	if (err)
		log_error(
			"io_uring: %s; Linux 6.1 or newer and io_uring are needed (sysctl kernel.io_uring_disabled)",
			strerror(-err));
	return err;
}

static int serve(void)
{
	const struct http_tls tls = { collector.config.tls_certificate,
				      collector.config.tls_key };
	int err = http_open(&collector.http, &collector.loop, &collector.api,
			    &tls, collector.http_fd);

	if (err)
		return err;
	err = control_open(&collector.control, &collector.loop, tick, reload,
			   NULL);
	if (err)
		goto close_http;
	announce();
	collector.watchdog_ns = notify_watchdog_ns();
	notify("READY=1");
	http_run(&collector.http);
	notify("STOPPING=1");
	control_close(&collector.control);
close_http:
	http_close(&collector.http);
	return err;
}

static int load_login(void)
{
	struct door *door = &collector.http.door;

	door->hosts = collector.config.hosts;
	door->anywhere = collector.config.insecure_remote;
	return login_init(&door->login, collector.config.login);
}

/* Without keys, frames can only be unsealed: config_resolve() judged that. */
static int open_ingest(void)
{
	struct ingest *in = &collector.ingest;
	int err = ingest_init(in, &collector.nodes, NULL);

	if (err || !collector.config.keys)
		return err;
	in->unsealed = collector.config.unsealed;
	err = seal_init();
	if (err)
		log_error("libsodium cannot be used here");
	else
		err = key_file_load(&in->keys, collector.config.keys);
	if (err)
		ingest_exit(in);
	return err;
}

static int open_history(void)
{
	int err = store_open(&collector.store, collector.config.data,
			     &collector.config.history);

	if (err)
		return err;
	err = history_open(&collector.api.history, collector.config.data,
			   collector.store);
	if (err) {
		store_close(collector.store);
		return err;
	}
	collector.ingest.store = collector.store;
	collector.losses.nodes = &collector.nodes;
	collector.losses.store = collector.store;
	collector.api.ingest = &collector.ingest;
	collector.api.store = collector.store;
	collector.api.started = api_now();
	return 0;
}

static void close_history(void)
{
	losses_end(&collector.losses);
	history_close(collector.api.history);
	store_close(collector.store);
}

static int start(void)
{
	int err;

	err = config_resolve(&collector.config);
	if (err)
		return err;
	control_block_signals();
	err = open_loop();
	if (err)
		return err;
	err = nodes_init(&collector.nodes);
	if (err)
		goto close_loop;
	err = open_ingest();
	if (err)
		goto free_nodes;
	err = load_login();
	if (err)
		goto free_login;
	err = receive_open(&collector.receive, &collector.loop,
			   &collector.ingest, &collector.config.listen_address);
	if (err)
		goto free_login;
	collector.http_fd =
		listen_tcp(&collector.config.http_address, "--http");
	err = collector.http_fd < 0 ? collector.http_fd : 0;
	if (err)
		goto close_receive;
	err = open_history();
	if (err)
		goto close_listener;
	/* The port that UDP has, if any was asked for. */
	listen_address(collector.receive.fd, &collector.config.listen_address);
	err = streams_open(&collector.streams, &collector.loop,
			   &collector.ingest, &collector.config.listen_address);
	if (err)
		goto close_history;
	err = serve();
	collector.http_fd = -1; /* serve() closed it */

	streams_close(&collector.streams);
close_history:
	close_history();
close_listener:
	if (collector.http_fd >= 0)
		close(collector.http_fd);
close_receive:
	receive_close(&collector.receive);
free_login:
	login_exit(&collector.http.door.login);
	ingest_exit(&collector.ingest);
free_nodes:
	nodes_exit(&collector.nodes);
close_loop:
	loop_exit(&collector.loop);
	return err;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} commands[] = {
		{ "key", key_main },
		{ "token", token_main },
		{ "export", export_main },
		{ "check", check_main },
	};
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (argc > 1 && !strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	config_parse(&collector.config, argc, argv);
	log_init("ktach-collector", log_level_named(collector.config.log));
	collector.argc = argc;
	collector.argv = argv;
	return start() ? 1 : 0;
}
