/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The labels of one series, as /metrics gives them. */
#ifndef KTACH_COLLECTOR_REMOTE_LABELS_H
#define KTACH_COLLECTOR_REMOTE_LABELS_H

#include <stdbool.h>
#include <stddef.h>

enum remote_labels_limits {
	REMOTE_LABELS_MAX = 64,
	REMOTE_LABELS_TEXT = 8192,
};

struct remote_label {
	const char *name;
	const char *value;
};

/**
 * struct remote_labels - of a series; all zeroes has none
 * @list: @count of them, in the order of their names once they are settled
 * @count: of @list
 * @text: what they point to
 * @used: bytes of @text
 * @full: there were more than fit
 */
struct remote_labels {
	struct remote_label list[REMOTE_LABELS_MAX];
	size_t count;
	char text[REMOTE_LABELS_TEXT];
	size_t used;
	bool full;
};

void remote_labels_clear(struct remote_labels *l);

/* An empty value is no label. */
void remote_labels_add(struct remote_labels *l, const char *name,
		       const char *value);

/* Those of a text such as 'a="x",b="y"', up to @size bytes. One that says whose series it
 * is keeps its value by another name, as /metrics has it.
 */
void remote_labels_add_text(struct remote_labels *l, const char *text,
			    size_t size);

/* Put them in order. */
void remote_labels_settle(struct remote_labels *l);

/* "" without. */
const char *remote_labels_find(const struct remote_labels *l, const char *name);

#endif /* KTACH_COLLECTOR_REMOTE_LABELS_H */
