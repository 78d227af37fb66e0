// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "tables/parts.h"

enum {
	HERE = false,
	TREES = true,
	GAUGE = false,
	COUNTER = true,
};

/* clang-format off */
static const struct book_part parts[] = {
#define GROUP(n, SEEN, title) { .group = #n, .trees = SEEN, .name = title },
#define PART(series, TYPE, text) { .name = series, .counter = TYPE, .help = text },
#include "tables/parts.def"
};
/* clang-format on */

const struct book_part *book_part(size_t index)
{
	return index < sizeof(parts) / sizeof(parts[0]) ? &parts[index] : NULL;
}

const struct book_part *book_part_find(const char *name)
{
	const struct book_part *p;
	size_t i;

	for (i = 0; (p = book_part(i)); i++)
		if (!p->group && !strcmp(p->name, name))
			return p;
	return NULL;
}
