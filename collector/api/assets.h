/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page's files, built into the program (web/embed.sh). */
#ifndef KTACH_COLLECTOR_API_ASSETS_H
#define KTACH_COLLECTOR_API_ASSETS_H

#include <stddef.h>

/**
 * struct asset - one file
 * @path: as in a URL: "/style.css"; NULL ends the table
 * @type: for the Content-Type header
 * @data: its bytes
 * @end: one past the last
 */
struct asset {
	const char *path;
	const char *type;
	const unsigned char *data;
	const unsigned char *end;
};

extern const struct asset assets[];

#endif /* KTACH_COLLECTOR_API_ASSETS_H */
