/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and labels of series in Prometheus' text format: 'name{a="x",b="y"}'. */
#ifndef KTACH_LIB_BASE_LABELS_H
#define KTACH_LIB_BASE_LABELS_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct label - of a series
 * @name: its name
 * @name_size: bytes
 * @value: as it is written, with backslashes
 * @value_size: bytes
 */
struct label {
	const char *name;
	size_t name_size;
	const char *value;
	size_t value_size;
};

/* Bytes of the name that begins there: letters, digits, '_' and, of a series, ':'; none at
 * its beginning is a digit.
 */
size_t label_name_size(const char *at, bool of_series);

/* Take the label that begins there, and the comma behind it. False if it is none. */
bool label_take(const char **at, struct label *l);

bool label_is(const struct label *l, const char *name);

/* Prometheus' own, as __name__. */
bool label_is_reserved(const struct label *l);

/* Whether a text is labels with commas between them, each of another name and none
 * reserved, or empty.
 */
bool labels_sane(const char *text);

/* Whether one of a text's is of that name. */
bool labels_have(const char *text, const char *name);

#endif /* KTACH_LIB_BASE_LABELS_H */
