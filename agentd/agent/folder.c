// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agentd/agent/folder.h"

/* Editors' and package managers' leftovers have other names. */
static int is_definition(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name);

	return *entry->d_name != '.' && size > strlen(".conf") &&
	       !strcmp(entry->d_name + size - strlen(".conf"), ".conf");
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The one before it that has its name. */
static const struct folder_entry *find_twin(const struct folder *f,
					    const struct folder_entry *e)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		if (!f->entries[i].problem[0] &&
		    !strcmp(f->entries[i].definition.name, e->definition.name))
			return &f->entries[i];
	return NULL;
}

static void read_entry(struct folder *f, const char *path)
{
	struct folder_entry *e = &f->entries[f->count];
	const struct folder_entry *twin;

	if (!definition_read(&e->definition, path, e->problem,
			     sizeof(e->problem))) {
		twin = find_twin(f, e);
		e->problem[0] = '\0';
		if (twin)
			snprintf(e->problem, sizeof(e->problem),
				 "%s: the agent %s is in %.200s already", path,
				 e->definition.name, twin->definition.path);
	}
	f->count++;
}

int folder_read(struct folder *f, const char *path)
{
	struct dirent **names;
	char file[AGENT_PATH_SIZE];
	int i, count = scandir(path, &names, is_definition, by_bytes);

	*f = (struct folder){ 0 };
	if (count < 0)
		return errno == ENOENT ? 0 : -errno;
	f->entries = calloc((size_t)count + 1, sizeof(*f->entries));
	for (i = 0; i < count; i++) {
		if (f->entries &&
		    snprintf(file, sizeof(file), "%s/%s", path,
			     names[i]->d_name) < (int)sizeof(file))
			read_entry(f, file);
		free(names[i]);
	}
	free(names);
	return f->entries ? 0 : -ENOMEM;
}

void folder_free(struct folder *f)
{
	free(f->entries);
	*f = (struct folder){ 0 };
}
