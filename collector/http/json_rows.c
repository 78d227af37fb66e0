// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables with a row a thing: disks, mounts, links, sensors, processes ... */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "collector/http/json.h"
#include "collector/metric.h"
#include "collector/nodes/derived.h"
#include "lib/irq_symbol.h"
#include "lib/wire_schema.h"

static void disk(struct document *w, const struct samples *s,
		 const struct samples_row *row)
{
	json_key(w, "stacked");
	if (samples_cell(s, row, WIRE_DISK_STACKED) == WIRE_ABSENT)
		json_none(w);
	else
		json_bool(w, row->stacked);
	json_key_number(w, "busy", disk_busy(s, row));
	json_key_number(w, "queue", disk_queue(s, row));
	json_key_number(w, "await_ns", disk_await_ns(s, row));
	json_key_number(w, "read_await_ns", disk_read_await_ns(s, row));
	json_key_number(w, "write_await_ns", disk_write_await_ns(s, row));
}

/* Flags that could not be read have none of the bits: absent is 1 << 63. */
static void flag(struct document *w, const struct samples_row *row,
		 const char *key, uint64_t bit)
{
	json_key_bool(w, key, row->cells[WIRE_LINK_FLAGS] & bit);
}

_Static_assert((int)WIRE_LINK_FLAGS == (int)WIRE_MOUNT_FLAGS, "flag()");

static void mount(struct document *w, const struct samples *s,
		  const struct samples_row *row)
{
	flag(w, row, "read_only", WIRE_MOUNT_READ_ONLY);
	flag(w, row, "hung", WIRE_MOUNT_HUNG);
	flag(w, row, "failed", WIRE_MOUNT_FAILED);
	json_key_bool(w, "stacked", row->stacked);
	json_key_number(w, "used", mount_used(row));
	json_key_number(w, "inodes_used", mount_inodes_used(row));
}

/* They are separated by spaces. */
static void addresses(struct document *w, const char *text)
{
	char one[WIRE_TEXT_MAX + 1];

	json_key(w, "addresses");
	json_open(w, '[');
	while (*(text += strspn(text, " "))) {
		size_t size = strcspn(text, " ");

		snprintf(one, sizeof(one), "%.*s", (int)size, text);
		json_text(w, one);
		text += size;
	}
	json_close(w, ']');
}

static void link_row(struct document *w, const struct samples *s,
		     const struct samples_row *row)
{
	flag(w, row, "up", WIRE_LINK_UP);
	flag(w, row, "carrier", WIRE_LINK_CARRIER);
	flag(w, row, "full_duplex", WIRE_LINK_FULL_DUPLEX);
	flag(w, row, "half_duplex", WIRE_LINK_HALF_DUPLEX);
	json_key_bool(w, "stacked", row->stacked);
	addresses(w, samples_text(row, WIRE_LINK_ADDRESSES));
}

static const char *sensor_type(const struct samples_row *row)
{
	static const char *const names[] = {
		[WIRE_SENSOR_MILLI_CELSIUS] = "temperature",
		[WIRE_SENSOR_RPM] = "fan",
		[WIRE_SENSOR_MILLI_VOLT] = "voltage",
		[WIRE_SENSOR_MICRO_WATT] = "power",
		[WIRE_SENSOR_MILLI_AMPERE] = "current",
		[WIRE_SENSOR_MICRO_JOULE] = "energy",
	};
	uint64_t type = row->cells[WIRE_SENSOR_TYPE];

	return type && type < sizeof(names) / sizeof(names[0]) ? names[type] :
								 "unknown";
}

static void sensor(struct document *w, const struct samples *s,
		   const struct samples_row *row)
{
	json_key_text(w, "type", sensor_type(row));
	json_key_number(w, "value", sensor_value(row, WIRE_SENSOR_VALUE));
	json_key_number(w, "max", sensor_value(row, WIRE_SENSOR_MAX));
	json_key_number(w, "critical", sensor_value(row, WIRE_SENSOR_CRITICAL));
	if (row->cells[WIRE_SENSOR_TYPE] == WIRE_SENSOR_MICRO_JOULE)
		json_key_number(w, "watts", sensor_watts(s, row));
}

static void process(struct document *w, const struct samples *s,
		    const struct samples_row *row)
{
	uint64_t state = row->cells[WIRE_PROCESS_STATE];
	char text[2] = { state > ' ' && state < 0x7f ? (char)state : '?', 0 };

	json_key_text(w, "state", text);
	json_key_number(w, "cpu_share", process_cpu(row));
}

static void irq(struct document *w, const struct samples *s,
		const struct samples_row *row)
{
	char text[IRQ_SYMBOL_SIZE];

	json_key_text(w, "symbol", irq_symbol(row->key, text));
}

/**
 * struct shape - how rows of a kind are written
 * @list: key of the array
 * @texts: keys of the texts, but for those that @more writes
 * @skip: columns that @more writes in another way, a bit each
 * @more: what follows from the cells
 */
struct shape {
	const char *list;
	const char *texts[WIRE_TEXTS_MAX];
	uint32_t skip;
	void (*more)(struct document *w, const struct samples *s,
		     const struct samples_row *row);
};

static const struct shape shapes[WIRE_KINDS] = {
	[WIRE_DISK] = { "disks", { "name" }, 1 << WIRE_DISK_STACKED, disk },
	[WIRE_MOUNT] = { "mounts",
			 { "point", "device", "type" },
			 1 << WIRE_MOUNT_FLAGS,
			 mount },
	[WIRE_LINK] = { "links",
			{ "name", "mac", "driver" },
			1 << WIRE_LINK_FLAGS,
			link_row },
	[WIRE_SENSOR] = { "sensors",
			  { "chip", "label" },
			  1 << WIRE_SENSOR_TYPE | 1 << WIRE_SENSOR_VALUE |
				  1 << WIRE_SENSOR_MAX |
				  1 << WIRE_SENSOR_CRITICAL,
			  sensor },
	[WIRE_PROCESS] = { "processes",
			   { "name", "user", "cgroup", "command" },
			   1 << WIRE_PROCESS_STATE |
				   1 << WIRE_PROCESS_CPU_SHARE,
			   process },
	[WIRE_CORE] = { "cores", { NULL }, 0, NULL },
	[WIRE_IRQ] = { "interrupts", { "name" }, 0, irq },
};

static void cell(struct document *w, const char *key, uint64_t value)
{
	json_key(w, key);
	if (value == WIRE_ABSENT)
		json_none(w);
	else if ((int64_t)value < 0)
		json_number(w, (double)(int64_t)value);
	else
		json_count(w, value);
}

/* Of a counter that is kept for it. */
static void growth(struct document *w, const struct samples *s,
		   const struct samples_row *row, const char *key,
		   uint32_t column)
{
	char name[METRIC_NAME_SIZE + sizeof("_per_s")];

	snprintf(name, sizeof(name), "%s_per_s", key);
	json_key_number(w, name, samples_rate(s, row, column));
}

static void columns(struct document *w, const struct samples *s,
		    const struct samples_row *row, uint32_t kind)
{
	const struct wire_schema *schema = wire_schema(kind);
	uint32_t i;

	for (i = 0; i < schema->columns; i++) {
		const char *key = metric_column(kind, i);

		if (shapes[kind].skip >> i & 1)
			continue;
		cell(w, key, samples_cell(s, row, i));
		if (schema->types[i] == WIRE_COUNTER && i < s->columns &&
		    s->copies > 1)
			growth(w, s, row, key, i);
	}
}

static void write_row(struct document *w, const struct samples *s,
		      const struct samples_row *row, uint32_t kind)
{
	const struct shape *shape = &shapes[kind];
	uint32_t i;

	json_open(w, '{');
	for (i = 0; i < WIRE_TEXTS_MAX && shape->texts[i]; i++)
		json_key_text(w, shape->texts[i], samples_text(row, i));
	columns(w, s, row, kind);
	if (shape->more)
		shape->more(w, s, row);
	json_close(w, '}');
}

void json_rows(struct document *w, const struct node *node, uint32_t kind)
{
	const struct samples *s = node_samples(node, kind);
	size_t i;

	if (!s->count) {
		json_none(w);
		return;
	}
	json_open(w, '{');
	json_samples_head(w, s);
	json_key(w, shapes[kind].list);
	json_open(w, '[');
	for (i = 0; i < s->count; i++)
		if (samples_current(s, s->rows[i]))
			write_row(w, s, s->rows[i], kind);
	json_close(w, ']');
	json_close(w, '}');
}
