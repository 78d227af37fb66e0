/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder of files "*.prom", each a text in Prometheus' format. */
#ifndef KTACH_HOST_OWN_OWN_FOLDER_H
#define KTACH_HOST_OWN_OWN_FOLDER_H

#include "host/own/own_rows.h"

/* The last complaint of a file, by a number of its name. */
struct own_complaint {
	uint64_t name;
	int64_t changed_s;
};

/**
 * struct own_folder - all zeroes but @path
 * @path: where it is
 * @said: files that something was wrong with
 * @count: of them
 * @room: there
 * @trouble: whether it was said that the folder cannot be read
 */
struct own_folder {
	const char *path;
	struct own_complaint *said;
	size_t count;
	size_t room;
	struct host_trouble trouble;
};

/* Take in all of its files, in the order of their names, and, by node_exporter's names,
 * when each was written and whether something was wrong. 0 or -errno.
 */
int own_folder_read(struct own_folder *f, struct own_rows *o);
void own_folder_close(struct own_folder *f);

#endif /* KTACH_HOST_OWN_OWN_FOLDER_H */
