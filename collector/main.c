// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collector/agents/audit.h"
#include "collector/agents/relay.h"
#include "collector/agents/wishes.h"
#include "collector/config.h"
#include "collector/control.h"
#include "collector/base/descriptors.h"
#include "collector/http/http.h"
#include "collector/http/tunnel.h"
#include "collector/enroll/enroll.h"
#include "collector/tool/enroll.h"
#include "collector/tool/agent.h"
#include "collector/tool/key.h"
#include "collector/tool/rules.h"
#include "collector/alarms/warden.h"
#include "collector/feed/listen.h"
#include "collector/feed/losses.h"
#include "collector/fleet/membership.h"
#include "collector/fleet/tool.h"
#include "collector/figures/figure.h"
#include "collector/nodes/judge.h"
#include "collector/nodes/namesakes.h"
#include "collector/nodes/node.h"
#include "collector/feed/worker.h"
#include "collector/outlets/outlets.h"
#include "collector/history/tier.h"
#include "collector/history/store.h"
#include "collector/login/token.h"
#include "collector/history/tool.h"
#include "collector/incidents/incidents.h"
#include "collector/recall.h"
#include "collector/reload.h"
#include "collector/base/self.h"
#include "lib/base/clock.h"
#include "lib/base/hangup.h"
#include "lib/base/key_file.h"
#include "lib/base/log.h"
#include "lib/base/notify.h"
#include "lib/base/pid_file.h"

/* A list of revoked keys that can't be read is tried again after this. */
#define REVOKED_AGAIN_NS UINT64_C(60000000000)
/* Workers come round once a second; so long they may be late. */
#define PATIENCE_NS UINT64_C(3000000000)

/* Too large for a stack. */
static struct {
	struct config config;
	struct pid_file pid_file;
	struct nodes nodes;
	struct store *store;
	struct feed feed;
	struct membership *fleet;
	struct workers workers;
	struct ingest posts; /* what comes by HTTP */
	struct descriptors descriptors;
	struct losses losses;
	struct recall recall;
	struct judge judge;
	struct warden warden;
	struct ledger ledger;
	struct outlets outlets;
	struct enroll enroll;
	struct incidents incidents;
	struct relay relay;
	struct wishes wishes;
	struct audit audit;
	struct api api;
	struct http http;
	struct control control;
	int argc;
	char **argv;
	struct stat revoked_keys_seen; /* as they were read last */
	uint64_t revoked_again_ns; /* when to try again; 0: they were read */
	uint64_t watchdog_ns; /* how often systemd wants a sign of life */
	uint64_t alive_ns; /* when it had the last one */
	int http_fd;
} collector;

/* None while a worker or the history's writer hangs: then the whole is as good as
 * hung. A commit may take as long as systemd has patience for all.
 */
static void sign_of_life(uint64_t now)
{
	uint64_t patience_ns = collector.watchdog_ns / 2;

	if (!collector.watchdog_ns ||
	    now - collector.alive_ns < collector.watchdog_ns / 4)
		return;
	if (patience_ns < PATIENCE_NS)
		patience_ns = PATIENCE_NS;
	if (!workers_alive(&collector.workers, now - patience_ns) ||
	    !store_alive(collector.store,
			 now - patience_ns - collector.watchdog_ns / 2))
		return;
	collector.alive_ns = now;
	notify("WATCHDOG=1");
}

/* A list that can't be read leaves things as they are. */
static int look_at_revoked_keys(uint64_t now)
{
	struct revoked_keys revoked;
	bool due = collector.revoked_again_ns &&
		   now >= collector.revoked_again_ns;
	int err;

	if (!revoked_keys_changed(collector.config.data,
				  &collector.revoked_keys_seen) &&
	    !due)
		return 0;
	err = revoked_keys_load(&revoked, collector.config.data);
	collector.revoked_again_ns = err ? now + REVOKED_AGAIN_NS : 0;
	if (err)
		return err;
	log_info("%zu keys of nodes are revoked", revoked.count);
	feed_revoke(&collector.feed, &revoked);
	return 0;
}

static void tick(void *argument)
{
	const struct node_time time = api_now();
	uint64_t now = time.mono_ns,
		 keep_ns = collector.config.history.keep_ns[TIER_RAW];
	bool good;

	feed_note_moved(&collector.feed);
	nodes_age(&collector.nodes, now);
	namesakes_tell(&collector.nodes, now);
	judge_tick(&collector.judge, &collector.nodes, &time);
	warden_tick(&collector.warden, &collector.nodes, &time);
	good = judge_trusts(&collector.judge, &time);
	store_expire(collector.store, good ? time.real_ns : 0);
	if (good)
		nodes_forget(&collector.nodes, now, keep_ns);
	if (now > keep_ns)
		feed_forget(&collector.feed, now - keep_ns);
	recall_tick(&collector.recall, now);
	losses_tick(&collector.losses, time.real_ns);
	wishes_tick(&collector.wishes, &collector.relay, &collector.nodes, now);
	relay_tick(&collector.relay, now);
	if (look_at_revoked_keys(now))
		log_error("keys stay revoked as before");
	http_tick(&collector.http);
	self_return_memory(now);
	sign_of_life(now);
}

static void reload(void *argument)
{
	struct reload r = {
		.config = &collector.config,
		.argc = collector.argc,
		.argv = collector.argv,
		.store = collector.store,
		.feed = &collector.feed,
		.warden = &collector.warden,
		.nodes = &collector.nodes,
		.outlets = &collector.outlets,
		.incidents = &collector.incidents,
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
	address_format(&collector.config.listen_address, udp, sizeof(udp));
	log_info(
		"listening on %s://%s/, for frames on udp %s, and tcp, history in %s",
		collector.http.tls ? "https" : "http", http, udp,
		config_history(&collector.config));
}

static int serve(void)
{
	const struct http_tls tls = { collector.config.tls_certificate,
				      collector.config.tls_key };
	int err = http_open(&collector.http, &collector.api,
			    config_history(&collector.config), &tls,
			    collector.http_fd, collector.descriptors.page);

	if (err)
		return err;
	err = control_open(&collector.control, &collector.http, tick, reload,
			   NULL);
	if (err)
		goto close_http;
	err = workers_start(&collector.workers);
	if (err)
		goto close_control;
	err = pid_file_write(&collector.pid_file);
	if (err)
		goto close_control;
	announce();
	collector.watchdog_ns = notify_watchdog_ns();
	notify("READY=1");
	http_run(&collector.http);
	notify("STOPPING=1");
close_control:
	control_close(&collector.control);
close_http:
	http_close(&collector.http);
	return err;
}

static int load_login(void)
{
	struct door *door = &collector.http.door;

	door->rules.hosts = collector.config.hosts;
	door->rules.cors = collector.config.cors;
	door->rules.proxies = collector.config.proxies;
	door->rules.anywhere = collector.config.insecure_remote;
	snprintf(door->revoked.path, sizeof(door->revoked.path),
		 "%s/" REVOKED_FILE, collector.config.data);
	if (collector.config.login && !revoked_known(&door->revoked))
		return -EACCES;
	return login_init(&door->rules.login, collector.config.login);
}

/* Without keys, frames can only be unsealed: config_resolve() judged that. */
static int load_keys(void)
{
	struct seal_keys keys = { 0 };
	int err;

	if (!collector.config.keys)
		return 0;
	if (seal_init()) {
		log_error("libsodium cannot be used here");
		return -EIO;
	}
	err = key_file_load(&keys, collector.config.keys);
	if (!err)
		feed_rekey(&collector.feed, &keys, collector.config.unsealed);
	return err;
}

enum {
	MMAP_THRESHOLD = 256 << 10,
};

static int open_store(void)
{
	int err = store_open(&collector.store,
			     config_history(&collector.config),
			     &collector.config.history);

	collector.feed.store = collector.store;
	collector.losses.nodes = &collector.nodes;
	collector.losses.store = collector.store;
	collector.api.store = collector.store;
	collector.api.metrics = (struct openmetrics_wish){
		.process = collector.config.metrics_process,
		.interrupt = collector.config.metrics_interrupt,
		.per_node = collector.config.metrics_per_node,
	};
	collector.api.started = api_now();
	return err;
}

static struct places_limit feed_limit(const struct config *c,
				      unsigned int descriptors)
{
	struct places_limit l = { .connections = descriptors,
				  .half_max = PLACES_HALF_MAX,
				  .first_frame_ns = c->first_frame_ns };

	if (c->connections && c->connections < l.connections)
		l.connections = (unsigned int)c->connections;
	l.per_address = (unsigned int)c->per_address;
	if (!l.per_address)
		l.per_address = (l.connections + 3) / 4;
	return l;
}

static void begin_judge(void)
{
	const struct node_time now = api_now();

	judge_begin(&collector.judge, collector.recall.newest_ns, &now);
	collector.feed.judge = &collector.judge;
	collector.api.judge = &collector.judge;
}

static int begin_warden(void)
{
	const struct node_time now = api_now();
	struct rules rules;
	int err = warden_init(&collector.warden);

	if (!err)
		err = ledger_open(&collector.ledger, collector.config.data,
				  warden_remember, &collector.warden);
	collector.warden.ledger = &collector.ledger;
	if (!err)
		err = config_rules(&collector.config, &rules);
	if (err)
		return err;
	warden_change(&collector.warden, &collector.nodes, &rules, &now);
	warden_restore(&collector.warden, &collector.nodes, &now);
	log_debug("%zu rules for alarms", collector.warden.rules.count);
	collector.feed.warden = &collector.warden;
	collector.api.warden = &collector.warden;
	return ledger_start(&collector.ledger);
}

static int begin_incidents(void)
{
	const struct incidents_policy policy =
		config_incidents(&collector.config);
	int err = incidents_open(&collector.incidents, collector.config.data,
				 &policy);

	if (err)
		return err;
	collector.feed.incidents = &collector.incidents;
	collector.api.incidents = &collector.incidents;
	return 0;
}

static int begin_outlets(void)
{
	struct outlets_setup setup;
	int err = config_outlets(&collector.config, &setup);

	if (err)
		return err;
	outlets_open(&collector.outlets, &collector.ledger);
	collector.api.outlets = &collector.outlets;
	return outlets_change(&collector.outlets, &setup);
}

static void begin_agents(void)
{
	relay_init(&collector.relay);
	audit_init(&collector.audit, collector.config.data);
	wishes_init(&collector.wishes, collector.config.data);
	collector.feed.relay = &collector.relay;
	collector.api.relay = &collector.relay;
	collector.api.audit = &collector.audit;
	collector.api.wishes = &collector.wishes;
}

static void end_agents(void)
{
	if (!collector.feed.relay)
		return;
	wishes_exit(&collector.wishes);
	audit_exit(&collector.audit);
	relay_exit(&collector.relay);
}

static int open_workers(void)
{
	struct workers *w = &collector.workers;
	int err;

	w->limit = feed_limit(&collector.config, collector.descriptors.feed);
	err = workers_open(w, &collector.feed, &collector.config.listen_address,
			   collector.config.no_io_uring);
	if (err)
		return err;
	err = ingest_init(&collector.posts, &collector.feed);
	if (err) {
		workers_close(w);
		return err;
	}
	collector.posts.next = &w->all[0].ingest;
	collector.api.ingest = collector.api.posts = &collector.posts;
	return 0;
}

static int begin_enrolment(void)
{
	const struct config *c = &collector.config;

	return enroll_start(&collector.enroll,
			    c->enroll ? &c->enroll_address : NULL, c->data,
			    &collector.feed, address_port(&c->listen_address));
}

/* Once it is known where shippers find it. */
static int begin_fleet(void)
{
	static char id[65], feed[80], http[80];
	const struct config *c = &collector.config;
	struct membership_setup setup = {
		.servers = c->members,
		.id = c->member_id ? c->member_id : id,
		.feed = c->member_address ? c->member_address : feed,
		.http = http
	};
	struct address address;
	int err;

	if (!c->members)
		return 0;
	gethostname(id, sizeof(id) - 1);
	listen_address(collector.http_fd, &address);
	address_format(&address, http, sizeof(http));
	address_format(&c->listen_address, feed, sizeof(feed));
	err = membership_open(&collector.fleet, &setup, collector.store);
	collector.feed.fleet = collector.fleet;
	return err;
}

/* What a large node or a rush took is given back when it is freed: else malloc()
 * keeps it, once it has seen such sizes. Small pieces are joined when they are freed, as
 * malloc_trim() leaves what it joins itself at the end of a thread's heap.
 */
static void return_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD);
	mallopt(M_MXFAST, 0);
}

static int start_collector(void)
{
	int err;

	return_memory();
	err = config_resolve(&collector.config);
	if (!err)
		err = pid_file_claim(&collector.pid_file,
				     collector.config.pid_file);
	if (err)
		return err;
	control_block_signals();
	collector.workers.count = workers_count(collector.config.workers);
	descriptors_share(
		&collector.descriptors, STREAMS_MAX * collector.workers.count,
		collector.workers.count,
		1 + (collector.config.tls_certificate ? TUNNEL_DESCRIPTORS :
							0));
	err = nodes_init(&collector.nodes, self_memory_limit());
	if (err)
		return err;
	figure_count(); /* their names are made before there are threads */
	feed_init(&collector.feed, &collector.nodes, NULL);
	err = load_keys();
	if (!err)
		err = load_login();
	if (err)
		goto exit_feed;
	collector.http_fd =
		listen_tcp(&collector.config.http_address, "--http");
	err = collector.http_fd < 0 ? collector.http_fd : 0;
	if (err)
		goto exit_feed;
	err = open_store();
	if (err)
		goto close_listener;
	err = recall_open(&collector.recall, config_history(&collector.config),
			  &collector.nodes, collector.store,
			  collector.config.history.keep_ns[TIER_RAW]);
	if (err)
		goto close_store;
	begin_judge();
	begin_agents();
	err = begin_warden();
	if (!err)
		err = begin_outlets();
	if (!err)
		err = begin_incidents();
	if (err)
		goto close_recall;
	err = look_at_revoked_keys(clock_mono_ns());
	if (err)
		log_error(
			"correct the list of revoked keys: who is on it would be let in");
	else
		err = open_workers();
	if (err)
		goto close_recall;
	err = begin_enrolment();
	if (err)
		goto close_workers;
	err = begin_fleet();
	if (!err)
		err = serve();
	membership_leave(collector.fleet);
	if (store_ended(collector.store))
		err = -EIO;
	collector.http_fd = -1; /* serve() closed it */

	enroll_stop(&collector.enroll);
close_workers:
	ingest_exit(&collector.posts);
	workers_close(&collector.workers);
	losses_end(&collector.losses, clock_real_ns());
close_recall:
	recall_close(&collector.recall);
close_store:
	store_close(collector.store);
	membership_close(collector.fleet);
close_listener:
	if (collector.http_fd >= 0)
		close(collector.http_fd);
exit_feed:
	end_agents();
	if (collector.feed.incidents)
		incidents_close(&collector.incidents);
	outlets_close(&collector.outlets);
	if (collector.warden.ledger)
		ledger_close(&collector.ledger);
	warden_exit(&collector.warden);
	revoked_free(&collector.http.door.revoked);
	login_exit(&collector.http.door.rules.login);
	feed_exit(&collector.feed);
	nodes_exit(&collector.nodes);
	return err;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} commands[] = {
		{ "key", key_main },	   { "enroll", enroll_main },
		{ "token", token_main },   { "rules", rules_main },
		{ "export", export_main }, { "check", check_main },
		{ "agent", agent_main },   { "fleet", fleet_main },
	};
	size_t i;
	int err;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (argc > 1 && !strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	hangup_hold();
	log_init("ktach-collector", log_level_named("info"));
	collector_config_parse(&collector.config, argc, argv);
	log_init("ktach-collector", collector.config.level);
	collector.argc = argc;
	collector.argv = argv;
	err = start_collector();
	pid_file_remove(&collector.pid_file);
	return err && err != -ECANCELED ? 1 : 0;
}
