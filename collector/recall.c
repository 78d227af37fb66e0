// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <time.h>

#include "collector/history/store.h"
#include "collector/state/state.h"
#include "collector/nodes/visit.h"
#include "collector/recall.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
	VALUES_AT_ONCE = 16,
	SAVES_AT_ONCE = 256,
	ROOM_MS = 20,
};

#define STEP_NS UINT64_C(50000000)
#define SAVE_EVERY_NS UINT64_C(300000000000)
/* A node is saved soon after it was met, too. */
#define SAVE_FIRST_NS UINT64_C(10000000000)

static struct node_time now(void)
{
	return (struct node_time){ .real_ns = clock_real_ns(),
				   .mono_ns = clock_mono_ns() };
}

static void account(void *context, const uint8_t *id, const void *data,
		    size_t size)
{
	const struct node_time time = now();
	struct recall *r = context;
	const struct node *node =
		state_restore(r->nodes, id, data, size, &time);

	if (node && node->last_seen.real_ns > r->newest_ns)
		r->newest_ns = node->last_seen.real_ns;
}

/* Of all of them, which may be of another time than ours. */
static void find_newest(void *context, const struct history_node *n)
{
	uint64_t *newest = context;

	if (n->last_ns > *newest && n->last_ns <= INT64_MAX)
		*newest = n->last_ns;
}

struct names {
	const struct recall *r;
	uint64_t newest_ns;
};

/* A node whose clock is of the future makes no other one old, nor does ours. */
static bool is_long_gone(const struct names *names,
			 const struct history_node *n, uint64_t now_ns)
{
	uint64_t newest_ns = names->newest_ns < now_ns ? names->newest_ns :
							 now_ns;

	return n->last_ns < newest_ns &&
	       newest_ns - n->last_ns > names->r->keep_ns;
}

/* Of an older version's history; those that are long gone are history. */
static void name(void *context, const struct history_node *n)
{
	const struct names *names = context;
	const struct node_time time = now();

	if (nodes_find(names->r->nodes, n->id) ||
	    is_long_gone(names, n, time.real_ns))
		return;
	state_restore_name(names->r->nodes, n->id, n->name, n->version,
			   n->first_ns, n->last_ns, &time);
}

static int read_nodes(struct recall *r)
{
	struct names names = { .r = r };
	int err = history_accounts(r->past, NODES_MAX, account, r);

	if (!err)
		err = history_nodes(r->past, find_newest, &names.newest_ns);
	if (!err)
		err = history_nodes(r->past, name, &names);
	if (!r->newest_ns)
		r->newest_ns = names.newest_ns;
	if (err)
		log_error("history: nodes cannot be read");
	return err;
}

static void values(void *context, const uint8_t *id, const void *data,
		   size_t size)
{
	struct recall *r = context;
	struct node *node;

	memcpy(r->after, id, sizeof(r->after));
	r->done = false;
	nodes_lock(r->nodes, id);
	node = nodes_find(r->nodes, id);
	if (node && node->restored) {
		state_restore_values(r->nodes, node, data, size);
		node->saved = node->serial;
		node->saved_ns = clock_mono_ns();
	}
	nodes_unlock(r->nodes, id);
}

static void read_values(struct recall *r)
{
	uint64_t until_ns = clock_mono_ns() + STEP_NS;

	while (!r->done && clock_mono_ns() < until_ns) {
		r->done = true;
		if (history_values(r->past, r->after, VALUES_AT_ONCE, values,
				   r))
			log_error("history: values of nodes cannot be read");
	}
}

int recall_open(struct recall *r, const char *folder, struct nodes *nodes,
		struct store *store, uint64_t keep_ns)
{
	int err;

	*r = (struct recall){ .nodes = nodes,
			      .store = store,
			      .keep_ns = keep_ns };
	err = history_open(&r->past, folder, store);
	if (err)
		return err;
	err = read_nodes(r);
	if (err) {
		history_close(r->past);
		return err;
	}
	read_values(r);
	return 0;
}

static bool is_due(const struct node *node, uint64_t mono_ns)
{
	if (node->restored || node->saved == node->serial)
		return false;
	if (node->state != NODE_FRESH)
		return true;
	return mono_ns - node->saved_ns >= SAVE_EVERY_NS;
}

/* @account: it, too, which a fresh node's frames take along. False: there is no
 * room now.
 */
static bool save(struct recall *r, struct node *node, bool account,
		 struct buffer *values)
{
	uint8_t bytes[STATE_ACCOUNT_MAX];
	struct store_node n = { .node = node->id,
				.real_ns = node->last_seen.real_ns,
				.account = bytes };

	values->used = 0;
	if (account)
		n.account_size = state_account(node, bytes);
	if (!state_values(node, values)) {
		n.values = values->data;
		n.values_size = values->used;
	}
	if (!store_put_node(r->store, &n))
		return false;
	node->saved = node->serial;
	return true;
}

static void save_due(struct recall *r, uint64_t mono_ns)
{
	struct buffer values = { 0 };
	struct node *node;
	struct visit v;
	int count = 0;

	if (visit_begin(&v, r->nodes))
		return;
	for (node = visit_first(&v); node && count < SAVES_AT_ONCE;
	     node = visit_next(&v)) {
		if (!node->saved_ns)
			node->saved_ns =
				mono_ns + SAVE_FIRST_NS - SAVE_EVERY_NS;
		if (!is_due(node, mono_ns) ||
		    !save(r, node, node->state != NODE_FRESH, &values))
			continue;
		node->saved_ns = mono_ns;
		count++;
	}
	visit_end(&v);
	buffer_free(&values);
}

void recall_tick(struct recall *r, uint64_t mono_ns)
{
	if (!r->done)
		read_values(r);
	save_due(r, mono_ns);
}

void recall_close(struct recall *r)
{
	const struct timespec room = { .tv_nsec = ROOM_MS * 1000000 };
	struct buffer values = { 0 };
	struct node *node;
	struct visit v;

	history_close(r->past);
	if (visit_begin(&v, r->nodes))
		return;
	for (node = visit_first(&v); node; node = visit_next(&v))
		while (!node->restored && !store_ended(r->store) &&
		       !save(r, node, true, &values))
			nanosleep(&room, NULL);
	visit_end(&v);
	buffer_free(&values);
}
