// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "collector/nodes/stack.h"
#include "collector/nodes/texts.h"

enum {
	DEPTH_MAX = 8, /* interfaces that lie on each other */
	ROW_STEPS = 4, /* what a row costs, without any name that is compared */
};

struct stack {
	const struct samples *samples;
	uint32_t name;
	const struct facts *facts;
	unsigned int left; /* steps */
};

static bool is_there(struct stack *s, const char *name, size_t size)
{
	size_t i;

	for (i = 0; i < s->samples->count && s->left; i++, s->left--) {
		const char *text =
			texts_at(s->samples->rows[i]->texts, s->name);

		if (!strncmp(text, name, size) && !text[size])
			return true;
	}
	return false;
}

/* Behind "br0 " of "br0 eth0 eth1"; NULL if the fact is another one's. */
static const char *lowers_of(const struct fact *fact, const char *name,
			     size_t size)
{
	if (fact->key != WIRE_FACT_STACKED || strncmp(fact->text, name, size) ||
	    fact->text[size] != ' ')
		return NULL;
	return fact->text + size + 1;
}

static bool lies_on_row(struct stack *s, const char *name, size_t size,
			int depth)
{
	const struct fact *fact;
	const char *at;

	for (fact = s->facts->first; fact && depth < DEPTH_MAX && s->left;
	     fact = fact->next) {
		s->left--;
		at = lowers_of(fact, name, size);
		while (at && *at) {
			size_t n = strcspn(at, " ");

			if (is_there(s, at, n) ||
			    lies_on_row(s, at, n, depth + 1))
				return true;
			at += n + strspn(at + n, " ");
		}
	}
	return false;
}

unsigned int stack_mark(struct samples *s, uint32_t name,
			const struct facts *facts)
{
	struct stack stack = { s, name, facts, STACK_STEPS_MAX };
	size_t i;

	s->new_rows = false;
	for (i = 0; i < s->count; i++) {
		const char *text = texts_at(s->rows[i]->texts, name);

		s->rows[i]->stacked =
			lies_on_row(&stack, text, strlen(text), 0);
	}
	return STACK_STEPS_MAX - stack.left +
	       ROW_STEPS * (unsigned int)s->count;
}
