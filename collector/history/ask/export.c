// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>

#include "collector/history/chunk/turned.h"
#include "collector/history/engine.h"
#include "collector/history/fold/fold.h"
#include "collector/history/groups.h"
#include "collector/history/engines/engines.h"
#include "collector/history/tool.h"
#include "lib/base/log.h"
#include "lib/base/node_id.h"
#include "lib/base/options.h"
#include "lib/wire/wire_schema.h"
#include "tables/book.h"

/**
 * struct export - under way
 * @e: the history
 * @kind: of the tables that are wanted
 * @only: of this node; NULL: of all
 * @block: samples of a chunk
 * @open: what is in the log only
 * @names: struct export_name
 * @column: what the table has, in the book
 * @rows: written
 * @missing: frames of the log that are damaged
 */
struct export
{
	struct engine *e;
	uint32_t kind;
	const char *only;
	struct block block;
	struct open_table open;
	struct buffer names;
	const struct book_entry *column[WIRE_COLUMNS_MAX];
	uint64_t rows;
	uint64_t missing;
};

struct export_name {
	uint8_t uid[WIRE_ID_SIZE];
	char text[NODE_ID_TEXT_SIZE];
	char name[WIRE_TEXT_MAX + 1];
};

static const char details[] =
	"Writes a line a row of each sample to stdout: node, name, times in ns, origin,\n"
	"number of the sample, samples lost before it, the row's key, its values as they\n"
	"came (counters count from the host's boot), its texts. An empty field is a\n"
	"value that could not be read. Lines come hour by hour; those of the last\n"
	"minutes come last.\n"
	"\n"
	"Example:\n"
	"  ktach-collector export --table cpu --node web1 >cpu.csv\n"
	"\n"
	"Exit status: 0 all was written; 1 something was not, or is damaged and was left\n"
	"out; 2 usage. Damaged frames of the last minutes are told until a collector has\n"
	"folded the others of their row, or 'ktach-collector check --repair' deletes them.\n";

static void put_text(const char *text)
{
	if (!strpbrk(text, ",\"\n\r")) {
		fputs(text, stdout);
		return;
	}
	putchar('"');
	for (; *text; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	putchar('"');
}

static void put_header(struct export *x)
{
	const struct wire_schema *s = wire_schema(x->kind);
	uint32_t i;

	fputs("node,node_name,real_ns,mono_ns,origin,sample,lost", stdout);
	for (i = 0; i < s->columns; i++) {
		x->column[i] = book_column(x->kind, i);
		printf(",%s", x->column[i]->name);
	}
	for (i = 0; i < s->texts; i++)
		printf(",%s", book_table(x->kind)->texts[i].name);
	putchar('\n');
}

/* A process's state is told by its letter, as everywhere. */
static void put_cell(const struct book_entry *e, uint64_t value)
{
	putchar(',');
	if (value == WIRE_ABSENT)
		return;
	if (e->unit == BOOK_LETTER && value > ' ' && value <= '~')
		putchar((int)value);
	else
		printf("%" PRId64, (int64_t)value);
}

static void put_row(struct export *x, const struct export_name *n, size_t row,
		    size_t value)
{
	static const char *const origins[] = { "",    "ring",	 "proc",
					       "bpf", "shipper", "netlink" };
	const struct wire_schema *s = wire_schema(x->kind);
	const struct block *b = &x->block;
	const struct block_head *h = &b->heads[block_sample(b, row, value)];
	uint32_t i;

	printf("%s,", n->text);
	put_text(n->name);
	printf(",%" PRIu64 ",%" PRIu64 ",%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64,
	       h->real_ns, h->mono_ns,
	       h->origin < sizeof(origins) / sizeof(origins[0]) ?
		       origins[h->origin] :
		       "",
	       h->sample, h->lost, b->keys[row]);
	for (i = 0; i + 1 < s->columns; i++) {
		put_cell(x->column[i + 1], i < b->columns ?
						   block_column(b, i)[value] :
						   WIRE_ABSENT);
	}
	for (i = 0; i < s->texts; i++) {
		putchar(',');
		put_text(block_text(b, row, i));
	}
	putchar('\n');
	x->rows++;
}

static int put_block(struct export *x, const struct export_name *n)
{
	struct turned t;
	int err = turned_init(&t, &x->block);
	size_t sample, i;

	for (sample = 0; !err && sample < x->block.samples; sample++) {
		size_t end = turned_end(&t, sample);

		for (i = turned_begin(&t, sample); i < end; i++) {
			size_t row = turned_row(&t, i);

			put_row(x, n, row, t.next[row]++);
		}
	}
	turned_free(&t);
	return err;
}

static const struct export_name *name_of(const struct export *x,
					 const uint8_t *node)
{
	const struct export_name *n = (struct export_name *)x->names.data;
	size_t count = x->names.used / sizeof(*n), i;

	for (i = 0; i < count; i++)
		if (!memcmp(n[i].uid, node, WIRE_ID_SIZE))
			return x->only && strcmp(n[i].name, x->only) &&
					       strcmp(n[i].text, x->only) ?
				       NULL :
				       &n[i];
	return NULL;
}

static int put_chunk(struct export *x, const struct engine_piece *p)
{
	const struct export_name *n = name_of(x, p->key.node);
	struct chunk c;
	int ret;

	if (!n)
		return 0;
	ret = chunk_open(&c, p->data.data, p->data.size);
	while (!ret) {
		ret = chunk_next(&c, &x->block, x->kind, CHUNK_ALL, 0);
		if (ret != 1)
			break;
		ret = put_block(x, n);
	}
	chunk_close(&c);
	if (ret == -EBADMSG)
		log_error(
			"a chunk of node %s is damaged and was left out; see 'ktach-collector check'",
			n->text);
	return ret < 0 ? ret : 0;
}

struct export_walk {
	struct export *x;
	int err;
};

/* What is damaged is told, and the rest goes on. */
static int put_piece(void *context, const struct engine_piece *p)
{
	struct export_walk *walk = context;
	int err = p->data.data ? put_chunk(walk->x, p) : 0;

	walk->err = walk->err ? walk->err : err;
	return 0;
}

static int put_tier(struct export *x, int tier)
{
	struct engine_walk at = { .tier = tier };
	struct export_walk walk = { x, 0 };
	int err = x->e->ops->walk(x->e, &at, put_piece, &walk);

	return err ? err : walk.err;
}

static void know(void *context, const struct engine_node *n)
{
	struct open_node *node;
	struct export *x = context;
	struct export_name name = { .uid = { 0 } };

	memcpy(name.uid, n->id, WIRE_ID_SIZE);
	node_id_format(n->id, name.text);
	snprintf(name.name, sizeof(name.name), "%s", n->name);
	buffer_put(&x->names, &name, sizeof(name));
	node = open_get(&x->open, n->id);
	if (node)
		node->folded = n->folded;
}

static int read_log(void *context, uint64_t id, const void *data, size_t size)
{
	struct export *x = context;

	return open_log(&x->open, id, data, size, 0, &x->missing);
}

struct open_part {
	struct export *x;
	const struct open_node *n;
};

/* Of a node's open frames, as many as were gathered. */
static int put_gathered(struct fold *f, void *context)
{
	const struct open_part *part = context;
	const struct open_node *n = part->n;
	struct export *x = part->x;
	struct export_name name = { .uid = { 0 } };
	const struct export_name *known = name_of(x, n->uid);
	struct gather *g = &f->gathers[x->kind];
	int err = 0;

	node_id_format(n->uid, name.text);
	strcpy(name.name, f->name[0] || !known ? f->name : known->name);
	if (x->only && strcmp(x->only, name.text) && strcmp(x->only, name.name))
		goto forget;
	err = gather_build(g, x->kind, 0, gather_sort(g), &x->block);
	if (!err)
		err = put_block(x, &name);
forget:
	fold_forget_tables(f);
	return err;
}

static int put_open_node(struct export *x, struct fold *f, struct open_node *n)
{
	struct open_part part = { x, n };
	int err;

	fold_clear(f);
	err = fold_frames(f, &n->frames, put_gathered, &part);
	return err ? err : put_gathered(f, &part);
}

static int put_open(struct export *x)
{
	struct open_node *n;
	struct fold f;
	int err = x->e->ops->logs(x->e, read_log, x);

	if (err)
		return err;
	err = fold_init(&f);
	for (n = x->open.oldest; !err && n; n = n->younger)
		err = put_open_node(x, &f, n);
	fold_exit(&f);
	if (x->missing)
		log_error("%" PRIu64
			  " frames of the log are damaged and were left out",
			  x->missing);
	return err ? err : x->missing ? -EBADMSG : 0;
}

/* Held, so that a frame is in chunks or in the log, not in both: an engine that can't
 * hold still may have it twice.
 */
static int put_all(struct export *x)
{
	int err = x->e->ops->hold(x->e), chunks;

	if (!err)
		err = x->e->ops->nodes(x->e, know, x);
	if (err)
		return err;
	err = put_tier(x, TIER_RAW);
	chunks = put_tier(x, ENGINE_PARTS);
	err = err ? err : chunks;
	chunks = put_open(x);
	err = err ? err : chunks;
	x->e->ops->let_go(x->e);
	return fflush(stdout) || ferror(stdout) ? -EIO : err;
}

/* A node that is moved while this runs may be in both of its groups. */
static int put_group(struct export *x, const char *folder, unsigned int group)
{
	char path[PATH_MAX];
	int err = groups_folder(path, folder, group);

	if (!err)
		err = engines_read(&x->e, path);
	if (err)
		return err;
	if (!group)
		put_header(x);
	open_init(&x->open);
	err = put_all(x);
	open_exit(&x->open);
	buffer_free(&x->names);
	x->e->ops->close(x->e);
	return err;
}

static int put_groups(struct export *x, const char *folder)
{
	unsigned int folders = groups_folders(folder), group;
	int err = 0, one;

	for (group = 0; group < folders; group++) {
		one = put_group(x, folder, group);
		err = err ? err : one;
	}
	return err;
}

static uint32_t kind_of(const char *table)
{
	uint32_t kind;

	for (kind = 0; kind < WIRE_KINDS; kind++)
		if (book_table(kind) && !strcmp(book_table(kind)->name, table))
			return kind;
	return 0;
}

int export_main(int argc, char **argv)
{
	const char *data = "/var/lib/ktach/collector", *table = "cpu";
	struct export x = { .only = NULL };
	const struct option_spec specs[] = {
		{ "data", 'd', OPTION_TEXT, &data, "DIR",
		  "folder of the history" },
		{ "history", 0, OPTION_TEXT, &data, "redis://HOST",
		  "servers that have it instead" },
		{ "table", 't', OPTION_CHOICE, &table,
		  "node|cpu|softirq|net|gauges|counters|disk|mount|link|sensor|process|core|irq",
		  "which samples" },
		{ "node", 'n', OPTION_TEXT, &x.only, "NAME|ID",
		  "of one node only" },
		{ 0 }
	};
	const struct options options = {
		.program = "ktach-collector export",
		.summary = "Write samples of the history as CSV.",
		.details = details,
		.specs = specs,
	};
	int err;

	options_parse(&options, argc, argv);
	log_init("ktach-collector", LOG_INFO);
	x.kind = kind_of(table);
	err = put_groups(&x, data);
	if (err)
		log_error("export from '%s' is not complete: %s", data,
			  err == -EBADMSG ?
				  "parts of it are damaged and were left out" :
			  err == -ENOMEM ? "memory is short" :
					   "reading or writing failed");
	block_free(&x.block);
	return err ? 1 : 0;
}
