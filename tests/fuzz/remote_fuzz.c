// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a request of remote read, as one that was compressed, and as a pattern: what
 * is read is within limits, and no search goes on for ever.
 */
#include <snappy-c.h>
#include <stdlib.h>
#include <string.h>

#include "collector/remote/matchers.h"
#include "collector/remote/request.h"

static void look_at(const Remote__Query *q)
{
	static struct remote_labels labels;
	char problem[MATCHERS_PROBLEM_SIZE] = "";
	struct matchers m = { .count = 0 };
	size_t i;

	remote_labels_clear(&labels);
	for (i = 0; i < q->n_matchers; i++)
		remote_labels_add(&labels, q->matchers[i]->name,
				  q->matchers[i]->value);
	remote_labels_add(&labels, "instance", "node-00000");
	remote_labels_settle(&labels);
	for (i = 0; i < q->n_matchers; i++)
		if (matchers_add(&m, (enum matcher_type)q->matchers[i]->type,
				 q->matchers[i]->name, q->matchers[i]->value,
				 problem) &&
		    !*problem)
			abort();
	if (matchers_fit(&m, &labels) && m.exceeded)
		abort();
	if (m.count > MATCHERS_MAX || labels.count > REMOTE_LABELS_MAX)
		abort();
	matchers_free(&m);
}

static void take(const void *body, size_t size)
{
	Remote__ReadRequest *request = remote_request_read(body, size);
	size_t i;

	if (!request)
		return;
	for (i = 0; i < request->n_queries; i++)
		look_at(request->queries[i]);
	remote__read_request__free_unpacked(request, NULL);
}

static void take_compressed(const uint8_t *data, size_t size)
{
	struct text *t = remote_compress(data, size);

	if (!t)
		abort();
	take(t->data, t->size);
	free(t);
}

static void take_pattern(const uint8_t *data, size_t size)
{
	static struct remote_labels labels;
	char problem[MATCHERS_PROBLEM_SIZE];
	struct matchers m = { .count = 0 };
	char *pattern = malloc(size + 1);

	memcpy(pattern, data, size);
	pattern[size] = '\0';
	remote_labels_clear(&labels);
	remote_labels_add_text(&labels, pattern, size);
	remote_labels_add(&labels, "instance",
			  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
	remote_labels_settle(&labels);
	matchers_add(&m, MATCHER_FITS, "instance", pattern, problem);
	matchers_fit(&m, &labels);
	matchers_free(&m);
	free(pattern);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	take(data, size);
	take_compressed(data, size);
	take_pattern(data, size);
	return 0;
}
