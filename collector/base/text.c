// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "collector/base/text.h"

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
