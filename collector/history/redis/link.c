// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/history/redis/link.h"
#include "collector/history/redis/resp.h"
#include "lib/base/address.h"
#include "lib/base/clock.h"

enum {
	TRY_MS = 3000, /* to connect, and for a short answer */
	READ_SIZE = 64 << 10,
	READS_MAX = 16, /* until others have their turn */
	NODE_COST = 96, /* of a reply within a reply, beside its bytes */
};

#define TRY_NS (TRY_MS * UINT64_C(1000000))

void link_fail(struct link *l, const char *problem)
{
	if (problem)
		snprintf(l->problem, sizeof(l->problem), "%s", problem);
	if (l->tls)
		gnutls_deinit(l->tls);
	if (l->trust)
		gnutls_certificate_free_credentials(l->trust);
	if (l->fd > 0)
		close(l->fd);
	if (l->reader)
		redisReaderFree(l->reader);
	freeReplyObject(l->answer);
	l->tls = NULL;
	l->trust = NULL;
	l->reader = NULL;
	l->answer = NULL;
	if (l->held && l->held->used >= l->partial)
		l->held->used -= l->partial;
	l->partial = 0;
	l->fd = 0;
	l->up = false;
	l->out.used = l->sent = 0;
	l->whose.used = l->came = 0;
}

void link_close(struct link *l)
{
	link_fail(l, NULL);
	buffer_free(&l->out);
	buffer_free(&l->whose);
}

static int wait_for(struct link *l, short events, uint64_t until)
{
	struct pollfd p = { .fd = l->fd, .events = events };
	uint64_t now = clock_mono_ns();

	return now < until && poll(&p, 1, (int)((until - now) / 1000000 + 1)) >
				       0 ?
		       0 :
		       -ETIMEDOUT;
}

static int connect_to(struct link *l, const struct address *a)
{
	const int on = 1;
	socklen_t size = sizeof(int);
	int err = 0;

	l->fd = socket(a->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       0);
	if (l->fd < 0) {
		l->fd = 0;
		return -errno;
	}
	setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(l->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	if (!connect(l->fd, (const struct sockaddr *)&a->storage, a->size))
		return 0;
	if (errno != EINPROGRESS)
		return -errno;
	if (wait_for(l, POLLOUT, clock_mono_ns() + TRY_NS))
		return -ETIMEDOUT;
	getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &err, &size);
	return -err;
}

static int trust(struct link *l, const struct place *p)
{
	int got;

	if (gnutls_certificate_allocate_credentials(&l->trust))
		return GNUTLS_E_MEMORY_ERROR;
	if (p->insecure)
		return 0;
	got = p->ca[0] ? gnutls_certificate_set_x509_trust_file(
				 l->trust, p->ca, GNUTLS_X509_FMT_PEM) :
			 gnutls_certificate_set_x509_system_trust(l->trust);
	return got > 0 ? 0 : got < 0 ? got : GNUTLS_E_NO_CERTIFICATE_FOUND;
}

/* The name as a certificate has it. */
static void name_of(const char *host, char name[PLACE_HOST_SIZE])
{
	char *colon;

	snprintf(name, PLACE_HOST_SIZE, "%s", host + (*host == '['));
	colon = strchr(name, *host == '[' ? ']' : ':');
	if (colon && (*host == '[' || !strchr(colon + 1, ':')))
		*colon = '\0';
}

static int shake_hands(struct link *l, const struct place *p, const char *host)
{
	uint64_t until = clock_mono_ns() + TRY_NS;
	char name[PLACE_HOST_SIZE];
	int ret = trust(l, p);

	name_of(host, name);
	if (!ret)
		ret = gnutls_init(&l->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK);
	if (!ret)
		ret = gnutls_set_default_priority(l->tls);
	if (!ret)
		ret = gnutls_credentials_set(l->tls, GNUTLS_CRD_CERTIFICATE,
					     l->trust);
	if (ret)
		return ret;
	gnutls_server_name_set(l->tls, GNUTLS_NAME_DNS, name, strlen(name));
	if (!p->insecure)
		gnutls_session_set_verify_cert(l->tls, name, 0);
	gnutls_transport_set_int(l->tls, l->fd);
	while ((ret = gnutls_handshake(l->tls)) < 0 &&
	       !gnutls_error_is_fatal(ret)) {
		short events = gnutls_record_get_direction(l->tls) ? POLLOUT :
								     POLLIN;

		if (wait_for(l, events, until))
			return GNUTLS_E_TIMEDOUT;
	}
	return ret;
}

/* --- replies ------------------------------------------------------------- */

#if HIREDIS_MAJOR < 1
typedef int array_size;
#else
typedef size_t array_size;
#endif

/* Whether there is room for it. */
static bool hold(struct link *l, size_t bytes)
{
	struct link_held *h = l->held;

	if (bytes > h->most || h->used > h->most - bytes)
		return false;
	h->used += bytes;
	l->partial += bytes;
	return true;
}

static void *make_string(const redisReadTask *task, char *text, size_t size)
{
	struct link *l = task->privdata;

	return hold(l, NODE_COST) ? l->plain->createString(task, text, size) :
				    NULL;
}

static void *make_array(const redisReadTask *task, array_size elements)
{
	struct link *l = task->privdata;

	return hold(l, NODE_COST + (size_t)elements * sizeof(void *)) ?
		       l->plain->createArray(task, elements) :
		       NULL;
}

static void *make_integer(const redisReadTask *task, long long value)
{
	struct link *l = task->privdata;

	return hold(l, NODE_COST) ? l->plain->createInteger(task, value) : NULL;
}

static void *make_nil(const redisReadTask *task)
{
	struct link *l = task->privdata;

	return hold(l, NODE_COST) ? l->plain->createNil(task) : NULL;
}

/* A few bytes may ask for much memory. */
static bool make_reader(struct link *l)
{
	l->reader = redisReaderCreate();
	if (!l->reader)
		return false;
	l->plain = l->reader->fn;
	l->fn = *l->plain;
	l->fn.createString = make_string;
	l->fn.createArray = make_array;
	l->fn.createInteger = make_integer;
	l->fn.createNil = make_nil;
	l->reader->fn = &l->fn;
	l->reader->privdata = l;
	l->reader->maxbuf = 0;
	return true;
}

int link_open(struct link *l, const struct place *p, const char *host,
	      unsigned int turn)
{
	struct address a;
	const char *problem = address_find(&a, host, PLACE_PORT, turn);
	int err;

	if (problem) {
		link_fail(l, problem);
		return -EIO;
	}
	err = connect_to(l, &a);
	if (err) {
		link_fail(l, strerror(-err));
		return -EIO;
	}
	err = p->tls ? shake_hands(l, p, host) : 0;
	if (err || !make_reader(l)) {
		link_fail(l, err ? gnutls_strerror(err) : "memory is short");
		return -EIO;
	}
	l->up = true;
	return 0;
}

int link_expect(struct link *l, int whose)
{
	if (l->came == l->whose.used)
		l->came = l->whose.used = 0;
	return buffer_put(&l->whose, &whose, sizeof(whose));
}

/* Return bytes, 0 for none now, or a negative number for the end. */
static ssize_t put_bytes(struct link *l, const void *data, size_t size)
{
	ssize_t ret;

	if (l->tls) {
		ret = gnutls_record_send(l->tls, data, size);
		return ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED ?
			       0 :
			       ret;
	}
	ret = send(l->fd, data, size, MSG_NOSIGNAL);
	return ret < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : ret;
}

static ssize_t get_bytes(struct link *l, void *data, size_t size)
{
	ssize_t ret;

	if (l->tls) {
		ret = gnutls_record_recv(l->tls, data, size);
		return ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED ?
			       0 :
		       ret ? ret :
			     -1;
	}
	ret = recv(l->fd, data, size, 0);
	return ret < 0 && (errno == EAGAIN || errno == EINTR) ? 0 :
	       ret					      ? ret :
								-1;
}

static bool send_some(struct link *l)
{
	ssize_t put;

	while (link_is_full(l)) {
		put = put_bytes(l, l->out.data + l->sent,
				l->out.used - l->sent);
		if (put <= 0)
			return !put;
		l->sent += (size_t)put;
	}
	l->out.used = l->sent = 0;
	return true;
}

/* Of TLS there may be tickets. */
bool link_is_quiet(const struct link *l)
{
	char byte;
	ssize_t got = recv(l->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return got < 0 ? errno == EAGAIN || errno == EINTR : got && l->tls;
}

static void tell(struct link *l, redisReply *reply, link_reply *told,
		 void *context)
{
	int whose;

	memcpy(&whose, l->whose.data + l->came, sizeof(whose));
	l->came += sizeof(whose);
	if (whose == LINK_ASKED && !l->answer)
		l->answer = reply;
	else if (whose == LINK_NOBODY || whose == LINK_ASKED || !told)
		freeReplyObject(reply);
	else
		told(context, whose, reply);
}

/* Return NULL, or what is wrong. */
static const char *read_replies(struct link *l, link_reply *told, void *context)
{
	void *reply;

	while (redisReaderGetReply(l->reader, &reply) == REDIS_OK) {
		if (!reply)
			return NULL;
		l->partial = 0;
		if (!link_is_busy(l)) {
			freeReplyObject(reply);
			return "it answers what nobody asked";
		}
		tell(l, reply, told, context);
	}
	return l->reader->err == REDIS_ERR_OOM ?
		       "its answers are too large, or memory is short" :
		       "its answers are none: it is no such server";
}

static const char *receive(struct link *l, link_reply *told, void *context)
{
	const char *problem = NULL;
	char bytes[READ_SIZE];
	ssize_t got;
	int i;

	for (i = 0; !problem && i < READS_MAX; i++) {
		got = get_bytes(l, bytes, sizeof(bytes));
		if (!got)
			break;
		if (got < 0)
			return "the connection was closed";
		if (!hold(l, (size_t)got) ||
		    redisReaderFeed(l->reader, bytes, (size_t)got))
			return "its answers are too large, or memory is short";
		problem = read_replies(l, told, context);
	}
	return problem;
}

void link_move(struct link *l, link_reply *told, void *context)
{
	const char *problem = send_some(l) ? receive(l, told, context) :
					     "the connection was closed";

	if (problem)
		link_fail(l, problem);
}

redisReply *link_ask(struct link *l, int argc, const char *const *argv)
{
	uint64_t until = clock_mono_ns() + TRY_NS;
	redisReply *answer;
	int i, err = resp_begin(&l->out, (unsigned int)argc);

	for (i = 0; !err && i < argc; i++)
		err = resp_put(&l->out, argv[i], strlen(argv[i]));
	if (!err)
		err = link_expect(l, LINK_ASKED);
	if (err)
		link_fail(l, "memory is short");
	while (l->up && !l->answer) {
		link_move(l, NULL, NULL);
		if (!l->up || l->answer)
			break;
		if (wait_for(l, link_is_full(l) ? POLLIN | POLLOUT : POLLIN,
			     until))
			link_fail(l, "no answer within 3 s");
	}
	answer = l->answer;
	l->answer = NULL;
	return answer;
}
