// SPDX-License-Identifier: GPL-2.0-or-later
/* What the API answers of a few nodes, from memory: statuses, and values in their places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "collector/api/api.h"
#include "collector/feed/ingest.h"
#include "collector/figures/figure.h"
#include "collector/http/live.h"
#include "collector/login/login.h"
#include "collector/query/asked_nodes.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "tests/unit/near.h"

#define S UINT64_C(1000000000)

enum {
	CPUS = 2,
};

static struct nodes nodes;
static struct feed feed;
static struct ingest ingest;
static struct api api;
static struct reply reply;
static json_t *document;
static uint64_t now_ns;

/* A frame with a node's name and two samples of its CPUs, a second apart, in which
 * CPU 0 was busy for @busy % and CPU 1 half as long.
 */
static void send_samples(char id, const char *name, unsigned int busy)
{
	static uint8_t data[WIRE_FRAME_MAX];
	static struct wire_encoder e;
	uint64_t node[WIRE_NODE_REQUIRED] = { 0 },
		 cells[CPUS][WIRE_CPU_REQUIRED];
	struct wire_text text[] = { { name, strlen(name) }, { "0.1", 3 } };
	struct wire_sender sender = { .session = 1 };
	struct wire_table t = { .kind = WIRE_NODE,
				.schema = 1,
				.origin = WIRE_ORIGIN_SHIPPER,
				.real_ns = now_ns,
				.mono_ns = 10 * S,
				.columns = WIRE_NODE_REQUIRED,
				.rows = 1,
				.cells = node,
				.texts = 2,
				.text = text };
	uint64_t second, cpu;

	memset(sender.node, id, sizeof(sender.node));
	node[WIRE_NODE_PERIOD_NS] = S;
	wire_begin(&e, data, sizeof(data), now_ns);
	assert_int_equal(wire_put(&e, &t, 0), 1);
	t.kind = WIRE_CPU;
	t.origin = WIRE_ORIGIN_PROC;
	t.columns = WIRE_CPU_REQUIRED;
	t.rows = CPUS;
	t.cells = cells[0];
	t.texts = 0;
	for (second = 0; second < 2; second++) {
		memset(cells, 0, sizeof(cells));
		for (cpu = 0; cpu < CPUS; cpu++) {
			uint64_t *row = cells[cpu];
			uint64_t ns = second * busy * (S / 100) / (cpu + 1);

			row[WIRE_CPU_KEY] = cpu;
			row[WIRE_CPU_FLAGS] = 3;
			row[WIRE_CPU_USER_NS] = ns;
			row[WIRE_CPU_IDLE_NS] = second * S - ns;
		}
		t.real_ns = now_ns - S + second * S;
		t.mono_ns = 9 * S + second * S;
		assert_int_equal(wire_put(&e, &t, 0), CPUS);
	}
	ingest_frame(&ingest, data, wire_finish(&e, &sender, 1),
		     &(struct peer){ .text = "there" });
}

static int setup(void **state)
{
	log_init("test", LOG_ERROR);
	now_ns = clock_real_ns();
	if (nodes_init(&nodes, 0))
		return -1;
	feed_init(&feed, &nodes, NULL);
	if (ingest_init(&ingest, &feed))
		return -1;
	api = (struct api){ .ingest = &ingest,
			    .started = { now_ns, clock_mono_ns() } };
	send_samples('a', "alpha", 50);
	send_samples('b', "beta", 90);
	send_samples('c', "twin", 10);
	send_samples('d', "twin", 20);
	return 0;
}

static void forget(void)
{
	json_decref(document);
	document = NULL;
	reply_release(&reply);
}

static int teardown(void **state)
{
	forget();
	ingest_exit(&ingest);
	feed_exit(&feed);
	nodes_exit(&nodes);
	return 0;
}

static const json_t *ask_as(const struct request *request, unsigned int status)
{
	forget();
	reply = (struct reply){ 0 };
	api_get(&api, request, &reply);
	assert_int_equal(reply.status, status);
	document = json_loadb(reply.data, reply.size, 0, NULL);
	return document;
}

static const json_t *get(const char *path, const char *query,
			 unsigned int status)
{
	const struct request request = { .path = path,
					 .query = query,
					 .tags = "" };

	ask_as(&request, status);
	assert_non_null(document);
	return document;
}

static const char *text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	assert_non_null(text);
	return text;
}

static double number_of(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	assert_true(json_is_number(v));
	return json_number_value(v);
}

static void assert_refused(const char *path, const char *query,
			   unsigned int status, const char *says)
{
	assert_non_null(
		strstr(text_of(get(path, query, status), "error"), says));
}

static void nodes_by_name(void **state)
{
	const json_t *all, *one;

	all = json_object_get(get("/api/v1/nodes", "", 200), "nodes");
	assert_int_equal(json_array_size(all), 4);
	assert_int_equal(json_array_size(json_object_get(
				 get("/api/v1/nodes/", "", 200), "nodes")),
			 4);
	one = get("/api/v1/nodes/beta", "", 200);
	assert_string_equal(text_of(one, "name"), "beta");
	assert_string_equal(text_of(one, "id"),
			    "62626262-6262-6262-6262-626262626262");
	one = get("/api/v1/nodes/61616161-6161-6161-6161-616161616161", "",
		  200);
	assert_string_equal(text_of(one, "name"), "alpha");
	assert_refused("/api/v1/nodes/gamma", "", 404, "no node of this name");
	assert_refused("/api/v1/nodes/twin", "", 409, "several nodes");
	assert_int_equal(json_array_size(json_object_get(document, "ids")), 2);
	assert_refused("/api/v1/nodes/beta", "x=1", 400, "x");
	assert_refused("/api/v1/nodes/beta/x", "", 404, "nothing is here");
}

static void snapshots(void **state)
{
	char query[200], cursor[100];
	const json_t *all, *one;

	get("/api/v1/snapshot", "metric=cpu.*&fields=cpu&node=*a", 200);
	all = json_object_get(document, "nodes");
	assert_int_equal(json_array_size(all), 2);
	one = json_array_get(all, 0);
	assert_string_equal(text_of(one, "name"), "alpha");
	assert_near(number_of(json_object_get(one, "metrics"), "cpu.busy"),
		    0.375);
	assert_non_null(json_object_get(one, "cpu"));
	assert_null(json_object_get(one, "softirq"));
	assert_true(json_is_true(json_object_get(document, "whole")));
	snprintf(cursor, sizeof(cursor), "%s", text_of(document, "cursor"));
	snprintf(query, sizeof(query), "since=%s", cursor);
	all = json_object_get(get("/api/v1/snapshot", query, 200), "nodes");
	assert_int_equal(json_array_size(all), 0);
	assert_true(json_is_false(json_object_get(document, "whole")));
	nodes_lock(&nodes, nodes.list[1]->id);
	node_changed(&nodes, nodes.list[1]);
	nodes_unlock(&nodes, nodes.list[1]->id);
	all = json_object_get(get("/api/v1/snapshot", query, 200), "nodes");
	assert_int_equal(json_array_size(all), 1);
	assert_string_equal(text_of(json_array_get(all, 0), "name"), "beta");
	/* Of another run: everything. */
	query[6] = query[6] == '1' ? '2' : '1';
	all = json_object_get(get("/api/v1/snapshot", query, 200), "nodes");
	assert_int_equal(json_array_size(all), 4);
	assert_refused("/api/v1/snapshot", "since=x", 400, "since");
	assert_refused("/api/v1/snapshot", "fields=colour", 400, "fields");
	assert_refused("/api/v1/snapshot", "metric=colour", 400, "metric");
	one = get("/api/v1/nodes/beta", "fields=loss", 200);
	assert_non_null(json_object_get(one, "loss"));
	assert_null(json_object_get(one, "cpu"));
	assert_refused("/api/v1/nodes/beta", "fields=x", 400, "fields");
}

/* A fact that says it, as its shipper sends it. */
static void label_node(size_t index, const char *label)
{
	const uint64_t key = WIRE_FACT_LABEL;
	const struct wire_text text = { label, strlen(label) };
	const struct wire_table t = { .kind = WIRE_FACTS,
				      .mono_ns = 1,
				      .columns = 1,
				      .rows = 1,
				      .texts = 1,
				      .cells = &key,
				      .text = &text };

	assert_int_equal(facts_take(&nodes.list[index]->facts, &t), 0);
}

static void by_label(void **state)
{
	static const char series[] =
		"ktach_node_labels{instance=\"beta\",node_id=\"62626262-6262-6262-6262-626262626262\",label_rack=\"r2\"} 1\n";
	struct asked_nodes asked;
	struct visit visit;
	const json_t *all;

	label_node(0, "rack=r1");
	label_node(1, "rack=r2");
	label_node(2, "role=db");
	all = json_object_get(get("/api/v1/snapshot", "label=rack=r*", 200),
			      "nodes");
	assert_int_equal(json_array_size(all), 2);
	assert_string_equal(
		text_of(json_object_get(json_array_get(all, 1), "labels"),
			"rack"),
		"r2");
	assert_refused("/api/v1/snapshot", "label=rack", 400, "label");
	ask_as(&(struct request){ .path = "/metrics",
				  .query = "name[]=ktach_node_labels",
				  .tags = "" },
	       200);
	assert_non_null(memmem(reply.data, reply.size, series, strlen(series)));
	assert_int_equal(visit_begin(&visit, &nodes), 0);
	assert_int_equal(
		asked_nodes_find(&asked, &visit, NULL, "*", "", "rack"), 0);
	assert_int_equal(asked.count, 4);
	assert_string_equal(asked.list[1].label, "r2");
	assert_null(asked.list[2].label);
	asked_nodes_free(&asked);
	assert_int_equal(
		asked_nodes_find(&asked, &visit, NULL, "*a", "rack=r2", ""), 0);
	assert_int_equal(asked.count, 1);
	assert_string_equal(asked.list[0].name, "beta");
	asked_nodes_free(&asked);
	visit_end(&visit);
}

/* A client of the page that asks for nodes by a glob. */
static void live_by_glob(void **state)
{
	static const char message[] =
		"{\"subscribe\": {\"nodes\": [\"al*\", \"*in\"]}}";
	struct api here = api;
	struct live_view view;
	struct visit visit;
	struct text *text;
	json_t *all;

	assert_null(live_view_parse(&view, message, sizeof(message) - 1));
	assert_int_equal(visit_begin(&visit, &nodes), 0);
	here.visit = &visit;
	text = live_changes(&here, &view, 0, true);
	visit_end(&visit);
	all = json_loadb(text->data, text->size, 0, NULL);
	text_put(text);
	assert_int_equal(json_array_size(json_object_get(all, "nodes")), 3);
	json_decref(all);
}

static void largest_and_smallest(void **state)
{
	const json_t *top, *first;

	get("/api/v1/topk", "", 200);
	assert_string_equal(text_of(document, "metric"), "cpu.busy");
	assert_string_equal(text_of(document, "over"), "nodes");
	assert_true(number_of(document, "of") == 4);
	top = json_object_get(document, "top");
	assert_int_equal(json_array_size(top), 4);
	first = json_array_get(top, 0);
	assert_string_equal(text_of(first, "name"), "beta");
	assert_near(number_of(first, "value"), 0.675);
	assert_null(json_object_get(first, "cpu"));

	get("/api/v1/topk", "over=cpus&k=3&order=smallest", 200);
	assert_true(number_of(document, "of") == 8);
	top = json_object_get(document, "top");
	assert_int_equal(json_array_size(top), 3);
	first = json_array_get(top, 0);
	assert_string_equal(text_of(first, "name"), "twin");
	assert_near(number_of(first, "value"), 0.05);
	assert_true(number_of(first, "cpu") == 1);
	assert_refused("/api/v1/topk", "metric=cpu.bizzy", 400,
		       "a live metric is expected");
	assert_refused("/api/v1/topk", "over=disks", 400,
		       "this metric has no such rows");
	assert_refused("/api/v1/topk", "k=0", 400, "k");
}

static void all_that_can_be_asked(void **state)
{
	const json_t *live, *history, *m;
	size_t i, found = 0;

	get("/api/v1/metrics", "", 200);
	live = json_object_get(document, "live");
	history = json_object_get(document, "history");
	assert_int_equal(json_array_size(live), figure_count());
	json_array_foreach(live, i, m)
	{
		if (strcmp(text_of(m, "name"), "cpu.busy"))
			continue;
		found++;
		assert_string_equal(text_of(m, "rows"), "cpus");
		assert_int_not_equal(strlen(text_of(m, "title")), 0);
		assert_int_not_equal(strlen(text_of(m, "help")), 0);
	}
	json_array_foreach(history, i, m)
	{
		bool counter = !strcmp(text_of(m, "name"), "cpu.user_ns");

		if (!counter && strcmp(text_of(m, "name"), "load_1min"))
			continue;
		found++;
		assert_int_equal(json_is_true(json_object_get(m, "counter")),
				 counter);
		assert_int_equal(json_is_true(json_object_get(m, "rows")),
				 counter);
	}
	assert_int_equal(found, 3);
}

static void what_is_lost_and_how_it_does(void **state)
{
	static uint8_t garbage[WIRE_HEADER_SIZE];
	unsigned int dropped = 0;
	const json_t *all;
	const char *reason;
	json_t *count;

	all = json_object_get(get("/api/v1/losses", "", 200), "nodes");
	assert_int_equal(json_array_size(all), 4);
	assert_non_null(json_object_get(json_array_get(all, 0), "loss"));
	assert_string_equal(text_of(json_array_get(all, 1), "name"), "beta");

	ingest_frame(&ingest, garbage, sizeof(garbage),
		     &(struct peer){ .text = "there" });
	get("/api/v1/health", "", 200);
	assert_string_equal(text_of(document, "status"), "ok");
	assert_true(number_of(document, "nodes") == 4);
	assert_true(number_of(document, "frames") == 5);
	assert_true(number_of(document, "memory_bytes") > 0);
	json_object_foreach(json_object_get(document, "dropped"), reason, count)
		dropped += (unsigned int)json_integer_value(count);
	assert_int_equal(dropped, 1);
	assert_true(json_is_null(json_object_get(document, "clock")));
	assert_true(number_of(get("/api/v1/version", "", 200), "wire") ==
		    WIRE_VERSION);
}

/* The clock of most nodes differs, so ours is wrong. */
static void a_wrong_clock_is_told(void **state)
{
	struct judge judge = { .verdict = JUDGE_WRONG, .offset_ns = 5 };
	const json_t *reasons, *clock;

	api.judge = &judge;
	get("/api/v1/health", "", 200);
	assert_string_equal(text_of(document, "status"), "degraded");
	reasons = json_object_get(document, "reasons");
	assert_int_equal(json_array_size(reasons), 1);
	assert_non_null(strstr(json_string_value(json_array_get(reasons, 0)),
			       "clock of this host is wrong"));
	clock = json_object_get(document, "clock");
	assert_string_equal(text_of(clock, "verdict"), judge_name(&judge));
	assert_true(number_of(clock, "nodes_offset_ns") == 5);
}

static void questions_of_the_history(void **state)
{
	static const struct {
		const char *query, *says;
	} wrong[] = {
		{ "node=beta&metric=no.such", "metric:" },
		{ "metric=cpu.user_ns", "node:" },
		{ "node=beta&metric=cpu.user_ns&from=-1h&to=-2h", "from:" },
		{ "node=beta&metric=cpu.user_ns&from=-1h&to=-1h", "from:" },
		{ "node=beta&metric=cpu.user_ns&from=-3661d", "3660 days" },
		{ "node=beta&metric=cpu.user_ns&from=-4h&step=1s",
		  "11000 points" },
		{ "node=beta&metric=cpu.user_ns&step=2d", "step" },
		{ "node=beta&metric=cpu.user_ns&aggregate=p42", "aggregate" },
	};
	static const char *const good[] = {
		"node=beta&metric=cpu.user_ns",
		"node=beta&metric=cpu.busy&from=-3660d",
		"node=beta&metric=cpu.busy&from=-3h&step=1s&key=1",
		"node=62626262-6262-6262-6262-626262626262&metric=load_1min"
		"&clock=collector&aggregate=max",
	};
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_refused("/api/v1/history", wrong[i].query, 400,
			       wrong[i].says);
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_refused("/api/v1/history", good[i], 503, "no history");
	assert_refused("/api/v1/history", "node=gamma&metric=cpu.user_ns", 404,
		       "no node");
	assert_refused("/api/v1/history", "node=twin&metric=cpu.user_ns", 409,
		       "several");
	assert_refused("/api/v1/losses/beta", "", 503, "no history");
	assert_refused("/api/v1/losses/gamma", "", 404, "no node");
	assert_refused("/api/v1/losses/beta", "step=1s", 400, "step");
}

/* The tag of an answer changes with what nodes sent, and spares its repetition. */
static void the_same_again(void **state)
{
	char tag[REPLY_TAG_SIZE];
	struct request again = { "/api/v1/cluster", "", tag };

	get("/api/v1/cluster", "", 200);
	strcpy(tag, reply.tag);
	assert_int_equal(tag[0], 'W');
	ask_as(&again, 304);
	send_samples('e', "epsilon", 5);
	ask_as(&again, 200);
	assert_string_not_equal(reply.tag, tag);
}

static void other_addresses(void **state)
{
	const struct login_claims claims = { .name = "ann",
					     .role = LOGIN_OPERATE,
					     .expires_s = 7 };
	struct request request = { "/api/v1/session", "", "" };

	ask_as(&request, 200);
	assert_true(json_is_false(json_object_get(document, "login")));
	assert_null(json_object_get(document, "name"));
	request.claims = &claims;
	ask_as(&request, 200);
	assert_true(json_is_true(json_object_get(document, "login")));
	assert_string_equal(text_of(document, "name"), "ann");
	assert_string_equal(text_of(document, "role"),
			    login_roles[LOGIN_OPERATE]);
	assert_true(number_of(document, "expires_s") == 7);
	assert_refused("/api/v1/live", "", 400, "WebSocket");
	assert_refused("/nowhere", "", 404, "nothing is here");
	request.path = "/";
	ask_as(&request, 200);
	assert_non_null(strstr(reply.type, "text/html"));
	request.path = "/metrics";
	ask_as(&request, 200);
	assert_non_null(memmem(reply.data, reply.size, "beta", 4));
	assert_true(api_takes_long("/metrics"));
	assert_true(api_takes_long("/api/v1/losses/beta"));
	assert_false(api_takes_long("/api/v1/nodes/beta"));
	assert_false(api_takes_long("/"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nodes_by_name, setup, teardown),
		cmocka_unit_test_setup_teardown(snapshots, setup, teardown),
		cmocka_unit_test_setup_teardown(live_by_glob, setup, teardown),
		cmocka_unit_test_setup_teardown(by_label, setup, teardown),
		cmocka_unit_test_setup_teardown(largest_and_smallest, setup,
						teardown),
		cmocka_unit_test_setup_teardown(all_that_can_be_asked, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_lost_and_how_it_does,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_clock_is_told, setup,
						teardown),
		cmocka_unit_test_setup_teardown(questions_of_the_history, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_same_again, setup,
						teardown),
		cmocka_unit_test_setup_teardown(other_addresses, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
