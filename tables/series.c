// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tables/series.h"

static double divisor_of(const struct book_entry *e, const char *slash)
{
	if (slash && slash[1] >= '0' && slash[1] <= '9')
		return strtod(slash + 1, NULL);
	if (e->unit == BOOK_NS)
		return 1e9;
	return e->unit == BOOK_MS ? 1e3 : 1;
}

size_t book_family_size(const char *series)
{
	return strcspn(series, "{/");
}

void book_series(struct book_series *s, const struct book_entry *e,
		 const char *series)
{
	bool counts = e->type == WIRE_COUNTER || e->unit == BOOK_JOULES;
	bool as_it_is = *series == '=';
	const char *open = strchr(series, '{'), *close = strchr(series, '}');

	series += as_it_is;
	*s = (struct book_series){ .counter = counts && !as_it_is,
				   .untyped = counts && as_it_is };
	snprintf(s->family, sizeof(s->family), "%.*s",
		 (int)book_family_size(series), series);
	if (open && close) {
		s->label = open + 1;
		s->label_size = (size_t)(close - open - 1);
	}
	s->divisor = divisor_of(e, strchr(series, '/'));
	s->pages = strstr(series, "/page");
}

bool book_has_series(const struct book_entry *e)
{
	return *e->series && e->type != WIRE_KEY;
}
