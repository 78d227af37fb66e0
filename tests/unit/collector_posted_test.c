// SPDX-License-Identifier: GPL-2.0-or-later
/* Snapshots that somebody posts: what becomes of them, and what is refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/api/posted.h"

#define S UINT64_C(1000000000)
#define NOW (1796000000 * S + 7)

static struct posted *p;

static int setup(void **state)
{
	p = calloc(1, sizeof(*p));
	return p ? 0 : -1;
}

static int teardown(void **state)
{
	free(p);
	return 0;
}

static bool reads(const char *body)
{
	memset(p, 0, sizeof(*p));
	return posted_read(p, body, strlen(body), NOW);
}

/* The tables of its frame, in order; the first one is about the sender. */
static void tables_come_back(void **state)
{
	static const char body[] =
		"{\"node_name\": \"nas\", \"timestamp\": 1795999999.5, \"interval_s\": 5,"
		"\"cpu\": [{\"cpu\": 3, \"user_ns\": 7, \"idle_ns\": 9007199254740993, \"online\": false}],"
		"\"networks\": [{\"name\": \"a\", \"rx_bytes\": 5e3, \"up\": true, \"carrier\": false}, {\"name\": \"b\"}],"
		"\"temperature\": [{\"label\": \"x\", \"celsius\": -4.5}],"
		"\"top_processes\": [{\"pid\": 8, \"state\": \"R\", \"cpu_share\": 1.25}],"
		"\"disks\": [], \"memory\": {\"swap_free_bytes\": 4}}";
	static const uint32_t kinds[] = { WIRE_NODE,  WIRE_CPU,	   WIRE_DISK,
					  WIRE_LINK,  WIRE_SENSOR, WIRE_PROCESS,
					  WIRE_GAUGES };
	const struct wire_sender sender = { .node = { 1 }, .session = 1 };
	struct wire_room room;
	struct wire_frame frame;
	struct wire_table t;
	size_t i, size;

	assert_true(reads(body));
	assert_string_equal(p->name, "nas");
	assert_true(p->real_ns == 1795999999 * S + S / 2);
	assert_true(p->interval_ns == 5 * S);
	size = wire_finish(&p->encoder, &sender, 1);
	assert_int_equal(wire_open(&frame, p->frame, size), WIRE_OK);
	assert_int_equal(wire_room_open(&room), 0);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		assert_int_equal(wire_next(&frame, &t, &room), 1);
		assert_int_equal(t.kind, kinds[i]);
		assert_true(samples_sane(&t));
		assert_true(t.real_ns == p->real_ns);
		switch (t.kind) {
		case WIRE_NODE:
			assert_true(t.cells[WIRE_NODE_PERIOD_NS] == 5 * S);
			assert_memory_equal(t.text[WIRE_NODE_NAME].data, "nas",
					    3);
			break;
		case WIRE_CPU:
			assert_int_equal(t.cells[0], 3);
			assert_int_equal(t.cells[WIRE_CPU_FLAGS],
					 WIRE_CPU_SEEN);
			assert_true(t.cells[WIRE_CPU_IDLE_NS] ==
				    UINT64_C(9007199254740993));
			assert_int_equal(t.cells[WIRE_CPU_IRQ_NS], 0);
			break;
		case WIRE_DISK:
			assert_int_equal(t.rows, 0);
			break;
		case WIRE_LINK:
			assert_int_equal(t.rows, 2);
			assert_int_equal(t.cells[WIRE_LINK_RX_BYTES], 5000);
			assert_int_equal(t.cells[WIRE_LINK_FLAGS],
					 WIRE_LINK_UP);
			assert_true(t.cells[WIRE_LINK_TX_BYTES] == WIRE_ABSENT);
			assert_int_not_equal(t.cells[0], t.cells[t.columns]);
			break;
		case WIRE_SENSOR:
			assert_true((int64_t)t.cells[WIRE_SENSOR_VALUE] ==
				    -4500);
			break;
		case WIRE_PROCESS:
			assert_int_equal(t.cells[0], 8);
			assert_int_equal(t.cells[WIRE_PROCESS_STATE], 'R');
			assert_int_equal(t.cells[WIRE_PROCESS_CPU_SHARE],
					 12500);
			break;
		default:
			assert_int_equal(t.rows, 1);
			assert_int_equal(t.cells[0], WIRE_SWAP_FREE_BYTES);
			assert_int_equal(t.cells[1], 4);
		}
	}
	assert_int_equal(wire_next(&frame, &t, &room), 0);
	wire_room_close(&room);
}

static void times_and_ids(void **state)
{
	uint8_t id[WIRE_ID_SIZE];

	assert_true(reads("{\"node_name\": \"a\"}"));
	assert_true(p->real_ns == NOW);
	assert_true(p->interval_ns == 60 * S);
	assert_true(posted_is(p->id));
	memcpy(id, p->id, sizeof(id));
	assert_true(reads("{\"node_name\": \"b\", \"timestamp\": 1796000001}"));
	assert_true(p->real_ns == 1796000001 * S);
	assert_memory_not_equal(id, p->id, sizeof(id));
	assert_true(reads("{\"node_name\": \"a\"}"));
	assert_memory_equal(id, p->id, sizeof(id));
	memset(id, 'p', sizeof(id));
	assert_false(posted_is(id));
}

/* Each is refused, and the answer begins with the member. */
static void refusals(void **state)
{
	static const struct {
		const char *rest;
		const char *names;
	} of[] = {
		{ "\"cpu\": 1", "cpu:" },
		{ "\"cpu\": {}", "cpu:" },
		{ "\"cpu\": [1]", "cpu[0]:" },
		{ "\"cpu\": [{}]", "cpu[0].cpu:" },
		{ "\"cpu\": [{\"cpu\": 16384}]", "cpu[0].cpu:" },
		{ "\"cpu\": [{\"cpu\": -1}]", "cpu[0].cpu:" },
		{ "\"cpu\": [{\"cpu\": 0, \"flags\": 1}]", "cpu[0].flags:" },
		{ "\"cpu\": [{\"cpu\": 0, \"online\": 1}]", "cpu[0].online:" },
		{ "\"cpu\": [{\"cpu\": 0}, {\"cpu\": 0.0}]", "cpu[1].cpu:" },
		{ "\"cpu\": [{\"cpu\": 0, \"user_ns\": 0.5}]",
		  "cpu[0].user_ns:" },
		{ "\"cpu\": [{\"cpu\": 0, \"user_ns\": 1e19}]",
		  "cpu[0].user_ns:" },
		{ "\"disks\": [{\"name\": \"a\", \"reads\": -1}]",
		  "disks[0].reads:" },
		{ "\"disks\": [{\"name\": \"a\", \"reads\": null}]",
		  "disks[0].reads:" },
		{ "\"disks\": [{\"name\": \"a\", \"reads\": \"1\"}]",
		  "disks[0].reads:" },
		{ "\"disks\": [{\"name\": \"a\", \"reads\": [[[[1]]]]}]",
		  "disks[0].reads:" },
		{ "\"disks\": [{\"name\": \"a\", \"device\": 1}]",
		  "disks[0].device:" },
		{ "\"disks\": [{\"name\": \"a\"}, {\"name\": \"a\"}]",
		  "disks[1].name:" },
		{ "\"disks\": [{\"name\": \"\"}]", "disks[0].name:" },
		{ "\"disks\": [{\"name\": \"\\u0007\"}]", "disks[0].name:" },
		{ "\"disks\": [{\"name\": \"a\", \"stacked\": 1}]",
		  "disks[0].stacked:" },
		{ "\"mounts\": [{\"device\": \"a\"}]", "mounts[0].point:" },
		{ "\"networks\": [{\"name\": 1}]", "networks[0].name:" },
		{ "\"temperature\": [{\"celsius\": 1}]",
		  "temperature[0].label:" },
		{ "\"temperature\": [{\"label\": \"a\", \"celsius\": -300}]",
		  "temperature[0].celsius:" },
		{ "\"temperature\": [{\"label\": \"a\", \"type\": 1}]",
		  "temperature[0].type:" },
		{ "\"top_processes\": [{\"pid\": 1, \"state\": \"RR\"}]",
		  "top_processes[0].state:" },
		{ "\"top_processes\": [{\"pid\": 1, \"cpu_share\": 1e10}]",
		  "top_processes[0].cpu_share:" },
		{ "\"memory\": []", "memory:" },
		{ "\"memory\": {\"total_bytes\": -1}", "memory.total_bytes:" },
		{ "\"memory\": {\"used\": 1}", "memory.used:" },
		{ "\"load\": {\"load_1min\": true}", "load.load_1min:" },
		{ "\"timestamp\": \"now\"", "timestamp:" },
		{ "\"timestamp\": 1796003601", "timestamp:" },
		{ "\"timestamp\": 1795996399", "timestamp:" },
		{ "\"timestamp\": 1e300", "timestamp:" },
		{ "\"interval_s\": 0", "interval_s:" },
		{ "\"interval_s\": 3601", "interval_s:" },
		{ "\"node_id\": 1", "node_id:" },
	};
	char body[256];
	size_t i;

	for (i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		snprintf(body, sizeof(body), "{\"node_name\": \"a\", %s}",
			 of[i].rest);
		assert_false(reads(body));
		p->problem[strlen(of[i].names)] = '\0';
		assert_string_equal(p->problem, of[i].names);
	}
}

static void names_and_forms(void **state)
{
	static const char *const bodies[] = {
		"",
		"[]",
		"{",
		"{}",
		"{\"node_name\": \"\"}",
		"{\"node_name\": 1}",
		"{\"node_name\": \"a\\n\"}",
		"{\"node_name\": \"a\", \"node_name\": \"b\"}",
		"{\"node_name\": \"a\", \"load\": {\"load_1min\": NaN}}",
		"{\"node_name\": \"a\", \"load\": {\"load_1min\": 1e999}}",
		"{\"node_name\": \"a\"} {}",
	};
	char deep[20000] = "{\"node_name\": ";
	size_t i;

	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_false(reads(bodies[i]));
		assert_true(*p->problem);
	}
	memset(deep + strlen(deep), '[', sizeof(deep) - strlen(deep) - 1);
	assert_false(reads(deep));
}

/* As many rows as there may be, and one more. */
static void rows(void **state)
{
	static char body[POSTED_BODY_MAX];
	int n, i, size;

	for (n = POSTED_ROWS_MAX; n <= POSTED_ROWS_MAX + 1; n++) {
		size = snprintf(body, sizeof(body),
				"{\"node_name\": \"a\", \"networks\": [");
		for (i = 0; i < n; i++)
			size += snprintf(body + size,
					 sizeof(body) - (size_t)size,
					 "%s{\"name\": \"eth%d\"}",
					 i ? "," : "", i);
		snprintf(body + size, sizeof(body) - (size_t)size, "]}");
		assert_int_equal(reads(body), n == POSTED_ROWS_MAX);
	}
	assert_non_null(strstr(p->problem, "networks:"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_come_back),
		cmocka_unit_test(times_and_ids),
		cmocka_unit_test(refusals),
		cmocka_unit_test(names_and_forms),
		cmocka_unit_test(rows),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
