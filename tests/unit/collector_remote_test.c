// SPDX-License-Identifier: GPL-2.0-or-later
/* Prometheus' remote read: names and labels, what is told of which tier, limits. */
#include <math.h>
#include <setjmp.h>
#include <snappy-c.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/api/api.h"
#include "collector/history/write/writer.h"
#include "collector/remote/matchers.h"
#include "collector/remote/request.h"
#include "collector/remote/xor_chunk.h"
#include "lib/base/log.h"
#include "lib/wire/wire_schema.h"
#include "tests/unit/history_place.h"
#include "tests/unit/near.h"
#include "tests/unit/scratch.h"

#define S UINT64_C(1000000000)
/* 2015-08-19T16:00:00Z: begins an hour. */
#define THEN_S INT64_C(1440000000)

enum {
	SAMPLES = 360, /* 10 s apart: an hour */
	BACK = 180, /* from here on the interface is another one of that name */
	RATE = 500, /* bytes a second */
};

static char folder[64];
static struct writer w;
static struct buffer queue;
static struct nodes nodes;
static struct feed feed;
static struct ingest ingest;
static struct api api;
static struct reply reply;
static Remote__QueryResult *result;

static void put_table(const struct wire_table *t)
{
	static struct wire_encoder encoder;
	static uint8_t bytes[WIRE_FRAME_MAX];
	struct queued r = { .frame.time = t->real_ns, .frame.node = { 1 } };

	wire_begin(&encoder, bytes, sizeof(bytes), t->real_ns);
	assert_int_equal(wire_put(&encoder, t, 0), t->rows);
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
				    .real_ns = (uint64_t)THEN_S * S +
					       sample * 10 * S,
				    .mono_ns = S + sample * 10 * S,
				    .rows = 1,
				    .texts = wire_schema(kind)->texts };
}

static void put_name(void)
{
	static const struct wire_text text[] = { { "node1", 5 }, { "0.1", 3 } };
	struct wire_table t = table_at(WIRE_NODE, 0);
	uint64_t cells[WIRE_NODE_REQUIRED] = { 0 };

	cells[WIRE_NODE_PERIOD_NS] = 10 * S;
	t.columns = WIRE_NODE_REQUIRED;
	t.cells = cells;
	t.text = text;
	put_table(&t);
}

/* The load is 0.01 more at each sample. */
static void put_load(uint64_t sample)
{
	struct wire_table t = table_at(WIRE_GAUGES, sample);
	uint64_t cells[WIRE_VALUE_COLUMNS] = { WIRE_LOAD_1MIN, sample };

	t.columns = WIRE_VALUE_COLUMNS;
	t.cells = cells;
	put_table(&t);
}

static void put_nic(uint64_t sample)
{
	static const struct wire_text name[WIRE_TEXTS_MAX] = { { "eth0", 4 } };
	struct wire_table t = table_at(WIRE_NET, sample);
	uint64_t cells[WIRE_NET_REQUIRED] = { 0 };

	cells[WIRE_NET_KEY] = sample < BACK ? 2 : 7;
	cells[WIRE_NET_RX_BYTES] = sample * 10 * RATE;
	t.columns = WIRE_NET_REQUIRED;
	t.cells = cells;
	t.text = name;
	put_table(&t);
}

static void fill(void)
{
	static const struct store_policy all_kept = {
		.keep_ns = { INT64_MAX, INT64_MAX, INT64_MAX },
		.memory_max = 1 << 30,
	};
	uint64_t frames, sample;

	assert_int_equal(writer_open(&w, place, &all_kept), 0);
	assert_int_equal(writer_recover(&w), 0);
	put_name();
	for (sample = 0; sample < SAMPLES; sample++) {
		put_load(sample);
		put_nic(sample);
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
	if (result)
		remote__query_result__free_unpacked(result, NULL);
	result = NULL;
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

static void post(const void *body, size_t size, unsigned int status)
{
	const struct request request = { .path = "/api/v1/prometheus/read",
					 .query = "job=ktach",
					 .tags = "",
					 .gzip = true,
					 .body = body,
					 .body_size = size };

	forget();
	api_get(&api, &request, &reply);
	assert_int_equal(reply.status, status);
}

static void post_plain(const uint8_t *plain, size_t size, unsigned int status)
{
	struct text *t = remote_compress(plain, size);

	assert_non_null(t);
	post(t->data, t->size, status);
	text_put(t);
}

static void send_query(Remote__Query *q, size_t times, unsigned int status)
{
	Remote__ReadRequest request = REMOTE__READ_REQUEST__INIT;
	Remote__Query *list[32];
	uint8_t plain[65536];
	size_t i;

	for (i = 0; i < times; i++)
		list[i] = q;
	request.n_queries = times;
	request.queries = list;
	assert_true(remote__read_request__get_packed_size(&request) <=
		    sizeof(plain));
	post_plain(plain, remote__read_request__pack(&request, plain), status);
}

/* What came is a result for each query, of which the first one is kept. */
static void read_answer(void)
{
	Remote__ReadResponse *response;
	char plain[1 << 20];
	size_t size = sizeof(plain);

	assert_string_equal(reply.type, "application/x-protobuf");
	assert_string_equal(reply.encoding, "snappy");
	assert_int_equal(snappy_uncompress(reply.data, reply.size, plain,
					   &size),
			 SNAPPY_OK);
	response = remote__read_response__unpack(NULL, size, (uint8_t *)plain);
	assert_non_null(response);
	assert_int_equal(response->n_results, 1);
	result = remote__query_result__unpack(NULL, response->results[0].len,
					      response->results[0].data);
	assert_non_null(result);
	remote__read_response__free_unpacked(response, NULL);
}

/* From the second @from of that hour to @to, included. */
static void ask(const char *name, Remote__ReadHints *hints, int64_t from,
		int64_t to)
{
	Remote__LabelMatcher matcher = REMOTE__LABEL_MATCHER__INIT;
	Remote__LabelMatcher *list = &matcher;
	Remote__Query q = REMOTE__QUERY__INIT;

	matcher.type = REMOTE__LABEL_MATCHER__TYPE__RE;
	matcher.name = (char *)"__name__";
	matcher.value = (char *)name;
	q.start_timestamp_ms = (THEN_S + from) * 1000;
	q.end_timestamp_ms = (THEN_S + to) * 1000;
	q.n_matchers = 1;
	q.matchers = &list;
	q.hints = hints;
	send_query(&q, 1, 200);
	read_answer();
}

static const Remote__TimeSeries *only(void)
{
	assert_int_equal(result->n_timeseries, 1);
	return result->timeseries[0];
}

static void has_labels(const Remote__TimeSeries *s, const char *expected)
{
	char text[512] = "";
	size_t i;

	for (i = 0; i < s->n_labels; i++)
		sprintf(text + strlen(text), "%s%s=%s", i ? "," : "",
			s->labels[i]->name, s->labels[i]->value);
	assert_string_equal(text, expected);
}

static const Remote__Sample *sample(size_t index)
{
	assert_true(index < only()->n_samples);
	return only()->samples[index];
}

/* Both ends count; the answer's labels are in order, and what gzip may not touch. */
static void samples_as_they_are(void **state)
{
	size_t i;

	ask("node_load1", NULL, 100, 200);
	has_labels(
		only(),
		"__name__=node_load1,instance=node1,job=ktach,node_id=01000000-0000-0000-0000-000000000000");
	assert_int_equal(only()->n_samples, 11);
	for (i = 0; i < 11; i++) {
		assert_int_equal(sample(i)->timestamp,
				 (THEN_S + 100 + 10 * (int64_t)i) * 1000);
		assert_near(sample(i)->value, 0.1 + 0.01 * (double)i);
	}
}

/* A counter is its value, never its growth; that of a device that was away goes on. */
static void counters_over_two_rows(void **state)
{
	size_t i;

	ask("ktach_network_received_bytes_total", NULL, 0, 3600);
	has_labels(
		only(),
		"__name__=ktach_network_received_bytes_total,device=eth0,instance=node1,job=ktach,node_id=01000000-0000-0000-0000-000000000000");
	assert_int_equal(only()->n_samples, SAMPLES);
	for (i = 0; i < SAMPLES; i++) {
		assert_int_equal(sample(i)->timestamp,
				 (THEN_S + 10 * (int64_t)i) * 1000);
		assert_near(sample(i)->value, (double)(10 * RATE * i));
	}
}

/* A bucket's last value, at the bucket's end. */
static void buckets(int64_t step_s, const char *name, double each)
{
	Remote__ReadHints hints = REMOTE__READ_HINTS__INIT;
	size_t i;

	hints.step_ms = step_s * 1000;
	ask(name, &hints, 0, 3600);
	assert_int_equal(only()->n_samples, 3600 / step_s);
	for (i = 0; i < only()->n_samples; i++) {
		int64_t end_s = (int64_t)(i + 1) * step_s;

		assert_int_equal(sample(i)->timestamp,
				 (THEN_S + end_s) * 1000 - 1);
		assert_near(sample(i)->value, (double)(end_s / 10 - 1) * each);
	}
}

static void rollups_by_the_step(void **state)
{
	buckets(60, "node_load1", 0.01);
	buckets(300, "node_load1", 0.01);
	buckets(60, "ktach_network_received_bytes_total", 10 * RATE);
	buckets(300, "ktach_network_received_bytes_total", 10 * RATE);
}

/* Seldom evaluated, each is still within the 5 min that Prometheus looks back. */
static void no_gaps_at_long_steps(void **state)
{
	Remote__ReadHints hints = REMOTE__READ_HINTS__INIT;

	hints.step_ms = 3600 * 1000;
	ask("node_load1", &hints, 0, 3600);
	assert_int_equal(only()->n_samples, 12);
	hints.range_ms = 600 * 1000; /* rate(x[10m]) has some to look at */
	ask("node_load1", &hints, 0, 3600);
	assert_int_equal(only()->n_samples, 60);
	hints.range_ms = 80 * 1000;
	ask("node_load1", &hints, 0, 3600);
	assert_int_equal(only()->n_samples, SAMPLES);
}

/* What it is over time is known of rollups, too: not only their last values. */
static void functions_over_time(void **state)
{
	static const struct {
		const char *function;
		double first;
	} functions[] = { { "max_over_time", 0.29 },
			  { "min_over_time", 0 },
			  { "avg_over_time", 0.145 },
			  { "last_over_time", 0.29 } };
	Remote__ReadHints hints = REMOTE__READ_HINTS__INIT;
	size_t i;

	hints.step_ms = 300 * 1000;
	for (i = 0; i < 4; i++) {
		hints.func = (char *)functions[i].function;
		ask("node_load1", &hints, 0, 3600);
		assert_int_equal(only()->n_samples, 12);
		assert_within(sample(0)->value, functions[i].first, 0.006);
		assert_int_equal(sample(0)->timestamp,
				 (THEN_S + 300) * 1000 - 1);
	}
}

/* At one time: its last sample, not a rollup. */
static void one_moment(void **state)
{
	Remote__ReadHints hints = REMOTE__READ_HINTS__INIT;
	const Remote__Sample *last;

	hints.start_ms = (THEN_S + 1705) * 1000;
	hints.end_ms = (THEN_S + 2005) * 1000;
	ask("node_load1", &hints, 0, 3600);
	last = sample(only()->n_samples - 1);
	assert_int_equal(last->timestamp, (THEN_S + 2000) * 1000);
	assert_near(last->value, 2);
}

static void nothing_fits(void **state)
{
	ask("node_load", NULL, 0, 3600); /* the whole name, not its begin */
	assert_int_equal(result->n_timeseries, 0);
	ask("node_load1", NULL, 3700, 3800);
	assert_int_equal(result->n_timeseries, 0);
	ask("node_load1", NULL, 200, 100);
	assert_int_equal(result->n_timeseries, 0);
}

static void is_bytes(const struct buffer *b, const char *hex)
{
	char text[512] = "";
	size_t i;

	for (i = 0; i < b->used && i < 200; i++)
		sprintf(text + 2 * i, "%02x", b->data[i]);
	assert_string_equal(text, hex);
}

/* Worked out by hand, of the format's description. */
static void chunks(void **state)
{
	const struct found_sample one[] = { { 1, 1.5 } };
	const struct found_sample alike[] = { { 0, 0 },
					      { 1000, 0 },
					      { 2000, 0 } };
	const struct found_sample other[] = { { 0, 0 }, { 1, 2 }, { 3, 2.5 } };
	struct buffer out = { 0 };

	assert_int_equal(xor_chunk_write(&out, one, 1), 0);
	is_bytes(&out, "0001"
		       "02"
		       "3ff8000000000000");
	/* 1000 is e8 07; then no other value: 0; as much later: 0; no other value: 0. */
	assert_int_equal(xor_chunk_write(&out, alike, 3), 0);
	is_bytes(&out, "0003"
		       "00"
		       "0000000000000000"
		       "e807"
		       "00");
	/* 2 is one bit, behind a zero: 11 00001 000001 1; one more than before: 10 and 14
	 * bits; 2.5 has a bit that lies elsewhere: 11 01101 000001 1.
	 */
	assert_int_equal(xor_chunk_write(&out, other, 3), 0);
	is_bytes(&out, "0003"
		       "00"
		       "0000000000000000"
		       "01"
		       "c20e00076830");
	buffer_free(&out);
}

static void says(const char *words)
{
	assert_non_null(memmem(reply.data, reply.size, words, strlen(words)));
}

static void refused(void **state)
{
	static const uint8_t bomb[] = { 0xff, 0xff, 0xff, 0xff, 0x0f, 0 };
	Remote__LabelMatcher matcher = REMOTE__LABEL_MATCHER__INIT;
	Remote__LabelMatcher *many[MATCHERS_MAX + 1];
	Remote__Query q = REMOTE__QUERY__INIT;
	static char long_pattern[MATCHERS_PATTERN_MAX + 2];
	size_t i;

	post("x", 1, 400);
	says("ReadRequest");
	post(bomb, sizeof(bomb), 400);
	says("262144");
	send_query(&q, 17, 400);
	says("at most 16 queries");
	for (i = 0; i < MATCHERS_MAX + 1; i++)
		many[i] = &matcher;
	matcher.name = (char *)"a";
	q.matchers = many;
	q.n_matchers = MATCHERS_MAX + 1;
	q.end_timestamp_ms = THEN_S * 1000;
	send_query(&q, 1, 400);
	says("at most 64 matchers");
	q.n_matchers = 1;
	matcher.type = REMOTE__LABEL_MATCHER__TYPE__RE;
	matcher.value = (char *)"(";
	send_query(&q, 1, 400);
	says("a: the pattern cannot be read");
	memset(long_pattern, 'a', sizeof(long_pattern) - 1);
	matcher.value = long_pattern;
	send_query(&q, 1, 400);
	says("at most 4096 bytes");
	matcher.type = (Remote__LabelMatcher__Type)7;
	matcher.value = (char *)"a";
	send_query(&q, 1, 400);
	says("of a known type");
	matcher.type = REMOTE__LABEL_MATCHER__TYPE__RE;
	matcher.name = (char *)"instance";
	matcher.value = (char *)"(([a-z0-9]*)*[a-z0-9]*)*"
				"(([a-z0-9]*)*[a-z0-9]*)*[xyz]";
	send_query(&q, 1, 400);
	says("a simpler pattern");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_as_they_are),
		cmocka_unit_test(counters_over_two_rows),
		cmocka_unit_test(rollups_by_the_step),
		cmocka_unit_test(no_gaps_at_long_steps),
		cmocka_unit_test(functions_over_time),
		cmocka_unit_test(one_moment),
		cmocka_unit_test(nothing_fits),
		cmocka_unit_test(chunks),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
