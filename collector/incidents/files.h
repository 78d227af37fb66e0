/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of incidents' files, and reading them. */
#ifndef KTACH_COLLECTOR_INCIDENTS_FILES_H
#define KTACH_COLLECTOR_INCIDENTS_FILES_H

#include "collector/incidents/incidents.h"

enum {
	FILES_PATH_SIZE = PATH_MAX + 96,
};

enum files_kind {
	FILES_PART, /* a journal: it is coming */
	FILES_WHOLE,
	FILES_TORN,
	FILES_KINDS
};

void files_path(const struct incidents *in, const uint8_t *node, uint64_t id,
		enum files_kind kind, char path[FILES_PATH_SIZE]);

/* What a name in the folder is; false: nothing of ours. */
bool files_parse(const char *name, uint8_t *node, uint64_t *id,
		 enum files_kind *kind);

/* All of it, to be freed; NULL: it cannot be read, or is too large. */
uint8_t *files_read(const char *path, size_t *size);

#endif /* KTACH_COLLECTOR_INCIDENTS_FILES_H */
