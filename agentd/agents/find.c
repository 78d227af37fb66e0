// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "agentd/agents/find.h"

struct agent *agents_find(const struct agents *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (l->all[i]->good && !l->all[i]->gone &&
		    !strcmp(l->all[i]->record.name, name))
			return l->all[i];
	return NULL;
}
