// SPDX-License-Identifier: GPL-2.0-or-later
/* Which rows of an account are shown, and in which order. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ktach/show/account.h"

/* A row and what it is sorted by: a number, or a text. */
struct sorted {
	uint32_t row;
	double weight;
	char text[FIELD_SIZE];
};

struct search {
	const char *text;
	bool found;
};

/* memmem() without regard to case. */
static bool contains(const char *data, size_t size, const char *text)
{
	size_t n = strlen(text), i;

	for (i = 0; i + n <= size; i++)
		if (!strncasecmp(data + i, text, n))
			return true;
	return false;
}

static void look_into(void *arg, const char *name, const struct value *v)
{
	struct search *s = arg;
	char text[FIELD_SIZE];

	if (v->type == VALUE_TEXT || v->type == VALUE_WORDS)
		s->found |= contains(v->text.data, v->text.size, s->text);
	else if (v->type == VALUE_NUMBER &&
		 (!strcmp(name, "pid") || !strcmp(name, "irq")))
		s->found |= !strcmp(value_format(v, UNIT_PLAIN, text), s->text);
}

static bool is_wanted(const struct account *a, uint32_t row)
{
	const uint32_t kind = a->subject->kind;
	struct change c = reading_change(a->now, a->before, kind, row);
	struct search s = { a->wish.filter };

	if (!s.text || !*s.text)
		return true;
	row_members(&c, kind, look_into, &s);
	return s.found;
}

static void weigh(const struct account *a, const char *name, struct sorted *s)
{
	const uint32_t kind = a->subject->kind;
	struct change c = reading_change(a->now, a->before, kind, s->row);
	struct value v = { VALUE_ABSENT };

	row_member(&c, kind, name, &v);
	s->weight = value_weight(&v);
	if (v.type == VALUE_TEXT || v.type == VALUE_WORDS)
		snprintf(s->text, sizeof(s->text), "%.*s", (int)v.text.size,
			 v.text.data);
}

/* The largest first, texts as a book has them. */
static int compare(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	int texts = strcasecmp(x->text, y->text);

	if (texts)
		return texts;
	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	return x->row < y->row ? -1 : 1;
}

static const char *sorts_by(const struct account *a)
{
	const struct subject *s = a->subject;

	if (a->wish.sort)
		return a->wish.sort;
	return s->busiest || a->order == ORDER_ACTIVITY ? s->weight : NULL;
}

static void reverse(uint32_t *numbers, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count / 2; i++) {
		uint32_t other = numbers[count - 1 - i];

		numbers[count - 1 - i] = numbers[i];
		numbers[i] = other;
	}
}

uint32_t *account_order(const struct account *a, uint32_t *count)
{
	uint32_t all = a->now->table[a->subject->kind].rows.count, i, n = 0;
	struct sorted *sorted = calloc(all + 1, sizeof(*sorted));
	uint32_t *numbers = calloc(all + 1, sizeof(*numbers));
	const char *name = sorts_by(a);

	*count = 0;
	if (!sorted || !numbers) {
		free(sorted);
		free(numbers);
		return NULL;
	}
	for (i = 0; i < all; i++) {
		if (!is_wanted(a, i))
			continue;
		sorted[n].row = i;
		if (name)
			weigh(a, name, &sorted[n]);
		n++;
	}
	qsort(sorted, n, sizeof(*sorted), compare);
	for (i = 0; i < n; i++)
		numbers[i] = sorted[i].row;
	free(sorted);
	if (a->wish.reverse)
		reverse(numbers, n);
	*count = a->wish.rows && a->wish.rows < n ? a->wish.rows : n;
	return numbers;
}

static void match_name(void *arg, const char *name, const struct value *v)
{
	struct search *s = arg;

	s->found |= !strcmp(name, s->text);
}

bool row_has(uint32_t kind, const char *name)
{
	struct search s = { name };

	row_members(NULL, kind, match_name, &s);
	return s.found;
}
