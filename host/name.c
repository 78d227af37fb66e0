// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <unistd.h>

#include "host/file.h"
#include "host/name.h"
#include "lib/proc.h"

/* As hostname(5) has it: one word; lines that begin with # are comments. */
static size_t take_word(char *text)
{
	const char *at = text;
	size_t n;

	while (*at == '#' || *at == '\n')
		at = proc_next_line(at);
	n = strcspn(at, " \t\n");
	memmove(text, at, n);
	text[n] = '\0';
	return n;
}

void host_name(const char *root, char *text, size_t size)
{
	int dir = *root ? host_dir(root, "etc") : -1, n = 0;

	if (dir >= 0) {
		n = host_text_at(dir, "hostname", text, size);
		close(dir);
	}
	if (n > 0 && take_word(text))
		return;
	gethostname(text, size - 1);
	text[size - 1] = '\0';
}
