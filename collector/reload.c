// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "collector/config.h"
#include "collector/feed/ingest.h"
#include "collector/http/http.h"
#include "collector/incidents/incidents.h"
#include "collector/outlets/outlets.h"
#include "collector/reload.h"
#include "collector/alarms/warden.h"
#include "lib/base/clock.h"
#include "lib/base/key_file.h"
#include "lib/base/log.h"
#include "lib/base/notify.h"

/* What was read and is not used yet. */
struct fresh {
	struct config config;
	struct seal_keys keys;
	struct login login;
	struct rules rules;
	struct outlets_setup outlets;
	char changes[1024];
};

static int load_keys(struct seal_keys *keys, const char *path)
{
	if (!seal_init())
		return key_file_load(keys, path);
	log_error("libsodium cannot be used here");
	return -EIO;
}

/* The certificate goes last: it is taken over as it is read. */
static int read_all(struct reload *r, struct fresh *f)
{
	struct http_tls tls;
	int err = collector_config_reload(&f->config, r->config, r->argc,
					  r->argv, f->changes,
					  sizeof(f->changes));

	if (!err && f->config.keys)
		err = load_keys(&f->keys, f->config.keys);
	if (err)
		return err;
	if (f->config.login && !revoked_known(&r->http->door.revoked))
		return -EACCES;
	err = login_init(&f->login, f->config.login);
	if (err)
		return err;
	err = config_rules(&f->config, &f->rules);
	if (!err)
		err = config_outlets(&f->config, &f->outlets);
	if (err)
		return err;
	tls = (struct http_tls){ f->config.tls_certificate, f->config.tls_key };
	return http_renew_tls(r->http, &tls);
}

static void take_over(struct reload *r, struct fresh *f)
{
	const struct config *c = &f->config;
	struct door_rules rules = { .login = f->login,
				    .hosts = c->hosts,
				    .cors = c->cors,
				    .proxies = c->proxies,
				    .anywhere = c->insecure_remote };
	const struct incidents_policy incidents = config_incidents(c);
	const struct node_time now = { clock_real_ns(), clock_mono_ns() };

	feed_rekey(r->feed, &f->keys, c->unsealed || !c->keys);
	http_renew_door(r->http, &rules);
	store_keep(r->store, &c->history);
	warden_change(r->warden, r->nodes, &f->rules, &now);
	outlets_change(r->outlets, &f->outlets);
	incidents_change(r->incidents, &incidents);
	log_show(c->level);
	*r->config = *c;
}

void reload_all(struct reload *r)
{
	struct fresh fresh = { 0 };

	notify("RELOADING=1");
	if (read_all(r, &fresh)) {
		log_error("configuration not changed; going on as before");
		login_exit(&fresh.login);
		key_file_free(&fresh.keys);
		rules_free(&fresh.rules);
		setup_free(&fresh.outlets);
	} else {
		take_over(r, &fresh);
		log_info("configuration read; %s", fresh.changes);
	}
	notify("READY=1");
}
