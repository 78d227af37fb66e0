// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A node that sends what costs a collector as much as can be; its bytes are right
 * all the same.
 *
 *   attacker poison PORT ROWS SAMPLES  a datagram of many rows in one sample, and one
 *                                      row in many samples, then some MB of nothing
 *   attacker churn PORT SAMPLES ROWS NEW  over TCP, a host where NEW of ROWS
 *                                      processes are others in each sample, each
 *                                      second of an hour that is over
 *   attacker cells PORT DATAGRAMS      as many values as a datagram can stand for
 *   attacker falling PORT ROWS         new rows, each before all that there are
 *   attacker sessions PORT COUNT       over TCP, a session a frame
 *   attacker future PORT MB            over TCP, noise from in ten years on, an hour
 *                                      apart
 *   attacker series PORT               series of one's own that no scrape may have
 *   attacker incident PORT             over TCP, an incident of 1 MiB, as any node's
 *   attacker pieces PORT FRAMES        one piece of an incident, again and again
 *   attacker incidents PORT FRAMES     as many incidents of a byte as frames hold
 *   attacker wide PORT TABLES          an incident whose tables have a CPU each, each
 *                                      at another time
 *   attacker magic PORT                an incident of 8 MiB in which a frame seems to
 *                                      begin at each twelfth byte
 *
 * Says what it sent. Over TCP it waits at the end until all is acknowledged.
 */
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/wire/incident.h"
#include "lib/wire/pen.h"
#include "lib/wire/wire.h"
#include "lib/wire/wire_bytes.h"
#include "lib/wire/wire_format.h"
#include "lib/wire/wire_schema.h"

#define S UINT64_C(1000000000)
#define HOUR_NS (3600 * S)
#define YEAR_NS (365 * 24 * HOUR_NS)

enum {
	PADDING = 60000,
	PADDINGS = 72, /* more than the collector folds at once */
	WAIT_MS = 60000,
};

static struct {
	int fd;
	struct wire_sender sender;
	struct wire_encoder encoder;
	uint8_t frame[WIRE_FRAME_MAX];
	uint64_t sequence;
	uint64_t acknowledged;
	uint64_t bytes;
	uint8_t in[WIRE_HEADER_SIZE * 64];
	size_t in_size;
	const char *port; /* of one who comes back after a refusal */
	uint64_t joined;
} a;

static void join(const char *port, int type)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)atoi(port)),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	a.fd = socket(AF_INET, type, 0);
	if (a.fd < 0 || connect(a.fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "port %s", port);
}

static void begin(uint64_t time)
{
	wire_begin(&a.encoder, a.frame, sizeof(a.frame), time);
}

/* Who is refused comes back. */
static void join_again(void)
{
	close(a.fd);
	a.in_size = 0;
	a.joined++;
	join(a.port, SOCK_STREAM);
}

/* Acknowledgements, among other things that it may be told. */
static void listen_once(int wait_ms)
{
	struct pollfd p = { .fd = a.fd, .events = POLLIN };
	struct wire_frame f;
	ssize_t got;
	size_t at, size;

	if (poll(&p, 1, wait_ms) <= 0)
		return;
	got = recv(a.fd, a.in + a.in_size, sizeof(a.in) - a.in_size, 0);
	if (got <= 0) {
		if (!a.port)
			errx(1, "the collector ended the connection");
		join_again();
		return;
	}
	a.in_size += (size_t)got;
	for (at = 0; !wire_size(a.in + at, a.in_size - at, &size) &&
		     size <= a.in_size - at;
	     at += size)
		if (!wire_open(&f, a.in + at, size) && f.kind == WIRE_ACK &&
		    f.sender.session == a.sender.session)
			a.acknowledged = f.sequence;
	a.in_size -= at;
	memmove(a.in, a.in + at, a.in_size);
}

static void send_frame(void)
{
	size_t size = wire_finish(&a.encoder, &a.sender, ++a.sequence), at = 0;

	while (at < size) {
		ssize_t sent =
			send(a.fd, a.frame + at, size - at, MSG_NOSIGNAL);

		if (sent < 0 && a.port) {
			join_again();
			break;
		}
		if (sent < 0 && errno != ECONNREFUSED)
			err(1, "send");
		at += sent > 0 ? (size_t)sent : size;
	}
	a.bytes += size;
}

static void wait_for_acks(void)
{
	uint64_t end_ns = clock_mono_ns() + WAIT_MS * UINT64_C(1000000);

	while (a.acknowledged < a.sequence) {
		listen_once(1000);
		if (clock_mono_ns() > end_ns)
			errx(1, "frame %llu is not acknowledged",
			     (unsigned long long)a.sequence);
	}
}

static void put(const struct wire_table *t)
{
	if (wire_put(&a.encoder, t, 0) != t->rows)
		errx(1, "a table does not fit");
}

static void put_name(const char *name, uint64_t now)
{
	uint64_t cells[WIRE_NODE_REQUIRED] = { 0, S };
	struct wire_text text[] = { { name, strlen(name) }, { "0", 1 } };
	struct wire_table t = { .kind = WIRE_NODE,
				.schema = 1,
				.origin = WIRE_ORIGIN_SHIPPER,
				.real_ns = now,
				.mono_ns = clock_mono_ns(),
				.columns = WIRE_NODE_REQUIRED,
				.rows = 1,
				.texts = 2,
				.cells = cells,
				.text = text };

	put(&t);
}

/* A table by hand: what the encoder would not make. Columns of zeroes, but for
 * keys from @key on, each @step from the one before; empty texts; the first sample
 * is @at ns after the frame.
 */
static void put_steps(uint32_t kind, uint32_t columns, uint32_t rows,
		      uint32_t samples, uint64_t key, int64_t step, uint64_t at)
{
	static uint8_t body[WIRE_FRAME_MAX];
	uint32_t texts = kind == WIRE_IRQ ? rows : 0;
	struct pen p = { body, sizeof(body) }, head;
	uint64_t now = clock_mono_ns();
	uint32_t i;

	pen_varint(&p, WIRE_ORIGIN_PROC);
	pen_varint(&p, columns);
	pen_varint(&p, texts ? 1 : 0);
	pen_varint(&p, rows);
	pen_varint(&p, samples);
	for (i = 0; i < samples; i++) {
		pen_varint(&p, i ? 0 : zigzag(1));
		pen_varint(&p, i ? zigzag(i == 1) : zigzag(at));
		pen_varint(&p, i ? zigzag(i == 1) : zigzag(now + at));
		pen_varint(&p, 0);
	}
	pen_byte(&p, key ? WIRE_KEY | WIRE_DELTA << COLUMN_FIRST_SHIFT : 0);
	if (key) {
		pen_varint(&p, zigzag(key));
		for (i = 0; i < (rows - 1 + 15) / 16; i++) {
			pen_byte(&p, 0);
			pen_varint(&p, zigzag((uint64_t)step));
		}
	}
	for (i = 1; i < columns + texts; i++)
		pen_byte(&p, 0);
	head = (struct pen){ a.encoder.frame + a.encoder.used,
			     a.encoder.size - a.encoder.used };
	pen_varint(&head, kind);
	pen_varint(&head, 1);
	pen_varint(&head, p.used);
	pen_bytes(&head, body, p.used);
	if (p.used > p.room || head.used > head.room)
		errx(1, "a table is too large");
	a.encoder.used += head.used;
}

static void put_hollow(uint32_t kind, uint32_t columns, uint32_t rows,
		       uint32_t samples, uint64_t key, uint64_t at)
{
	put_steps(kind, columns, rows, samples, key, 1, at);
}

static void pad(void)
{
	struct pen p;
	int i;

	for (i = 0; i < PADDINGS; i++) {
		begin(clock_real_ns());
		p = (struct pen){ a.frame + a.encoder.used, PADDING + 16 };
		pen_varint(&p, WIRE_KINDS + 50); /* nobody knows it */
		pen_varint(&p, 1);
		pen_varint(&p, PADDING);
		(void)!getrandom(p.data + p.used, PADDING, 0);
		a.encoder.used += p.used + PADDING;
		send_frame();
		usleep(5000);
	}
}

static void poison(char **argv)
{
	uint64_t rows = strtoull(argv[0], NULL, 10), key = 1000;
	uint64_t samples = strtoull(argv[1], NULL, 10), at = 1;

	begin(clock_real_ns());
	put_name("poison", clock_real_ns());
	for (; rows; rows -= rows < 4096 ? rows : 4096, key += 4096)
		put_hollow(WIRE_GAUGES, WIRE_VALUE_COLUMNS,
			   (uint32_t)(rows < 4096 ? rows : 4096), 1, key, 0);
	for (; samples; samples -= samples < 64 ? samples : 64, at += 64)
		put_hollow(WIRE_GAUGES, WIRE_VALUE_COLUMNS, 1,
			   (uint32_t)(samples < 64 ? samples : 64), 0, at);
	send_frame();
	printf("a datagram of %llu bytes\n", (unsigned long long)a.bytes);
	pad();
}

static void cells(char **argv)
{
	long left = atol(argv[0]);

	for (; left; left--) {
		begin(clock_real_ns());
		put_name("cells", clock_real_ns());
		while (a.encoder.used < sizeof(a.frame) - 64)
			put_hollow(WIRE_CPU, 12, WIRE_CELLS_MAX / 12, 1, 0, 0);
		send_frame();
	}
	printf("%s datagrams\n", argv[0]);
}

/* New rows, each before all that there are: many a table, then one a table, each
 * table a second later than the one before.
 */
static void falling(char **argv)
{
	uint64_t left = strtoull(argv[0], NULL, 10), key = left, at = S, i;
	const uint32_t most = WIRE_ROWS_MAX;

	begin(clock_real_ns());
	put_name("falling", clock_real_ns());
	send_frame();
	for (; left > most; left -= most, key -= most) {
		begin(clock_real_ns());
		put_steps(WIRE_IRQ, 2, most, 1, key, -1, at);
		send_frame();
		usleep(20000);
	}
	for (i = 0; i < left; i++, at += S) {
		if (i % 1000 == 0)
			begin(clock_real_ns());
		put_steps(WIRE_IRQ, 2, 1, 1, left - i, -1, at);
		if (i % 1000 == 999 || i + 1 == left) {
			send_frame();
			usleep(20000);
		}
	}
	printf("%s rows\n", argv[0]);
}

static void sessions(char **argv)
{
	long count = atol(argv[0]), i;

	for (i = 0; i < count; i++) {
		a.sender.session++;
		a.sequence = 0;
		begin(clock_real_ns());
		send_frame();
		listen_once(0);
	}
	printf("%ld sessions, refused %llu times\n", count,
	       (unsigned long long)a.joined);
}

/* A compiler's, as different as they are: something of each pid's own, that
 * grows with time.
 */
static void put_process(uint64_t *to, uint64_t pid, uint64_t real_ns)
{
	uint64_t own = pid * UINT64_C(0x9e3779b97f4a7c15), s = real_ns / S;

	own ^= own >> 29;
	own *= UINT64_C(0xbf58476d1ce4e5b9);
	to[WIRE_PROCESS_KEY] = pid;
	to[WIRE_PROCESS_STATE] = own >> 60 ? 'R' : 'D';
	to[WIRE_PROCESS_CPU_NS] = ((own >> 8) % 100 + s % 1000 * 90) * 10000000;
	to[WIRE_PROCESS_CPU_SHARE] = (own >> 16) % 1000 + 9000 - s % 7;
	to[WIRE_PROCESS_RSS_BYTES] = ((own >> 24) % 30000 + s % 60) * 4096;
	to[WIRE_PROCESS_THREADS] = 1;
	to[WIRE_PROCESS_START_NS] = pid / 10 * S + (own >> 32) % 100 * 10000000;
	to[WIRE_PROCESS_PARENT] = 900 + (own >> 40) % 64;
}

static void put_processes(uint64_t *cells, struct wire_text *text,
			  uint32_t rows, uint64_t pid, uint64_t real_ns)
{
	const struct wire_schema *s = wire_schema(WIRE_PROCESS);
	struct wire_table t = { .kind = WIRE_PROCESS,
				.schema = 1,
				.origin = WIRE_ORIGIN_PROC,
				.real_ns = real_ns,
				.mono_ns = real_ns,
				.columns = s->required,
				.rows = rows,
				.texts = s->texts,
				.cells = cells,
				.text = text };
	uint32_t row;

	for (row = 0; row < rows; row++) {
		put_process(cells + (size_t)row * t.columns, pid + row,
			    real_ns);
		text[row * s->texts] = (struct wire_text){ "cc1", 3 };
		text[row * s->texts + 1] = (struct wire_text){ "root", 4 };
		text[row * s->texts + 2] = (struct wire_text){ "/", 1 };
		text[row * s->texts + 3] = (struct wire_text){ "", 0 };
	}
	put(&t);
}

static void churn(char **argv)
{
	long samples = atol(argv[0]), i;
	uint32_t rows = (uint32_t)atoi(argv[1]);
	uint64_t new = strtoull(argv[2], NULL, 10), pid = 1000;
	uint64_t at = (clock_real_ns() / HOUR_NS - 2) * HOUR_NS + S;
	const struct wire_schema *s = wire_schema(WIRE_PROCESS);
	uint64_t *room = calloc(rows * s->required, sizeof(*room));
	struct wire_text *text = calloc(rows * s->texts, sizeof(*text));

	if (!room || !text)
		err(1, NULL);
	for (i = 0; i < samples; i++, at += S, pid += new) {
		if (i % 5 == 0)
			begin(at);
		if (i == 0)
			put_name("builder", at);
		put_processes(room, text, rows, pid, at);
		if (i % 5 == 4 || i + 1 == samples)
			send_frame();
		listen_once(0);
	}
	wait_for_acks();
	printf("%ld samples, %llu values, %llu bytes\n", samples,
	       (unsigned long long)samples * rows * (s->required - 1),
	       (unsigned long long)a.bytes);
}

static void future(char **argv)
{
	uint64_t most = strtoull(argv[0], NULL, 10) << 20;
	uint64_t at = clock_real_ns() + 10 * YEAR_NS, i;
	static uint64_t room[4000][2];
	struct wire_table t = { .kind = WIRE_GAUGES,
				.schema = 1,
				.origin = WIRE_ORIGIN_PROC,
				.columns = WIRE_VALUE_COLUMNS,
				.rows = 4000,
				.cells = room[0] };

	for (; a.bytes < most; at += HOUR_NS) {
		(void)!getrandom(room, sizeof(room), 0);
		for (i = 0; i < t.rows; i++) {
			room[i][0] = i + 1000;
			room[i][1] >>= 2;
		}
		t.real_ns = t.mono_ns = at;
		begin(at);
		put_name("future", at);
		put(&t);
		send_frame();
		listen_once(0);
	}
	wait_for_acks();
	printf("%llu MB\n", (unsigned long long)a.bytes >> 20);
}

static void series(char **argv)
{
	static const char *const rows[][2] = {
		{ "evil_both", "exported_instance=\"a\",instance=\"b\"" },
		{ "evil_node", "node_id=\"a\",exported_node_id=\"b\"" },
		{ "evil_twice", "a=\"1\",b=\"2\",a=\"3\"" },
		{ "evil_name", "__name__=\"node_load1\"" },
		{ "evil_line", "a=\"1\"} 1\nevil_other{b=\"2\"" },
		{ "evil name", "" },
		{ "clash", "" },
		{ "clash_total", "" },
		{ "fine", "instance=\"a\"" },
	};
	enum {
		ROWS = sizeof(rows) / sizeof(rows[0])
	};
	uint64_t cells[ROWS][3];
	struct wire_text text[2 * ROWS];
	const struct wire_table t = { .kind = WIRE_OWN,
				      .schema = 1,
				      .origin = WIRE_ORIGIN_SHIPPER,
				      .real_ns = clock_real_ns(),
				      .mono_ns = clock_mono_ns(),
				      .columns = 3,
				      .rows = ROWS,
				      .texts = 2,
				      .cells = cells[0],
				      .text = text };
	uint32_t i;

	for (i = 0; i < ROWS; i++) {
		cells[i][WIRE_OWN_KEY] = i + 1;
		cells[i][WIRE_OWN_TYPE] = WIRE_OWN_COUNTER;
		cells[i][WIRE_OWN_VALUE] = 7;
		text[2 * i] =
			(struct wire_text){ rows[i][0], strlen(rows[i][0]) };
		text[2 * i + 1] =
			(struct wire_text){ rows[i][1], strlen(rows[i][1]) };
	}
	begin(t.real_ns);
	put_name("series", t.real_ns);
	put(&t);
	send_frame();
	wait_for_acks();
	printf("%d series\n", ROWS);
}

/* --- incidents ---------------------------------------------------------------- */

static uint8_t incident[INCIDENT_SIZE_MAX];
static size_t incident_size;

/* A frame of the incident is made where those of the feed are, before they are. */
static void keep_in_incident(void)
{
	size_t size = wire_finish(&a.encoder, &a.sender, 1);

	if (size > sizeof(incident) - incident_size)
		errx(1, "an incident is too large");
	memcpy(incident + incident_size, a.frame, size);
	incident_size += size;
}

static void begin_incident(uint64_t id)
{
	const struct incident_head h = { .id = id,
					 .from_ns = id,
					 .to_ns = id + S,
					 .real_ns = id,
					 .mono_ns = S,
					 .cause = INCIDENT_OPERATOR,
					 .triggers = 1,
					 .text = "an attack",
					 .node = "attacker" };
	uint8_t bytes[512];
	struct pen pen = { bytes, sizeof(bytes), 0 };

	incident_put_head(&pen, &h);
	begin(id);
	wire_put_bytes(&a.encoder, WIRE_INCIDENT_HEAD, &pen, NULL, 0);
	keep_in_incident();
}

static void send_incident(uint64_t id)
{
	struct incident_piece piece = { .id = id, .total = incident_size };

	while (piece.at < incident_size) {
		begin(clock_real_ns());
		put_name("incident", clock_real_ns());
		piece.data = incident + piece.at;
		piece.size = incident_size - piece.at;
		piece.at += incident_put_piece(&a.encoder, &piece);
		send_frame();
		listen_once(0);
	}
	wait_for_acks();
	printf("an incident of %zu bytes\n", incident_size);
}

static void one_incident(char **argv)
{
	uint64_t id = clock_real_ns();

	begin_incident(id);
	(void)!getrandom(incident + incident_size, 1 << 20, 0);
	incident_size += 1 << 20;
	send_incident(id);
}

static void pieces(char **argv)
{
	struct incident_piece piece = { .id = clock_real_ns(),
					.total = INCIDENT_SIZE_MAX,
					.at = 7,
					.data = incident,
					.size = PADDING };
	long left = atol(argv[0]);

	for (; left; left--) {
		begin(clock_real_ns());
		if (incident_put_piece(&a.encoder, &piece) != piece.size)
			errx(1, "a piece does not fit");
		send_frame();
		listen_once(0);
	}
	wait_for_acks();
	printf("%s frames\n", argv[0]);
}

static void incidents(char **argv)
{
	struct incident_piece piece = {
		.id = clock_real_ns(), .total = 1, .data = incident, .size = 1
	};
	long left = atol(argv[0]), count = 0;

	for (; left; left--) {
		begin(clock_real_ns());
		while (incident_put_piece(&a.encoder, &piece)) {
			piece.id++;
			count++;
		}
		send_frame();
		listen_once(0);
	}
	wait_for_acks();
	printf("%ld incidents\n", count);
}

static void wide(char **argv)
{
	uint64_t id = clock_real_ns(), key;
	uint64_t count = strtoull(argv[0], NULL, 10);

	begin_incident(id);
	begin(id);
	for (key = 1; key <= count; key++) {
		put_hollow(WIRE_CPU, 12, 1, 1, key, key * 1000);
		if (key % 500 && key < count)
			continue;
		keep_in_incident();
		begin(id);
	}
	send_incident(id);
}

static void magic(char **argv)
{
	uint8_t head[WIRE_HEADER_SIZE];
	uint64_t id = clock_real_ns();

	begin_incident(id);
	begin(id);
	put_hollow(WIRE_IRQ, 2, 4096, 1, 1, 0);
	wire_finish(&a.encoder, &a.sender, 1);
	memcpy(head, a.frame, sizeof(head));
	head[8] = head[9] = 0xf0; /* its length */
	head[10] = head[11] = 0;
	for (incident_size = 0; incident_size + 12 <= sizeof(incident);
	     incident_size += 12)
		memcpy(incident + incident_size, head, 12);
	send_incident(id);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(char **argv);
		int type;
		int arguments;
		char node; /* 16 times */
	} attacks[] = {
		{ "poison", poison, SOCK_DGRAM, 2, 'p' },
		{ "churn", churn, SOCK_STREAM, 3, 'h' },
		{ "cells", cells, SOCK_DGRAM, 1, 'c' },
		{ "falling", falling, SOCK_DGRAM, 1, 'o' },
		{ "sessions", sessions, SOCK_STREAM, 1, 's' },
		{ "future", future, SOCK_STREAM, 1, 'f' },
		{ "series", series, SOCK_STREAM, 0, 'n' },
		{ "incident", one_incident, SOCK_STREAM, 0, 'i' },
		{ "pieces", pieces, SOCK_STREAM, 1, 'j' },
		{ "incidents", incidents, SOCK_STREAM, 1, 'k' },
		{ "wide", wide, SOCK_STREAM, 1, 'w' },
		{ "magic", magic, SOCK_STREAM, 0, 'm' },
	};
	size_t i;

	for (i = 0; argc > 2 && i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		if (strcmp(argv[1], attacks[i].name) ||
		    argc != 3 + attacks[i].arguments)
			continue;
		memset(a.sender.node, attacks[i].node, WIRE_ID_SIZE);
		a.sender.session = clock_real_ns();
		join(argv[2], attacks[i].type);
		if (attacks[i].run == sessions)
			a.port = argv[2];
		attacks[i].run(argv + 3);
		return 0;
	}
	fprintf(stderr, "see the beginning of tests/e2e/attacker.c\n");
	return 2;
}
