// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bench/feeds/fleet_wires.h"

#define S UINT64_C(1000000000)

/* One value, and what it is called: table, row, column. */
struct named {
	const char *table;
	char row[16];
	char column[20];
	uint64_t value;
};

static const char *const tables[FLEET_TABLES] = { "cpu",   "softirq", "net",
						  "gauge", "counter", "disk" };

/* What fleet_values() counts: no keys, no flags. */
static uint32_t first_column(const struct wire_table *t)
{
	return t->kind == WIRE_CPU || t->kind == WIRE_SOFTIRQ ? 2 : 1;
}

/* Tell each value; @first and @last: of its row. */
static void each(const struct fleet_host *h, struct fleet_text *t,
		 uint32_t number,
		 void (*value)(struct fleet_text *t, uint32_t number,
			       const struct named *n, int first, int last))
{
	struct wire_table all[FLEET_TABLES];
	uint32_t i, row, column;

	fleet_tables(h, all);
	for (i = 0; i < FLEET_TABLES; i++) {
		const struct wire_table *one = &all[i];

		for (row = 0; row < one->rows; row++) {
			uint32_t first = first_column(one);

			for (column = first; column < one->columns; column++) {
				struct named n = { .table = tables[i] };

				snprintf(n.row, sizeof(n.row), "%u", row);
				snprintf(n.column, sizeof(n.column), "value_%u",
					 column);
				n.value =
					one->cells[row * one->columns + column];
				value(t, number, &n, column == first,
				      column + 1 == one->columns);
			}
		}
	}
}

static void print(struct fleet_text *t, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	t->used += (size_t)vsnprintf(t->data + t->used,
				     sizeof(t->data) - t->used, format, list);
	va_end(list);
}

/* A negative gauge is no counter: all are sent as what they are. */
static void influx_value(struct fleet_text *t, uint32_t number,
			 const struct named *n, int first, int last)
{
	if (first)
		print(t, "%s,host=node-%u,row=%s ", n->table, number, n->row);
	print(t, "%s=%" PRId64 "%s", n->column, (int64_t)n->value,
	      last ? "" : ",");
	if (last)
		print(t, " @\n");
}

/* The time goes where the mark is: it is the host's, not the row's. */
void fleet_influx(struct fleet_text *t, uint32_t number,
		  const struct fleet_host *h)
{
	static struct fleet_text marked;
	size_t i;

	marked.used = 0;
	each(h, &marked, number, influx_value);
	for (i = 0; i < marked.used; i++) {
		if (marked.data[i] == '@')
			print(t, "%" PRIu64, h->real_ns);
		else
			t->data[t->used++] = marked.data[i];
	}
}

static void redis_text(struct fleet_text *t, const char *text)
{
	print(t, "$%zu\r\n%s\r\n", strlen(text), text);
}

static void redis_value(struct fleet_text *t, uint32_t number,
			const struct named *n, int first, int last)
{
	char text[64];

	snprintf(text, sizeof(text), "%s.%s.%s", n->table, n->row, n->column);
	redis_text(t, text);
	snprintf(text, sizeof(text), "%" PRId64, (int64_t)n->value);
	redis_text(t, text);
}

void fleet_redis(struct fleet_text *t, uint32_t number,
		 const struct fleet_host *h)
{
	char key[32];

	snprintf(key, sizeof(key), "node-%u", number);
	print(t, "*%" PRIu64 "\r\n", 2 + 2 * fleet_values());
	redis_text(t, "HSET");
	redis_text(t, key);
	each(h, t, number, redis_value);
}

/* --- collectd: parts of type, length, data; big endian. */
enum part {
	PART_HOST = 0,
	PART_PLUGIN = 2,
	PART_PLUGIN_INSTANCE = 3,
	PART_TYPE = 4,
	PART_TYPE_INSTANCE = 5,
	PART_VALUES = 6,
	PART_TIME = 8,
	PART_INTERVAL = 9,
	PARTS = 10,
	DERIVE = 2,
	VALUE_MAX = 160, /* with all its parts */
};

/* What was said in this datagram already, and the host's time. */
static char said[PARTS][32];
static uint64_t collectd_time;

static void big_endian(struct fleet_text *t, uint64_t v, int size)
{
	while (size--)
		t->data[t->used++] = (char)(v >> 8 * size);
}

static void part_number(struct fleet_text *t, enum part part, uint64_t v)
{
	big_endian(t, part, 2);
	big_endian(t, 4 + 8, 2);
	big_endian(t, v, 8);
}

static void part_text(struct fleet_text *t, enum part part, const char *text)
{
	size_t size = strlen(text) + 1;

	if (!strcmp(said[part], text))
		return;
	strcpy(said[part], text);
	big_endian(t, part, 2);
	big_endian(t, 4 + size, 2);
	memcpy(t->data + t->used, text, size);
	t->used += size;
}

static void end_datagram(struct fleet_text *t)
{
	t->datagram_end[t->datagrams++] = t->used;
	memset(said, 0, sizeof(said));
}

static size_t in_datagram(const struct fleet_text *t)
{
	return t->used - (t->datagrams ? t->datagram_end[t->datagrams - 1] : 0);
}

static void collectd_value(struct fleet_text *t, uint32_t number,
			   const struct named *n, int first, int last)
{
	char host[32];

	if (in_datagram(t) + VALUE_MAX > FLEET_DATAGRAM)
		end_datagram(t);
	if (!in_datagram(t)) {
		snprintf(host, sizeof(host), "node-%u", number);
		part_text(t, PART_HOST, host);
		part_number(t, PART_TIME, collectd_time);
		part_number(t, PART_INTERVAL, UINT64_C(1) << 30);
	}
	part_text(t, PART_PLUGIN, n->table);
	part_text(t, PART_PLUGIN_INSTANCE, n->row);
	part_text(t, PART_TYPE, "derive");
	part_text(t, PART_TYPE_INSTANCE, n->column);
	big_endian(t, PART_VALUES, 2);
	big_endian(t, 4 + 2 + 1 + 8, 2);
	big_endian(t, 1, 2);
	big_endian(t, DERIVE, 1);
	big_endian(t, n->value, 8);
}

/* Its time counts 2^-30 s. */
void fleet_collectd(struct fleet_text *t, uint32_t number,
		    const struct fleet_host *h)
{
	collectd_time = (h->real_ns / S << 30) + (h->real_ns % S << 30) / S;
	each(h, t, number, collectd_value);
	end_datagram(t);
}
