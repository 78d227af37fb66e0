// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shipper/enroll/config_edit.h"

#define BLANK " \t"

/* Where the key belongs, and which line it takes the place of. */
struct spot {
	size_t at;
	size_t replaced; /* bytes of it; 0: none */
	int rank; /* how good it is */
};

enum rank {
	RANK_NONE,
	RANK_SECTION, /* behind its head */
	RANK_COMMENT, /* behind "#key = default" */
	RANK_KEY, /* in the place of "key = value" */
};

/* Whether a line is "key =". */
static bool has_key(const char *line, const char *key)
{
	line += strspn(line, BLANK);
	if (strncmp(line, key, strlen(key)))
		return false;
	line += strlen(key);
	line += strspn(line, BLANK);
	return *line == '=' || *line == ':';
}

static int rank_of(const char *line, const char *key, bool head)
{
	line += strspn(line, BLANK);
	if (head)
		return RANK_SECTION;
	if (has_key(line, key))
		return RANK_KEY;
	return *line == '#' && has_key(line + 1, key) ? RANK_COMMENT :
							RANK_NONE;
}

static struct spot find_spot(const char *text, const char *key)
{
	struct spot best = { 0 };
	const char *line = text;
	bool ours = true; /* a file may begin without a section */

	while (*line) {
		size_t size = strcspn(line, "\n");
		bool head = line[strspn(line, BLANK)] == '[';
		int rank;

		size += line[size] == '\n';
		if (head)
			ours = !strncmp(line + strspn(line, BLANK), "[shipper]",
					9);
		rank = ours ? rank_of(line, key, head) : RANK_NONE;
		if (rank > best.rank) {
			best.rank = rank;
			best.replaced = rank == RANK_KEY ? size : 0;
			best.at = (size_t)(line - text) +
				  (rank == RANK_KEY ? 0 : size);
		}
		line += size;
	}
	return best;
}

static void drop_line(char *text, const char *key)
{
	struct spot s = find_spot(text, key);

	memmove(text + s.at, text + s.at + s.replaced,
		strlen(text + s.at + s.replaced) + 1);
}

/* Of several lines with one key the last one counts. */
static void drop_lines(char *text, const char *key)
{
	while (find_spot(text, key).rank == RANK_KEY)
		drop_line(text, key);
}

char *config_edit(char *text, const char *key, const char *value)
{
	struct spot spot;
	char *fresh = NULL;

	if (!text)
		return NULL;
	spot = find_spot(text, key);
	if (spot.rank == RANK_KEY)
		drop_lines(text, key);
	if (asprintf(&fresh, "%.*s%s%s = %s\n%s", (int)spot.at, text,
		     spot.at && text[spot.at - 1] != '\n' ? "\n" : "", key,
		     value, text + spot.at) < 0)
		fresh = NULL;
	free(text);
	return fresh;
}
