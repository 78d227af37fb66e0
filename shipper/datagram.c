// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/address.h"
#include "lib/log.h"
#include "shipper/datagram.h"

enum {
	IPV4_HEADERS = 20 + 8,
	IPV6_HEADERS = 40 + 8,
	SMALLEST = 512, /* whatever a path says, a frame is that large */
};

static void pump(void *carrier);

/*
 * A datagram that nobody listens for fails the one after it (by ICMP), so that
 * every other send succeeds: only some in a row mean that frames get through.
 */
static void send_passed(struct datagram *d)
{
	d->sent++;
	if (!d->failing || ++d->passed < DATAGRAM_RECOVERED)
		return;
	d->failing = false;
	log_info("%s: frames get through again", d->peer);
}

static void send_failed(struct datagram *d, int err)
{
	d->failed++;
	d->passed = 0;
	if (err == EMSGSIZE)
		d->flushes = 0;
	if (!d->failing)
		log_warn("%s: cannot send: %s; going on, losses are counted",
			 d->peer, strerror(err));
	d->failing = true;
}

static void send_done(struct loop_op *op, int result, uint32_t flags)
{
	struct datagram_send *s = (struct datagram_send *)op;
	struct datagram *d = s->datagram;

	if (result == (int)s->frame->size)
		send_passed(d);
	else
		send_failed(d, result < 0 ? -result : EMSGSIZE);
	s->frame->done = true;
	s->frame = NULL;
	d->under_way--;
	queue_trim(d->queue);
	pump(d);
}

/* What a path lets through is learnt from the packets that it refused. */
static void learn_mtu(struct datagram *d)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);
	int mtu = 0, headers = IPV4_HEADERS;
	size_t payload;

	if (d->flushes--)
		return;
	d->flushes = DATAGRAM_MTU_EVERY;
	getpeername(d->fd, (struct sockaddr *)&peer, &size);
	size = sizeof(mtu);
	if (peer.ss_family == AF_INET6) {
		headers = IPV6_HEADERS;
		getsockopt(d->fd, IPPROTO_IPV6, IPV6_MTU, &mtu, &size);
	} else {
		getsockopt(d->fd, IPPROTO_IP, IP_MTU, &mtu, &size);
	}
	payload = mtu > SMALLEST + headers ? (size_t)(mtu - headers) : SMALLEST;
	output_frame_max(d->output,
			 payload < d->largest ? payload : d->largest);
}

static void pump(void *carrier)
{
	struct datagram *d = carrier;
	struct queue_frame *f;
	int i;

	for (i = 0; i < DATAGRAM_SENDS && (f = queue_next(d->queue)); i++) {
		struct datagram_send *s = &d->sends[i];

		if (s->frame)
			continue;
		s->frame = f;
		queue_take(d->queue);
		d->under_way++;
		loop_send(d->loop, &s->op, d->fd, f->data, f->size);
	}
}

static void ready(void *carrier)
{
	pump(carrier);
	learn_mtu(carrier);
}

/*
 * WANT: what is larger than the path's MTU is sent in fragments instead of
 * being refused, and frames from then on are small enough.
 */
static int open_socket(struct datagram *d, const struct address *a)
{
	int want = a->family == AF_INET6 ? IPV6_PMTUDISC_WANT :
					   IP_PMTUDISC_WANT;

	d->fd = socket(a->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (d->fd < 0)
		return -errno;
	if (a->family == AF_INET6)
		setsockopt(d->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &want,
			   sizeof(want));
	else
		setsockopt(d->fd, IPPROTO_IP, IP_MTU_DISCOVER, &want,
			   sizeof(want));
	if (connect(d->fd, (const struct sockaddr *)&a->storage, a->size)) {
		int err = -errno;

		close(d->fd);
		return err;
	}
	return 0;
}

int datagram_open(struct datagram *d, struct loop *loop, struct output *output,
		  const char *to, size_t largest)
{
	struct address address;
	int err, i;

	memset(d, 0, sizeof(*d));
	d->loop = loop;
	d->output = output;
	d->queue = output->queue;
	d->largest = largest;
	for (i = 0; i < DATAGRAM_SENDS; i++) {
		d->sends[i].op.done = send_done;
		d->sends[i].datagram = d;
	}
	err = address_resolve(&address, to, WIRE_PORT);
	if (err)
		return err;
	address_format(&address, d->peer, sizeof(d->peer));
	err = open_socket(d, &address);
	if (err) {
		log_error("%s: cannot open a socket: %s", d->peer,
			  strerror(-err));
		return err;
	}
	learn_mtu(d);
	output->ready = ready;
	output->carrier = d;
	return 0;
}

void datagram_close(struct datagram *d)
{
	close(d->fd);
}
