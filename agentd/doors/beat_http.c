// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agentd/doors/heartbeat.h"
#include "agentd/doors/beat_http.h"
#include "agentd/doors/request.h"
#include "lib/base/address.h"
#include "lib/base/clean.h"
#include "lib/base/log.h"

enum {
	BACKLOG = 64,
	HTTP_PORT = 8081,
};

static const char *reason(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 413:
		return "Content Too Large";
	default:
		return "Bad Request";
	}
}

static void answer(struct visitor *v, int status, const char *body)
{
	char *text = NULL;
	int size =
		asprintf(&text,
			 "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n"
			 "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
			 status, reason(status), strlen(body), body);

	visitor_answer(v, size < 0 ? NULL : text, (size_t)size);
}

/* @problem has no character that JSON would have to escape. */
static void answer_error(struct visitor *v, int status, const char *field,
			 const char *problem)
{
	char body[400];

	if (field)
		snprintf(body, sizeof(body),
			 "{\"error\":\"%s\",\"field\":\"%s\"}\n", problem,
			 field);
	else
		snprintf(body, sizeof(body), "{\"error\":\"%s\"}\n", problem);
	answer(v, status, body);
}

/* A page of another site whose name resolves to this host sends that name: it
 * is refused.
 */
static bool is_local(const char *host)
{
	static const char *const names[] = { "localhost", "127.0.0.1",
					     "[::1]" };
	size_t i, size;

	for (i = 0; host && i < sizeof(names) / sizeof(names[0]); i++) {
		size = strlen(names[i]);
		if (!strncasecmp(host, names[i], size) &&
		    (!host[size] || host[size] == ':'))
			return true;
	}
	return false;
}

static void take_heartbeat(struct visitor *v, const struct request *r)
{
	const struct beat_http *h = v->door->owner;
	struct heartbeat beat = { .text = r->body,
				  .size = r->length,
				  .token = r->token };
	char *c;

	heartbeat_take(&beat, h->agents);
	clean_string(beat.problem);
	for (c = beat.problem; *c; c++)
		if (*c == '"' || *c == '\\')
			*c = '\'';
	if (beat.problem[0])
		answer_error(v, beat.status, beat.field, beat.problem);
	else
		answer(v, beat.status, "{\"status\":\"ok\"}\n");
}

static void tell_health(struct visitor *v)
{
	const struct beat_http *h = v->door->owner;
	char body[80];

	snprintf(body, sizeof(body), "{\"status\":\"ok\",\"systemd\":%s}\n",
		 h->agents->bus.ready ? "true" : "false");
	answer(v, 200, body);
}

static void take_request(struct visitor *v, const struct request *r)
{
	bool beat = !strcmp(r->path, "/heartbeat");
	bool health = !strcmp(r->path, "/healthz");

	if (!is_local(r->host) || r->origin)
		answer_error(v, 403, NULL, "for programs of this host only");
	else if (!beat && !health)
		answer_error(v, 404, NULL, "/heartbeat and /healthz are here");
	else if (strcmp(r->method, beat ? "POST" : "GET"))
		answer_error(v, 405, NULL,
			     beat ? "expected POST" : "expected GET");
	else if (beat)
		take_heartbeat(v, r);
	else
		tell_health(v);
}

static bool ready(struct visitor *v)
{
	struct request r;

	switch (request_read(&r, v->request, v->used, HEARTBEAT_MAX)) {
	case REQUEST_PART:
		return false;
	case REQUEST_WHOLE:
		take_request(v, &r);
		break;
	case REQUEST_LARGE:
		answer_error(v, 413, NULL,
			     "a heartbeat has 4096 bytes at most");
		break;
	case REQUEST_BAD:
		answer_error(v, 400, NULL, "malformed request");
		break;
	}
	return true;
}

static void full(struct visitor *v)
{
	answer_error(v, 413, NULL, "too long");
}

static int listen_at(const struct address *a)
{
	int err, on = 1;
	int fd = socket(a->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (!bind(fd, (const struct sockaddr *)&a->storage, a->size) &&
	    !listen(fd, BACKLOG))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int beat_http_open(struct beat_http *h, struct loop *loop,
		   struct agents *agents, const char *address)
{
	struct address a;
	int fd = -EINVAL;

	h->agents = agents;
	h->door.owner = h;
	h->door.ready = ready;
	h->door.full = full;
	h->door.name = "heartbeats by HTTP";
	h->door.fd = -1;
	if (!strcmp(address, "none"))
		return 0;
	if (!address_numeric(&a, address, HTTP_PORT))
		fd = listen_at(&a);
	if (fd < 0) {
		log_error("--http %s: %s; choose another address, or none",
			  address, strerror(-fd));
		return fd;
	}
	door_open(&h->door, loop, fd);
	return 0;
}

void beat_http_close(struct beat_http *h)
{
	door_close(&h->door);
}
