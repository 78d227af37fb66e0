// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The binary protocol of collectd's network plugin: parts of type, length and
 * data, big endian; a part stays in force until another of its type comes, in
 * each datagram anew. A value list of one value is a part of 15 bytes. All
 * values of a sample get one time here, which is kinder than collectd is.
 */
#include <stdio.h>
#include <string.h>

#include "bench/feeds/peers.h"

enum {
	DATAGRAM = 1452, /* collectd's default */
	PART_HEAD = 4,
	NUMBER = 8,
	TYPE_HOST = 0,
	TYPE_PLUGIN = 2,
	TYPE_PLUGIN_INSTANCE = 3,
	TYPE_TYPE = 4,
	TYPE_TYPE_INSTANCE = 5,
	TYPE_VALUES = 6,
	TYPE_TIME = 8,
	TYPE_INTERVAL = 9,
	TEXTS = 6, /* types of parts that are texts */
	DERIVE = 2,
};

struct sending {
	uint8_t data[DATAGRAM];
	size_t used;
	char said[TEXTS][64]; /* in this datagram */
	uint64_t *bytes;
	uint64_t *datagrams;
	uint64_t values;
	uint64_t time;
};

static void leave(struct sending *s)
{
	if (s->used) {
		*s->bytes += s->used + PEER_IP_UDP;
		++*s->datagrams;
	}
	s->used = 0;
	memset(s->said, 0, sizeof(s->said));
}

static void big_endian(struct sending *s, uint64_t v, int size)
{
	while (size--)
		s->data[s->used++] = (uint8_t)(v >> 8 * size);
}

static void number(struct sending *s, int type, uint64_t v)
{
	big_endian(s, (uint64_t)type, 2);
	big_endian(s, PART_HEAD + NUMBER, 2);
	big_endian(s, v, NUMBER);
}

static void text(struct sending *s, int type, const char *value)
{
	size_t size = strlen(value) + 1;

	if (!strcmp(s->said[type], value))
		return;
	strcpy(s->said[type], value);
	big_endian(s, (uint64_t)type, 2);
	big_endian(s, PART_HEAD + size, 2);
	memcpy(s->data + s->used, value, size);
	s->used += size;
}

static void value(struct sending *s, const char *plugin,
		  const char *plugin_instance, const char *type,
		  const char *type_instance, uint64_t v)
{
	/* More than any value list takes with all its parts. */
	if (s->used + 160 > DATAGRAM)
		leave(s);
	text(s, TYPE_HOST, "db7.example.net");
	if (s->used < 30) {
		number(s, TYPE_TIME, s->time);
		number(s, TYPE_INTERVAL, 1 << 30);
	}
	text(s, TYPE_PLUGIN, plugin);
	text(s, TYPE_PLUGIN_INSTANCE, plugin_instance);
	text(s, TYPE_TYPE, type);
	text(s, TYPE_TYPE_INSTANCE, type_instance);
	big_endian(s, TYPE_VALUES, 2);
	big_endian(s, PART_HEAD + 2 + 1 + NUMBER, 2);
	big_endian(s, 1, 2);
	big_endian(s, DERIVE, 1);
	big_endian(s, v, NUMBER);
	s->values++;
}

static const char *const states[] = { "user",  "nice",	    "system",  "idle",
				      "wait",  "interrupt", "softirq", "steal",
				      "guest", "guest_nice" };
static const char *const vectors[] = { "HI",	  "TIMER", "NET_TX",
				       "NET_RX",  "BLOCK", "IRQ_POLL",
				       "TASKLET", "SCHED", "HRTIMER",
				       "RCU" };

static void cpus(struct sending *s, const struct host_sample *h)
{
	char cpu[8];
	int i, j;

	for (i = 0; i < HOST_CPUS; i++) {
		snprintf(cpu, sizeof(cpu), "%d", i);
		for (j = 0; j < 10; j++)
			value(s, "cpu", cpu, "cpu", states[j],
			      h->cpu[i][WIRE_CPU_USER_NS + j] / 10000000);
	}
	for (i = 0; i < HOST_CPUS; i++) {
		snprintf(cpu, sizeof(cpu), "%d", i);
		for (j = 0; j < 10; j++)
			value(s, "softirq", cpu, "irq", vectors[j],
			      h->softirq[i][WIRE_SOFTIRQ_HI + j]);
	}
}

/* The other tables: a value a column, named by the table's and a number. */
static void others(struct sending *s, const struct wire_table *t,
		   const char *plugin)
{
	char row_name[16], column_name[16];
	uint32_t row, column;

	for (row = 0; row < t->rows; row++) {
		snprintf(row_name, sizeof(row_name), "%s%u", plugin, row);
		for (column = 1; column < t->columns; column++) {
			snprintf(column_name, sizeof(column_name), "v%u",
				 column);
			value(s, plugin, row_name, "derive", column_name,
			      t->cells[row * t->columns + column]);
		}
	}
}

uint64_t collectd_encode(const struct host_sample *h, uint64_t *bytes,
			 uint64_t *datagrams)
{
	struct sending s = { .bytes = bytes, .datagrams = datagrams };

	s.time = h->tables[HOST_CPU].real_ns;
	cpus(&s, h);
	others(&s, &h->tables[HOST_NODE], "self");
	others(&s, &h->tables[HOST_NET], "net");
	others(&s, &h->tables[HOST_GAUGES], "gauge");
	others(&s, &h->tables[HOST_COUNTERS], "count");
	others(&s, &h->tables[HOST_DISK], "disk");
	leave(&s);
	return s.values;
}
