// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/base/place.h"
#include "collector/fleet/members.h"
#include "collector/fleet/tool.h"
#include "lib/base/options.h"

static const char details[] =
	"Prints a line for each member: how many of the 4096 partitions it has taken, how\n"
	"many it is to have, the epoch that it writes by, frames that wait to be written and\n"
	"how long the last commit took, whether it can write, and its addresses.\n"
	"\n"
	"  ktach-collector fleet --members etcd://10.0.0.1,10.0.0.2/prod\n"
	"  ktach-collector fleet drain c2 --members etcd://10.0.0.1/prod\n"
	"\n"
	"'drain ID' moves all partitions of a member to the others, until 'undrain ID' or\n"
	"until it ends: the others take over while it still runs. Where all are drained, none is.\n"
	"\n"
	"Exit status: 0 all is well, 1 etcd did not do it or there is no such member, 2 usage.\n";

/* What members say of themselves. */
struct states {
	unsigned int count;
	struct etcd_key *list;
};

struct view {
	const char *fleet;
	struct members members;
	struct states states;
};

static void see_member(void *context, const struct etcd_key *k)
{
	struct view *v = context;

	members_change(&v->members, v->fleet, k);
}

static void see_state(void *context, const struct etcd_key *k)
{
	struct states *s = &((struct view *)context)->states;

	if (s->count < MEMBERS_MAX)
		s->list[s->count++] = *k;
}

static json_t *state_of(const struct view *v, const char *id)
{
	char key[MEMBERS_KEY_SIZE];
	unsigned int i;

	members_state_key(key, v->fleet, id);
	for (i = 0; i < v->states.count; i++)
		if (!strcmp(v->states.list[i].key, key))
			return json_loads(v->states.list[i].value, 0, NULL);
	return NULL;
}

static json_int_t number_of(const json_t *state, const char *name)
{
	return json_integer_value(json_object_get(state, name));
}

static void print_member(const struct view *v, const struct member *m,
			 unsigned int owned)
{
	enum {
		EACH = GROUPS_PARTITIONS / GROUPS_SLICES
	};
	json_t *state = state_of(v, m->id);

	printf("%-16s %5d %6u %12lld %7lld %9.1f %-8s %-8s %-22s %s\n", m->id,
	       (int)number_of(state, "taken") * EACH, owned * EACH,
	       (long long)number_of(state, "epoch"),
	       (long long)number_of(state, "queued"),
	       (double)number_of(state, "commit_ns") / 1e6,
	       !state					       ? "unknown" :
	       json_is_true(json_object_get(state, "failing")) ? "failing" :
								 "ok",
	       m->drained ? "drained" : "-", m->feed, m->http);
	json_decref(state);
}

static void print_all(const struct view *v)
{
	uint8_t owners[GROUPS_SLICES];
	unsigned int i, slice, owned;

	members_owners(&v->members, owners);
	printf("%-16s %5s %6s %12s %7s %9s %-8s %-8s %-22s %s\n", "MEMBER",
	       "TAKEN", "OWNED", "EPOCH", "WAITING", "COMMIT_MS", "HISTORY",
	       "DRAIN", "FEED", "HTTP");
	for (i = 0; i < v->members.count; i++) {
		owned = 0;
		for (slice = 0; slice < GROUPS_SLICES; slice++)
			owned += owners[slice] == i;
		if (v->members.list[i].there)
			print_member(v, &v->members.list[i], owned);
	}
}

static int see_all(struct etcd *e, struct view *v)
{
	char key[MEMBERS_KEY_SIZE];
	uint64_t revision;
	int err;

	members_key(key, v->fleet, "", "");
	err = etcd_range(e, key, see_member, v, &revision);
	members_state_key(key, v->fleet, "");
	return err ? err : etcd_range(e, key, see_state, v, &revision);
}

/* With the member's lease: one that ends is not drained when it comes again. */
static int drain(struct etcd *e, const struct view *v, const char *id,
		 bool undo)
{
	const struct member *m = members_find(&v->members, id);
	char key[MEMBERS_KEY_SIZE];

	if (!m) {
		fprintf(stderr, "ktach-collector fleet: '%s' is no member\n",
			id);
		return -ENOENT;
	}
	members_key(key, v->fleet, "drain/", id);
	return undo ? etcd_delete(e, key) : etcd_put(e, key, "", m->lease);
}

static int act(struct etcd *e, struct view *v, const char *what, const char *id)
{
	int err = see_all(e, v);

	if (!err && what)
		err = drain(e, v, id, !strcmp(what, "undrain"));
	else if (!err)
		print_all(v);
	if (err && err != -ENOENT)
		fprintf(stderr, "ktach-collector fleet: %s\n",
			err == -ENOMEM ? strerror(ENOMEM) : etcd_problem(e));
	return err ? 1 : 0;
}

static int run(const struct place *place, const char *what, const char *id)
{
	struct view *v = calloc(1, sizeof(*v));
	struct etcd *e = etcd_open(place);
	int status = 1;

	if (v)
		v->states.list = calloc(MEMBERS_MAX, sizeof(*v->states.list));
	if (v && e && v->states.list) {
		v->fleet = place->prefix;
		status = act(e, v, what, id);
	}
	if (e)
		etcd_close(e);
	if (v)
		free(v->states.list);
	free(v);
	return status;
}

int fleet_main(int argc, char **argv)
{
	const char *servers = NULL, *what = NULL, *id = NULL, *problem;
	const struct option_spec specs[] = {
		{ "members", 0, OPTION_TEXT, &servers, "URL",
		  "etcd servers, as the collectors have them" },
		{ 0 }
	};
	const struct options options = {
		.program = "ktach-collector fleet",
		.summary =
			"Show the collectors that share a history, or drain one of them.",
		.details = details,
		.specs = specs,
	};
	struct place place;

	if (argc > 2 &&
	    (!strcmp(argv[1], "drain") || !strcmp(argv[1], "undrain"))) {
		what = argv[1];
		id = argv[2];
		argv[2] = argv[0];
		argc -= 2;
		argv += 2;
	}
	options_parse(&options, argc, argv);
	problem = servers ? place_parse(&place, servers, PLACE_ETCD) :
			    "it is needed";
	if (!problem)
		return run(&place, what, id);
	fprintf(stderr, "ktach-collector fleet: --members: %s\n", problem);
	return 2;
}
