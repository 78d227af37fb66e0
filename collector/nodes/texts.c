// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "collector/nodes/texts.h"
#include "lib/base/clean.h"

static bool same(const char *texts, const struct wire_text *text,
		 uint32_t count)
{
	uint32_t i;

	if (!texts)
		return false;
	for (i = 0; i < count; i++) {
		size_t size = strlen(texts);

		if (size != text[i].size || memcmp(texts, text[i].data, size))
			return false;
		texts += size + 1;
	}
	return true;
}

int texts_take(char **texts, const struct wire_text *text, uint32_t count)
{
	char all[WIRE_TEXTS_MAX * (WIRE_TEXT_MAX + 1)], *at = all, *copy;
	uint32_t i;

	if (!count || same(*texts, text, count))
		return 0;
	for (i = 0; i < count; i++) {
		clean_text(at, WIRE_TEXT_MAX + 1, &text[i]);
		at += strlen(at) + 1;
	}
	copy = malloc((size_t)(at - all));
	if (!copy)
		return -ENOMEM;
	memcpy(copy, all, (size_t)(at - all));
	free(*texts);
	*texts = copy;
	return 1;
}

const char *texts_at(const char *texts, uint32_t index)
{
	if (!texts)
		return "";
	while (index--)
		texts += strlen(texts) + 1;
	return texts;
}
