// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/incidents/files.h"
#include "lib/base/node_id.h"

static const char *const endings[FILES_KINDS] = {
	[FILES_PART] = ".part",
	[FILES_WHOLE] = ".flight",
	[FILES_TORN] = ".torn",
};

void incidents_format_id(const struct incidents_entry *e,
			 char text[INCIDENTS_ID_SIZE])
{
	size_t i;

	for (i = 0; i < WIRE_ID_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", e->node[i]);
	snprintf(text + 2 * i, INCIDENTS_ID_SIZE - 2 * i, "-%016" PRIx64,
		 e->id);
}

void files_path(const struct incidents *in, const uint8_t *node, uint64_t id,
		enum files_kind kind, char path[FILES_PATH_SIZE])
{
	struct incidents_entry e = { .id = id };
	char text[INCIDENTS_ID_SIZE];

	memcpy(e.node, node, sizeof(e.node));
	incidents_format_id(&e, text);
	snprintf(path, FILES_PATH_SIZE, "%s/%s%s", in->folder, text,
		 endings[kind]);
}

static enum files_kind kind_of(const char *ending)
{
	unsigned int kind = FILES_PART;

	while (kind < FILES_KINDS && strcmp(ending, endings[kind]))
		kind++;
	return (enum files_kind)kind;
}

bool files_parse(const char *name, uint8_t *node, uint64_t *id,
		 enum files_kind *kind)
{
	struct incidents_entry e;
	char text[INCIDENTS_ID_SIZE], digits[2 * WIRE_ID_SIZE + 1];

	if (strlen(name) < INCIDENTS_ID_SIZE)
		return false;
	snprintf(digits, sizeof(digits), "%.*s", 2 * WIRE_ID_SIZE, name);
	if (hex_parse(digits, e.node, sizeof(e.node)) ||
	    sscanf(name + 2 * WIRE_ID_SIZE, "-%16" SCNx64, &e.id) != 1)
		return false;
	/* Only in the form in which we write it. */
	incidents_format_id(&e, text);
	*kind = kind_of(name + INCIDENTS_ID_SIZE - 1);
	memcpy(node, e.node, sizeof(e.node));
	*id = e.id;
	return !strncmp(name, text, INCIDENTS_ID_SIZE - 1) &&
	       *kind != FILES_KINDS;
}

uint8_t *files_read(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t *data = NULL;
	struct stat st;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    st.st_size <= INCIDENT_SIZE_MAX)
		data = malloc((size_t)st.st_size);
	*size = data ? (size_t)st.st_size : 0;
	if (data && read(fd, data, *size) != (ssize_t)*size) {
		free(data);
		data = NULL;
	}
	close(fd);
	return data;
}
