// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "shipper/send/large.h"

bool large_begin(struct large *l, size_t size, const uint8_t *begin,
		 size_t used)
{
	l->data = malloc(size);
	if (!l->data)
		return false;
	memcpy(l->data, begin, used);
	l->used = used;
	l->size = size;
	return true;
}

void large_end(struct large *l)
{
	free(l->data);
	l->data = NULL;
}
