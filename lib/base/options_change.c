// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/options.h"

static size_t value_size(const struct option_spec *s)
{
	switch (s->type) {
	case OPTION_FLAG:
		return sizeof(int);
	case OPTION_SWITCH:
		return sizeof(bool);
	case OPTION_TEXT:
	case OPTION_CHOICE:
		return sizeof(const char *);
	case OPTION_NUMBER:
	case OPTION_DURATION:
		break;
	}
	return sizeof(uint64_t);
}

bool option_texts_same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

bool option_same(const struct option_spec *a, const struct option_spec *b)
{
	if (!option_is_text(a))
		return !memcmp(a->value, b->value, value_size(a));
	return option_texts_same(*(const char **)a->value,
				 *(const char **)b->value);
}

/* The names of those that differ, and change now or with the next start. */
static size_t name_all(const struct option_list *fresh,
		       const struct option_list *running, bool start,
		       char *text, size_t used, size_t size)
{
	const char *before = start ? "with the next start: " : "changed: ";
	const char *between = used ? "; " : "";
	size_t i;

	for (i = 0; i < fresh->count && used < size; i++) {
		const struct option_spec *s = &fresh->specs[i];

		if (s->start != start || option_same(s, &running->specs[i]))
			continue;
		used += (size_t)snprintf(text + used, size - used, "%s%s%s",
					 between, before, s->name);
		between = ", ";
		before = "";
	}
	return used;
}

int options_change(const struct option_list *fresh,
		   const struct option_list *running, char *text,
		   unsigned int size)
{
	size_t used, i;

	if (fresh->failed || running->failed)
		return -ENOMEM;
	used = name_all(fresh, running, false, text, 0, size);
	if (!name_all(fresh, running, true, text, used, size))
		snprintf(text, size, "nothing has changed");
	for (i = 0; i < fresh->count; i++)
		if (fresh->specs[i].start)
			memcpy(fresh->specs[i].value, running->specs[i].value,
			       value_size(&fresh->specs[i]));
	return 0;
}
