// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/query/asked_nodes.h"
#include "collector/query/query.h"
#include "collector/remote/read.h"
#include "collector/remote/request.h"
#include "collector/remote/search.h"
#include "collector/remote/stream.h"
#include "lib/base/clock.h"

#define MS UINT64_C(1000000)
#define AHEAD_NS (600 * 1000 * MS)
#define RANGE_MAX_NS (3660 * RANGE_STEP_MAX_NS)

static uint64_t ns_of(int64_t ms, uint64_t max_ns)
{
	if (ms <= 0)
		return 0;
	return (uint64_t)ms < max_ns / MS ? (uint64_t)ms * MS : max_ns;
}

/* The hints' range is the one of this selector; the query's is that of all of an expression. */
static bool find_range(struct search_range *range, const Remote__Query *q,
		       uint64_t now_ns)
{
	const Remote__ReadHints *h = q->hints;
	int64_t from_ms = q->start_timestamp_ms, to_ms = q->end_timestamp_ms;

	if (h && h->start_ms > from_ms)
		from_ms = h->start_ms;
	if (h && h->end_ms && h->end_ms < to_ms)
		to_ms = h->end_ms;
	range->to_ns = ns_of(to_ms, now_ns + AHEAD_NS) + MS;
	range->from_ns = ns_of(from_ms, now_ns + AHEAD_NS);
	if (range->from_ns + RANGE_MAX_NS < range->to_ns)
		range->from_ns = range->to_ns - RANGE_MAX_NS;
	return from_ms <= to_ms && to_ms >= 0;
}

static void find_hints(struct search_hints *hints, const Remote__Query *q)
{
	const Remote__ReadHints *h = q->hints;

	*hints = (struct search_hints){ .function = "" };
	if (!h)
		return;
	hints->given = true;
	hints->step_ns = ns_of(h->step_ms, RANGE_MAX_NS);
	hints->range_ns = ns_of(h->range_ms, RANGE_MAX_NS);
	hints->function = h->func;
}

static int find_matchers(struct matchers *m, const Remote__Query *q,
			 char *problem)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < q->n_matchers; i++)
		err = matchers_add(m, (enum matcher_type)q->matchers[i]->type,
				   q->matchers[i]->name, q->matchers[i]->value,
				   problem);
	return err;
}

/* @found: of the queries before this one it has only how many samples they had. */
static int answer_query(const struct search_source *source,
			const Remote__Query *q, uint64_t now_ns,
			struct found *found, char *problem)
{
	struct matchers m = { .count = 0 };
	struct search_range range;
	struct search_hints hints;
	int err = find_matchers(&m, q, problem);

	find_hints(&hints, q);
	if (!err && find_range(&range, q, now_ns)) {
		search_settle(&range, &hints);
		err = search_series(source, &m, &range, found);
	}
	matchers_free(&m);
	found_settle(found);
	return err;
}

static int answer_queries(const struct search_source *source,
			  const Remote__ReadRequest *request, uint64_t now_ns,
			  bool streamed, struct buffer *results, char *problem)
{
	size_t i, samples = 0;
	int err = 0;

	for (i = 0; !err && i < request->n_queries; i++) {
		struct found found = { .samples = samples };

		err = answer_query(source, request->queries[i], now_ns, &found,
				   problem);
		if (!err && streamed)
			err = remote_stream(&found, i, &results[0]);
		else if (!err)
			err = found_pack(&found, &results[i]);
		samples = found.samples;
		found_free(&found);
	}
	return err;
}

/* Takes over what is in @results. */
static struct text *write_answer(struct buffer *results, size_t count)
{
	Remote__ReadResponse response = REMOTE__READ_RESPONSE__INIT;
	ProtobufCBinaryData list[REMOTE_QUERIES_MAX];
	struct text *answer = NULL;
	uint8_t *plain;
	size_t i, size;

	for (i = 0; i < count; i++)
		list[i] = (ProtobufCBinaryData){ results[i].used,
						 results[i].data };
	response.n_results = count;
	response.results = list;
	size = remote__read_response__get_packed_size(&response);
	plain = malloc(size + 1);
	if (plain)
		remote__read_response__pack(&response, plain);
	for (i = 0; i < count; i++)
		buffer_free(&results[i]);
	if (plain)
		answer = remote_compress(plain, size);
	free(plain);
	return answer;
}

/* Its memory becomes a text's: only its head has to go before it. */
static struct text *take_stream(struct buffer *frames)
{
	struct text *t = realloc(frames->data, sizeof(*t) + frames->used);

	if (!t)
		return NULL;
	frames->data = NULL;
	memmove(t->data, t, frames->used);
	t->users = 1;
	t->size = frames->used;
	return t;
}

/* The first one that is known, as those who ask prefer it. */
static bool wants_stream(const Remote__ReadRequest *request)
{
	size_t i;

	for (i = 0; i < request->n_accepted_response_types; i++)
		switch (request->accepted_response_types[i]) {
		case REMOTE__READ_REQUEST__RESPONSE_TYPE__STREAMED_XOR_CHUNKS:
			return true;
		case REMOTE__READ_REQUEST__RESPONSE_TYPE__SAMPLES:
			return false;
		default:
			break;
		}
	return false;
}

static void tell_problem(char *problem, int err)
{
	static const struct {
		int err;
		const char *why;
	} reasons[] = {
		{ -ETIME,
		  "this takes longer than 10 s, or a pattern too many steps; a shorter time, a longer step, fewer series or a simpler pattern are expected" },
		{ -E2BIG,
		  "these are more than 1000000 samples, 50000 series or 64 matchers; a shorter time, a longer step or fewer series are expected" },
		{ -EIO,
		  "the history cannot be read; the collector's log says why" },
	};
	size_t i;

	for (i = 0; !*problem && i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].err == err)
			snprintf(problem, REMOTE_PROBLEM_SIZE, "%s",
				 reasons[i].why);
}

static int answer_request(const struct remote_read *r,
			  const Remote__ReadRequest *request,
			  struct remote_answer *answer, char *problem)
{
	struct buffer results[REMOTE_QUERIES_MAX] = { { 0 } };
	struct asked_nodes nodes;
	struct search_source source = { .history = r->history,
					.visit = r->visit,
					.nodes = &nodes,
					.job = r->job,
					.until_ns = clock_mono_ns() +
						    QUERY_PAGE_NS };
	size_t i;
	int err = asked_nodes_find(&nodes, r->visit, r->history, "*", "", "");

	answer->streamed = wants_stream(request);

	if (!err) {
		err = answer_queries(&source, request, r->now_ns,
				     answer->streamed, results, problem);
		asked_nodes_free(&nodes);
	}
	if (!err) {
		answer->text =
			answer->streamed ?
				take_stream(&results[0]) :
				write_answer(results, request->n_queries);
		err = answer->text ? 0 : -ENOMEM;
	}
	for (i = 0; i < REMOTE_QUERIES_MAX; i++)
		buffer_free(&results[i]);
	return err;
}

int remote_read(const struct remote_read *r, struct remote_answer *answer,
		char *problem)
{
	Remote__ReadRequest *request;
	int err = -EINVAL;

	*problem = '\0';
	request = remote_request_read(r->body, r->size);
	if (!request)
		snprintf(
			problem, REMOTE_PROBLEM_SIZE,
			"a ReadRequest of Prometheus' remote read, of at most %d bytes, compressed by snappy, is expected",
			REQUEST_BODY_MAX);
	else if (request->n_queries > REMOTE_QUERIES_MAX)
		snprintf(problem, REMOTE_PROBLEM_SIZE,
			 "at most %d queries are expected", REMOTE_QUERIES_MAX);
	else
		err = answer_request(r, request, answer, problem);
	if (err)
		tell_problem(problem, err);
	if (request)
		remote__read_request__free_unpacked(request, NULL);
	return err;
}
