/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labels among a node's facts: texts NAME=VALUE, that its operator gave it. */
#ifndef KTACH_COLLECTOR_NODES_LABELS_H
#define KTACH_COLLECTOR_NODES_LABELS_H

#include "collector/nodes/facts.h"
#include "lib/base/host_labels.h"

/* The next one after @fact, or the first one after NULL; NULL: there is none. Those that
 * are none, or have a name for the second time, are passed over, and what is beyond
 * LABELS_MAX.
 */
const struct fact *labels_next(const struct facts *f, const struct fact *fact);

/* The value of one of these; its name has *@size bytes, and begins where the text does. */
const char *labels_value(const struct fact *fact, size_t *size);

/* The value of a name; NULL without. */
const char *labels_find(const struct facts *f, const char *name);

/* Whether a node has all of "NAME=GLOB,NAME=GLOB", with globs of stars. */
bool labels_match(const struct facts *f, const char *wishes);

/* Whether these are such wishes, and at most 16 of them. */
bool labels_are_wishes(const char *wishes);

#endif /* KTACH_COLLECTOR_NODES_LABELS_H */
