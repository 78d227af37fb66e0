// SPDX-License-Identifier: GPL-2.0-or-later
/* Series of one's own: texts in Prometheus' format, statsd's lines, and the collector. */
#include <math.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/own/own_text.h"
#include "host/own/statsd.h"
#include "host/own/statsd_line.h"
#include "lib/base/log.h"
#include "tests/unit/host_table.h"

#define S UINT64_C(1000000000)

static struct own_rows rows;
static struct statsd statsd;
static struct host_table table;

static int setup(void **test)
{
	rows = (struct own_rows){ .rows.kind = WIRE_OWN, .most = 100 };
	statsd = (struct statsd){ .most = 100 };
	return 0;
}

static int teardown(void **test)
{
	rows_exit(&rows.rows);
	statsd_exit(&statsd);
	return 0;
}

/* Its value by the parts of its type; NaN: it is not there. */
static double value_of(const struct wire_table *t, const char *name,
		       const char *labels, bool *counter)
{
	static const double parts[] = { 0, 1, 1e6, 1, 1e3 };
	uint32_t i;

	for (i = 0; i < t->rows; i++) {
		const struct wire_text *text = &t->text[i * t->texts];
		const uint64_t *row = &t->cells[i * t->columns];

		if (text[0].size != strlen(name) ||
		    memcmp(text[0].data, name, text[0].size) ||
		    text[1].size != strlen(labels) ||
		    memcmp(text[1].data, labels, text[1].size))
			continue;
		*counter = row[WIRE_OWN_TYPE] >= WIRE_OWN_COUNTER;
		return (double)(int64_t)row[WIRE_OWN_VALUE] /
		       parts[row[WIRE_OWN_TYPE]];
	}
	return NAN;
}

static void holds(const char *name, const char *labels, double value,
		  bool counter)
{
	struct wire_table t = rows_table(&rows.rows);
	bool is_counter = !counter;
	double found = value_of(&t, name, labels, &is_counter);

	if (!(fabs(found - value) <= 1e-9 * fabs(value)))
		fail_msg("%s{%s}: %.12g, not %.12g", name, labels, found,
			 value);
	assert_int_equal(is_counter, counter);
}

static void texts(void **test)
{
	struct own_refused r = own_text(
		&rows,
		"# HELP jobs_total Jobs\n"
		"# TYPE jobs_total counter\n"
		"jobs_total{queue=\"a\"} 12.5\n"
		"jobs_total{ zone = \"x \\\"y\\\" \\\\\" , queue=\"b\", } 1e3\n"
		"\n"
		"  depth 0.25  \n"
		"# TYPE depth_max gauge\n"
		"depth_max -4.5\n"
		"size 2e13\n"
		"missing NaN\n"
		"far +Inf\n"
		"# TYPE t summary\n"
		"t{quantile=\"0.5\"} 3\n"
		"t_count 7\n"
		"t_sum 9\n"
		"# TYPE h histogram\n"
		"h_bucket{le=\"+Inf\"} 4\n");

	assert_int_equal(r.count, 0);
	assert_int_equal(rows.rows.count, 9);
	holds("jobs_total", "queue=\"a\"", 12.5, true);
	holds("jobs_total", "queue=\"b\",zone=\"x \\\"y\\\" \\\\\"", 1000,
	      true);
	holds("depth", "", 0.25, false);
	holds("depth_max", "", -4.5, false);
	holds("size", "", 2e13, false);
	holds("t", "quantile=\"0.5\"", 3, false);
	holds("t_count", "", 7, true);
	holds("t_sum", "", 9, true);
	holds("h_bucket", "le=\"+Inf\"", 4, true);
}

/* Each costs its own line alone, and the first one is told. */
static void lines_refused(void **test)
{
	static const char *const all[] = {
		"1a 1",
		"a",
		"a x",
		"a 1 1790000000",
		"a{b} 1",
		"a{b=\"x} 1",
		"a{b=\"x\" c=\"y\"} 1",
		"a{b=\"\\x\"} 1",
		"a{b=\"x\"",
		"a{1=\"x\"} 1",
		"a{b=\"1\",b=\"2\"} 1",
		"# TYPE",
		"# TYPE a",
		"-",
		"{} 1",
		"a\n",
	};
	struct own_refused r;
	char text[256];
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++) {
		rows_clear(&rows.rows);
		snprintf(text, sizeof(text), "good 1\n%s\nbetter 2\n", all[i]);
		r = own_text(&rows, text);
		if (r.count != 1 || r.line != 2 || !r.why)
			fail_msg("%s: %zu refused", all[i], r.count);
		assert_int_equal(rows.rows.count, 2);
	}
	rows_clear(&rows.rows);
	assert_int_equal(own_text(&rows, "a 1\nb 12").line, 2);
	assert_int_equal(rows.rows.count, 1);
	rows_clear(&rows.rows);
	r = own_text(&rows, "a 1\na 2\n# TYPE c counter\nc -1\n");
	assert_int_equal(r.count, 2);
	holds("a", "", 1, false);
}

static void more_than_there_may_be(void **test)
{
	rows.most = 2;
	assert_int_equal(own_text(&rows, "a 1\nb 1\nc 1\nd 1\n").count, 2);
	assert_int_equal(rows.rows.count, 2);
	assert_int_equal(rows.left_out, 2);
}

static void tell(const char *lines, uint64_t now_ns)
{
	statsd_take(&statsd, lines, strlen(lines), now_ns);
}

static void told(uint64_t now_ns)
{
	rows_clear(&rows.rows);
	statsd_tell(&statsd, &rows, now_ns);
}

static void counters_and_gauges(void **test)
{
	tell("web.hits:2|c\nweb.hits:1|c|@0.1\nweb.hits:3|c|#host:a,role\n"
	     "9lives-left:5|g\n9lives-left:-2|g\n9lives-left:+1|g\n",
	     S);
	told(2 * S);
	holds("web_hits", "", 12, true);
	holds("web_hits", "host=\"a\",role=\"\"", 3, true);
	holds("_9lives_left", "", 4, false);
	tell("web.hits:1|c\n9lives-left:7|g", 3 * S);
	told(4 * S);
	holds("web_hits", "", 13, true);
	holds("_9lives_left", "", 7, false);
	assert_int_equal(statsd.refused, 0);
	assert_int_equal(statsd.lines, 8);
}

static void timers_and_sets(void **test)
{
	char line[32];
	int i;

	for (i = 1; i <= 1000; i++) {
		snprintf(line, sizeof(line), "t:%d|ms|#a:b",
			 (i * 7) % 1000 + 1);
		tell(line, S);
		snprintf(line, sizeof(line), "u:user%d|s", i % 17);
		tell(line, S);
	}
	told(2 * S);
	holds("t", "a=\"b\",quantile=\"0.5\"", 500, false);
	holds("t", "a=\"b\",quantile=\"0.99\"", 990, false);
	holds("t", "a=\"b\",quantile=\"1\"", 1000, false);
	holds("t_count", "a=\"b\"", 1000, true);
	holds("t_sum", "a=\"b\"", 500500, true);
	holds("u", "", 17, false);
	/* Nothing was told since: no quantiles, nobody, and the same counts. */
	told(3 * S);
	assert_int_equal(rows.rows.count, 3);
	holds("t_count", "a=\"b\"", 1000, true);
	holds("u", "", 0, false);
}

/* Of more values than are kept, a fair choice: 0 to 99999, in order. */
static void many_values(void **test)
{
	struct wire_table t;
	char line[32];
	bool counter;
	double middle;
	int i;

	for (i = 0; i < 100000; i++) {
		snprintf(line, sizeof(line), "t:%d|ms", i);
		tell(line, S);
	}
	told(2 * S);
	t = rows_table(&rows.rows);
	middle = value_of(&t, "t", "quantile=\"0.5\"", &counter);
	assert_true(middle > 40000 && middle < 60000);
	holds("t_count", "", 100000, true);
}

static void statsd_refuses(void **test)
{
	static const char *const all[] = {
		"a",	 "a:1",	      ":1|c",		"a:|c",	    "a:x|c",
		"a:1|q", "a:-1|c",    "a:1|c|@0",	"a:1|c|@2", "a:nan|g",
		"a:|s",	 "a:1|c|#:x", "a:1|c|#x:1,x:2",
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		tell(all[i], S);
	tell("\n\nbad\x1b line\n", S);
	assert_int_equal(statsd.refused, i + 1);
	assert_int_equal(statsd.lines, i + 1);
	assert_non_null(statsd.why);
	assert_string_equal(statsd.line, "a");
	told(S);
	assert_int_equal(rows.rows.count, 0);
}

static void idle_ones_end(void **test)
{
	char line[32];
	int i;

	for (i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "c%d:1|c", i);
		tell(line, S);
	}
	tell("late:1|c", S);
	assert_int_equal(statsd.refused, 1);
	tell("c7:1|c\nc50:1|c", 2 * S);
	told(STATSD_IDLE_NS + S);
	assert_int_equal(rows.rows.count, 2);
	tell("c7:1|c\nc50:1|c\nlate:1|c", STATSD_IDLE_NS + S);
	told(STATSD_IDLE_NS + 2 * S);
	holds("c7", "", 3, true);
	holds("c50", "", 3, true);
	holds("late", "", 1, true);
}

/* Files and a socket of a collector that runs. */
static void whole(void **test)
{
	const struct host_collector *c = host_collector_find("own");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct host_tree tree;
	struct pollfd fd = { .events = POLLIN };
	int sender = socket(AF_UNIX, SOCK_DGRAM, 0);
	void *state;

	assert_int_equal(host_tree_begin(&tree), 0);
	assert_int_equal(host_tree_put(&tree, "b.prom", "two 2\nodd\n"), 0);
	assert_int_equal(host_tree_put(&tree, "a.prom", "one 1\n"), 0);
	assert_int_equal(host_tree_put(&tree, "c.txt", "three 3\n"), 0);
	snprintf(to.sun_path, sizeof(to.sun_path), "%.90s/sock", tree.dir);
	tree.options.own = 100;
	tree.options.own_folder = tree.dir;
	tree.options.own_socket = to.sun_path;
	assert_int_equal(c->open(&state, &tree.options), 0);
	assert_int_equal(sendto(sender, "x:1|c", 5, 0, (struct sockaddr *)&to,
				sizeof(to)),
			 5);
	fd.fd = c->fd(state);
	assert_int_equal(poll(&fd, 1, 60000), 1);
	assert_int_equal(c->changed(state, NULL), 0);
	assert_int_equal(host_table_read(&table, c, state), 0);
	/* Two files, their times, the error; lines, refused, x. */
	assert_int_equal(table.rows, 8);
	assert_non_null(host_table_named(&table, WIRE_OWN_NAME, "one"));
	assert_non_null(host_table_named(&table, WIRE_OWN_NAME, "two"));
	assert_int_equal(
		host_table_named(&table, WIRE_OWN_NAME,
				 "node_textfile_scrape_error")[WIRE_OWN_VALUE],
		1000000);
	assert_int_equal(host_table_named(&table, WIRE_OWN_NAME,
					  "x")[WIRE_OWN_VALUE],
			 1000);
	c->close(state);
	assert_int_equal(access(to.sun_path, F_OK), -1);
	close(sender);
	host_tree_remove(&tree);
}

/* Without anything that was asked for there is nothing. */
static void nothing_asked_for(void **test)
{
	const struct host_collector *c = host_collector_find("own");
	struct host_options options;
	void *state;

	host_options_preset(&options);
	table.puts = 0;
	assert_int_equal(c->open(&state, &options), 0);
	assert_int_equal(c->fd(state), -1);
	assert_int_equal(host_table_read(&table, c, state), 0);
	assert_int_equal(table.puts, 0);
	c->close(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(texts),
		TEST(lines_refused),
		TEST(more_than_there_may_be),
		TEST(counters_and_gauges),
		TEST(timers_and_sets),
		TEST(many_values),
		TEST(statsd_refuses),
		TEST(idle_ones_end),
		TEST(whole),
		TEST(nothing_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
