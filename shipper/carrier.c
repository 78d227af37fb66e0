// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "shipper/carrier.h"

static bool say(void *carrier, struct word *word)
{
	struct carrier *c = carrier;

	return c->tcp && stream_say(&c->stream, word);
}

static void requested(void *owner, const struct wire_frame *f)
{
	struct carrier *c = owner;

	remote_take(c->remote, f);
}

static void deaf(void *owner)
{
	struct carrier *c = owner;

	remote_leave(c->remote);
}

static int open_stream(struct carrier *c, const struct config *config,
		       struct loop *loop, struct output *output)
{
	int err = stream_open(&c->stream, loop, output, config->collector,
			      config->patience_ns);

	if (!c->remote)
		return err;
	c->remote->say = say;
	c->remote->carrier = c;
	c->stream.request = requested;
	c->stream.deaf = deaf;
	c->stream.owner = c;
	return err;
}

uint64_t carrier_accepts(const struct carrier *c)
{
	uint64_t accepts = WIRE_ACCEPTS_REFUSED;

	if (c->tcp && c->remote && c->stream.output->sealing.on &&
	    remote_is_there(c->remote))
		accepts |= WIRE_ACCEPTS_AGENTS;
	if (c->tcp && c->remote && c->remote->flight &&
	    c->stream.output->sealing.on)
		accepts |= WIRE_ACCEPTS_FLIGHT;
	return accepts;
}

int carrier_open(struct carrier *c, const struct config *config,
		 struct loop *loop, struct output *output)
{
	queue_rewind(output->queue);
	c->tcp = !strcmp(config->transport, "tcp");
	if (c->tcp)
		return open_stream(c, config, loop, output);
	return datagram_open(&c->datagram, loop, output, config->collector,
			     config->datagram);
}

bool carrier_stop(struct carrier *c)
{
	return c->tcp ? stream_stop(&c->stream) : datagram_stop(&c->datagram);
}

bool carrier_is_failing(const struct carrier *c)
{
	return c->tcp ? c->stream.state != STREAM_UP : c->datagram.failing;
}

void carrier_hurry(struct carrier *c)
{
	route_hurry(c->tcp ? &c->stream.route : &c->datagram.route);
}

const char *carrier_leaves_for(struct carrier *c)
{
	return c->tcp ? NULL : datagram_leaves_for(&c->datagram);
}

void carrier_leave(struct carrier *c)
{
	if (!c->tcp)
		datagram_leave(&c->datagram);
}

bool carrier_goes_to(struct carrier *c, const char *where)
{
	if (!c->tcp)
		return datagram_has_room(&c->datagram);
	stream_goes_to(&c->stream, where);
	return false;
}

/* What was counted stays. */
void carrier_close(struct carrier *c)
{
	c->failed = carrier_failed(c);
	c->unknown = carrier_unknown(c);
	c->reconnects = carrier_reconnects(c);
	if (c->tcp)
		stream_close(&c->stream);
	else
		datagram_close(&c->datagram);
}

const char *carrier_peer(const struct carrier *c)
{
	return c->tcp ? c->stream.route.name : c->datagram.route.name;
}

uint64_t carrier_failed(const struct carrier *c)
{
	return c->failed + (c->tcp ? 0 : c->datagram.failed);
}

uint64_t carrier_unknown(const struct carrier *c)
{
	return c->unknown + (c->tcp ? c->stream.unknown : 0);
}

uint64_t carrier_reconnects(const struct carrier *c)
{
	return c->reconnects +
	       (c->tcp && c->stream.connects ? c->stream.connects - 1 : 0);
}
