// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>

#include "collector/history/fold/rollup.h"
#include "lib/wire/wire_schema.h"

/* A rate is coded as 2^exponent * (1 + mantissa / 256), 0.001 being the unit. */
enum {
	CODE_NONE,
	CODE_ZERO,
	CODE_FIRST,
	CODE_MANTISSAS = 256,
	CODE_EXPONENTS = 80,
};

uint64_t rollup_code(double rate)
{
	int exponent;
	double part;

	if (isnan(rate))
		return CODE_NONE;
	part = frexp(rate * 1000, &exponent); /* 0.5 .. 1 */
	if (rate <= 0 || exponent < 0)
		return CODE_ZERO;
	return (uint64_t)(CODE_FIRST + exponent * CODE_MANTISSAS +
			  lround((part * 2 - 1) * CODE_MANTISSAS));
}

double rollup_rate(uint64_t code)
{
	uint64_t rest = code - CODE_FIRST;

	if (code == CODE_NONE || rest / CODE_MANTISSAS > CODE_EXPONENTS)
		return code == CODE_ZERO ? 0 : NAN;
	return ldexp(0.5 + (double)(rest % CODE_MANTISSAS) / CODE_MANTISSAS / 2,
		     (int)(rest / CODE_MANTISSAS)) /
	       1000;
}

double rollup_growth(uint64_t from, uint64_t from_mono_ns, uint64_t to,
		     uint64_t to_mono_ns)
{
	if (to < from || to_mono_ns <= from_mono_ns)
		return NAN;
	return (double)(to - from) * 1e9 / (double)(to_mono_ns - from_mono_ns);
}

/**
 * struct buckets - of a block's samples
 * @of: which one each sample is in
 * @next: the first sample that is in a later one
 * @factor: of each sample, what growth since the one before it is a second; NAN: none
 * @count: of buckets
 */
struct buckets {
	uint32_t *of;
	uint32_t *next;
	double *factor;
	size_t count;
};

/* One value under way. */
struct sum {
	size_t count;
	double total;
	uint64_t least; /* of a gauge, as signed */
	uint64_t most;
	uint64_t last;
	double slowest; /* of a counter */
	double fastest;
};

/* What came before, of a counter. */
struct before {
	bool known;
	uint64_t value;
	size_t sample;
};

/* Growth a second; of two samples next to each other without a division. */
static inline double rate_of(const struct buckets *k, const struct block *raw,
			     const struct before *b, uint64_t value,
			     size_t sample)
{
	if (sample != b->sample + 1)
		return rollup_growth(b->value, raw->heads[b->sample].mono_ns,
				     value, raw->heads[sample].mono_ns);
	return value < b->value ?
		       NAN :
		       (double)(value - b->value) * k->factor[sample];
}

/* The one that is no NAN, as of fmin() and fmax(). */
static inline void add_rate(struct sum *s, double rate)
{
	if (!(s->slowest <= rate))
		s->slowest = isnan(rate) ? s->slowest : rate;
	if (!(s->fastest >= rate))
		s->fastest = isnan(rate) ? s->fastest : rate;
}

static inline void add(struct sum *s, uint64_t value)
{
	int64_t v = (int64_t)value;

	if (!s->count || v < (int64_t)s->least)
		s->least = value;
	if (!s->count || v > (int64_t)s->most)
		s->most = value;
	s->total += (double)v;
	s->count++;
}

/* What came later, of the same value. */
static void join(struct sum *to, const struct sum *from)
{
	if (from->count) {
		if (!to->count || (int64_t)from->least < (int64_t)to->least)
			to->least = from->least;
		if (!to->count || (int64_t)from->most > (int64_t)to->most)
			to->most = from->most;
	}
	to->count += from->count;
	to->total += from->total;
	if (from->last != WIRE_ABSENT)
		to->last = from->last;
	add_rate(to, from->slowest);
	add_rate(to, from->fastest);
}

static void finish(const struct sum *s, bool counter, uint64_t *to,
		   size_t stride)
{
	uint64_t avg = 0;

	if (s->count && !counter)
		avg = (uint64_t)llround(s->total / (double)s->count);
	to[ROLLUP_MIN * stride] = counter ? rollup_code(s->slowest) : s->least;
	to[ROLLUP_AVG * stride] = avg;
	to[ROLLUP_MAX * stride] = counter ? rollup_code(s->fastest) : s->most;
	to[ROLLUP_LAST * stride] = s->last;
}

/* All absent: the values say so, too. */
static struct sum empty(void)
{
	return (struct sum){ .least = WIRE_ABSENT,
			     .most = WIRE_ABSENT,
			     .last = WIRE_ABSENT,
			     .slowest = NAN,
			     .fastest = NAN };
}

/* Which bucket each sample is in; their number. Without a division for each: most are in
 * the one of the sample before.
 */
static size_t number_buckets(const struct block *raw, uint32_t *of,
			     uint64_t bucket_ns)
{
	uint64_t begin_ns = 0;
	uint32_t buckets = 0;
	size_t i;

	for (i = 0; i < raw->samples; i++) {
		uint64_t real_ns = raw->heads[i].real_ns;

		if (!i || real_ns - begin_ns >= bucket_ns) {
			begin_ns = real_ns - real_ns % bucket_ns;
			buckets++;
		}
		of[i] = buckets - 1;
	}
	return buckets;
}

static int find_buckets(struct buckets *k, const struct block *raw,
			uint64_t bucket_ns)
{
	uint32_t next = (uint32_t)raw->samples;
	size_t i;

	k->of = malloc((raw->samples + 1) * sizeof(*k->of));
	k->next = malloc((raw->samples + 1) * sizeof(*k->next));
	k->factor = malloc((raw->samples + 1) * sizeof(*k->factor));
	if (!k->of || !k->next || !k->factor)
		return -ENOMEM;
	k->count = number_buckets(raw, k->of, bucket_ns);
	for (i = 1; i < raw->samples; i++)
		k->factor[i] = rollup_growth(0, raw->heads[i - 1].mono_ns, 1,
					     raw->heads[i].mono_ns);
	for (i = raw->samples; i--; k->next[i] = next)
		if (i + 1 < raw->samples && k->of[i] != k->of[i + 1])
			next = (uint32_t)i + 1;
	return 0;
}

/* That of a bucket is the one of its last sample. */
static void sum_heads(const struct block *raw, const struct buckets *k,
		      struct block_head *heads)
{
	size_t i;

	for (i = 0; i < raw->samples; i++)
		heads[k->of[i]] = raw->heads[i];
}

/* The first value of a row that is in a later bucket. */
static size_t bucket_end(const struct block *raw, size_t row, size_t value,
			 const struct buckets *k)
{
	size_t end = raw->first[row + 1];
	uint32_t next;

	if (raw->full)
		return raw->first[row] + k->next[value - raw->first[row]];
	next = k->next[raw->at[value]];
	while (value < end && raw->at[value] < next)
		value++;
	return value;
}

/* A row is in a bucket if it is in one of its samples. */
static int sum_presence(const struct block *raw, struct block *out,
			const struct buckets *k)
{
	size_t row, i, count = 0;

	for (row = 0; row < raw->rows; row++) {
		out->first[row] = count;
		for (i = raw->first[row]; i < raw->first[row + 1];
		     i = bucket_end(raw, row, i, k))
			count++;
	}
	out->first[row] = count;
	if (block_fill(out, count))
		return -ENOMEM;
	for (row = 0, count = 0; row < raw->rows; row++)
		for (i = raw->first[row]; i < raw->first[row + 1];
		     i = bucket_end(raw, row, i, k))
			out->at[count++] = k->of[block_sample(raw, row, i)];
	out->full = count == out->rows * out->samples;
	return 0;
}

static void sum_gauge(const uint64_t *cells, size_t i, size_t end,
		      struct sum *to)
{
	struct sum sum = empty();

	for (; i < end; i++) {
		if (cells[i] == WIRE_ABSENT)
			continue;
		add(&sum, cells[i]);
		sum.last = cells[i];
	}
	*to = sum;
}

static void sum_counter(const struct block *raw, const struct buckets *k,
			const uint64_t *cells, size_t row, size_t i, size_t end,
			struct before *before, struct sum *to)
{
	struct before b = *before;
	struct sum sum = empty();

	for (; i < end; i++) {
		size_t sample;

		if (cells[i] == WIRE_ABSENT)
			continue;
		sample = block_sample(raw, row, i);
		if (b.known)
			add_rate(&sum, rate_of(k, raw, &b, cells[i], sample));
		b = (struct before){ true, cells[i], sample };
		sum.last = cells[i];
	}
	*before = b;
	*to = sum;
}

/* What most rows are: in all samples, all of them known. */
static bool is_plain(const struct block *raw, const uint64_t *cells, size_t row)
{
	size_t i, end = raw->first[row + 1];
	uint64_t all = 0;

	for (i = raw->first[row]; raw->full && i < end; i++)
		all |= cells[i];
	return raw->full && !(all & WIRE_ABSENT);
}

/* The same of a plain row: @cells and @factor are those of the bucket's @count samples,
 * and there is one before it. A rate that is none is neither less nor more.
 */
static struct sum sum_plain_counter(const uint64_t *cells, const double *factor,
				    size_t count)
{
	double slowest = INFINITY, fastest = -INFINITY;
	struct sum sum = empty();
	size_t i;

	for (i = 0; i < count; i++) {
		double rate =
			(double)(int64_t)(cells[i] - cells[i - 1]) * factor[i];

		if (cells[i] < cells[i - 1])
			continue;
		slowest = rate < slowest ? rate : slowest;
		fastest = rate > fastest ? rate : fastest;
	}
	if (slowest <= fastest) {
		sum.slowest = slowest;
		sum.fastest = fastest;
	}
	sum.last = cells[count - 1];
	return sum;
}

static bool is_same_bucket(const struct block *raw, const struct buckets *k,
			   size_t row, size_t a, size_t b)
{
	return k->of[block_sample(raw, row, a)] ==
	       k->of[block_sample(raw, row, b)];
}

/* Values make the buckets of the first tier, and those make the ones of the next. */
static void sum_row(const struct block *raw, struct block *out,
		    const struct buckets *k, size_t tiers, uint32_t column,
		    size_t row)
{
	const struct wire_schema *schema = wire_schema(raw->kind);
	bool counter = schema && column + 1 < schema->columns &&
		       schema->types[column + 1] == WIRE_COUNTER;
	const uint64_t *cells = block_column(raw, column);
	bool plain = counter && is_plain(raw, cells, row);
	size_t i = raw->first[row], end = raw->first[row + 1], last, tier;
	uint64_t *to[ROLLUP_MAX_TIERS];
	struct sum sums[ROLLUP_MAX_TIERS], sum;
	struct before before = { false };

	for (tier = 0; tier < tiers; tier++) {
		to[tier] = block_column(&out[tier], column * ROLLUP_PARTS) +
			   out[tier].first[row];
		sums[tier] = empty();
	}
	for (; i < end; i = last) {
		last = bucket_end(raw, row, i, k);
		if (plain && i > raw->first[row])
			sum = sum_plain_counter(
				cells + i, k->factor + (i - raw->first[row]),
				last - i);
		else if (counter)
			sum_counter(raw, k, cells, row, i, last, &before, &sum);
		else
			sum_gauge(cells, i, last, &sum);
		finish(&sum, counter, to[0]++, out[0].count);
		for (tier = 1; tier < tiers; tier++) {
			join(&sums[tier], &sum);
			if (last < end &&
			    is_same_bucket(raw, &k[tier], row, i, last))
				continue;
			finish(&sums[tier], counter, to[tier]++,
			       out[tier].count);
			sums[tier] = empty();
		}
	}
}

static int copy_words(const struct block *raw, struct block *out)
{
	if (raw->rows)
		memcpy(out->word, raw->word, raw->rows * sizeof(*out->word));
	return buffer_put(&out->words, raw->words.data, raw->words.used);
}

static int shape(const struct block *raw, uint64_t bucket_ns, struct block *out,
		 struct buckets *k)
{
	out->kind = raw->kind;
	out->group = ROLLUP_PARTS;
	out->texts = raw->texts;
	if (find_buckets(k, raw, bucket_ns) ||
	    block_shape(out, raw->columns * ROLLUP_PARTS, k->count,
			raw->rows) ||
	    copy_words(raw, out))
		return -ENOMEM;
	sum_heads(raw, k, out->heads);
	if (raw->rows)
		memcpy(out->keys, raw->keys, raw->rows * sizeof(*out->keys));
	return sum_presence(raw, out, k);
}

int rollup_make(const struct block *raw, const uint64_t *bucket_ns,
		struct block *out, size_t count)
{
	struct buckets k[ROLLUP_MAX_TIERS] = { { NULL } };
	uint32_t column;
	size_t row, tier;
	int err = 0;

	for (tier = 0; !err && tier < count; tier++)
		err = shape(raw, bucket_ns[tier], &out[tier], &k[tier]);
	for (column = 0; !err && column < raw->columns; column++)
		for (row = 0; row < raw->rows; row++)
			sum_row(raw, out, k, count, column, row);
	for (tier = 0; tier < count; tier++) {
		free(k[tier].of);
		free(k[tier].next);
		free(k[tier].factor);
	}
	return err;
}
