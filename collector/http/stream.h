/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An answer of several pages: each is worked out once the one before it is sent. So a
 * stream has the memory of one page, however long it is, and no helper waits for who reads
 * slowly.
 *
 *   helper: page --> sent, piece by piece --> helpers_go_on(), suspended --> helper: page
 */
#ifndef KTACH_COLLECTOR_HTTP_STREAM_H
#define KTACH_COLLECTOR_HTTP_STREAM_H

#include <microhttpd.h>

#include "collector/api/reply.h"

struct connection;

/* The answer of a connection's question, whose first page is in @r: taken over. NULL:
 * memory is short.
 */
struct MHD_Response *stream_response(struct connection *c, struct reply *r);

#endif /* KTACH_COLLECTOR_HTTP_STREAM_H */
