// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows of parts, and words of their files. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/part/part.h"

void part_label_size(struct part_labels *l, const char *name, const char *value,
		     size_t size)
{
	const size_t name_size = strlen(name);
	char *at = l->text + l->used;
	size_t i;

	/* Each byte of the value may need a backslash. */
	if (!size ||
	    l->used + name_size + 2 * size + sizeof(",=\"\"") > sizeof(l->text))
		return;
	if (l->used)
		*at++ = ',';
	memcpy(at, name, name_size);
	at += name_size;
	*at++ = '=';
	*at++ = '"';
	for (i = 0; i < size; i++) {
		if (value[i] == '"' || value[i] == '\\')
			*at++ = '\\';
		*at++ = value[i] == '\n' ? ' ' : value[i];
	}
	*at++ = '"';
	*at = '\0';
	l->used = (size_t)(at - l->text);
}

void part_label(struct part_labels *l, const char *name, const char *value)
{
	part_label_size(l, name, value, strlen(value));
}

void part_put(struct parts *p, const char *series, const struct part_labels *l,
	      double value)
{
	own_rows_add(&p->rows, series, l ? l->text : "", value, false);
}

void part_count(struct parts *p, const char *series,
		const struct part_labels *l, uint64_t value)
{
	own_rows_count(&p->rows, series, l ? l->text : "", value);
}

const char *part_text(struct parts *p, const char *folder, const char *name)
{
	struct host_memory *m = p->options->memory;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s/%s", p->options->proc, folder,
		 name);
	return host_text_all(m ? m : &p->memory, AT_FDCWD, path);
}

const char *part_net_text(struct parts *p, const char *name)
{
	return part_text(p, p->net, name);
}

size_t part_word(const char *at)
{
	return strcspn(at, " \t\n");
}

const char *part_next(const char *at)
{
	at += part_word(at);
	return at + strspn(at, " \t");
}

bool part_number(const char *line, unsigned int n, int base, uint64_t *value)
{
	const char *at = line + strspn(line, " \t");
	char *end;

	for (; n && part_word(at); n--)
		at = part_next(at);
	if (!strchr("0123456789abcdefABCDEF", *at))
		return false;
	errno = 0;
	*value = strtoull(at, &end, base);
	return !errno && end != at && *end && strchr(" \t\n", *end);
}
