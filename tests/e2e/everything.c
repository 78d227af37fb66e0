// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A node that sends every column of every table, and every value with a name, by
 * the schemas alone: what is added to the book is sent, too.
 *
 *   everything HOST PORT SECONDS
 *
 * One frame a table each second. A row has the key 1; a counter grows by 1000 times
 * its column's number a second, any other value is 10 times that number.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/wire/wire.h"
#include "lib/wire/wire_schema.h"

#define S UINT64_C(1000000000)

static struct {
	struct wire_encoder encoder;
	struct wire_sender sender;
	uint8_t frame[WIRE_FRAME_MAX];
	uint64_t sequence;
	uint64_t start_ns;
	uint64_t second;
	int fd;
} e;

static void send_table(uint32_t kind, uint32_t rows, const uint64_t *cells)
{
	static const struct wire_text texts[WIRE_TEXTS_MAX] = {
		{ "everything", 10 }, { "b", 1 }, { "c", 1 }, { "d", 1 },
		{ "e", 1 },	      { "f", 1 }, { "g", 1 }, { "h", 1 }
	};
	const struct wire_schema *schema = wire_schema(kind);
	const struct wire_table t = {
		.kind = kind,
		.schema = schema->schema,
		.origin = WIRE_ORIGIN_PROC,
		.real_ns = e.start_ns + e.second * S,
		.mono_ns = (1000 + e.second) * S,
		.columns = schema->columns,
		.rows = rows,
		.texts = schema->texts,
		.cells = cells,
		.text = texts,
	};
	size_t size;

	wire_begin(&e.encoder, e.frame, sizeof(e.frame), t.real_ns);
	if (wire_put(&e.encoder, &t, 0) != rows)
		errx(1, "table %s does not fit", schema->name);
	size = wire_finish(&e.encoder, &e.sender, ++e.sequence);
	if (send(e.fd, e.frame, size, 0) != (ssize_t)size)
		err(1, "send");
}

static uint64_t value(enum wire_type type, uint32_t number)
{
	return type == WIRE_COUNTER ? (1000 + e.second) * 1000 * number :
				      10 * number;
}

static void send_row(uint32_t kind)
{
	const struct wire_schema *schema = wire_schema(kind);
	uint64_t cells[WIRE_COLUMNS_MAX];
	uint32_t i;

	for (i = 0; i < schema->columns; i++)
		cells[i] = value(schema->types[i], i);
	cells[0] = kind != WIRE_NODE;
	if (kind == WIRE_NODE)
		cells[WIRE_NODE_PERIOD_NS] = S;
	if (kind == WIRE_CPU || kind == WIRE_SOFTIRQ)
		cells[WIRE_CPU_FLAGS] = WIRE_CPU_ONLINE | WIRE_CPU_SEEN;
	if (kind == WIRE_SENSOR)
		cells[WIRE_SENSOR_TYPE] = WIRE_SENSOR_MILLI_CELSIUS;
	if (kind == WIRE_OWN || kind == WIRE_PART)
		cells[WIRE_OWN_TYPE] = WIRE_OWN_COUNTER;
	send_table(kind, 1, cells);
}

static void send_values(uint32_t kind, enum wire_type type, uint32_t keys)
{
	uint64_t cells[2 * (WIRE_GAUGE_KEYS + WIRE_COUNTER_KEYS)];
	uint32_t i;

	for (i = 0; i < keys; i++) {
		cells[2 * i] = i;
		cells[2 * i + 1] = value(type, i + 1);
	}
	send_table(kind, keys, cells);
}

static void send_all(void)
{
	uint32_t kind;

	for (kind = WIRE_NODE; kind < WIRE_KINDS; kind++) {
		if (kind == WIRE_GAUGES)
			send_values(kind, WIRE_GAUGE, WIRE_GAUGE_KEYS);
		else if (kind == WIRE_COUNTERS)
			send_values(kind, WIRE_COUNTER, WIRE_COUNTER_KEYS);
		else
			send_row(kind);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };

	if (argc != 4 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		errx(2, "usage: everything HOST PORT SECONDS");
	to.sin_port = htons((uint16_t)atoi(argv[2]));
	e.fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (e.fd < 0 || connect(e.fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "connect");
	memset(e.sender.node, 'e', sizeof(e.sender.node));
	e.sender.session = clock_real_ns();
	e.start_ns = clock_real_ns();
	for (e.second = 0; e.second < strtoull(argv[3], NULL, 10); e.second++) {
		send_all();
		sleep(1);
	}
	return 0;
}
