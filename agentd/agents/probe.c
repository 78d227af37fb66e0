// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "agentd/agents/probe.h"
#include "lib/base/container.h"

static void finish(struct probe *p, const char *problem)
{
	close(p->fd);
	p->fd = -1;
	p->done(p, p->late ? "no answer in time" : problem);
}

/* "HTTP/1.1 200 OK": nothing else of the answer counts. */
static const char *judge(const struct probe *p)
{
	static char problem[80];
	unsigned int status;

	if (sscanf(p->text, "HTTP/1.%*1u %3u", &status) != 1)
		return "the answer is not one of HTTP/1.1";
	if (status >= 200 && status < 300)
		return NULL;
	snprintf(problem, sizeof(problem), "status %u", status);
	return problem;
}

static void received(struct loop_op *op, int result, uint32_t flags)
{
	struct probe *p = container_of(op, struct probe, op);

	if (result < 0) {
		finish(p, strerror(-result));
		return;
	}
	p->used += (size_t)result;
	p->text[p->used] = '\0';
	if (!result || p->used >= PROBE_ANSWER_SIZE || strchr(p->text, '\n'))
		finish(p, judge(p));
	else
		loop_recv(p->loop, op, p->fd, p->text + p->used,
			  PROBE_ANSWER_SIZE - p->used);
}

static void sent(struct loop_op *op, int result, uint32_t flags)
{
	struct probe *p = container_of(op, struct probe, op);
	size_t size = strlen(p->text);

	if (result < 0 || (size_t)result < size) {
		finish(p, result < 0 ? strerror(-result) : "it does not read");
		return;
	}
	p->used = 0;
	op->done = received;
	loop_recv(p->loop, op, p->fd, p->text, PROBE_ANSWER_SIZE);
}

static void connected(struct loop_op *op, int result, uint32_t flags)
{
	struct probe *p = container_of(op, struct probe, op);
	int size;

	if (result < 0) {
		finish(p, strerror(-result));
		return;
	}
	size = snprintf(p->text, sizeof(p->text),
			"GET %s HTTP/1.1\r\nHost: %s\r\n"
			"User-Agent: ktach-agentd\r\nConnection: close\r\n\r\n",
			p->url.path, p->url.host);
	if (size >= (int)sizeof(p->text)) {
		finish(p, "the URL is too long");
		return;
	}
	op->done = sent;
	loop_send(p->loop, op, p->fd, p->text, (size_t)size);
}

void probe_http(struct probe *p, struct loop *loop, const char *url,
		uint64_t until_ns)
{
	int err = url_parse(&p->url, url);

	p->loop = loop;
	p->until_ns = until_ns;
	p->late = false;
	p->op = (struct loop_op){ .done = connected };
	p->fd = err ? -1 :
		      socket(p->url.address.family, SOCK_STREAM | SOCK_CLOEXEC,
			     0);
	if (p->fd < 0)
		p->done(p, err ? "not a URL" : strerror(errno));
	else
		loop_connect(loop, &p->op, p->fd,
			     (struct sockaddr *)&p->url.address.storage,
			     p->url.address.size);
}

/* What waits for the connection ends with it. */
void probe_sweep(struct probe *p, uint64_t now_ns)
{
	if (p->fd < 0 || p->late || now_ns < p->until_ns)
		return;
	p->late = true;
	shutdown(p->fd, SHUT_RDWR);
}

void probe_close(struct probe *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

/* A queue of connections that nobody takes is full at some time: EAGAIN. */
const char *probe_unix(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	const char *problem = NULL;
	int fd;

	if (strlen(path) >= sizeof(a.sun_path))
		return "the socket's path is too long";
	strcpy(a.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)))
		problem = errno == EAGAIN ? "nobody takes connections" :
					    strerror(errno);
	if (fd >= 0)
		close(fd);
	return problem;
}
