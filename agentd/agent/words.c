// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "agentd/agent/words.h"

/* Move one character, which a backslash may stand before. Return 0 or -E2BIG. */
static int take_character(const char **at, char **word, const char *end,
			  char quote)
{
	if (**at == '\\' && (*at)[1] && quote != '\'')
		(*at)++;
	if (*word == end)
		return -E2BIG;
	*(*word)++ = *(*at)++;
	return 0;
}

int words_next(const char **text, char *word, size_t size)
{
	const char *at = *text + strspn(*text, " \t"), *end = word + size - 1;
	char quote = 0;
	int err = 0;

	if (!*at)
		return 0;
	while (!err && *at && (quote || !strchr(" \t", *at))) {
		if (quote ? *at == quote : *at == '\'' || *at == '"')
			quote ^= *at++;
		else
			err = take_character(&at, &word, end, quote);
	}
	*word = '\0';
	*text = at;
	if (quote)
		return -EINVAL;
	return err ? err : 1;
}

void words_write(FILE *out, const char *before, const char *word,
		 const char *doubled)
{
	fprintf(out, "\"%s", before);
	for (; *word; word++) {
		if (strchr("\"\\", *word))
			fputc('\\', out);
		if (strchr(doubled, *word))
			fputc(*word, out);
		fputc(*word, out);
	}
	fputc('"', out);
}
