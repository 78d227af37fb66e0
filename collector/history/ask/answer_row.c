// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/history/ask/answer.h"

void answer_free_row(struct answer *a, struct answer_row *r)
{
	a->spread -= spread_count(&r->spread);
	spread_free(&r->spread);
	while (r->texts)
		free(r->text[--r->texts]);
	free(r->cells);
	free(r->before);
	free(r);
}

int answer_set_texts(struct answer_row *r, const struct block *b, size_t row)
{
	uint32_t i;

	for (i = 0; i < b->texts && i < WIRE_TEXTS_MAX; i++) {
		const char *text = block_text(b, row, i);

		if (i < r->texts && !strcmp(r->text[i], text))
			continue;
		if (i < r->texts)
			free(r->text[i]);
		else
			r->texts = i + 1;
		r->text[i] = strdup(text);
		if (!r->text[i]) {
			r->texts = i;
			return -ENOMEM;
		}
	}
	return 0;
}
