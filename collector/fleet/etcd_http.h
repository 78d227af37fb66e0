/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What etcd.c says to servers, and what it hears. */
#ifndef KTACH_COLLECTOR_FLEET_ETCD_HTTP_H
#define KTACH_COLLECTOR_FLEET_ETCD_HTTP_H

#include <curl/curl.h>
#include <jansson.h>

#include "collector/base/buffer.h"
#include "collector/base/place.h"

enum etcd_http_limits {
	ETCD_CALL_MS = 1000, /* for an answer */
	ETCD_CONNECT_MS = 500,
	ETCD_ANSWER_MAX = 4 << 20, /* bytes */
};

/**
 * struct etcd - the client
 * @place: its servers
 * @host: the one in use
 * @password: "": none
 * @token: of that; "": none
 * @multi: all transfers
 * @watch: the one that does not end; NULL: none
 * @headers: its
 * @came: of its answer, what was not looked at yet
 * @broken: it is of no use any more
 * @problem: what went wrong last
 */
struct etcd {
	struct place place;
	unsigned int host;
	char password[256];
	char token[1024];
	CURLM *multi;
	CURL *watch;
	struct curl_slist *headers;
	struct buffer came;
	bool broken;
	char problem[320];
};

/* Keep what went wrong. Return -EIO. */
int etcd_fail(struct etcd *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * etcd_post() - ask servers, one after the other, until one answers
 * @e: the client
 * @path: below /v3/
 * @body: is given away; NULL: memory is short
 * @answer: set to an object; the caller's
 *
 * Return: 0; -ENOENT as it says; -EIO; -ENOMEM.
 */
int etcd_post(struct etcd *e, const char *path, json_t *body, json_t **answer);

/* Begin the watch, with a body as above. Return 0, or -ENOMEM. */
int etcd_http_watch(struct etcd *e, json_t *body);
void etcd_http_unwatch(struct etcd *e);

/* Go on with what is under way, for @ms at most. */
void etcd_http_move(struct etcd *e, int ms);

#endif /* KTACH_COLLECTOR_FLEET_ETCD_HTTP_H */
