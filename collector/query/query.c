// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "collector/query/query.h"

const char *const query_by_names[] = {
	[QUERY_BY_ROW] = "row",		 [QUERY_BY_NODE] = "node",
	[QUERY_BY_NAME] = "name",	 [QUERY_BY_ALL] = "all",
	[QUERY_BY_LABEL] = "label.NAME", [QUERY_BYS] = NULL
};
const char *const query_combine_names[] = {
	[QUERY_AUTO] = "auto",	 [QUERY_AVG] = "avg", [QUERY_SUM] = "sum",
	[QUERY_MIN] = "min",	 [QUERY_MAX] = "max", [QUERY_COUNT] = "count",
	[QUERY_P50] = "p50",	 [QUERY_P95] = "p95", [QUERY_P99] = "p99",
	[QUERY_COMBINES] = NULL,
};
const char *const query_form_names[] = {
	[QUERY_JSON] = "json", [QUERY_NDJSON] = "ndjson", [QUERY_CSV] = "csv", NULL
};

void query_place_write(const struct query *q, char text[QUERY_PAGE_SIZE])
{
	char id[NODE_ID_TEXT_SIZE];

	node_id_format(q->place.node, id);
	snprintf(text, QUERY_PAGE_SIZE,
		 "%zu.%s.%" PRIu64 ".%" PRIu64 ".%" PRIu64 ".%" PRIu64
		 ".%" PRIu64,
		 q->place.metric, id, q->place.key, q->oldest_ns,
		 q->range.from_ns, q->range.to_ns, q->range.step_ns);
}

bool query_place_read(const char *text, struct query *q)
{
	char id[NODE_ID_TEXT_SIZE], again[QUERY_PAGE_SIZE];

	if (sscanf(text,
		   "%zu.%36[0-9a-f-].%" SCNu64 ".%" SCNu64 ".%" SCNu64
		   ".%" SCNu64 ".%" SCNu64,
		   &q->place.metric, id, &q->place.key, &q->oldest_ns,
		   &q->range.from_ns, &q->range.to_ns,
		   &q->range.step_ns) != 7 ||
	    node_id_parse(id, q->place.node))
		return false;
	query_place_write(q, again);
	return !strcmp(text, again) && q->range.step_ns &&
	       q->range.to_ns <= INT64_MAX;
}
