/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labels of a host, as its operator gives them: "rack=r1,role=db". */
#ifndef KTACH_LIB_BASE_HOST_LABELS_H
#define KTACH_LIB_BASE_HOST_LABELS_H

#include <stdbool.h>
#include <stddef.h>

enum labels_limits {
	LABELS_MAX = 32, /* of a host */
	LABEL_NAME_MAX = 63, /* bytes; a letter, then letters, digits and _ */
	LABEL_VALUE_MAX = 127, /* bytes, no comma or control character */
};

/* Bytes of the name, if a text of this size is one label, NAME=VALUE; else 0. */
size_t label_name(const char *text, size_t size);

/* Whether these are labels with commas between, each of another name, or "". */
bool labels_good(const char *labels);

#endif /* KTACH_LIB_BASE_HOST_LABELS_H */
