// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "collector/text.h"

/* Nine digits: more than any share or rate is worth. */
#define FORMAT (JSON_COMPACT | JSON_REAL_PRECISION(9))

struct text *text_from_json(json_t *document)
{
	size_t size = json_dumpb(document, NULL, 0, FORMAT);
	struct text *t = malloc(sizeof(*t) + size);

	if (t && size) {
		t->users = 1;
		t->size = json_dumpb(document, t->data, size, FORMAT);
	} else {
		free(t);
		t = NULL;
	}
	json_decref(document);
	return t;
}

struct text *text_get(struct text *text)
{
	if (text)
		text->users++;
	return text;
}

void text_put(struct text *text)
{
	if (text && !--text->users)
		free(text);
}
