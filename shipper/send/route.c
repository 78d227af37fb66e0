// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "lib/base/address.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "shipper/send/route.h"

static void looked(void *context, const struct address *a, const char *problem)
{
	struct route *r = context;

	r->looking = false;
	if (r->stopped)
		return;
	if (a)
		r->found(r->context, a);
	else
		route_failed(r, problem, 0);
}

void route_try(struct route *r)
{
	snprintf(r->name, sizeof(r->name), "%s",
		 r->named[0] ? r->named : r->peers.list[r->current].text);
	r->looking = true;
	resolve_start(&r->resolve, r->name, WIRE_PORT,
		      r->failures / r->peers.count);
}

static void waited(struct loop_op *op, int result, uint32_t flags)
{
	struct route *r = (struct route *)op;

	r->waiting = false;
	if (!r->stopped)
		route_try(r);
}

static void wait_and_try(struct route *r)
{
	uint32_t chance = 0;

	getrandom(&chance, sizeof(chance), GRND_NONBLOCK);
	if (r->hurried)
		backoff_reset(&r->backoff);
	r->waiting = true;
	loop_timeout(r->loop, &r->timer,
		     clock_mono_ns() + backoff_next_ns(&r->backoff, chance));
}

/* A spare serves for a while, for longer each time the first one fails. */
static void choose(struct route *r, unsigned int number)
{
	r->current = number % r->peers.count;
	if (!r->current)
		return;
	r->home_at_ns = clock_mono_ns() + (ROUTE_HOME_NS << r->spares);
	if (r->spares < ROUTE_HOME_DOUBLINGS)
		r->spares++;
}

/* Each reason once, until frames arrive again. */
static bool is_news(struct route *r, const char *what)
{
	unsigned int i;

	if (!r->failing)
		r->told_count = 0;
	for (i = 0; i < r->told_count; i++)
		if (r->told[i] == what)
			return false;
	if (r->told_count == ROUTE_REASONS)
		return false;
	r->told[r->told_count++] = what;
	return true;
}

void route_failed(struct route *r, const char *what, int err)
{
	if (is_news(r, what))
		log_warn("%s: %s%s%s; frames wait, trying %s", r->name, what,
			 err ? ": " : "", err ? strerror(err) : "",
			 r->peers.count > 1 ? "the next collector" : "again");
	r->failing = true;
	r->failures++;
	if (r->named[0])
		r->named[0] = '\0';
	else
		choose(r, r->current + 1);
	wait_and_try(r);
}

void route_moved(struct route *r, const char *what, const char *where)
{
	if (r->moves >= ROUTE_MOVES || !where[0] || address_check(where)) {
		route_failed(r, what, 0);
		return;
	}
	log_debug("%s: %s: going to %s", r->name, what, where);
	r->moves++;
	snprintf(r->named, sizeof(r->named), "%s", where);
	route_try(r);
}

void route_good(struct route *r)
{
	backoff_reset(&r->backoff);
	if (r->failing)
		log_info("%s: frames arrive again", r->name);
	r->failing = false;
	r->moves = 0;
	if (!r->current)
		r->spares = 0;
}

const char *route_preferred(const struct route *r)
{
	return r->peers.list[0].text;
}

const char *route_next(const struct route *r)
{
	unsigned int next = (r->current + 1) % r->peers.count;

	return next == r->current ? NULL : r->peers.list[next].text;
}

bool route_go_home(struct route *r)
{
	return r->current && !r->named[0] && clock_mono_ns() >= r->home_at_ns;
}

void route_home(struct route *r)
{
	log_info("%s: leaving this spare for %s", r->name,
		 r->peers.list[0].text);
	choose(r, 0);
	route_try(r);
}

void route_hurry(struct route *r)
{
	r->hurried = true;
	if (r->waiting)
		loop_cancel(r->loop, &r->timer);
}

bool route_stop(struct route *r)
{
	if (!r->stopped && r->looking)
		resolve_cancel(&r->resolve);
	if (!r->stopped && r->waiting)
		loop_cancel(r->loop, &r->timer);
	r->stopped = true;
	return !r->looking && !r->waiting;
}

int route_init(struct route *r, struct loop *loop, const char *list,
	       const uint8_t *node,
	       void (*found)(void *context, const struct address *address),
	       void *context)
{
	memset(r, 0, sizeof(*r));
	r->timer.done = waited;
	r->loop = loop;
	r->found = found;
	r->context = context;
	r->resolve.loop = loop;
	r->resolve.done = looked;
	r->resolve.context = r;
	if (!peers_init(&r->peers, list, node))
		return 0;
	log_error(
		"collector '%s': expected HOST, HOST:PORT or [HOST]:PORT, or up to %d of them with commas between",
		list, PEERS_MAX);
	return -EINVAL;
}
