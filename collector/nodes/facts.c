// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "collector/nodes/facts.h"
#include "lib/base/clean.h"
#include "lib/base/host_labels.h"

/* Those that there are, a bit each. */
static uint32_t keys_of(const struct wire_table *t)
{
	uint32_t keys = 0, row;

	_Static_assert(WIRE_FACT_KEYS <= 32, "bits");
	for (row = 0; row < t->rows; row++) {
		uint64_t key = t->cells[(size_t)row * t->columns];

		if (key < WIRE_FACT_KEYS)
			keys |= UINT32_C(1) << key;
	}
	return keys;
}

bool facts_say_leaving(const struct wire_table *t)
{
	return t->kind == WIRE_FACTS && t->rows == 1 && t->text &&
	       t->cells[0] == WIRE_FACT_LEAVES;
}

/* The parts of one table come one after the other, with one time. What lies on
 * others is in each table, so that none there means that nothing does.
 */
static bool is_over(const struct fact *fact, const struct wire_table *t,
		    uint32_t keys)
{
	return fact->mono_ns < t->mono_ns &&
	       (fact->key == WIRE_FACT_STACKED || keys >> fact->key & 1 ||
		t->mono_ns - fact->mono_ns > FACTS_AGE_NS);
}

static struct fact **drop_old(struct facts *f, const struct wire_table *t)
{
	struct fact **at = &f->first;
	uint32_t keys = keys_of(t);

	while (*at) {
		struct fact *fact = *at;

		if (!is_over(fact, t, keys)) {
			at = &fact->next;
			continue;
		}
		*at = fact->next;
		free(fact);
		f->count--;
	}
	return at;
}

static struct fact *fact_new(uint32_t key, const struct wire_table *t,
			     const struct wire_text *text)
{
	char clean[WIRE_TEXT_MAX + 1];
	struct fact *fact;

	clean_text(clean, sizeof(clean), text);
	fact = malloc(sizeof(*fact) + strlen(clean) + 1);
	if (!fact)
		return NULL;
	fact->next = NULL;
	fact->mono_ns = t->mono_ns;
	fact->key = key;
	strcpy(fact->text, clean);
	return fact;
}

static unsigned int count_labels(const struct facts *f)
{
	const struct fact *fact;
	unsigned int count = 0;

	for (fact = f->first; fact; fact = fact->next)
		count += fact->key == WIRE_FACT_LABEL;
	return count;
}

/* Facts that are newer than this reader are ignored, and more labels than there may be. */
int facts_take(struct facts *f, const struct wire_table *t)
{
	struct fact **end = drop_old(f, t);
	unsigned int labels = count_labels(f);
	uint32_t row;

	for (row = 0; t->text && row < t->rows; row++) {
		uint64_t key = t->cells[(size_t)row * t->columns];

		if (key >= WIRE_FACT_KEYS ||
		    (key == WIRE_FACT_LABEL && labels++ >= LABELS_MAX))
			continue;
		if (f->count == FACTS_MAX)
			return -ENOSPC;
		*end = fact_new((uint32_t)key, t,
				&t->text[(size_t)row * t->texts + WIRE_FACT]);
		if (!*end)
			return -ENOMEM;
		end = &(*end)->next;
		f->count++;
	}
	return 0;
}

void facts_clear(struct facts *f)
{
	while (f->first) {
		struct fact *next = f->first->next;

		free(f->first);
		f->first = next;
	}
	f->count = 0;
}

const char *facts_text(const struct facts *f, uint32_t key)
{
	const struct fact *fact;

	for (fact = f->first; fact; fact = fact->next)
		if (fact->key == key)
			return fact->text;
	return NULL;
}
