// SPDX-License-Identifier: GPL-2.0-or-later
#include <poll.h>

#include "shipper/host_source.h"

static void arm(struct host_source *s)
{
	if (!s->collector->fd)
		return;
	loop_poll(s->loop, &s->poll, s->collector->fd(s->state), POLLIN);
	s->waiting = true;
}

/* Cancelled by the close, or broken: what is read now and then goes on. */
static void news(struct loop_op *op, int result, uint32_t flags)
{
	struct host_source *s = (struct host_source *)op;

	s->waiting = false;
	if (result < 0)
		return;
	s->collector->changed(s->state, &s->sink);
	arm(s);
}

int host_source_open(struct host_source *s,
		     const struct host_collector *collector,
		     const struct host_options *options, struct loop *loop,
		     const struct host_sink *sink)
{
	int err;

	*s = (struct host_source){
		.poll.done = news,
		.loop = loop,
		.collector = collector,
		.sink = *sink,
	};
	err = collector->open(&s->state, options);
	if (!err)
		arm(s);
	return err;
}

void host_source_close(struct host_source *s)
{
	if (s->waiting)
		loop_cancel(s->loop, &s->poll);
	while (s->waiting && !loop_run_once(s->loop, true))
		;
	s->collector->close(s->state);
}

void host_source_collect(struct host_source *s)
{
	s->collector->read(s->state, &s->sink);
}
