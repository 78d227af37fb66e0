/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of host/: trees of machines, and the tables that a collector puts. */
#ifndef KTACH_TESTS_HOST_TABLE_H
#define KTACH_TESTS_HOST_TABLE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/collector.h"

enum {
	HOST_TREE_PATH = 256,
};

/**
 * struct host_tree - a machine that is not here
 * @dir: where its trees are
 * @options: that lead there
 */
struct host_tree {
	char dir[HOST_TREE_PATH];
	char proc[HOST_TREE_PATH + 8];
	char sys[HOST_TREE_PATH + 8];
	char root[HOST_TREE_PATH + 8];
	struct host_options options;
};

/* One without files. Return 0 or not. */
static inline int host_tree_begin(struct host_tree *t)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(t->dir, sizeof(t->dir), "%s/ktach-host.XXXXXX",
		 tmp ? tmp : "/tmp");
	if (!mkdtemp(t->dir))
		return -1;
	snprintf(t->proc, sizeof(t->proc), "%s/proc", t->dir);
	snprintf(t->sys, sizeof(t->sys), "%s/sys", t->dir);
	snprintf(t->root, sizeof(t->root), "%s/root", t->dir);
	t->options = (struct host_options){
		.proc = t->proc, .sys = t->sys, .root = t->root
	};
	return 0;
}

/* NAME as in tests/host/trees.sh. Return 0 or not. */
static inline int host_tree_make(struct host_tree *t, const char *name)
{
	char command[2 * HOST_TREE_PATH];

	if (host_tree_begin(t))
		return -1;
	snprintf(command, sizeof(command), "tests/host/trees.sh %s %s", name,
		 t->dir);
	return system(command);
}

static inline void host_tree_remove(struct host_tree *t)
{
	char command[2 * HOST_TREE_PATH];

	snprintf(command, sizeof(command), "rm -rf %s", t->dir);
	if (system(command))
		perror(t->dir);
}

/* A folder of the tree, and those above it. Return 0 or not. */
static inline int host_tree_folder(const struct host_tree *t, const char *name)
{
	char command[2 * HOST_TREE_PATH];

	snprintf(command, sizeof(command), "mkdir -p %s/%s", t->dir, name);
	return system(command);
}

/* Write a file of the tree. Return 0 or not. */
static inline int host_tree_put(const struct host_tree *t, const char *name,
				const char *text)
{
	char path[2 * HOST_TREE_PATH];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", t->dir, name);
	f = fopen(path, "w");
	return !f || fputs(text, f) < 0 || fclose(f);
}

enum {
	HOST_TABLE_ROWS = 1024,
	HOST_TABLE_COLUMNS = 32,
	HOST_TABLE_TEXTS = 8,
};

/* The last table that was put, and how many were. Begins with all zeroes. */
struct host_table {
	uint32_t puts;
	uint32_t kind;
	uint32_t rows;
	uint64_t cells[HOST_TABLE_ROWS][HOST_TABLE_COLUMNS];
	char text[HOST_TABLE_ROWS][HOST_TABLE_TEXTS][256];
};

static inline void host_table_keep(void *arg, const struct wire_table *table)
{
	struct host_table *t = arg;
	uint32_t i, j;

	t->puts++;
	t->kind = table->kind;
	t->rows = table->rows;
	for (i = 0; i < table->rows && i < HOST_TABLE_ROWS; i++) {
		memcpy(t->cells[i], table->cells + (size_t)i * table->columns,
		       table->columns * sizeof(uint64_t));
		for (j = 0; j < table->texts; j++)
			snprintf(t->text[i][j], sizeof(t->text[i][j]), "%.*s",
				 (int)table->text[i * table->texts + j].size,
				 table->text[i * table->texts + j].data);
	}
}

/* Read into @t. The collector's result. */
static inline int host_table_read(struct host_table *t,
				  const struct host_collector *c, void *state)
{
	const struct host_sink sink = { host_table_keep, t };

	t->rows = 0;
	return c->read(state, &sink);
}

/* The row of this key, or whose text is this; NULL if there is none. */
static inline const uint64_t *host_table_row(const struct host_table *t,
					     uint64_t key)
{
	uint32_t i;

	for (i = 0; i < t->rows; i++)
		if (t->cells[i][0] == key)
			return t->cells[i];
	return NULL;
}

static inline const uint64_t *host_table_named(const struct host_table *t,
					       uint32_t text, const char *name)
{
	uint32_t i;

	for (i = 0; i < t->rows; i++)
		if (!strcmp(t->text[i][text], name))
			return t->cells[i];
	return NULL;
}

#endif /* KTACH_TESTS_HOST_TABLE_H */
