// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>
#include <string.h>

#include "collector/figures/own.h"
#include "lib/base/labels.h"
#include "tables/book.h"
#include "tables/parts.h"

/* Whether a series of the book is of that family, of which a counter has a suffix. */
static bool is_family(const char *series, const char *name)
{
	size_t n;

	series += *series == '=';
	n = strcspn(series, "{/");
	return n && !strncmp(series, name, n) &&
	       (!name[n] || !strcmp(name + n, "_total"));
}

/* Those of facts and of the collector itself are in no book. */
static bool is_ours(const char *name)
{
	static const char *const others[] = {
		"node_time_seconds", "node_boot_time_seconds",
		"node_uname_info",   "node_os_info",
		"node_network_info", NULL
	};
	const struct book_also *also;
	size_t i;

	if (!strncmp(name, "ktach_", 6))
		return strncmp(name, "ktach_statsd_", 13) != 0;
	for (i = 0; others[i]; i++)
		if (!strcmp(others[i], name))
			return true;
	if (book_part_find(name))
		return true;
	for (i = 0; i < BOOK_ENTRIES; i++)
		if (is_family(book[i].series, name))
			return true;
	for (i = 0; (also = book_also(i)); i++)
		if (is_family(also->series, name))
			return true;
	return false;
}

/* Labels that say whose series it is go out by another name. One that has that already
 * would have it twice, for which a scrape fails as a whole.
 */
static bool has_both(const char *labels)
{
	return (labels_have(labels, "instance") &&
		labels_have(labels, "exported_instance")) ||
	       (labels_have(labels, "node_id") &&
		labels_have(labels, "exported_node_id"));
}

bool own_series_fits(uint32_t kind, const char *name, const char *labels)
{
	size_t size = strlen(name);

	if (!size || size >= 120 || label_name_size(name, true) != size ||
	    !labels_sane(labels) || has_both(labels))
		return false;
	return kind == WIRE_PART ? book_part_find(name) != NULL :
				   !is_ours(name);
}
