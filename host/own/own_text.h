/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A text in Prometheus' format, as node_exporter's textfile collector takes it. */
#ifndef KTACH_HOST_OWN_OWN_TEXT_H
#define KTACH_HOST_OWN_OWN_TEXT_H

#include "host/own/own_rows.h"

/**
 * struct own_refused - what was not taken of a text
 * @count: lines
 * @line: the first one's number, from 1 on
 * @why: of that
 */
struct own_refused {
	size_t count;
	size_t line;
	const char *why;
};

/* Take in its series; a line that makes no sense costs its own series alone. */
struct own_refused own_text(struct own_rows *o, const char *text);

#endif /* KTACH_HOST_OWN_OWN_TEXT_H */
