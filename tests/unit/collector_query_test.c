// SPDX-License-Identifier: GPL-2.0-or-later
/* Many series in one answer: values over time, over rows and nodes, page by page. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "collector/api/api.h"
#include "collector/api/moment.h"
#include "collector/history/ask/answer.h"
#include "collector/history/write/writer.h"
#include "lib/base/globs.h"
#include "lib/base/log.h"
#include "lib/wire/wire_schema.h"
#include "tables/book.h"
#include "tests/unit/history_place.h"
#include "tests/unit/near.h"
#include "tests/unit/scratch.h"

#define S UINT64_C(1000000000)
/* 2015-08-19T16:00:00Z: begins an hour. */
#define THEN (UINT64_C(400000) * 3600 * S)
#define RANGE "from=1440000000&to=1440000010"

enum {
	NODES = 3,
	SAMPLES = 100, /* 100 ms apart */
	NICS = 3,
};

static char folder[64];
static struct writer w;
static struct buffer queue;
static struct nodes nodes;
static struct feed feed;
static struct ingest ingest;
static struct api api;
static struct reply reply;
static json_t *document;

static void put_table(uint8_t node, const struct wire_table *t)
{
	static struct wire_encoder encoder;
	static uint8_t bytes[WIRE_FRAME_MAX];
	struct queued r = { .frame.time = t->real_ns };

	wire_begin(&encoder, bytes, sizeof(bytes), t->real_ns);
	assert_int_equal(wire_put(&encoder, t, 0), t->rows);
	r.frame.node[0] = node;
	r.frame.size = (uint32_t)(encoder.used - WIRE_HEADER_SIZE);
	buffer_put(&queue, &r, sizeof(r));
	buffer_reserve(&queue, r.frame.size + 8);
	memcpy(queue.data + queue.used, bytes + WIRE_HEADER_SIZE, r.frame.size);
	queue.used += (r.frame.size + 7) / 8 * 8;
}

static struct wire_table table_at(uint32_t kind, uint64_t sample)
{
	return (struct wire_table){ .kind = kind,
				    .schema = 1,
				    .origin = WIRE_ORIGIN_BPF,
				    .real_ns = THEN + sample * S / 10,
				    .mono_ns = S + sample * S / 10,
				    .rows = 1,
				    .texts = wire_schema(kind)->texts };
}

static void put_name(uint8_t node)
{
	struct wire_table t = table_at(WIRE_NODE, 0);
	uint64_t cells[WIRE_NODE_REQUIRED] = { 0 };
	char name[16];
	struct wire_text text[] = { { name, 5 }, { "0.1", 3 } };

	snprintf(name, sizeof(name), "node%d", node);
	cells[WIRE_NODE_PERIOD_NS] = S / 10;
	t.columns = WIRE_NODE_REQUIRED;
	t.cells = cells;
	t.text = text;
	put_table(node, &t);
}

/* The load is 1 to 100, times the node's number. */
static void put_load(uint8_t node, uint64_t sample)
{
	struct wire_table t = table_at(WIRE_GAUGES, sample);
	uint64_t cells[WIRE_VALUE_COLUMNS] = { WIRE_LOAD_1MIN,
					       (sample + 1) * 100 * node };

	t.columns = WIRE_VALUE_COLUMNS;
	t.cells = cells;
	put_table(node, &t);
}

/* Interface I of node N receives 1000 * I * N bytes a second. */
static void put_nics(uint8_t node, uint64_t sample)
{
	static const struct wire_text names[WIRE_TEXTS_MAX * NICS] = {
		{ "eth0", 4 }, { "eth1", 4 }, { "lo", 2 }
	};
	struct wire_table t = table_at(WIRE_NET, sample);
	uint64_t cells[NICS][WIRE_NET_REQUIRED] = { 0 };
	uint64_t i;

	for (i = 0; i < NICS; i++) {
		cells[i][WIRE_NET_KEY] = i + 1;
		cells[i][WIRE_NET_RX_BYTES] = sample * 100 * (i + 1) * node;
	}
	t.columns = WIRE_NET_REQUIRED;
	t.rows = NICS;
	t.cells = cells[0];
	t.text = names;
	assert_int_equal(t.texts, 1);
	put_table(node, &t);
}

static void fill(void)
{
	static const struct store_policy all_kept = {
		.keep_ns = { INT64_MAX, INT64_MAX, INT64_MAX },
		.memory_max = 1 << 30,
	};
	uint64_t frames, sample;
	uint8_t node;

	assert_int_equal(writer_open(&w, place, &all_kept), 0);
	assert_int_equal(writer_recover(&w), 0);
	for (node = 1; node <= NODES; node++) {
		put_name(node);
		for (sample = 0; sample < SAMPLES; sample++) {
			put_load(node, sample);
			put_nics(node, sample);
		}
	}
	assert_int_equal(writer_write(&w, &queue, &frames), 0);
	w.policy.memory_max = 0;
	while (w.open.bytes || !w.next_ns)
		assert_true(writer_work(&w) >= 0);
	writer_close(&w);
}

static int setup(void **state)
{
	log_init("test", LOG_ERROR);
	if (!scratch_folder(folder))
		return -1;
	strcat(folder, "/history");
	choose_place(folder);
	fill();
	if (nodes_init(&nodes, 0))
		return -1;
	feed_init(&feed, &nodes, NULL);
	if (ingest_init(&ingest, &feed))
		return -1;
	api = (struct api){ .ingest = &ingest, .started = { 1, 1 } };
	return history_open(&api.history, place, NULL);
}

static void forget(void)
{
	json_decref(document);
	document = NULL;
	reply_release(&reply);
}

static int teardown(void **state)
{
	char command[128];

	forget();
	history_close(api.history);
	ingest_exit(&ingest);
	feed_exit(&feed);
	nodes_exit(&nodes);
	buffer_free(&queue);
	*strstr(folder, "/history") = '\0';
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static void ask_as(struct request request, unsigned int status)
{
	forget();
	request.path = "/api/v1/query";
	request.tags = "";
	api_get(&api, &request, &reply);
	assert_int_equal(reply.status, status);
	document = json_loadb(reply.data, reply.size, 0, NULL);
}

static void get(const char *query)
{
	ask_as((struct request){ .query = query }, 200);
	assert_non_null(document);
}

static size_t count_series(void)
{
	return json_array_size(json_object_get(document, "series"));
}

static const json_t *series(size_t index)
{
	const json_t *s =
		json_array_get(json_object_get(document, "series"), index);

	assert_non_null(s);
	return s;
}

static const char *text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	assert_non_null(text);
	return text;
}

static double value_of(size_t index, size_t step)
{
	const json_t *v =
		json_array_get(json_object_get(series(index), "values"), step);

	assert_non_null(v);
	return json_is_null(v) ? NAN : json_number_value(v);
}

/* What becomes of 1 to 100. */
static void over_time(void **state)
{
	static const double expected[] = { 50.5, 1, 100, 100, 5050, 50, 95, 99 };
	size_t i;

	get("metric=load_1min&node=node1&" RANGE
	    "&step=10s&aggregate=avg,min,max,last,sum,p50,p95,p99");
	assert_int_equal(count_series(), 8);
	for (i = 0; i < 8; i++)
		assert_near(value_of(i, 0), expected[i]);
	assert_string_equal(text_of(series(7), "aggregate"), "p99");
	assert_string_equal(text_of(series(0), "node"), "node1");
	get("metric=load_1min&node=node1&" RANGE "&step=1s&aggregate=rate");
	assert_true(isnan(value_of(0, 0)));
	assert_near(value_of(0, 1), 10);
	assert_near(value_of(0, 9), 10);
	get("metric=load_1min&node=node1&" RANGE "&step=10ms&aggregate=last");
	assert_near(value_of(0, 0), 1);
	assert_true(isnan(value_of(0, 1)));
	assert_near(value_of(0, 10), 2);
	/* A counter: growth a second, and in all. */
	get("metric=net.rx_bytes&row=eth1&node=node1&" RANGE
	    "&step=10s&aggregate=avg,rate,sum");
	assert_near(value_of(0, 0), 2000);
	assert_near(value_of(1, 0), 2000);
	assert_near(value_of(2, 0), 2000 * 9.9);
}

static void choose_rows(void **state)
{
	static const struct {
		const char *row;
		size_t rows;
	} wishes[] = {
		{ "row=eth*", 2 },	{ "row=eth0,lo", 2 },
		{ "row=2", 1 },		{ "row=name=*1", 1 },
		{ "row=device=lo", 1 }, { "row=eth*&row=name=*1", 1 },
		{ "row=x", 0 },		{ "row=name=eth0,name=lo", 2 },
		{ "row=*", 3 },
	};
	char query[200];
	size_t i;

	for (i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		snprintf(query, sizeof(query),
			 "metric=net.rx_bytes&node=node1&" RANGE "&%s",
			 wishes[i].row);
		get(query);
		assert_int_equal(count_series(), wishes[i].rows);
	}
}

static void together(void **state)
{
	get("metric=net.rx_bytes&by=node&step=10s&" RANGE);
	assert_int_equal(count_series(), NODES);
	assert_near(value_of(0, 0), 6000);
	assert_near(value_of(2, 0), 18000);
	assert_int_equal(json_integer_value(json_object_get(series(2), "of")),
			 3);
	get("metric=net.rx_bytes&by=name&step=10s&" RANGE);
	assert_int_equal(count_series(), NICS);
	assert_string_equal(text_of(series(1), "group"), "eth1");
	assert_near(value_of(1, 0), 12000);
	assert_true(json_is_null(json_object_get(series(1), "node")));
	get("metric=load_1min&by=label.rack&step=10s&aggregate=last&" RANGE);
	assert_int_equal(count_series(),
			 1); /* nodes of the history have none */
	assert_string_equal(text_of(series(0), "group"), "");
	get("metric=load_1min&by=all&step=10s&aggregate=last&" RANGE);
	assert_near(value_of(0, 0), 200); /* nothing adds loads up */
	get("metric=load_1min&by=all&combine=p50&step=10s&aggregate=last&" RANGE);
	assert_near(value_of(0, 0), 200);
	get("metric=load_1min&by=all&combine=min&step=10s&aggregate=last&" RANGE);
	assert_near(value_of(0, 0), 100);
	get("metric=net.rx_bytes&by=all&combine=count&step=10s&" RANGE);
	assert_near(value_of(0, 0), NODES * NICS);
	get("metric=net.rx_bytes&by=all&combine=max&step=10s&" RANGE);
	assert_near(value_of(0, 0), 9000);
}

static void largest(void **state)
{
	get("metric=net.rx_bytes&top=2&step=10s&" RANGE);
	assert_int_equal(count_series(), 2);
	assert_near(value_of(0, 0), 9000);
	assert_near(value_of(1, 0), 6000);
	assert_string_equal(text_of(series(0), "row"), "lo");
	get("metric=load_1min,net.rx_bytes&top=1&order=smallest&rank=max&by=node&" RANGE);
	assert_int_equal(count_series(), 2);
	assert_string_equal(text_of(series(1), "node"), "node1");
}

static void pages(void **state)
{
	char query[600] = "", *next;
	size_t all = 0, count = 0;

	do {
		get(query[0] ? query :
			       "metric=net.rx_bytes,load_1min&limit=2&" RANGE);
		all += count_series();
		assert_true(count_series() <= 2);
		next = (char *)json_string_value(
			json_object_get(document, "next"));
		if (next)
			snprintf(
				query, sizeof(query),
				"metric=net.rx_bytes,load_1min&limit=2&page=%s",
				next);
		assert_string_equal(text_of(document, "cursor"),
				    "1440000009000000000");
	} while (next && ++count < 20);
	assert_int_equal(all, NODES * NICS + NODES);
	/* The page's node is gone, and was the last one: on to the next metric. */
	get("metric=net.rx_bytes,load_1min&limit=2&page=0.ffffffff-ffff-ffff-ffff-ffffffffffff.1.0.1440000000000000000.1440000010000000000.1000000000");
	assert_non_null(next = (char *)text_of(document, "next"));
	assert_int_equal(next[0], '1');
	get("metric=net.rx_bytes&limit=2&page=0.ffffffff-ffff-ffff-ffff-ffffffffffff.1.0.1440000000000000000.1440000010000000000.1000000000");
	assert_true(json_is_null(json_object_get(document, "next")));
	/* A stream asks for the rest itself. */
	ask_as(
		(struct request){
			.query =
				"metric=net.rx_bytes&limit=2&format=csv&" RANGE },
		200);
	assert_string_equal(reply.type, "text/csv; charset=utf-8");
	assert_true(reply.next[0]);
	assert_memory_equal(reply.data, "time_ns,node,", 13);
	strcpy(query, reply.next);
	ask_as(
		(struct request){
			.query =
				"metric=net.rx_bytes&limit=2&format=csv&" RANGE,
			.page = query },
		200);
	assert_memory_equal(reply.data, "1440000000000000000,node1,", 26);
}

static void post(const char *body, unsigned int status)
{
	ask_as((struct request){ .query = "",
				 .body = body,
				 .body_size = strlen(body) },
	       status);
}

static void by_body(void **state)
{
	static const struct {
		const char *body;
		const char *says;
	} wrong[] = {
		{ "{\"metric\": \"load_1min\", \"step\": \"1s\", \"from\": \"2015-08-18T16:00:00Z\", \"to\": 1440000010}",
		  "step" },
		{ "{\"metric\": 1.5}", "metric" },
		{ "{\"metric\": [[\"load_1min\"]]}", "metric" },
		{ "{\"top\": 1, \"top\": 2}", "top" },
		{ "{\"top\": [1, 2]}", "twice" },
		{ "{\"colour\": \"red\"}", "colour" },
		{ "[\"metric\"]", "object" },
		{ "{", "object" },
	};
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		post(wrong[i].body, 400);
		assert_non_null(
			strstr(text_of(document, "error"), wrong[i].says));
	}
	ask_as((struct request){ .query = "top=1",
				 .body = "{}",
				 .body_size = 2 },
	       400);
	post("{\"metric\": [\"load_1min\", \"net.rx_bytes\"], \"from\": 1440000000, \"to\": 1440000010, \"top\": 1}",
	     200);
	assert_int_equal(count_series(), 2);
	assert_string_equal(text_of(series(0), "node"), "node3");
}

static void refusals(void **state)
{
	static const struct {
		const char *query;
		const char *says;
		unsigned int status;
	} wrong[] = {
		{ "", "metric", 400 },
		{ "metric=nonsense", "nonsense", 400 },
		{ "metric=*", "128", 400 },
		{ "metric=cpus", "metric", 400 },
		{ "metric=load_1min&aggregate=p42", "aggregate", 400 },
		{ "metric=load_1min&aggregate=avg,avg", "twice", 400 },
		{ "metric=memory.used&aggregate=sum", "aggregate", 400 },
		{ "metric=load_1min&combine=max", "combine", 400 },
		{ "metric=load_1min&by=label.", "by", 400 },
		{ "metric=load_1min&by=rows", "by", 400 },
		{ "metric=load_1min&label=rack", "label", 400 },
		{ "metric=load_1min&label=rack=r1", "no node", 404 },
		{ "metric=load_1min&rank=max", "rank", 400 },
		{ "metric=load_1min&order=smallest", "order", 400 },
		{ "metric=load_1min&row=colour=red", "row", 400 },
		{ "metric=load_1min&since=1&from=2", "since", 400 },
		{ "metric=load_1min&page=1.2.3", "page", 400 },
		{ "metric=load_1min&from=5000&to=4000", "from", 400 },
		{ "metric=load_1min&step=1ms", "step", 400 },
		{ "metric=load_1min&top=1000&from=1&to=1000&step=1s", "top",
		  400 },
		{ "metric=load_1min&node=nobody", "no node", 404 },
		{ "metric=load_1min&node=node1&nonsense=1", "nonsense", 400 },
		{ "metric=load_1min&top=1&top=1", "twice", 400 },
	};
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ask_as((struct request){ .query = wrong[i].query },
		       wrong[i].status);
		assert_non_null(
			strstr(text_of(document, "error"), wrong[i].says));
	}
}

static void moments(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = {
		{ "2015-08-19T16:00:00Z", 1440000000 * S },
		{ "2015-08-19T16:00", 1440000000 * S },
		{ "2015-08-19 18:00:00+02:00", 1440000000 * S },
		{ "2015-08-19T18:00:00 02:00", 1440000000 * S },
		{ "2015-08-19T08:30:00-0730", 1440000000 * S },
		{ "2015-08-19T16:00:00.25Z", 1440000000 * S + S / 4 },
		{ "2015-08-19T16:00:00.1234567891Z",
		  1440000000 * S + 123456789 },
		{ "2015-08-19", 1439942400 * S },
		{ "1970-01-01T01:00:00+01:00", 0 },
	};
	static const char *const bad[] = {
		"2015-02-30",
		"2015-13-01",
		"2015-08-19T24:00",
		"2015-08-19T16",
		"2015-08-19T16:00:",
		"2015-08-19T16:00:00.",
		"2015-08-19T16:00ZZ",
		"1970-01-01T00:00+01",
		"2015-8-19",
		"9999-12-31",
		"2015-08-19T16:00+1:00",
		"-",
		"",
	};
	uint64_t ns;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(moment_parse(good[i].text, S, &ns), 0);
		assert_true(ns == good[i].ns);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_not_equal(moment_parse(bad[i], S, &ns), 0);
}

static void names(void **state)
{
	assert_true(names_match("web*,db1", "web7"));
	assert_true(names_match("web*,db1", "db1"));
	assert_false(names_match("web*,db1", "db10"));
	assert_true(names_match("*b*r*", "abracadabra"));
	assert_true(names_match("a*a*a", "aaa"));
	assert_false(names_match("a*a*a", "aa"));
	assert_true(names_match("*", ""));
	assert_false(names_match("", ""));
	assert_true(names_match("w[0]*", "w[0]x"));
	assert_false(names_match("a*,", ""));
}

struct told {
	uint64_t keys[8];
	size_t count;
};

static void tell(void *context, const struct history_series *s)
{
	struct told *t = context;

	t->keys[t->count++ % 8] = s->key;
}

/* What is too much goes from the last row on, however rows come. */
static void bounded(void **state)
{
	const uint64_t keys[] = { 5, 2, 9, 1 };
	struct history_query q = { .metric = book_find("process.cpu_share"),
				   .from_ns = THEN,
				   .to_ns = THEN + 10 * S,
				   .step_ns = S };
	struct block_head head = { .real_ns = THEN };
	uint64_t cells[64] = { 0 };
	size_t first[2] = { 0, 1 }, i;
	struct told told = { .count = 0 };
	struct block b = { .samples = 1,
			   .rows = 1,
			   .count = 1,
			   .full = true,
			   .heads = &head,
			   .first = first,
			   .cells = cells };
	struct answer a;

	assert_int_equal(answer_init(&a, &q, HISTORY_P95, 25), 0);
	assert_int_equal(a.rows_max, 2);
	for (i = 0; i < 4; i++) {
		b.keys = (uint64_t *)&keys[i];
		assert_int_equal(answer_add(&a, &b, 0), 0);
	}
	assert_int_equal(answer_tell(&a, tell, &told), 2);
	assert_true(a.more && told.keys[0] == 1 && told.keys[1] == 2);
	/* Row 2 alone has too many samples for both. */
	b.keys = (uint64_t *)&keys[1];
	for (i = 0; i < 24; i++)
		assert_int_equal(answer_add(&a, &b, 0), 0);
	assert_int_equal(a.count, 1);
	b.keys = (uint64_t *)&keys[3];
	for (i = 0; i < 24; i++)
		assert_int_equal(answer_add(&a, &b, 0), 0);
	assert_int_equal(answer_add(&a, &b, 0), -E2BIG);
	answer_exit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(over_time), cmocka_unit_test(choose_rows),
		cmocka_unit_test(together),  cmocka_unit_test(largest),
		cmocka_unit_test(pages),     cmocka_unit_test(by_body),
		cmocka_unit_test(refusals),  cmocka_unit_test(moments),
		cmocka_unit_test(names),     cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
