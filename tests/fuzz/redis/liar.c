// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/base/buffer.h"
#include "collector/history/redis/script.h"
#include "lib/wire/wire.h"
#include "tests/fuzz/redis/liar.h"

enum {
	PEERS = 64,
	ARGS = 4096,
	OUT_MAX = 1 << 20,
	FLOOD = 4 << 20, /* more than a handle is allowed here */
};

static struct peer {
	int fd;
	struct buffer in;
	struct buffer out;
	bool closing;
	bool silent;
} peers[PEERS];

struct request {
	size_t count;
	const char *arg[ARGS];
	size_t size[ARGS];
};

static struct {
	pthread_t thread;
	pthread_mutex_t lock;
	int fd;
	uint16_t port;
	bool ended;
	uint64_t state;
	unsigned int one_of;
	bool kept;
	unsigned long answers;
	unsigned long lies;
} liar = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* xorshift64* */
static unsigned int pick(unsigned int below)
{
	liar.state ^= liar.state >> 12;
	liar.state ^= liar.state << 25;
	liar.state ^= liar.state >> 27;
	return (unsigned int)((liar.state * UINT64_C(2685821657736338717)) >>
			      33) %
	       below;
}

/* --- answers ------------------------------------------------------------- */

static void put(struct peer *p, const void *data, size_t size)
{
	if (buffer_put(&p->out, data, size))
		abort();
}

static void put_text(struct peer *p, const char *text)
{
	put(p, text, strlen(text));
}

static void put_head(struct peer *p, char sign, long long number)
{
	char head[32];

	put(p, head,
	    (size_t)snprintf(head, sizeof(head), "%c%lld\r\n", sign, number));
}

static void put_bytes(struct peer *p, const void *data, size_t size)
{
	put_head(p, '$', (long long)size);
	put(p, data, size);
	put_text(p, "\r\n");
}

/* Keys and values of all kinds there are, well or not. */
static void put_value(struct peer *p)
{
	static const char *const texts[] = {
		"",
		"0",
		"-1",
		"1e300",
		"nan",
		"-inf",
		"18446744073709551615",
		"99999999999999999999999",
		"5-0",
		"5-1",
		"42000000000000000000000000000007:400000",
		"42000000000000000000000000000007:0400000",
		"42000000000000000000000000000007:18446744073709551615",
		"4200000000000000000000000000007:400000",
		"0.1.0\nrow of frames",
		"\n",
		"1 2 3",
		"host 1 1 boot 1 1",
		"ktach 1",
	};
	const unsigned int count = sizeof(texts) / sizeof(texts[0]);
	unsigned int which = pick(count + 3), i, size;
	uint8_t bytes[96];

	if (which < count) {
		put_bytes(p, texts[which], strlen(texts[which]));
		return;
	}
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)pick(256);
	size = which == count	  ? WIRE_ID_SIZE :
	       which == count + 1 ? 8 * (1 + pick(4)) :
				    pick(sizeof(bytes));
	if (size >= WIRE_ID_SIZE && pick(2)) {
		memset(bytes, 0, WIRE_ID_SIZE);
		bytes[0] = 0x42;
		bytes[WIRE_ID_SIZE - 1] = (uint8_t)pick(4);
	}
	put_bytes(p, bytes, size);
}

static void put_list(struct peer *p, unsigned int most)
{
	unsigned int i, count = pick(most + 1);

	put_head(p, '*', count);
	for (i = 0; i < count; i++)
		put_value(p);
}

/* Rising, as they have to. */
static void put_rows(struct peer *p, const char *after)
{
	unsigned long long number = strtoull(after + (*after == '('), NULL, 10);
	unsigned int i, count = number < 40 ? pick(4) : 0;
	char id[32];

	put_head(p, '*', count);
	for (i = 0; i < count; i++) {
		number += 1 + pick(3);
		put_head(p, '*', 2);
		snprintf(id, sizeof(id), "%llu-0", number);
		put_bytes(p, id, strlen(id));
		put_head(p, '*', 2);
		put_bytes(p, "d", 1);
		put_value(p);
	}
}

/* The script was loaded with its number as its name. */
static void answer_script(struct peer *p, const struct request *r)
{
	const unsigned int script = (unsigned int)(r->arg[1][39] - '0');
	unsigned int i, news;

	switch (script) {
	case SCRIPT_OWN:
		put_head(p, '*', 2);
		put_bytes(p, "3-0", 3);
		put_bytes(p, "0.0", 3);
		return;
	case SCRIPT_COMMIT:
		/* "own" and five more are no sessions. */
		news = (unsigned int)strtoul(r->arg[2], NULL, 10) - 6;
		put_head(p, '*', news);
		for (i = 0; i < news; i++)
			put_head(p, ':', 1 + pick(200));
		liar.kept = true;
		return;
	default:
		put_head(p, ':', 1);
	}
}

static const char info[] = "# Server\r\nredis_version:7.0.15\r\nrole:master\r\n"
			   "connected_slaves:0\r\naof_enabled:1\r\n"
			   "used_memory:1000\r\nmaxmemory:1000000\r\n"
			   "maxmemory_policy:noeviction\r\n";

static void answer_truly(struct peer *p, const struct request *r)
{
	static const char *const numbers[] = { "LLEN", "STRLEN", "HEXISTS",
					       "MEMORY" };
	static const char *const lists[] = { "LRANGE",	  "HGETALL",
					     "HKEYS",	  "HMGET",
					     "SMEMBERS",  "ZRANGE",
					     "ZREVRANGE", "ZRANGEBYSCORE" };
	const char *name = r->arg[0];
	char sha[48];
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!strcmp(name, numbers[i])) {
			put_head(p, ':', pick(5));
			return;
		}
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (!strcmp(name, lists[i])) {
			put_list(p, 12);
			return;
		}
	if (!strcmp(name, "CLUSTER")) {
		put_text(p,
			 "-ERR This instance has cluster support disabled\r\n");
	} else if (!strcmp(name, "INFO")) {
		put_bytes(p, info, sizeof(info) - 1);
	} else if (!strcmp(name, "CONFIG")) {
		put_text(p, "*2\r\n$11\r\nappendfsync\r\n$6\r\nalways\r\n");
	} else if (!strcmp(name, "SCRIPT")) {
		for (i = 0; strcmp(r->arg[2], script_text[i]);)
			i++;
		snprintf(sha, sizeof(sha), "%040zu", i);
		put_bytes(p, sha, 40);
	} else if (!strcmp(name, "EVALSHA")) {
		answer_script(p, r);
	} else if (!strcmp(name, "XRANGE")) {
		put_rows(p, r->arg[2]);
	} else if (!strcmp(name, "GET") && strstr(r->arg[1], ":layout")) {
		put_bytes(p, "ktach 1", 7);
	} else if (strstr(name, "GET") || !strcmp(name, "ZSCORE")) {
		if (pick(3))
			put_value(p);
		else
			put_text(p, "$-1\r\n");
	} else {
		put_text(p, "+OK\r\n");
	}
}

/* --- lies ---------------------------------------------------------------- */

/* Of any kind, lists within lists. */
static void put_any(struct peer *p, unsigned int depth)
{
	static const char *const others[] = {
		":0\r\n",  ":-1\r\n",	 ":9223372036854775807\r\n",
		"$-1\r\n", "*-1\r\n",	 "+OK\r\n",
		"*0\r\n",  "$0\r\n\r\n", "-ERR\r\n",
	};
	unsigned int which = pick(16), i, count;

	if (which < 4 && depth < 7) {
		count = pick(6);
		put_head(p, '*', count);
		for (i = 0; i < count; i++)
			put_any(p, depth + 1);
	} else if (which < 10) {
		put_text(p, others[pick(sizeof(others) / sizeof(others[0]))]);
	} else {
		put_value(p);
	}
}

static void put_garbage(struct peer *p)
{
	unsigned int i, count = 1 + pick(200);

	for (i = 0; i < count; i++) {
		uint8_t byte = (uint8_t)pick(256);

		put(p, &byte, 1);
	}
}

/* More than is to be kept: as bytes, or as what they are turned into. */
static void put_flood(struct peer *p)
{
	static const uint8_t zeroes[1 << 16];
	unsigned int i;

	if (pick(2)) {
		put_head(p, '$', FLOOD + 100);
		for (i = 0; i < FLOOD; i += sizeof(zeroes))
			put(p, zeroes, sizeof(zeroes));
		return;
	}
	put_head(p, '*', FLOOD / 4);
	for (i = 0; i < FLOOD / 16; i++)
		put_text(p, ":1\r\n");
}

static void put_lie(struct peer *p, const struct request *r)
{
	static const char *const errors[] = {
		"-ERR unknown\r\n",
		"-\r\n",
		"-WRONGTYPE Operation against a key\r\n",
		"-NOSCRIPT No matching script\r\n",
		"-TRYAGAIN Multiple keys\r\n",
		"-LOADING Redis is loading\r\n",
		"-READONLY You can't write\r\n",
		"-CLUSTERDOWN Hash slot not served\r\n",
		"-FENCED 9.1\r\n",
		"-FENCED\r\n",
		"-CHANGED\r\n",
		"-MOVED\r\n",
		"-MOVED 1\r\n",
		"-ASK 1 \r\n",
		"-OOM command not allowed\r\n",
	};
	static const char *const sizes[] = {
		"*2147483647\r\n",
		"*99999999999999999999\r\n",
		"*4294967297\r\n",
		"*-5\r\n",
		"$9223372036854775807\r\n",
		"$536870912\r\nabc",
		"$-2\r\n",
		"$5\r\nabcdefgh\r\n",
		"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
		"%1\r\n+a\r\n+b\r\n",
		"_\r\n",
		"#t\r\n",
		",1.5\r\n",
	};
	size_t before = p->out.used;
	char text[64];

	switch (pick(10)) {
	case 0:
	case 1:
	case 2:
		put_any(p, 0);
		return;
	case 3:
		put_text(p, errors[pick(sizeof(errors) / sizeof(errors[0]))]);
		return;
	case 4: /* here again, or where nobody is */
		snprintf(text, sizeof(text), "-%s %u 127.0.0.1:%u\r\n",
			 pick(2) ? "MOVED" : "ASK", pick(20000),
			 pick(2) ? liar.port : 1 + pick(9));
		put_text(p, text);
		return;
	case 5:
		put_text(p, sizes[pick(sizeof(sizes) / sizeof(sizes[0]))]);
		return;
	case 6: /* the half of it */
		answer_truly(p, r);
		p->out.used -= 1 + pick((unsigned int)(p->out.used - before));
		p->closing = true;
		return;
	case 7: /* twice */
		answer_truly(p, r);
		answer_truly(p, r);
		return;
	case 8:
		put_garbage(p);
		return;
	default:
		if (!pick(8))
			put_flood(p);
		else if (pick(4))
			p->closing = true;
		else
			p->silent = true;
	}
}

/* A list of numbers is what a commit is answered with, even if it is a lie. */
static bool is_commit(const struct request *r)
{
	return !strcmp(r->arg[0], "EVALSHA") && r->size[1] == 40 &&
	       r->arg[1][39] - '0' == SCRIPT_COMMIT;
}

static void answer(struct peer *p, const struct request *r)
{
	size_t before = p->out.used;

	liar.answers++;
	if (is_commit(r))
		liar.kept = false;
	if (!liar.one_of || pick(liar.one_of)) {
		answer_truly(p, r);
		return;
	}
	liar.lies++;
	put_lie(p, r);
	if (is_commit(r) && p->out.used > before)
		liar.kept = p->out.data[before] == '*' && !p->closing;
}

/* --- requests ------------------------------------------------------------ */

/* Return its bytes, or 0: it is not whole. They end at their "\r", which becomes a NUL. */
static size_t parse(const struct buffer *in, struct request *r)
{
	char *at = (char *)in->data, *end = at + in->used, *line;
	unsigned long count, size;

	r->count = 0;
	if (!in->used || !(line = memchr(at, '\n', in->used)))
		return 0;
	count = strtoul(at + 1, NULL, 10);
	at = line + 1;
	while (count--) {
		line = memchr(at, '\n', (size_t)(end - at));
		if (!line)
			return 0;
		size = strtoul(at + 1, NULL, 10);
		at = line + 1;
		if ((size_t)(end - at) < size + 2)
			return 0;
		if (r->count < ARGS) {
			r->arg[r->count] = at;
			r->size[r->count++] = size;
		}
		at += size + 2;
	}
	return (size_t)(at - (char *)in->data);
}

static void take_requests(struct peer *p)
{
	struct request r;
	size_t size, i;

	while (!p->closing && !p->silent && p->out.used < OUT_MAX &&
	       (size = parse(&p->in, &r))) {
		for (i = 0; i < r.count; i++)
			((char *)r.arg[i])[r.size[i]] = '\0';
		answer(p, &r);
		p->in.used -= size;
		memmove(p->in.data, p->in.data + size, p->in.used);
	}
}

static void end(struct peer *p)
{
	close(p->fd);
	buffer_free(&p->in);
	buffer_free(&p->out);
	*p = (struct peer){ .fd = -1 };
}

static void serve(struct peer *p)
{
	char bytes[1 << 16];
	ssize_t n = recv(p->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (!n || (n < 0 && errno != EAGAIN)) {
		end(p);
		return;
	}
	if (n > 0 && buffer_put(&p->in, bytes, (size_t)n))
		abort();
	take_requests(p);
	n = p->out.used ? send(p->fd, p->out.data, p->out.used,
			       MSG_DONTWAIT | MSG_NOSIGNAL) :
			  0;
	if (n > 0) {
		p->out.used -= (size_t)n;
		memmove(p->out.data, p->out.data + n, p->out.used);
	}
	if ((n < 0 && errno != EAGAIN) || (p->closing && !p->out.used))
		end(p);
}

static void take_peer(void)
{
	int i, on = 1, fd = accept4(liar.fd, NULL, NULL, SOCK_CLOEXEC);

	for (i = 0; fd >= 0 && i < PEERS; i++)
		if (peers[i].fd < 0) {
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
				   sizeof(on));
			peers[i].fd = fd;
			return;
		}
	if (fd >= 0)
		close(fd);
}

static void *run(void *context)
{
	struct pollfd fds[PEERS + 1];
	int i;

	for (;;) {
		fds[PEERS] = (struct pollfd){ .fd = liar.fd, .events = POLLIN };
		for (i = 0; i < PEERS; i++) {
			fds[i].fd = peers[i].fd;
			fds[i].events = peers[i].out.used ? POLLIN | POLLOUT :
							    POLLIN;
		}
		poll(fds, PEERS + 1, 100);
		pthread_mutex_lock(&liar.lock);
		for (i = 0; i < PEERS; i++)
			if (fds[i].fd >= 0 && fds[i].revents)
				serve(&peers[i]);
		if (fds[PEERS].revents)
			take_peer();
		if (liar.ended)
			break;
		pthread_mutex_unlock(&liar.lock);
	}
	pthread_mutex_unlock(&liar.lock);
	return NULL;
}

/* --- control ------------------------------------------------------------- */

uint16_t liar_start(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(a);
	int i;

	for (i = 0; i < PEERS; i++)
		peers[i].fd = -1;
	liar.state = 1;
	liar.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(liar.fd, (struct sockaddr *)&a, size) ||
	    listen(liar.fd, PEERS) ||
	    getsockname(liar.fd, (struct sockaddr *)&a, &size) ||
	    pthread_create(&liar.thread, NULL, run, NULL))
		return 0;
	return liar.port = ntohs(a.sin_port);
}

void liar_stop(void)
{
	int i;

	pthread_mutex_lock(&liar.lock);
	liar.ended = true;
	pthread_mutex_unlock(&liar.lock);
	pthread_join(liar.thread, NULL);
	for (i = 0; i < PEERS; i++)
		if (peers[i].fd >= 0)
			end(&peers[i]);
	close(liar.fd);
}

void liar_turn(unsigned int seed, unsigned int one_of)
{
	pthread_mutex_lock(&liar.lock);
	liar.state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	liar.one_of = one_of;
	pthread_mutex_unlock(&liar.lock);
}

bool liar_kept(void)
{
	bool kept;

	pthread_mutex_lock(&liar.lock);
	kept = liar.kept;
	pthread_mutex_unlock(&liar.lock);
	return kept;
}

unsigned long liar_answers(void)
{
	return liar.answers;
}

unsigned long liar_lies(void)
{
	return liar.lies;
}
