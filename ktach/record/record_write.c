// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ktach/figures/host_figures.h"
#include "ktach/record/record_file.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/wire/wire_schema.h"

static int write_failed(int err)
{
	log_error("cannot write the recording: %s", strerror(-err));
	return err;
}

/* Whole or not at all, as far as the file system lets us. */
static int write_all(int fd, const void *data, size_t size)
{
	const uint8_t *at = data;

	while (size) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno != EINTR)
			return write_failed(-errno);
		if (n > 0) {
			at += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

int record_create(struct record_writer *w, const char *path,
		  uint64_t interval_ns)
{
	memset(w, 0, sizeof(*w));
	w->interval_ns = interval_ns;
	w->sender.session = clock_real_ns();
	w->gauges.kind = WIRE_GAUGES;
	w->facts.kind = WIRE_FACTS;
	w->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (w->fd < 0) {
		int err = -errno;

		log_error("cannot create %s: %s%s", path, strerror(-err),
			  err == -EEXIST ? "; remove it, or name another" : "");
		return err;
	}
	return 0;
}

static void begin_frame(struct record_writer *w)
{
	wire_begin(&w->encoder, w->frame, sizeof(w->frame), clock_real_ns());
	w->frames++;
}

static void end_frame(struct record_writer *w)
{
	size_t size = wire_finish(&w->encoder, &w->sender, ++w->sequence);

	if (!w->error)
		w->error = write_all(w->fd, w->frame, size);
}

static void put_table(struct record_writer *w, const struct wire_table *table)
{
	uint32_t first = 0;

	while (first < table->rows) {
		uint32_t rows = wire_put(&w->encoder, table, first);

		first += rows;
		if (rows)
			continue;
		if (wire_empty(&w->encoder)) /* none ever is as large */
			return;
		end_frame(w);
		begin_frame(w);
	}
}

static void put_reading(struct record_writer *w, const struct reading_table *t)
{
	struct wire_table table;

	if (!t->rows.count)
		return;
	table = rows_table(&t->rows);
	table.origin = t->origin;
	table.sample = t->sample;
	table.real_ns = t->real_ns;
	table.mono_ns = t->mono_ns;
	table.lost = t->lost;
	put_table(w, &table);
}

static void put_rows(struct record_writer *w, const struct rows *rows,
		     const struct span *span)
{
	struct wire_table table = rows_table(rows);

	table.origin = span->origin ? span->origin : WIRE_ORIGIN_PROC;
	table.real_ns = span->real_ns;
	table.mono_ns = span->mono_ns;
	put_table(w, &table);
}

/* The last table of all. */
static void put_node(struct record_writer *w, const struct figures *f,
		     uint64_t period_ns)
{
	const struct wire_text texts[WIRE_NODE_TEXTS] = {
		[WIRE_NODE_NAME] = { f->host, strlen(f->host) },
		[WIRE_NODE_VERSION] = { KTACH_VERSION,
					sizeof(KTACH_VERSION) - 1 },
	};
	uint64_t cells[WIRE_NODE_REQUIRED] = {
		[WIRE_NODE_PERIOD_NS] = period_ns,
	};
	struct wire_table table = {
		.kind = WIRE_NODE,
		.schema = wire_schema(WIRE_NODE)->schema,
		.origin = WIRE_ORIGIN_SHIPPER,
		.columns = WIRE_NODE_REQUIRED,
		.rows = 1,
		.texts = WIRE_NODE_TEXTS,
		.cells = cells,
		.text = texts,
	};

	cells[WIRE_NODE_KEY] = w->frames;
	if (!wire_put(&w->encoder, &table, 0)) {
		end_frame(w);
		begin_frame(w);
		cells[WIRE_NODE_KEY] = w->frames;
		wire_put(&w->encoder, &table, 0);
	}
	end_frame(w);
	w->frames = 0;
}

static void add_fact(struct rows *facts, uint64_t key, const char *text,
		     size_t size)
{
	if (rows_add(facts, key))
		rows_text(facts, WIRE_FACT, text, size);
}

/* What else than tables figures have. */
static void put_rest(struct record_writer *w, const struct reading *interfaces,
		     const struct figures *f)
{
	const struct span *span = f->mem.span.origin ? &f->mem.span :
						       &f->load.span;
	int i;

	rows_clear(&w->gauges);
	gauges_of(f, &w->gauges);
	if (f->load.span.origin && f->load.uptime_s != FIGURE_UNKNOWN)
		rows_value(&w->gauges, RECORD_UPTIME_S, f->load.uptime_s);
	rows_value(&w->gauges, RECORD_MISSED_TIMES, f->cpu.span.missed);
	rows_value(&w->gauges, RECORD_MISSED_SOFTIRQS, f->softirq.span.missed);
	put_rows(w, &w->gauges, span);
	rows_clear(&w->facts);
	add_fact(&w->facts, WIRE_FACT_HOST_NAME, f->host, strlen(f->host));
	add_fact(&w->facts, WIRE_FACT_KERNEL, f->release, strlen(f->release));
	for (i = 0; i < f->notes; i++)
		add_fact(&w->facts, RECORD_NOTE, f->note[i],
			 strlen(f->note[i]));
	for (i = 0;
	     interfaces && i < (int)interfaces->table[WIRE_FACTS].rows.count;
	     i++) {
		struct change c = reading_change(interfaces, interfaces,
						 WIRE_FACTS, (uint32_t)i);
		struct wire_text text = change_text(&c, WIRE_FACT);

		add_fact(&w->facts, c.now[WIRE_FACT_KEY], text.data, text.size);
	}
	put_rows(w, &w->facts, span);
}

static const struct {
	enum section section;
	enum wire_table_kind kind;
} tables[] = {
	{ SECTION_CPU, WIRE_CPU },
	{ SECTION_SOFTIRQ, WIRE_SOFTIRQ },
	{ SECTION_NET, WIRE_LINK },
	{ SECTION_NET, WIRE_NET },
};

/* Of packets' rates, which need nothing to compare with, only those of now. */
static void put_tables(struct record_writer *w,
		       const struct readings *const *told, bool before)
{
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		const struct readings *r = told[tables[i].section];
		uint32_t kind = tables[i].kind;

		if (!r || (kind == WIRE_NET && !(r->put & 1U << kind)))
			continue;
		put_reading(w, before ? &r->before.table[kind] :
					&r->now.table[kind]);
	}
}

int record_append(struct record_writer *w, const struct readings *const *told,
		  const struct figures *f)
{
	const struct readings *net = told[SECTION_NET];

	begin_frame(w);
	if (!w->begun) {
		put_tables(w, told, true);
		put_node(w, f, 0);
		begin_frame(w);
		w->begun = true;
	}
	put_tables(w, told, false);
	put_rest(w, net ? &net->now : NULL, f);
	put_node(w, f, w->interval_ns);
	return w->error;
}

int record_finish(struct record_writer *w)
{
	int err = 0;

	if (close(w->fd))
		err = write_failed(-errno);
	rows_exit(&w->gauges);
	rows_exit(&w->facts);
	return err;
}
