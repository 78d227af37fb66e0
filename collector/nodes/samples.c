// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/nodes/samples.h"
#include "collector/nodes/texts.h"
#include "lib/wire/wire_schema.h"

/* What the history and JSON can hold: a signed 64-bit integer. */
static bool is_signed(uint64_t v)
{
	return v <= INT64_MAX;
}

/* What could not be read is absent, if it may be; a gauge may be negative. */
static bool column_sane(const struct wire_table *t,
			const struct wire_schema *schema, uint32_t column)
{
	const uint64_t *at = t->cells + column;
	uint64_t high = 0, less = 0;
	uint32_t row;

	if (schema->types[column] == WIRE_GAUGE && t->kind != WIRE_NET)
		return true;
	if (column >= schema->required || (column && t->kind >= WIRE_GAUGES))
		less = WIRE_ABSENT;
	for (row = 0; row < t->rows; row++, at += t->columns)
		high |= *at == less ? 0 : *at;
	return is_signed(high);
}

static bool key_sane(uint32_t kind, uint64_t key)
{
	if (kind == WIRE_NET || kind == WIRE_LINK)
		return key && key <= SAMPLES_IFINDEX_MAX;
	if (kind == WIRE_CPU || kind == WIRE_SOFTIRQ || kind == WIRE_CORE)
		return key < SAMPLES_CPUS_MAX;
	return kind == WIRE_NODE ? !key : is_signed(key);
}

bool samples_sane(const struct wire_table *t)
{
	const struct wire_schema *schema = wire_schema(t->kind);
	uint32_t row, column;

	if (t->origin < WIRE_ORIGIN_RING || t->origin > WIRE_ORIGIN_NETLINK)
		return false;
	if (!t->mono_ns || !is_signed(t->sample) || !is_signed(t->real_ns) ||
	    !is_signed(t->mono_ns) || !is_signed(t->lost))
		return false;
	for (column = 0; column < t->columns; column++)
		if (!column_sane(t, schema, column))
			return false;
	for (row = 0; row < t->rows; row++)
		if (!key_sane(t->kind, t->cells[(size_t)row * t->columns]))
			return false;
	return true;
}

/* Without counters there is nothing to be compared with. */
static void move_window(struct samples *s, struct samples_row *row,
			const uint64_t *cells, uint64_t mono_ns)
{
	uint64_t *middle = row->cells + s->columns;
	uint64_t *base = middle + s->columns;
	size_t size = s->columns * sizeof(*cells);
	bool first = !row->now_ns;

	if (s->copies == 1 ||
	    (!first && mono_ns - row->middle_ns < SAMPLES_WINDOW_NS))
		return;
	memcpy(base, first ? cells : middle, size);
	memcpy(middle, cells, size);
	row->base_ns = first ? mono_ns : row->middle_ns;
	row->middle_ns = mono_ns;
}

/* Nothing is known of a counter that fell until a whole window is behind it: it
 * began anew somewhere in between, and what it was against is of before that.
 */
static void forget_fallen(struct samples *s, struct samples_row *row,
			  const struct wire_schema *schema,
			  const uint64_t *cells, uint64_t mono_ns)
{
	uint64_t *middle = row->cells + s->columns;
	uint64_t *base = middle + s->columns;
	uint32_t i;

	for (i = 1; i < s->columns; i++) {
		if (schema->types[i] != WIRE_COUNTER ||
		    row->cells[i] == WIRE_ABSENT || cells[i] >= row->cells[i])
			continue;
		base[i] = WIRE_ABSENT;
		if (row->middle_ns != mono_ns)
			middle[i] = WIRE_ABSENT;
	}
}

static bool any_fell(const uint64_t *old, const uint64_t *now, uint32_t columns)
{
	bool fell = false;
	uint32_t i;

	for (i = 1; i < columns; i++)
		fell |= now[i] < old[i];
	return fell;
}

/* Another device under a key that was another's, or that was unplugged: all of
 * its counters begin anew, wherever they stand.
 */
static bool is_another(const struct samples *s, const struct samples_row *row,
		       const struct wire_table *t, const uint64_t *cells)
{
	const struct wire_schema *schema = wire_schema(t->kind);
	uint32_t i;

	if (t->kind != WIRE_DISK || !row->now_ns)
		return false;
	if (s->before_ns > row->now_ns)
		return true;
	for (i = 1; i < s->columns; i++)
		if (schema->types[i] == WIRE_COUNTER &&
		    row->cells[i] != WIRE_ABSENT && cells[i] < row->cells[i])
			return true;
	return false;
}

static void row_take(struct samples *s, struct samples_row *row,
		     const struct wire_table *t, const uint64_t *cells)
{
	uint64_t mono_ns = t->mono_ns;

	s->renamed |= row->now_ns < s->before_ns;
	if (is_another(s, row, t, cells))
		row->now_ns = 0;
	move_window(s, row, cells, mono_ns);
	if (s->copies > 1 && row->now_ns &&
	    any_fell(row->cells, cells, s->columns))
		forget_fallen(s, row, wire_schema(t->kind), cells, mono_ns);
	memcpy(row->cells, cells, s->columns * sizeof(*cells));
	if (row->now_ns && mono_ns > row->now_ns)
		row->every_ns =
			samples_every_ns(row->every_ns, mono_ns - row->now_ns);
	row->now_ns = mono_ns;
}

/* A sender may leave optional columns out. */
static void row_take_optional(struct samples *s, struct samples_row *row,
			      const struct wire_table *t, const uint64_t *cells)
{
	uint64_t *optional = row->cells + s->copies * s->columns;
	uint32_t i;

	for (i = 0; i < s->optional; i++)
		optional[i] = s->columns + i < t->columns ?
				      cells[s->columns + i] :
				      WIRE_ABSENT;
}

/* What a row says of itself. */
static bool is_stacked(const struct samples *s, const struct samples_row *row,
		       uint32_t kind)
{
	if (kind == WIRE_DISK)
		return samples_cell(s, row, WIRE_DISK_STACKED) == 1;
	return row->cells[WIRE_MOUNT_FLAGS] != WIRE_ABSENT &&
	       row->cells[WIRE_MOUNT_FLAGS] & WIRE_MOUNT_SHARED;
}

static bool has_counters(const struct wire_schema *schema)
{
	return memchr(schema->types, WIRE_COUNTER, schema->required);
}

uint32_t samples_columns(uint32_t kind)
{
	const struct wire_schema *schema = wire_schema(kind);

	return kind <= WIRE_NET ? schema->required : schema->columns;
}

/* What a sender says is nothing, in columns that it has to send. */
static const uint64_t *without_untold(const struct samples *s,
				      const uint64_t *cells,
				      uint64_t room[WIRE_COLUMNS_MAX])
{
	uint32_t i;

	memcpy(room, cells, s->columns * sizeof(*cells));
	for (i = WIRE_CPU_STEAL_NS; i <= WIRE_CPU_GUEST_NICE_NS; i++)
		if (wire_cpu_untold(cells[WIRE_CPU_FLAGS], i))
			room[i] = WIRE_ABSENT;
	return room;
}

/* A row of all columns that rates are kept of: a sender may leave out some. */
static const uint64_t *whole(const struct samples *s,
			     const struct wire_table *t, const uint64_t *cells,
			     uint64_t room[WIRE_COLUMNS_MAX])
{
	uint32_t i;

	if (t->kind == WIRE_CPU && cells[WIRE_CPU_FLAGS] >= WIRE_CPU_NO_STEAL)
		return without_untold(s, cells, room);
	if (t->columns >= s->columns)
		return cells;
	memcpy(room, cells, t->columns * sizeof(*cells));
	for (i = t->columns; i < s->columns; i++)
		room[i] = WIRE_ABSENT;
	return room;
}

/* RAPL's sensors count; of processes the sender says the share. */
static void shape(struct samples *s, const struct wire_table *t)
{
	const struct wire_schema *schema = wire_schema(t->kind);

	s->columns = samples_columns(t->kind);
	s->optional = t->columns > s->columns ? t->columns - s->columns : 0;
	s->copies = t->kind == WIRE_SENSOR || (has_counters(schema) &&
					       t->kind != WIRE_PROCESS) ?
			    3 :
			    1;
}

static void new_sample(struct samples *s, const struct wire_table *t,
		       struct samples_budget *budget)
{
	if (!s->columns)
		shape(s, t);
	rows_forget_old(s, budget);
	if (s->mono_ns)
		s->every_ns =
			samples_every_ns(s->every_ns, t->mono_ns - s->mono_ns);
	s->often = s->before_ns;
	s->before_ns = s->mono_ns;
	s->origin = t->origin;
	s->sample = t->sample;
	s->real_ns = t->real_ns;
	s->mono_ns = t->mono_ns;
	s->lost = t->lost;
	s->whole = false;
}

/* Whether it may have the name of another one. */
static int take_texts(struct samples *s, struct samples_row *row,
		      const struct wire_text *text, uint32_t count)
{
	int ret = texts_take(&row->texts, text, count);

	s->renamed |= ret > 0;
	return ret;
}

int samples_take(struct samples *s, const struct wire_table *t,
		 struct samples_budget *budget)
{
	uint64_t room[WIRE_COLUMNS_MAX];
	size_t at = 0;
	uint32_t i;

	if (t->mono_ns < s->mono_ns)
		return 0;
	/* Another source of the same values counts from another start. */
	if (t->origin != s->origin)
		samples_clear(s, budget);
	if (t->mono_ns > s->mono_ns)
		new_sample(s, t, budget);
	s->came += t->rows;
	s->whole |= !t->rows;
	for (i = 0; i < t->rows; i++, at++) {
		const uint64_t *cells = &t->cells[(size_t)i * t->columns];
		struct samples_row *row = rows_get(s, &at, cells[0], budget);

		if (!row)
			return -ENOSPC;
		row_take(s, row, t, whole(s, t, cells, room));
		row_take_optional(s, row, t, cells);
		if (t->kind == WIRE_DISK || t->kind == WIRE_MOUNT)
			row->stacked = is_stacked(s, row, t->kind);
		if (t->texts &&
		    take_texts(s, row, &t->text[(size_t)i * t->texts],
			       t->texts) < 0)
			return -ENOSPC;
	}
	budget->renamed |= s->renamed;
	return 0;
}

uint64_t samples_every_ns(uint64_t every_ns, uint64_t gap_ns)
{
	uint64_t less_ns = gap_ns / 4;

	every_ns = every_ns > less_ns ? every_ns - less_ns : 0;
	return every_ns > gap_ns ? every_ns : gap_ns;
}

bool samples_old(uint64_t age_ns, uint64_t every_ns)
{
	if (!every_ns)
		return age_ns > SAMPLES_AGE_ONCE_NS;
	return age_ns > SAMPLES_AGE_NS &&
	       age_ns / SAMPLES_OLD_PERIODS > every_ns;
}

bool samples_current(const struct samples *s, const struct samples_row *row)
{
	uint64_t every_ns = row->every_ns > s->every_ns ? row->every_ns :
							  s->every_ns;

	if (row->hidden)
		return false;
	if (s->whole)
		return row->now_ns == s->mono_ns;
	return s->mono_ns - row->now_ns <= every_ns + every_ns / 2;
}

const char *samples_text(const struct samples_row *row, uint32_t index)
{
	if (row->told && index == row->told_text)
		return row->told;
	return texts_at(row->texts, index);
}

uint64_t samples_window_ns(const struct samples_row *row)
{
	return row->now_ns - row->base_ns;
}

uint64_t samples_cell(const struct samples *s, const struct samples_row *row,
		      uint32_t column)
{
	if (column < s->columns)
		return row->cells[column];
	column -= s->columns;
	return column < s->optional ?
		       row->cells[s->copies * s->columns + column] :
		       WIRE_ABSENT;
}

uint64_t samples_base(const struct samples *s, const struct samples_row *row,
		      uint32_t column)
{
	return row->cells[2 * s->columns + column];
}

double samples_rate(const struct samples *s, const struct samples_row *row,
		    uint32_t column)
{
	uint64_t now = row->cells[column];
	uint64_t base = samples_base(s, row, column);
	uint64_t window_ns = samples_window_ns(row);

	if (!window_ns || now == WIRE_ABSENT || base == WIRE_ABSENT ||
	    now < base)
		return NAN;
	return (double)(now - base) * 1e9 / (double)window_ns;
}
