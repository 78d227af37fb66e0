// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Usage: questions COUNT SEED
 * Questions and commits of the history to a server that answers some of them wrongly: with
 * another kind, with lists within lists, huge sizes, half an answer, two, none, errors, the
 * way to other servers, bytes without sense; and with values that nobody wrote, in the
 * right kind. Built with sanitizers; time passes faster than elsewhere.
 *
 * Each call returns; a commit that was not answered as it has to be is no success; replies
 * have no more memory than they may. Prints the seed of a handle that fails.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "collector/history/frames/frame_log.h"
#include "collector/history/redis/handle.h"
#include "collector/history/redis/redis.h"
#include "lib/base/log.h"
#include "tests/fuzz/redis/liar.h"

enum {
	HASTE = 100, /* seconds in one */
	HELD_MAX = 2 << 20,
	CALLS = 12, /* of a handle */
	CALL_S = 120, /* of its time: it never returns */
};

#define S UINT64_C(1000000000)

/* --- time ---------------------------------------------------------------- */

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __real_nanosleep(const struct timespec *span, struct timespec *left);
int __wrap_nanosleep(const struct timespec *span, struct timespec *left);
int __real_poll(struct pollfd *fds, nfds_t count, int ms);
int __wrap_poll(struct pollfd *fds, nfds_t count, int ms);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	int ret = __real_clock_gettime(clock, now);
	uint64_t ns;

	if (clock != CLOCK_MONOTONIC)
		return ret;
	ns = ((uint64_t)now->tv_sec * S + (uint64_t)now->tv_nsec) * HASTE;
	now->tv_sec = (time_t)(ns / S);
	now->tv_nsec = (long)(ns % S);
	return ret;
}

int __wrap_nanosleep(const struct timespec *span, struct timespec *left)
{
	const struct timespec less = { 0, span->tv_nsec / HASTE };

	return __real_nanosleep(&less, left);
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int ms)
{
	return __real_poll(fds, count, ms > 0 ? ms / HASTE + 1 : ms);
}

/* --- what is found ------------------------------------------------------- */

static volatile unsigned int sum;
static uint64_t state;

static unsigned int pick(unsigned int below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned int)((state * UINT64_C(2685821657736338717)) >> 33) %
	       below;
}

/* A sanitizer looks at each byte. */
static void look(const void *data, size_t size)
{
	const uint8_t *bytes = data;
	size_t i;

	for (i = 0; i < size; i++)
		sum += bytes[i];
}

static int found_blob(void *context, const void *data, size_t size)
{
	look(data, size);
	return 0;
}

static int found_log(void *context, uint64_t number, const void *data,
		     size_t size)
{
	const struct kept_frame *f;
	struct frame_walk walk;

	look(data, size);
	frame_walk_begin(&walk, data, size);
	while ((f = frame_walk_next(&walk)))
		look(f + 1, f->size);
	return 0;
}

static int found_piece(void *context, const struct engine_piece *p)
{
	look(p->data.data, p->data.size);
	look(p->name, strlen(p->name));
	return pick(40) ? 0 : 1;
}

static int found_commit(void *context, const struct engine_commit *c)
{
	size_t i;

	look(c->marks, c->mark_count * sizeof(*c->marks));
	look(c->losses, c->loss_count * sizeof(*c->losses));
	for (i = 0; i < c->state_count; i++) {
		look(c->states[i].account, c->states[i].account_size);
		look(c->states[i].values, c->states[i].values_size);
	}
	return 0;
}

static void found_id(void *context, const uint8_t *node)
{
	look(node, WIRE_ID_SIZE);
}

static void found_node(void *context, const struct engine_node *n)
{
	look(n->id, sizeof(n->id));
	look(n->name, strlen(n->name));
	look(n->version, strlen(n->version));
}

static void found_loss(void *context, const struct history_loss *l)
{
	look(l, sizeof(*l));
}

static void found_state(void *context, const uint8_t *node, const void *data,
			size_t size)
{
	look(node, WIRE_ID_SIZE);
	look(data, size);
}

/* --- calls --------------------------------------------------------------- */

static uint8_t node[WIRE_ID_SIZE] = { 0x42 };

/* Return false if it was believed though nobody kept it. */
static bool commit(struct engine *e)
{
	static const char bytes[] = "0123456789012345678901234567890123456789";
	struct engine_mark m = { .session = pick(5),
				 .sequence = 9,
				 .known = pick(2) };
	struct store_node s = { .node = node,
				.real_ns = 5,
				.account = bytes,
				.account_size = pick(40),
				.values = bytes,
				.values_size = pick(40) };
	struct store_loss l = { .minute = pick(3) };
	struct engine_commit c = { .real_ns = 5,
				   .marks = &m,
				   .mark_count = 1,
				   .states = &s,
				   .state_count = pick(2),
				   .losses = &l,
				   .loss_count = pick(2) };
	int err;

	memcpy(m.node, node, sizeof(node));
	memcpy(l.node, node, sizeof(node));
	err = e->ops->commit(e, &c);
	if (err || liar_kept())
		return true;
	printf("# a commit is believed that was not answered\n");
	return false;
}

static int fold(struct engine *e)
{
	const struct engine_part part = { .hour = 400000,
					  .data = { "part", 4 } };
	struct engine_fold f = { .log = pick(9),
				 .name = "name",
				 .version = "1",
				 .last_ns = 5,
				 .parts = &part,
				 .part_count = pick(2),
				 .aside = { "frames", pick(2) * 6 },
				 .real_ns = 9 };

	memcpy(f.node, node, sizeof(node));
	return e->ops->fold(e, &f, 1);
}

static int merge(struct engine *e, const struct engine_key *key)
{
	struct engine_merge m = { .key = *key,
				  .chunks = { { "chunk", pick(2) * 5 } },
				  .parts = pick(3) ? SIZE_MAX : 1 };

	return e->ops->merge(e, &m, 1);
}

static void ask_writer(struct engine *e, const struct engine_key *key)
{
	const struct engine_drop drop = { .tier = (int)pick(ENGINE_PIECES),
					  .node = pick(2) ? node : NULL,
					  .to = UINT64_MAX,
					  .most = 100 };
	const struct engine_age age = { .marks_ns = 1 + pick(2) * S * S,
					.states_ns = 1,
					.minute = 1 + pick(1000000),
					.future = UINT64_MAX,
					.hour = 500000 };
	struct engine_aside left;
	struct engine_room room;
	struct engine_key keys[8];
	uint8_t id[WIRE_ID_SIZE];
	uint64_t number;

	switch (pick(13)) {
	case 0:
		e->ops->mark(e, node, 3, &number);
		return;
	case 1:
		e->ops->retry(e, 1 << 20, &left);
		return;
	case 2:
		e->ops->trim(e, pick(20));
		return;
	case 3:
		e->ops->ripe(e, 500000, 2, keys, 8);
		return;
	case 4:
		merge(e, key);
		return;
	case 5:
		e->ops->set_aside(e, key);
		return;
	case 6:
		e->ops->begin(e, node, pick(2) ? -1 : 400000);
		e->ops->end(e);
		return;
	case 7:
		e->ops->drop(e, &drop);
		return;
	case 8:
		e->ops->forget(e, &age);
		return;
	case 9:
		e->ops->room(e, &room);
		e->ops->largest(e, id, &number);
		return;
	case 10:
		e->ops->everybody(e, found_id, NULL);
		return;
	case 11:
		e->ops->small(e, node, found_commit, NULL);
		e->ops->leave(e, node, pick(2));
		return;
	default:
		fold(e);
	}
}

static void ask_anybody(struct engine *e, const struct engine_key *key)
{
	struct engine_walk walk = { .tier = (int)pick(ENGINE_PIECES) };
	struct history_losses_query q = { .to_ns = UINT64_MAX,
					  .step_ns = 60 * S };
	struct engine_node n;
	uint64_t first;

	memcpy(q.node, node, sizeof(node));
	switch (pick(9)) {
	case 0:
		e->ops->nodes(e, found_node, NULL);
		return;
	case 1:
		e->ops->find(e, node, &n);
		return;
	case 2:
		e->ops->logs(e, found_log, NULL);
		return;
	case 3:
		e->ops->parts(e, key, found_blob, NULL);
		return;
	case 4:
		e->ops->chunk(e, (enum tier)pick(TIERS), key, found_blob, NULL);
		return;
	case 5:
		e->ops->next(e, node, pick(500000), &first);
		return;
	case 6:
		if (e->ops->walk(e, &walk, found_piece, NULL) > 0)
			e->ops->walk(e, &walk, found_piece, NULL);
		return;
	case 7:
		e->ops->losses(e, &q, found_loss, NULL);
		return;
	default:
		e->ops->accounts(e, 5, found_state, NULL);
		e->ops->latest(e, node, 5, found_state, NULL);
	}
}

static bool call_some(struct engine *e)
{
	struct engine_key key = { .hour = 400000 };
	unsigned int i;

	for (i = 0; i < CALLS; i++) {
		node[WIRE_ID_SIZE - 1] = (uint8_t)pick(4);
		memcpy(key.node, node, sizeof(node));
		if (e->unsettled)
			e->ops->settle(e, found_log, NULL);
		else if (!pick(4)) {
			if (!commit(e))
				return false;
		} else if (pick(2))
			ask_writer(e, &key);
		else
			ask_anybody(e, &key);
		if (redis_of(e)->held.used <= HELD_MAX)
			continue;
		printf("# replies have %zu bytes\n", redis_of(e)->held.used);
		return false;
	}
	return true;
}

/* It is the writer's, and opens with a server that does not lie. */
static bool run_one(const char *place, unsigned int seed)
{
	struct engine *e;
	bool good;

	alarm(CALL_S);
	state = seed * UINT64_C(0x9e3779b97f4a7c15) + 7;
	liar_turn(seed, 0);
	if (redis_open(&e, place, false)) {
		printf("# it does not open\n");
		return false;
	}
	redis_of(e)->held.most = HELD_MAX;
	liar_turn(seed, 2 + pick(60));
	good = call_some(e);
	e->ops->close(e);
	liar_turn(seed, 1 + pick(6));
	if (!redis_read(&e, place))
		e->ops->close(e);
	return good;
}

int main(int argc, char **argv)
{
	unsigned long i, count = argc > 1 ? strtoul(argv[1], NULL, 10) : 100;
	unsigned int seed =
		argc > 2 ? (unsigned int)strtoul(argv[2], NULL, 10) : 1;
	char place[64];
	bool good = true;

	signal(SIGPIPE, SIG_IGN);
	log_init("questions", LOG_ERROR);
	snprintf(place, sizeof(place), "redis://127.0.0.1:%u", liar_start());
	for (i = 0; i < count && good; i++) {
		good = run_one(place, seed + (unsigned int)i);
		if (!good)
			printf("not ok - handle of seed %lu\n", seed + i);
	}
	liar_stop();
	if (good)
		printf("ok - %lu handles, %lu answers, %lu lies\n", count,
		       liar_answers(), liar_lies());
	return good ? 0 : 1;
}
