// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ktach/figures/cpu_figures.h"
#include "ktach/figures/host_figures.h"
#include "ktach/figures/net_figures.h"
#include "ktach/record/record_file.h"
#include "lib/base/log.h"

/* What a recording began with before it was one of frames. */
static const char old_magic[8] = "KTACHREC";

static int map_file(struct record_reader *r, int fd)
{
	struct stat st;
	void *data;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size < WIRE_HEADER_SIZE)
		return -EPROTO;
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return -errno;
	r->data = data;
	r->size = (size_t)st.st_size;
	return 0;
}

static int make_room(struct record_reader *r)
{
	r->room = (struct wire_room){
		.cells = malloc(WIRE_CELLS_MAX * sizeof(*r->room.cells)),
		.cells_max = WIRE_CELLS_MAX,
		.text = malloc(WIRE_FRAME_MAX * sizeof(*r->room.text)),
		.text_max = WIRE_FRAME_MAX,
		.stamps = malloc(WIRE_SAMPLES_MAX * sizeof(*r->room.stamps)),
	};
	return r->room.cells && r->room.text && r->room.stamps ? 0 : -ENOMEM;
}

static int check_begin(const struct record_reader *r, const char *path)
{
	enum wire_error error;
	size_t size;

	if (!memcmp(r->data, old_magic, sizeof(old_magic))) {
		log_error(
			"%s is a recording of an older ktach; this one reads those that are made of frames",
			path);
		return -EPROTO;
	}
	error = wire_size(r->data, r->size, &size);
	if (!error)
		return 0;
	log_error("%s is not a recording of 'ktach record'%s", path,
		  error == WIRE_E_VERSION ? ", or one of another version" : "");
	return -EPROTO;
}

int record_open(struct record_reader *r, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	memset(r, 0, sizeof(*r));
	r->told.adds = true;
	err = fd < 0 ? -errno : map_file(r, fd);
	if (fd >= 0)
		close(fd);
	if (err == -EPROTO)
		log_error("%s is not a recording of 'ktach record'", path);
	else if (err)
		log_error("cannot read %s: %s", path, strerror(-err));
	if (err)
		return err;
	err = check_begin(r, path);
	if (!err)
		err = make_room(r);
	if (err)
		record_close(r);
	return err;
}

void record_close(struct record_reader *r)
{
	munmap((void *)r->data, r->size);
	free(r->room.cells);
	free(r->room.text);
	free(r->room.stamps);
	readings_free(&r->told);
}

/* Is a whole frame at @at? One that promises more than is left is cut. */
static bool whole_frame(struct record_reader *r, size_t at, size_t *size,
			bool *cut)
{
	size_t left = r->size - at;
	enum wire_error error = wire_size(r->data + at, left, size);

	*cut = error == WIRE_E_SHORT || (!error && *size > left);
	return !error && !*cut && !wire_open(&r->frame, r->data + at, *size) &&
	       r->frame.kind == WIRE_SAMPLES;
}

/* Move to the next whole frame, and open it; false at the end. */
static bool next_frame(struct record_reader *r)
{
	size_t begin = r->at, size = 0;
	bool first_cut = false, cut;

	r->reading = false;
	while (r->at < r->size && !whole_frame(r, r->at, &size, &cut)) {
		const uint8_t *next = memchr(r->data + r->at + 1, WIRE_MAGIC[0],
					     r->size - r->at - 1);

		if (r->at == begin)
			first_cut = cut;
		r->at = next ? (size_t)(next - r->data) : r->size;
	}
	if (r->at > begin) {
		r->skipped += r->at - begin;
		r->frames = 0;
		r->told.put = 0;
		/* A tail that only lacks its end was cut off, not damaged. */
		if (r->at == r->size && first_cut)
			r->cut = true;
		else
			r->damaged++;
	}
	if (r->at == r->size)
		return false;
	r->at += size;
	r->frames++;
	r->reading = true;
	return true;
}

static uint64_t told_gauge(const struct record_reader *r, uint64_t key)
{
	return gauge_of(&r->told.now, key, 0);
}

static void take_text(char *to, size_t size, struct wire_text text)
{
	snprintf(to, size, "%.*s", (int)text.size, text.data);
}

static void take_facts(const struct reading *now, struct figures *f)
{
	uint32_t i;

	f->notes = 0;
	for (i = 0; i < now->table[WIRE_FACTS].rows.count; i++) {
		struct change c = reading_change(now, now, WIRE_FACTS, i);
		struct wire_text text = change_text(&c, WIRE_FACT);

		if (c.now[WIRE_FACT_KEY] == WIRE_FACT_HOST_NAME)
			take_text(f->host, sizeof(f->host), text);
		else if (c.now[WIRE_FACT_KEY] == WIRE_FACT_KERNEL)
			take_text(f->release, sizeof(f->release), text);
		else if (c.now[WIRE_FACT_KEY] == RECORD_NOTE)
			figures_note(f, "%.*s", (int)text.size, text.data);
	}
}

static bool was_put(const struct record_reader *r, uint32_t kind)
{
	return r->told.put & 1U << kind;
}

/* Of a section that was not read there is none. */
static bool has_gauge(const struct record_reader *r, uint64_t key)
{
	const struct reading *now = &r->told.now;
	struct change c;

	return was_put(r, WIRE_GAUGES) &&
	       reading_find(now, now, WIRE_GAUGES, key, &c);
}

/* All that was told of a sample; a section that was not stays as it is. */
static int make_figures(const struct record_reader *r, struct figures *f)
{
	const struct reading *now = &r->told.now, *before = &r->told.before;
	int err = 0;

	if (has_gauge(r, WIRE_MEMORY_TOTAL_BYTES))
		memory_of(now, now, &f->mem);
	if (has_gauge(r, WIRE_LOAD_1MIN)) {
		load_of(now, now, now, &f->load);
		f->load.uptime_s =
			gauge_of(now, RECORD_UPTIME_S, FIGURE_UNKNOWN);
	}
	if (was_put(r, WIRE_FACTS))
		take_facts(now, f);
	if (was_put(r, WIRE_CPU))
		err = cpu_between(&before->table[WIRE_CPU],
				  &now->table[WIRE_CPU], &f->cpu);
	if (!err && was_put(r, WIRE_SOFTIRQ))
		err = cpu_between(&before->table[WIRE_SOFTIRQ],
				  &now->table[WIRE_SOFTIRQ], &f->softirq);
	if (!err && was_put(r, WIRE_LINK))
		err = net_between(&r->told, &f->net);
	f->cpu.span.missed = told_gauge(r, RECORD_MISSED_TIMES);
	f->softirq.span.missed = told_gauge(r, RECORD_MISSED_SOFTIRQS);
	return err;
}

/* Whether @t was the end of a sample, which is whole and no beginning. */
static bool take_table(struct record_reader *r, const struct wire_table *t,
		       bool *ends)
{
	bool whole;

	*ends = t->kind == WIRE_NODE;
	if (!*ends) {
		readings_put(&r->told, t);
		return false;
	}
	whole = t->rows && t->cells[WIRE_NODE_KEY] == r->frames;
	r->frames = 0;
	return whole && t->cells[WIRE_NODE_PERIOD_NS];
}

int record_next(struct record_reader *r, struct figures *f)
{
	struct wire_table t;
	bool ends = false;

	r->told.put = 0;
	while (r->reading || next_frame(r)) {
		int ret = wire_next(&r->frame, &t, &r->room);

		if (ret <= 0) {
			r->damaged += ret < 0;
			r->reading = false;
			continue;
		}
		if (!take_table(r, &t, &ends)) {
			if (ends)
				r->told.put = 0;
			continue;
		}
		r->samples++;
		return make_figures(r, f);
	}
	if (r->frames)
		r->cut = true;
	return 1;
}
