// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>

#include "collector/history/ask/answer.h"
#include "collector/history/fold/rollup.h"
#include "tables/book.h"

/* A bucket's last moment, as exact as those who ask for times are. */
#define BEFORE_END_NS UINT64_C(1000000)

/* Which columns of the table tell of the metric: the block has those only. */
static void find_columns(struct answer *a)
{
	const struct book_entry *e = a->q->metric;
	uint32_t last, i;

	a->first = e->group ? WIRE_VALUE : e->column;
	last = a->first;
	if (e->what == BOOK_FIGURE && !e->group) {
		a->first = e->inputs[0].column;
		last = a->first;
		/* What its times are worth is told by whether it was online; they
		 * are parts of what all of them grew by.
		 */
		if (e->kind == WIRE_CPU) {
			a->first = WIRE_CPU_FLAGS;
			last = WIRE_CPU_STEAL_NS;
		}
	}
	for (i = 0; !e->group && i < e->count; i++) {
		uint32_t column = e->inputs[i].column;

		a->first = column < a->first ? column : a->first;
		last = column > last ? column : last;
	}
	a->columns = last - a->first + 1;
}

/* What a counter grows by a second is its average; what is made of several values has
 * no sum that follows from theirs.
 */
static int choose_aggregate(struct answer *a, enum history_aggregate aggregate)
{
	const struct book_entry *e = a->q->metric;
	bool made = e->what == BOOK_FIGURE && e->group;

	a->asked = aggregate;
	a->aggregate = aggregate;
	if (a->q->as_it_is &&
	    (aggregate > HISTORY_LAST ||
	     (aggregate != HISTORY_LAST && e->type == WIRE_COUNTER)))
		return -EINVAL;
	if (aggregate != HISTORY_RATE && aggregate != HISTORY_SUM)
		return 0;
	if (aggregate == HISTORY_RATE && e->type == WIRE_COUNTER)
		a->aggregate = HISTORY_AVG;
	return made ? -EOPNOTSUPP : 0;
}

/* A metric without rows has as many as it is made of. */
static void choose_rows(struct answer *a)
{
	const struct history_query *q = a->q;
	size_t fit = a->cells_max / a->steps;

	a->rows_max = q->rows_max && q->rows_max < HISTORY_ROWS_MAX ?
			      q->rows_max :
			      HISTORY_ROWS_MAX;
	if (fit < a->rows_max)
		a->rows_max = fit ? fit : 1;
	if (q->metric->group && a->rows_max < BOOK_INPUTS)
		a->rows_max = BOOK_INPUTS;
}

static bool is_extreme(enum history_aggregate aggregate)
{
	return aggregate == HISTORY_MIN || aggregate == HISTORY_MAX;
}

int answer_init(struct answer *a, const struct history_query *q,
		enum history_aggregate aggregate, size_t cells_max)
{
	uint64_t span;
	int err;

	memset(a, 0, sizeof(*a));
	if (!q->metric || !q->step_ns || q->to_ns <= q->from_ns ||
	    q->to_ns > INT64_MAX || aggregate >= HISTORY_AGGREGATES)
		return -EINVAL;
	span = q->to_ns - q->from_ns;
	if ((span - 1) / q->step_ns + 1 > HISTORY_POINTS_MAX)
		return -EINVAL;
	a->q = q;
	err = choose_aggregate(a, aggregate);
	if (err)
		return err;
	find_columns(a);
	a->plain = q->metric->type == WIRE_COUNTER && !q->as_it_is &&
		   q->metric->what != BOOK_FIGURE && !is_extreme(a->aggregate);
	a->steps = (size_t)((span - 1) / q->step_ns + 1);
	a->cells_max = cells_max;
	a->below = UINT64_MAX;
	choose_rows(a);
	a->rows = calloc(a->rows_max, sizeof(a->rows[0]));
	a->values = calloc(a->steps, sizeof(a->values[0]));
	if (q->as_it_is)
		a->after_ns = calloc(a->steps, sizeof(a->after_ns[0]));
	if (a->rows && a->values && (a->after_ns || !q->as_it_is))
		return 0;
	answer_exit(a);
	return -ENOMEM;
}

void answer_exit(struct answer *a)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		answer_free_row(a, a->rows[i]);
	free(a->rows);
	free(a->values);
	free(a->after_ns);
	free(a->when);
	memset(a, 0, sizeof(*a));
}

/* The input of the metric that a value with the name @key is; NULL if it is none. */
static const struct book_input *find_input(const struct answer *a, uint64_t key)
{
	const struct book_entry *e = a->q->metric;
	uint8_t i;

	for (i = 0; i < e->count; i++)
		if (e->inputs[i].column == key)
			return &e->inputs[i];
	return NULL;
}

/* Where a figure falls with one of its values, its least comes of that one's most, and its
 * percentile of one from above.
 */
static void choose_for_row(const struct answer *a, struct answer_row *r)
{
	const struct book_input *input =
		a->q->metric->group ? find_input(a, r->key) : NULL;

	r->aggregate = a->aggregate;
	r->turned = input && input->rises < 0;
	if (r->turned && r->aggregate == HISTORY_MIN)
		r->aggregate = HISTORY_MAX;
	else if (r->turned && r->aggregate == HISTORY_MAX)
		r->aggregate = HISTORY_MIN;
}

/* What is weighed, or summed up, begins at 0. */
static double begin_of(const struct answer_row *r)
{
	return r->aggregate == HISTORY_AVG || r->aggregate == HISTORY_SUM ? 0 :
									    NAN;
}

static struct answer_row *new_row(struct answer *a, size_t at, uint64_t key)
{
	struct answer_row *r = calloc(1, sizeof(*r));
	size_t i;

	if (!r)
		return NULL;
	r->key = key;
	choose_for_row(a, r);
	r->cells = malloc(a->steps * sizeof(r->cells[0]));
	r->before = calloc(a->columns, sizeof(r->before[0]));
	if (!r->cells || !r->before) {
		answer_free_row(a, r);
		return NULL;
	}
	for (i = 0; i < a->steps; i++)
		r->cells[i] = (struct answer_cell){ begin_of(r), 0 };
	memmove(&a->rows[at + 1], &a->rows[at],
		(a->count - at) * sizeof(a->rows[0]));
	a->rows[at] = r;
	a->count++;
	return r;
}

static bool is_wanted(const struct answer *a, const struct block *b, size_t row)
{
	struct history_row r = { .key = b->keys[row], .texts = b->texts };
	uint32_t i;

	if (!a->q->wants)
		return true;
	for (i = 0; i < r.texts; i++)
		r.text[i] = block_text(b, row, i);
	return a->q->wants(a->q->choice, &r);
}

static bool is_asked(const struct answer *a, const struct block *b, size_t row)
{
	const struct book_entry *e = a->q->metric;
	uint64_t key = b->keys[row];

	if (e->what == BOOK_VALUE)
		return key == e->column;
	if (e->group)
		return find_input(a, key);
	return (!a->q->one || key == a->q->key) && key >= a->q->first_key &&
	       is_wanted(a, b, row);
}

void answer_cut(struct answer *a, uint64_t below)
{
	a->more = a->more || below < UINT64_MAX;
	if (below < a->below)
		a->below = below;
	while (a->count && a->rows[a->count - 1]->key >= a->below)
		answer_free_row(a, a->rows[--a->count]);
}

/* Return 1 with the row, 0 if it is not asked for or one too many. */
static int get_row(struct answer *a, const struct block *b, size_t at,
		   struct answer_row **row)
{
	size_t low = 0, high = a->count;
	uint64_t key = b->keys[at];

	if (key >= a->below || !is_asked(a, b, at))
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
	if (a->count == a->rows_max) {
		answer_cut(a,
			   low < a->count ? a->rows[a->count - 1]->key : key);
		if (key >= a->below)
			return 0;
	}
	*row = new_row(a, low, key);
	return *row ? 1 : -ENOMEM;
}

/* Something of a time: a sample, or a bucket of a rollup. @value is the one that
 * the aggregate asks for.
 */
struct piece {
	const struct answer_when *when;
	double value;
	double weight;
};

static int add_piece(struct answer *a, struct answer_row *r,
		     const struct piece *p)
{
	struct answer_cell *c;

	if (p->when->step == ANSWER_NO_STEP || isnan(p->value))
		return 0;
	c = &r->cells[p->when->step];
	switch (r->aggregate) {
	case HISTORY_MIN:
		c->value =
			fmin(c->value, p->value); /* the one that is no NAN */
		break;
	case HISTORY_MAX:
		c->value = fmax(c->value, p->value);
		break;
	case HISTORY_LAST:
	case HISTORY_RATE:
		c->value = p->value;
		c->weight = (double)p->when->ns;
		break;
	case HISTORY_P50:
	case HISTORY_P95:
	case HISTORY_P99:
		a->spread++;
		return spread_put(&r->spread, (uint32_t)p->when->step,
				  p->value);
	case HISTORY_AVG:
		answer_mean(c, p->value, p->weight);
		break;
	default:
		c->value += p->value * p->weight;
		c->weight += p->weight;
	}
	return 0;
}

/**
 * struct view - of a row, as formulas see it
 * @book: what they are given
 * @a: the answer
 * @r: its row
 * @b: samples, or rollups
 * @at: which value of each column
 * @rollup: it is of a bucket
 * @mono_ns: its time
 * @weight: how much it says: the time that a growth is over
 */
struct view {
	struct book_row book;
	const struct answer *a;
	const struct answer_row *r;
	const struct block *b;
	size_t at;
	bool rollup;
	uint64_t mono_ns;
	double *weight;
};

static uint64_t cell(const struct view *v, uint32_t index,
		     enum rollup_part part)
{
	uint32_t column = v->rollup ? index * ROLLUP_PARTS + part : index;

	return block_column(v->b, column)[v->at];
}

/* A value with a name has one column, whatever its key. */
static uint32_t index_of(const struct view *v, uint32_t column)
{
	return v->a->q->metric->group ? 0 : column - v->a->first;
}

/* What of a bucket's column makes the figure's extreme; -1: nothing does. */
static int extreme_part(const struct view *v, uint32_t column, uint32_t index)
{
	const struct book_entry *e = v->a->q->metric;
	const struct book_input *input = e->group ? NULL :
						    find_input(v->a, column);
	bool least = v->r->aggregate == HISTORY_MIN;

	if (cell(v, index, ROLLUP_MIN) == cell(v, index, ROLLUP_MAX))
		return ROLLUP_MIN;
	if (input && !input->rises)
		return -1;
	if (input && input->rises < 0)
		least = !least;
	return least ? ROLLUP_MIN : ROLLUP_MAX;
}

static double view_value(const struct book_row *r, uint32_t column)
{
	const struct view *v = (const struct view *)r;
	uint32_t index = index_of(v, column);
	int part = v->r->aggregate == HISTORY_LAST ? ROLLUP_LAST : ROLLUP_AVG;

	if (v->rollup && is_extreme(v->r->aggregate))
		part = extreme_part(v, column, index);
	if (part < 0 || cell(v, index, ROLLUP_LAST) == WIRE_ABSENT)
		return NAN;
	return (double)(int64_t)cell(v, index, (enum rollup_part)part);
}

/* The kernel does not count while a CPU is off: what it counts when that is back is of
 * another time.
 */
static bool was_off(const struct view *v)
{
	const struct book_entry *e = v->a->q->metric;
	const struct answer_before *before = v->r->before;

	return e->kind == WIRE_CPU && e->what == BOOK_FIGURE && before->known &&
	       !(before->value & WIRE_CPU_ONLINE);
}

static bool is_untold(const struct view *v, uint32_t column)
{
	const struct book_entry *e = v->a->q->metric;

	return e->kind == WIRE_CPU && e->what == BOOK_FIGURE &&
	       wire_cpu_untold(cell(v, 0, ROLLUP_LAST), column);
}

/* Nor is 0 in its place what it grows from. */
static bool was_untold(const struct view *v, uint32_t column)
{
	const struct book_entry *e = v->a->q->metric;

	return e->kind == WIRE_CPU && e->what == BOOK_FIGURE &&
	       v->r->before->known &&
	       wire_cpu_untold(v->r->before->value, column);
}

/* A second, since the value before. */
static inline double grown(const struct view *v, uint32_t index)
{
	const struct answer_before *before = &v->r->before[index];
	uint64_t last = cell(v, index, ROLLUP_LAST);

	if (last == WIRE_ABSENT || !before->known)
		return NAN;
	*v->weight = (double)(v->mono_ns - before->mono_ns);
	return rollup_growth(before->value, before->mono_ns, last, v->mono_ns);
}

static double view_growth(const struct book_row *r, uint32_t column)
{
	const struct view *v = (const struct view *)r;

	return was_off(v) || is_untold(v, column) || was_untold(v, column) ?
		       NAN :
		       grown(v, index_of(v, column));
}

/* What its sender does not tell is no part of a whole. */
static double view_mean(const struct book_row *r, uint32_t column)
{
	return is_untold((const struct view *)r, column) ?
		       0 :
		       view_growth(r, column);
}

static double view_rate(const struct book_row *r, uint32_t column)
{
	const struct view *v = (const struct view *)r;
	uint32_t index = index_of(v, column);
	int part;

	if (!v->rollup || !is_extreme(v->r->aggregate))
		return view_growth(r, column);
	if (cell(v, index, ROLLUP_LAST) == WIRE_ABSENT || was_off(v) ||
	    is_untold(v, column))
		return NAN;
	part = extreme_part(v, column, index);
	return part < 0 ? NAN :
			  rollup_rate(cell(v, index, (enum rollup_part)part));
}

static void remember(const struct view *v, struct answer_row *r)
{
	uint32_t i;

	for (i = 0; i < v->a->columns; i++) {
		uint64_t last = cell(v, i, ROLLUP_LAST);

		if (last != WIRE_ABSENT)
			r->before[i] = (struct answer_before){ true, last,
							       v->mono_ns };
	}
}

/* Of a figure of several values: one of those, as it is. */
static double look(const struct answer *a, const struct view *v)
{
	const struct book_entry *e = a->q->metric;

	if (a->q->as_it_is && e->type == WIRE_COUNTER)
		return book_value(e, &v->book);
	if (e->what != BOOK_FIGURE || !e->group)
		return book_now(e, &v->book);
	return e->kind == WIRE_COUNTERS ? view_rate(&v->book, 0) :
					  view_value(&v->book, 0);
}

/* What a bucket's average, extremes and last value say nothing of. */
static bool needs_samples(const struct answer *a)
{
	return answer_is_percentile(a) || (a->aggregate == HISTORY_SUM &&
					   a->q->metric->type != WIRE_COUNTER);
}

static int add_value(struct answer *a, struct answer_row *r,
		     const struct block *b, size_t row, size_t at,
		     uint64_t bucket_ns)
{
	const struct block_head *head = &b->heads[block_sample(b, row, at)];
	struct piece p = { .when = &a->when[block_sample(b, row, at)],
			   .weight = 1 };
	const struct view v = { { view_value, view_rate, view_mean },
				a,
				r,
				b,
				at,
				bucket_ns != 0,
				head->mono_ns,
				&p.weight };

	p.value = bucket_ns && needs_samples(a) ? NAN :
		  a->plain			? grown(&v, 0) :
						  look(a, &v);
	if (a->aggregate == HISTORY_SUM && a->q->metric->type != WIRE_COUNTER)
		p.weight = 1;
	if (a->aggregate == HISTORY_AVG)
		p.weight *= book_weight(a->q->metric, &v.book);
	remember(&v, r);
	return add_piece(a, r, &p);
}

static int add_values(struct answer *a, struct answer_row *r,
		      const struct block *b, size_t row, uint64_t bucket_ns)
{
	size_t at;
	int err = 0;

	if (a->plain && a->columns == 1 && r->aggregate == HISTORY_AVG &&
	    a->q->metric->adds != BOOK_MEAN) {
		answer_growths(a, r, b, row, bucket_ns != 0);
		return 0;
	}
	for (at = b->first[row]; !err && at < b->first[row + 1]; at++)
		err = add_value(a, r, b, row, at, bucket_ns);
	return err;
}

static int add_row(struct answer *a, struct answer_row *r,
		   const struct block *b, size_t row, uint64_t bucket_ns)
{
	int err = add_values(a, r, b, row, bucket_ns);

	return err ? err : answer_set_texts(r, b, row);
}

/* Values are many where samples are close together. */
static int make_room(struct answer *a)
{
	while (a->spread > a->cells_max && a->count > 1)
		answer_cut(a, a->rows[a->count - 1]->key);
	return a->spread > a->cells_max ? -E2BIG : 0;
}

static void find_when(struct answer_when *w, const struct history_query *q,
		      uint64_t real_ns, uint64_t bucket_ns)
{
	if (bucket_ns)
		real_ns = real_ns / bucket_ns * bucket_ns;
	if (bucket_ns && q->as_it_is)
		real_ns += bucket_ns - BEFORE_END_NS;
	w->ns = real_ns - q->from_ns;
	w->step = real_ns < q->from_ns || real_ns >= q->to_ns ?
			  ANSWER_NO_STEP :
			  w->ns / q->step_ns;
}

/* Once for all rows. */
static int find_times(struct answer *a, const struct block *b,
		      uint64_t bucket_ns)
{
	size_t i;

	if (b->samples > a->when_room) {
		free(a->when);
		a->when = malloc(b->samples * sizeof(a->when[0]));
		a->when_room = a->when ? b->samples : 0;
		if (!a->when)
			return -ENOMEM;
	}
	for (i = 0; i < b->samples; i++)
		find_when(&a->when[i], a->q, b->heads[i].real_ns, bucket_ns);
	return 0;
}

int answer_add(struct answer *a, const struct block *b, uint64_t bucket_ns)
{
	struct answer_row *r;
	size_t row;
	int ret = find_times(a, b, bucket_ns);

	if (ret)
		return ret;
	for (row = 0; row < b->rows; row++) {
		ret = get_row(a, b, row, &r);
		if (ret > 0)
			ret = add_row(a, r, b, row, bucket_ns);
		if (!ret)
			ret = make_room(a);
		if (ret < 0)
			return ret;
	}
	return 0;
}

bool answer_wants_samples(const struct answer *a)
{
	const struct book_entry *e = a->q->metric;
	uint8_t i;

	for (i = 0; is_extreme(a->aggregate) && i < e->count; i++)
		if (!e->inputs[i].rises)
			return true;
	return needs_samples(a);
}
