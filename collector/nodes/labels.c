// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "collector/nodes/labels.h"
#include "lib/base/globs.h"

enum {
	WISHES_MAX = 16,
	WISH_SIZE = 256,
};

const char *labels_value(const struct fact *fact, size_t *size)
{
	*size = label_name(fact->text, strlen(fact->text));
	return fact->text + *size + 1;
}

static bool is_first(const struct facts *f, const struct fact *fact)
{
	const struct fact *other;
	size_t size;

	labels_value(fact, &size);
	for (other = f->first; other != fact; other = other->next)
		if (other->key == WIRE_FACT_LABEL &&
		    !strncmp(other->text, fact->text, size + 1))
			return false;
	return true;
}

const struct fact *labels_next(const struct facts *f, const struct fact *fact)
{
	fact = fact ? fact->next : f->first;
	while (fact && (fact->key != WIRE_FACT_LABEL ||
			!label_name(fact->text, strlen(fact->text)) ||
			!is_first(f, fact)))
		fact = fact->next;
	return fact;
}

const char *labels_find(const struct facts *f, const char *name)
{
	size_t wanted = strlen(name), size;
	const struct fact *fact;

	for (fact = f->first; fact; fact = fact->next) {
		if (fact->key != WIRE_FACT_LABEL)
			continue;
		size = label_name(fact->text, strlen(fact->text));
		if (size && size == wanted && !memcmp(fact->text, name, size))
			return fact->text + size + 1;
	}
	return NULL;
}

static const char *next_wish(const char *at, char wish[WISH_SIZE])
{
	size_t size = strcspn(at, ",");

	snprintf(wish, WISH_SIZE, "%.*s", (int)size, at);
	at += size;
	return *at ? at + 1 : at;
}

bool labels_match(const struct facts *f, const char *wishes)
{
	char wish[WISH_SIZE], *glob;
	const char *value;

	while (*wishes) {
		wishes = next_wish(wishes, wish);
		glob = strchr(wish, '=');
		if (!glob)
			return false;
		*glob++ = '\0';
		value = labels_find(f, wish);
		if (!value || !names_match(glob, value))
			return false;
	}
	return true;
}

bool labels_are_wishes(const char *wishes)
{
	char wish[WISH_SIZE];
	unsigned int count = 0;

	while (*wishes) {
		if (strcspn(wishes, ",") >= WISH_SIZE || ++count > WISHES_MAX)
			return false;
		wishes = next_wish(wishes, wish);
		if (!label_name(wish, strlen(wish)))
			return false;
	}
	return true;
}
