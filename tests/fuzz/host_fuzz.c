// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as any file that a collector of host/ reads: the first two choose
 * collector and file, the others are what is in it, at the second of two
 * readings or at both. What the collector tells has to be sound in itself.
 * TREE chooses the other files' tree (tests/host/trees.sh); SEEDS is a folder
 * that gets what the tree's files are as inputs.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/collector.h"
#include "lib/base/log.h"
#include "lib/wire/wire_schema.h"
#include "tests/host/faults.h"

enum {
	COLLECTORS_MAX = 32,
	FILES_MAX = 256, /* of a collector: what a byte can choose */
	SIZE_MAX_BYTES = 1 << 20,
};

static char tree[PATH_MAX - 32] = "/tmp/ktach-fuzz-XXXXXX";
static struct host_options options;
static struct target {
	const struct host_collector *collector;
	size_t files[FILES_MAX];
	size_t count;
} targets[COLLECTORS_MAX];
static size_t target_count;

/* Texts are UTF-8 without control characters, keys are there; without a row a table says
 * that it is at its end.
 */
static void check(void *arg, const struct wire_table *t)
{
	const struct wire_schema *schema = wire_schema(t->kind);
	size_t i, j;

	if (!schema || t->columns > schema->columns ||
	    t->columns < schema->required || t->texts != schema->texts)
		abort();
	for (i = 0; i < t->rows; i++)
		if (t->cells[i * t->columns] == WIRE_ABSENT)
			abort();
	for (i = 0; i < (size_t)t->rows * t->texts; i++) {
		if (t->text[i].size > WIRE_TEXT_MAX)
			abort();
		for (j = 0; j < t->text[i].size; j++)
			if ((unsigned char)t->text[i].data[j] < ' ')
				abort();
	}
}

static void run(const struct host_collector *c, const struct fault_plan *plan)
{
	const struct host_sink sink = { check, NULL };
	void *state;

	faults_begin(plan);
	if (c->open(&state, &options))
		return;
	c->read(state, &sink);
	c->read(state, &sink);
	c->close(state);
}

static void remove_tree(void)
{
	char command[PATH_MAX];

	snprintf(command, sizeof(command), "rm -rf %s", tree);
	if (system(command))
		fprintf(stderr, "%s is left\n", tree);
}

/* The files that a collector uses when all is well. */
static void add_target(const struct host_collector *c)
{
	const struct fault_plan none = { 0 };
	struct target *t = &targets[target_count];
	size_t i, size;
	bool folder;

	t->collector = c;
	run(c, &none);
	for (i = 0; faults_file(i, &size, &folder); i++)
		if (faults_used(i) && !folder && t->count < FILES_MAX)
			t->files[t->count++] = i;
	target_count += t->count > 0;
}

static void write_seed(size_t target, size_t file)
{
	const char *folder = getenv("SEEDS");
	char path[PATH_MAX], text[4096];
	size_t used, unused;
	FILE *from, *to;
	bool is_folder;

	if (!folder)
		return;
	snprintf(path, sizeof(path), "%s/%zu-%zu", folder, target, file);
	from = fopen(faults_file(targets[target].files[file], &unused,
				 &is_folder),
		     "r");
	to = fopen(path, "w");
	if (!from || !to)
		abort();
	used = fread(text, 1, sizeof(text), from);
	fprintf(to, "%c%c%c", (int)target, (int)file, 0);
	fwrite(text, 1, used, to);
	fclose(from);
	fclose(to);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char proc[PATH_MAX], sys[PATH_MAX], root[PATH_MAX],
		series[PATH_MAX + 8];
	char command[2 * PATH_MAX];
	size_t i, j;

	if (!mkdtemp(tree))
		abort();
	atexit(remove_tree);
	snprintf(command, sizeof(command), "bash tests/host/trees.sh %s %s",
		 getenv("TREE") ? getenv("TREE") : "arm", tree);
	if (system(command))
		abort();
	log_init("host_fuzz", LOG_ERROR);
	snprintf(proc, sizeof(proc), "%s/proc", tree);
	snprintf(sys, sizeof(sys), "%s/sys", tree);
	snprintf(root, sizeof(root), "%s/root", tree);
	host_options_preset(&options);
	options.proc = proc;
	options.sys = sys;
	options.root = root;
	options.no_bpf = true;
	options.command_lines = true;
	snprintf(series, sizeof(series), "%s/series", root);
	options.own_folder = series;
	for (i = 0; host_collectors[i]; i++)
		add_target(host_collectors[i]);
	for (i = 0; i < target_count; i++)
		for (j = 0; j < targets[i].count; j++)
			write_seed(i, j);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault_plan plan = { .fault = FAULT_BYTES, .upto = UINT_MAX };
	const struct target *t;
	size_t unused;
	bool folder;

	if (size < 3 || size > SIZE_MAX_BYTES)
		return 0;
	t = &targets[data[0] % target_count];
	plan.path = faults_file(t->files[data[1] % t->count], &unused, &folder);
	plan.from = data[2] & 1;
	plan.bytes = data + 3;
	plan.size = size - 3;
	run(t->collector, &plan);
	return 0;
}
