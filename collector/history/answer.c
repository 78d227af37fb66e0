// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <stdio.h>

#include "collector/history/answer.h"
#include "collector/metric.h"
#include "collector/history/rollup.h"

int answer_init(struct answer *a, const struct history_query *q)
{
	uint64_t span;

	memset(a, 0, sizeof(*a));
	if (!q->metric || !q->step_ns || q->to_ns <= q->from_ns ||
	    q->to_ns > INT64_MAX || q->aggregate >= HISTORY_AGGREGATES)
		return -EINVAL;
	span = q->to_ns - q->from_ns;
	if ((span - 1) / q->step_ns + 1 > HISTORY_POINTS_MAX)
		return -EINVAL;
	a->q = q;
	a->counter = q->metric->type == WIRE_COUNTER;
	a->steps = (size_t)((span - 1) / q->step_ns + 1);
	a->rows = calloc(HISTORY_ROWS_MAX, sizeof(a->rows[0]));
	a->values = calloc(a->steps, sizeof(a->values[0]));
	if (a->rows && a->values)
		return 0;
	answer_exit(a);
	return -ENOMEM;
}

void answer_exit(struct answer *a)
{
	size_t i;

	for (i = 0; i < a->count; i++) {
		free(a->rows[i]->cells);
		free(a->rows[i]);
	}
	free(a->rows);
	free(a->values);
	memset(a, 0, sizeof(*a));
}

static struct answer_row *new_row(struct answer *a, size_t at, uint64_t key)
{
	struct answer_row *r = calloc(1, sizeof(*r));
	size_t i;

	if (!r)
		return NULL;
	r->key = key;
	r->cells = malloc(a->steps * sizeof(r->cells[0]));
	if (!r->cells) {
		free(r);
		return NULL;
	}
	for (i = 0; i < a->steps; i++)
		r->cells[i] = (struct answer_cell){
			a->q->aggregate == HISTORY_AVG ? 0 : NAN, 0
		};
	memmove(&a->rows[at + 1], &a->rows[at],
		(a->count - at) * sizeof(a->rows[0]));
	a->rows[at] = r;
	a->count++;
	return r;
}

/* Return 1 with the row, 0 if it is not asked for or one too many. */
static int get_row(struct answer *a, uint64_t key, struct answer_row **row)
{
	const struct history_query *q = a->q;
	size_t low = 0, high = a->count;

	if ((q->one && key != q->key) ||
	    (q->metric->fixed && key != q->metric->key))
		return 0;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (a->rows[middle]->key < key)
			low = middle + 1;
		else
			high = middle;
	}
	*row = low < a->count ? a->rows[low] : NULL;
	if (*row && (*row)->key == key)
		return 1;
	if (a->count == HISTORY_ROWS_MAX)
		return 0;
	*row = new_row(a, low, key);
	return *row ? 1 : -ENOMEM;
}

/* Something of a time: a sample, or a bucket of a rollup. @value is the one that
 * the aggregate asks for.
 */
struct piece {
	uint64_t real_ns;
	double value;
	double weight;
};

static void add_piece(struct answer *a, struct answer_row *r,
		      const struct piece *p)
{
	const struct history_query *q = a->q;
	struct answer_cell *c;

	if (p->real_ns < q->from_ns || p->real_ns >= q->to_ns ||
	    isnan(p->value))
		return;
	c = &r->cells[(p->real_ns - q->from_ns) / q->step_ns];
	switch (q->aggregate) {
	case HISTORY_MIN:
		c->value =
			fmin(c->value, p->value); /* the one that is no NAN */
		break;
	case HISTORY_MAX:
		c->value = fmax(c->value, p->value);
		break;
	case HISTORY_LAST:
		c->value = p->value;
		break;
	default:
		c->value += p->value * p->weight;
		c->weight += p->weight;
	}
}

/* How a counter grew since the value before, and over how long. */
static double grow(struct answer_row *r, uint64_t value, uint64_t mono_ns,
		   double *weight)
{
	double rate = NAN;

	*weight = 0;
	if (r->known) {
		rate = rollup_growth(r->value, r->mono_ns, value, mono_ns);
		*weight = (double)(mono_ns - r->mono_ns);
	}
	r->known = true;
	r->value = value;
	r->mono_ns = mono_ns;
	return rate;
}

static void add_sample(struct answer *a, struct answer_row *r,
		       const struct block_head *head, uint64_t value)
{
	struct piece p = { .real_ns = head->real_ns, .weight = 1 };

	if (value == WIRE_ABSENT)
		return;
	p.value = (double)(int64_t)value;
	if (a->counter)
		p.value = grow(r, value, head->mono_ns, &p.weight);
	add_piece(a, r, &p);
}

static double gauge(uint64_t value)
{
	return value == WIRE_ABSENT ? NAN : (double)(int64_t)value;
}

/* What a bucket has of a gauge, or of a counter but for its growth. */
static double of_bucket(const struct answer *a, const struct block *b,
			size_t at)
{
	static const enum rollup_part parts[HISTORY_AGGREGATES] = {
		[HISTORY_AVG] = ROLLUP_AVG,
		[HISTORY_MIN] = ROLLUP_MIN,
		[HISTORY_MAX] = ROLLUP_MAX,
		[HISTORY_LAST] = ROLLUP_LAST,
	};
	uint64_t value = block_column(b, parts[a->q->aggregate])[at];

	return a->counter ? rollup_rate(value) : gauge(value);
}

static void add_bucket(struct answer *a, struct answer_row *r,
		       const struct block *b, size_t row, size_t at,
		       uint64_t bucket_ns)
{
	const struct block_head *head = &b->heads[block_sample(b, row, at)];
	bool extreme = a->q->aggregate == HISTORY_MIN ||
		       a->q->aggregate == HISTORY_MAX;
	uint64_t last = block_column(b, ROLLUP_LAST)[at];
	struct piece p = { .real_ns = head->real_ns / bucket_ns * bucket_ns,
			   .weight = 1 };

	if (last == WIRE_ABSENT)
		return;
	if (a->counter)
		p.value = grow(r, last, head->mono_ns, &p.weight);
	if (!a->counter || extreme)
		p.value = of_bucket(a, b, at);
	add_piece(a, r, &p);
}

static void add_row(struct answer *a, struct answer_row *r,
		    const struct block *b, size_t row, uint64_t bucket_ns)
{
	size_t at;

	for (at = b->first[row]; at < b->first[row + 1]; at++) {
		if (bucket_ns)
			add_bucket(a, r, b, row, at, bucket_ns);
		else
			add_sample(a, r, &b->heads[block_sample(b, row, at)],
				   b->cells[at]);
	}
	if (b->texts)
		snprintf(r->text, sizeof(r->text), "%s", block_text(b, row, 0));
}

int answer_add(struct answer *a, const struct block *b, uint64_t bucket_ns)
{
	struct answer_row *r;
	size_t row;
	int ret;

	for (row = 0; row < b->rows; row++) {
		ret = get_row(a, b->keys[row], &r);
		if (ret < 0)
			return ret;
		if (ret)
			add_row(a, r, b, row, bucket_ns);
	}
	return 0;
}

double answer_value(const struct answer *a, const struct answer_cell *c)
{
	if (a->q->aggregate != HISTORY_AVG)
		return c->value;
	return c->weight > 0 ? c->value / c->weight : NAN;
}
