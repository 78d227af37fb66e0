/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How requests and answers of remote read go over the wire: protobuf, compressed by snappy. */
#ifndef KTACH_COLLECTOR_REMOTE_REQUEST_H
#define KTACH_COLLECTOR_REMOTE_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "collector/base/text.h"
#include "collector/remote/remote.pb-c.h"

enum request_limits {
	REQUEST_BODY_MAX = 262144, /* bytes, once it is no longer compressed */
};

/* A request, to be freed by remote__read_request__free_unpacked(); NULL if it is none. */
Remote__ReadRequest *remote_request_read(const void *body, size_t size);

/* As it goes; NULL without memory. */
struct text *remote_compress(const uint8_t *plain, size_t size);

#endif /* KTACH_COLLECTOR_REMOTE_REQUEST_H */
