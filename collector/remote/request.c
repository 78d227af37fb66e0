// SPDX-License-Identifier: GPL-2.0-or-later
#include <snappy-c.h>
#include <stdlib.h>

#include "collector/remote/request.h"

/* What its head says of its length is not believed beyond the limit. */
Remote__ReadRequest *remote_request_read(const void *body, size_t size)
{
	Remote__ReadRequest *request = NULL;
	char *plain = NULL;
	size_t used = 0;

	if (snappy_uncompressed_length(body, size, &used) == SNAPPY_OK &&
	    used <= REQUEST_BODY_MAX)
		plain = malloc(used + 1);
	if (plain && snappy_uncompress(body, size, plain, &used) == SNAPPY_OK)
		request = remote__read_request__unpack(NULL, used,
						       (uint8_t *)plain);
	free(plain);
	return request;
}

struct text *remote_compress(const uint8_t *plain, size_t plain_size)
{
	size_t size = snappy_max_compressed_length(plain_size);
	struct text *t = malloc(sizeof(*t) + size);

	if (!t)
		return NULL;
	if (snappy_compress((const char *)plain, plain_size, t->data, &size) !=
	    SNAPPY_OK) {
		free(t);
		return NULL;
	}
	t->users = 1;
	t->size = size;
	return t;
}
