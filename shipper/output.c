// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/address.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "shipper/output.h"

/*
 * A datagram that nobody listens for fails the one after it (by ICMP), so that
 * every other send succeeds: only some in a row mean that frames get through.
 */
static void send_passed(struct output *o)
{
	if (!o->failing || ++o->passed < OUTPUT_RECOVERED)
		return;
	o->failing = false;
	log_info("%s: frames get through again", o->peer);
}

static void send_failed(struct output *o, int err)
{
	o->failed++;
	o->passed = 0;
	if (!o->failing)
		log_warn("%s: cannot send: %s; going on, losses are counted",
			 o->peer, strerror(err));
	o->failing = true;
}

static void send_done(struct loop_op *op, int result, uint32_t flags)
{
	struct output_frame *f = (struct output_frame *)op;
	struct output *o = f->output;

	f->busy = false;
	o->under_way--;
	if (result == (int)f->size)
		send_passed(o);
	else
		send_failed(o, result < 0 ? -result : EMSGSIZE);
}

static void frames_init(struct output *o)
{
	int i;

	for (i = 0; i < OUTPUT_FRAMES; i++) {
		struct output_frame *f = &o->frames[i];

		f->op.done = send_done;
		f->output = o;
		f->data = o->memory + (size_t)i * o->frame_max;
	}
}

int output_open(struct output *o, struct loop *loop,
		const struct wire_sender *sender, const char *to,
		size_t frame_max)
{
	struct address address;
	int err;

	memset(o, 0, sizeof(*o));
	o->loop = loop;
	o->sender = sender;
	o->frame_max = frame_max;
	err = address_resolve(&address, to, WIRE_PORT);
	if (err)
		return err;
	address_format(&address, o->peer, sizeof(o->peer));

	o->memory = malloc(OUTPUT_FRAMES * frame_max);
	if (!o->memory)
		return -ENOMEM;
	frames_init(o);
	o->fd = socket(address.family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (o->fd < 0) {
		err = -errno;
		goto free_memory;
	}
	if (connect(o->fd, (struct sockaddr *)&address.storage, address.size)) {
		err = -errno;
		goto close_fd;
	}
	return 0;

close_fd:
	close(o->fd);
free_memory:
	free(o->memory);
	log_error("%s: cannot open a socket: %s", o->peer, strerror(-err));
	return err;
}

void output_close(struct output *o)
{
	close(o->fd);
	free(o->memory);
}

static struct output_frame *frame_free(struct output *o)
{
	int i;

	for (i = 0; i < OUTPUT_FRAMES; i++)
		if (!o->frames[i].busy)
			return &o->frames[i];
	return NULL;
}

/* Have a frame under the pen. False: all are still under way. */
static bool frame_open(struct output *o)
{
	if (o->open)
		return true;
	o->open = frame_free(o);
	if (!o->open)
		return false;
	wire_begin(&o->encoder, o->open->data, o->frame_max, clock_real_ns());
	return true;
}

void output_put(struct output *o, const struct wire_table *table)
{
	uint32_t row = 0;

	while (row < table->rows) {
		uint32_t put;

		if (!frame_open(o)) {
			o->sequence++;
			o->failed++;
			return;
		}
		put = wire_put(&o->encoder, table, row);
		row += put;
		if (put)
			continue;
		if (wire_empty(&o->encoder)) {
			o->failed++;
			return;
		}
		output_flush(o);
	}
}

void output_flush(struct output *o)
{
	struct output_frame *f = o->open;

	if (!f || wire_empty(&o->encoder))
		return;
	f->size = wire_finish(&o->encoder, o->sender, ++o->sequence);
	f->busy = true;
	o->open = NULL;
	o->under_way++;
	loop_send(o->loop, &f->op, o->fd, f->data, f->size);
}
