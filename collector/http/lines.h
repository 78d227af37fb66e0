/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A head as it lies in libmicrohttpd's memory. Before 1.0 that ends each text at its
 * first NUL and does not tell, where a proxy in front of it may go on reading; but what
 * it hands out stands there as it came, one behind the other:
 *
 *   GET 0 /path 0 HTTP/1.1 0 0 Host 0 name 0 0 Name 0 value 0 0 0 0
 *                           |               |                |
 *                           line's end      line's end       end of the head
 *
 * So what lies between two texts shows whether something was left out, and whether each line
 * ended with CR and LF, as a proxy may have read on without the CR. A line that was folded
 * lies elsewhere, and is found as well.
 */
#ifndef KTACH_COLLECTOR_HTTP_LINES_H
#define KTACH_COLLECTOR_HTTP_LINES_H

#include <microhttpd.h>
#include <stdbool.h>

/* Where an address, as it came, ends. */
const char *lines_address_end(const char *uri);

/* Whether an address has no control characters, be they written as %00. A query's are
 * judged where its parameters are.
 */
bool lines_address_good(const char *uri);

/* Whether a head has nothing but what libmicrohttpd shows of it. */
bool lines_whole(struct MHD_Connection *handle, const char *method,
		 const char *address_end, const char *version);

#endif /* KTACH_COLLECTOR_HTTP_LINES_H */
