// SPDX-License-Identifier: GPL-2.0-or-later
/* /metrics of one node: how many series it may have, and which only who asks gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/api/openmetrics.h"
#include "collector/api/series.h"
#include "tests/unit/nodes_table.h"

static struct text *metrics(bool interrupt)
{
	const struct openmetrics_wish wish = { .interrupt = interrupt,
					       .per_node = SERIES_OF_NODE };
	const struct node_time now = { .real_ns = 7 * S, .mono_ns = 3 * S };
	struct ingest_counts counts = { 0 };
	struct store_stats stats = { 0 };
	struct document w = { 0 };
	struct visit v;
	struct text *text;

	assert_int_equal(visit_begin(&v, &nodes), 0);
	openmetrics_write(&w, &v, &counts, &stats, NULL, NULL, NULL, &now,
			  &wish);
	visit_end(&v);
	text = document_done(&w);
	assert_non_null(text);
	return text;
}

/* Lines that begin so. */
static size_t lines(const struct text *text, const char *begin)
{
	const char *at = text->data, *end = at + text->size;
	size_t n = 0;

	for (; at; at = memchr(at, '\n', (size_t)(end - at))) {
		at += *at == '\n';
		if ((size_t)(end - at) < strlen(begin))
			break;
		n += !strncmp(at, begin, strlen(begin));
	}
	return n;
}

/* Series of a node. */
static size_t of_node(const struct text *text)
{
	const char *at = text->data, *end = at + text->size;
	const char label[] = "{instance=";
	size_t n = 0;

	while ((at = memmem(at, (size_t)(end - at), label, strlen(label)))) {
		at += strlen(label);
		n++;
	}
	return n;
}

/* The value of the first series of a family. */
static uint64_t told(const struct text *text, const char *family)
{
	const char *at = memmem(text->data, text->size, family, strlen(family));

	assert_non_null(at);
	at = memchr(at, '}', text->size - (size_t)(at - text->data));
	assert_non_null(at);
	return strtoull(at + 1, NULL, 10);
}

static void put_cores(uint32_t rows)
{
	uint64_t *cells = calloc(rows * WIRE_CORE_COLUMNS, sizeof(*cells));
	uint32_t i;

	for (i = 0; i < rows; i++)
		cells[i * WIRE_CORE_COLUMNS] = i;
	take(WIRE_CORE, S, WIRE_CORE_COLUMNS, rows, cells, 0, NULL);
	free(cells);
}

static void a_bounded_number(void **state)
{
	struct text *text;

	put_cores(6000); /* six series each */
	text = metrics(false);
	assert_in_range(told(text, "\nktach_node_series{"),
			SERIES_OF_NODE - SERIES_FIXED, SERIES_OF_NODE);
	assert_int_equal(told(text, "\nktach_node_series{"), of_node(text));
	assert_int_equal(told(text, "\nktach_node_series_left_out{"),
			 6 * 6000 + 1 - lines(text, "ktach_node_cpus{") -
				 lines(text,
				       "node_cpu_scaling_frequency_hertz{") -
				 lines(text, "node_softnet_"));
	assert_int_equal(lines(text, "node_softnet_processed_total{"), 6000);
	assert_in_range(lines(text, "node_softnet_times_squeezed_total{"), 1,
			5999);
	text_put(text);
}

static void all_of_a_small_one(void **state)
{
	struct text *text;

	put_cores(4);
	text = metrics(false);
	assert_int_equal(told(text, "\nktach_node_series_left_out{"), 0);
	assert_int_equal(lines(text, "node_softnet_times_squeezed_total{"), 4);
	text_put(text);
}

static void interrupts_for_who_asks(void **state)
{
	const uint64_t cells[] = { 9, 4711 };
	const struct wire_text name = { "eth0", 4 };
	struct text *text;

	take(WIRE_IRQ, S, WIRE_IRQ_COLUMNS, 1, cells, WIRE_IRQ_TEXTS, &name);
	text = metrics(false);
	assert_int_equal(lines(text, "node_interrupts"), 0);
	text_put(text);
	text = metrics(true);
	assert_int_equal(lines(text, "node_interrupts_total{"), 1);
	assert_int_equal(told(text, "\nnode_interrupts_total{"), 4711);
	text_put(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_bounded_number, setup,
						teardown),
		cmocka_unit_test_setup_teardown(all_of_a_small_one, setup,
						teardown),
		cmocka_unit_test_setup_teardown(interrupts_for_who_asks, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
