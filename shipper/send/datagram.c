// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/address.h"
#include "lib/base/log.h"
#include "shipper/send/datagram.h"

enum {
	IPV4_HEADERS = 20 + 8,
	IPV6_HEADERS = 40 + 8,
	SMALLEST = 512, /* whatever a path says, a frame is that large */
};

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void pump(void *carrier);

static void leave(struct datagram *d)
{
	d->leaving = true;
	if (d->under_way || d->fd < 0)
		return;
	close(d->fd);
	d->fd = -1;
	d->leaving = false;
	d->bad = 0;
	if (d->route.stopped)
		return;
	if (route_go_home(&d->route))
		route_home(&d->route);
	else
		route_failed(&d->route, "frames cannot be sent", 0);
}

/*
 * A datagram that nobody listens for fails the one after it (by ICMP), so that
 * every other send succeeds: only some in a row mean that frames get through.
 */
static void send_passed(struct datagram *d)
{
	d->sent++;
	if (++d->passed < DATAGRAM_RECOVERED)
		return;
	d->bad = 0;
	route_good(&d->route);
	if (!d->failing)
		return;
	d->failing = false;
	log_info("%s: frames get through again", d->route.name);
}

static void send_failed(struct datagram *d, int err)
{
	d->failed++;
	d->passed = 0;
	d->bad++;
	if (err == EMSGSIZE)
		d->flushes = 0;
	if (!d->failing)
		log_warn("%s: cannot send: %s; going on, losses are counted",
			 d->route.name, strerror(err));
	d->failing = true;
}

static bool fed_up(const struct datagram *d)
{
	return d->bad >=
	       (d->route.peers.count > 1 ? DATAGRAM_LEAVE : DATAGRAM_LOOK);
}

/*
 * The news that a former datagram was too large for the path fails one that was
 * not even tried: it goes again, in fragments if need be.
 */
static bool sent_again(struct datagram_send *s, int result)
{
	struct datagram *d = s->datagram;

	if (result != -EMSGSIZE || s->again || d->leaving)
		return false;
	s->again = true;
	d->flushes = 0;
	loop_send(d->loop, &s->op, d->fd, s->frame->data, s->frame->size);
	return true;
}

static void send_done(struct loop_op *op, int result, uint32_t flags)
{
	struct datagram_send *s = (struct datagram_send *)op;
	struct datagram *d = s->datagram;

	if (sent_again(s, result))
		return;
	if (result == (int)s->frame->size)
		send_passed(d);
	else
		send_failed(d, result < 0 ? -result : EMSGSIZE);
	s->frame->done = true;
	s->frame = NULL;
	d->under_way--;
	output_trim(d->output);
	if (d->leaving || fed_up(d))
		leave(d);
	pump(d);
}

/* What a path lets through is learnt from the packets that it refused. */
static void learn_mtu(struct datagram *d)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);
	int mtu = 0, headers = IPV4_HEADERS;
	size_t payload;

	if (d->fd < 0 || d->flushes--)
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
	output_frame_max(d->output, least(payload, d->largest));
}

static void pump(void *carrier)
{
	struct datagram *d = carrier;
	struct queue_frame *f;
	int i;

	if (d->fd < 0 || d->leaving)
		return;
	for (i = 0; i < DATAGRAM_SENDS && (f = queue_next(d->queue)); i++) {
		struct datagram_send *s = &d->sends[i];

		if (s->frame)
			continue;
		s->frame = f;
		s->again = false;
		queue_take(d->queue);
		s->op.lazy = !i && !queue_next(d->queue);
		d->under_way++;
		loop_send(d->loop, &s->op, d->fd, f->data, f->size);
	}
}

static void ready(void *carrier)
{
	struct datagram *d = carrier;

	pump(d);
	learn_mtu(d);
}

bool datagram_has_room(const struct datagram *d)
{
	return d->fd >= 0 && !d->leaving && !queue_next(d->queue) &&
	       d->under_way + 2 <= DATAGRAM_SENDS;
}

const char *datagram_leaves_for(struct datagram *d)
{
	return datagram_has_room(d) && route_go_home(&d->route) ?
		       route_preferred(&d->route) :
		       NULL;
}

void datagram_leave(struct datagram *d)
{
	leave(d);
}

/*
 * A router that drops what is too large tells so by ICMP, which may be filtered:
 * then large datagrams vanish, all of them. So datagrams are as small as every path
 * for IPv6 has to take, and may be parted on the way on IPv4 (DONT). Larger ones,
 * if the configuration allows them, ask the path (WANT): what is larger than
 * its MTU is sent in fragments, and frames from then on are small enough.
 */
static void choose_discovery(const struct datagram *d, const struct address *a)
{
	int ask = d->largest > DATAGRAM_SAFE ? IP_PMTUDISC_WANT :
					       IP_PMTUDISC_DONT;
	int want = IPV6_PMTUDISC_WANT;

	if (a->family == AF_INET6)
		setsockopt(d->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &want,
			   sizeof(want));
	else
		setsockopt(d->fd, IPPROTO_IP, IP_MTU_DISCOVER, &ask,
			   sizeof(ask));
}

static int open_socket(struct datagram *d, const struct address *a)
{
	d->fd = socket(a->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (d->fd < 0)
		return -errno;
	choose_discovery(d, a);
	if (connect(d->fd, (const struct sockaddr *)&a->storage, a->size)) {
		int err = -errno;

		close(d->fd);
		d->fd = -1;
		return err;
	}
	return 0;
}

static void found(void *context, const struct address *a)
{
	struct datagram *d = context;
	int err = open_socket(d, a);

	if (err) {
		route_failed(&d->route, "cannot open a socket", -err);
		return;
	}
	d->flushes = 0;
	d->output->anew = true;
	learn_mtu(d);
	pump(d);
}

int datagram_open(struct datagram *d, struct loop *loop, struct output *output,
		  const char *to, size_t largest)
{
	int err, i;

	memset(d, 0, sizeof(*d));
	d->fd = -1;
	d->loop = loop;
	d->output = output;
	d->queue = output->queue;
	d->largest = largest;
	for (i = 0; i < DATAGRAM_SENDS; i++) {
		d->sends[i].op.done = send_done;
		d->sends[i].datagram = d;
	}
	err = route_init(&d->route, loop, to, output->sender->node, found, d);
	if (err)
		return err;
	output_frame_max(output, least(largest, DATAGRAM_SAFE));
	output->ready = ready;
	output->carrier = d;
	route_try(&d->route);
	return 0;
}

bool datagram_stop(struct datagram *d)
{
	bool stopped = route_stop(&d->route);

	d->leaving = true;
	return stopped && !d->under_way;
}

void datagram_close(struct datagram *d)
{
	if (d->fd >= 0)
		close(d->fd);
}
