/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a GET is answered with; knows no connection. */
#ifndef KTACH_COLLECTOR_API_H
#define KTACH_COLLECTOR_API_H

#include <stddef.h>

#include "collector/ingest.h"
#include "collector/store.h"
#include "collector/text.h"

/**
 * struct reply - an answer
 * @status: of HTTP
 * @type: for the Content-Type header
 * @data: its body
 * @size: of @data, bytes
 * @owner: holds @data; NULL if it is there for ever
 */
struct reply {
	unsigned int status;
	const char *type;
	const void *data;
	size_t size;
	struct text *owner;
};

/* Where answers come from. */
struct api {
	const struct ingest *ingest;
	struct store *store;
};

/* Answer a GET of @path (decoded, without its query). */
void api_get(const struct api *api, const char *path, struct reply *reply);

/* An answer that says only why there is no other. */
void api_refuse(struct reply *reply, unsigned int status, const char *message);

/* The list of nodes. NULL if memory is short. */
struct text *api_nodes(const struct api *api);

/* A node by name or id; an error's document if there is not exactly one.
 * @status is set as for HTTP. NULL if memory is short.
 */
struct text *api_node(const struct api *api, const char *name,
		      unsigned int *status);

#endif /* KTACH_COLLECTOR_API_H */
