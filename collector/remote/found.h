/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Series that a query found, and what Prometheus is told of them. */
#ifndef KTACH_COLLECTOR_REMOTE_FOUND_H
#define KTACH_COLLECTOR_REMOTE_FOUND_H

#include <stddef.h>
#include <stdint.h>

#include "collector/base/buffer.h"
#include "collector/remote/labels.h"
#include "collector/remote/remote.pb-c.h"

enum found_limits {
	FOUND_SAMPLES_MAX = 1000000, /* of an answer */
	FOUND_SERIES_MAX = 50000,
};

struct found_sample {
	int64_t time_ms;
	double value;
};

/**
 * struct found_series - samples of one series, in the order of time
 * @labels: names and values in turn, each with a NUL behind it
 * @labels_size: bytes of it
 * @count: of @samples
 * @samples: of it
 */
struct found_series {
	char *labels;
	size_t labels_size;
	size_t count;
	struct found_sample *samples;
};

/**
 * struct found - of a query; all zeroes is nothing
 * @list: @count of them
 * @count: of @list
 * @room: for so many
 * @samples: of all, and of the queries before it
 */
struct found {
	struct found_series *list;
	size_t count;
	size_t room;
	size_t samples;
};

/* Add samples; those of the same labels come together later. Return 0, -ENOMEM, or -E2BIG:
 * that is more than an answer may have.
 */
int found_add(struct found *f, const struct remote_labels *l,
	      const struct found_sample *samples, size_t count);

/* In the order of their labels, each with all its samples. */
void found_settle(struct found *f);

/* Set a series' labels, which last as long as it does, REMOTE_LABELS_MAX at most. Return how
 * many there are.
 */
size_t found_labels(const struct found_series *s, Remote__Label *labels,
		    Remote__Label **list);

/* Append a QueryResult. Return 0 or -ENOMEM. */
int found_pack(const struct found *f, struct buffer *out);

void found_free(struct found *f);

#endif /* KTACH_COLLECTOR_REMOTE_FOUND_H */
