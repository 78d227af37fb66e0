// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/ktach_ring.h>
#include <ktach/source.h>

#include "combine.h"
#include "fixed.h"
#include "input.h"

/**
 * struct state - a sample of the ring, what it takes to combine it
 * @number: the sample's, 0 if there is none
 * @mono_ns: its time
 * @cpus: rows that it has; those after them are of CPUs that were never there
 * @rows: a row for each CPU: struct ktach_record, then the counters of all
 *	series, one after the other
 */
struct state {
	u64 number;
	u64 mono_ns;
	u32 cpus;
	u64 *rows;
};

/**
 * struct ktach_input - an input
 * @source: whose ring it is
 * @row_words: u64s in a row
 * @before: the last sample that was combined
 * @now: the one that is
 */
struct ktach_input {
	const struct ktach_source *source;
	unsigned int row_words;
	struct state before;
	struct state now;
};

/* Not a lap, but a writer that is as fast as we are. */
#define TRIES 4

static bool is_there(const struct ktach_source *source,
		     const struct ktach_series *series)
{
	return series->offset < source->record_size;
}

/* Words in a row; -EINVAL for a series that is not within its record. */
static int row_words(const struct ktach_source *source)
{
	const struct ktach_series *series = source->series;
	int words = 1;

	for (; series && series->count; series++) {
		u64 end = series->offset + series->count * sizeof(u64);

		if (series->metric + series->count > KTACH_METRICS ||
		    series->offset % sizeof(u64) ||
		    series->offset < sizeof(struct ktach_record) ||
		    (is_there(source, series) && end > source->record_size))
			return -EINVAL;
		if (is_there(source, series))
			words += series->count;
	}
	return words;
}

static u64 *create_rows(unsigned int words)
{
	return kvcalloc(nr_cpu_ids, words * sizeof(u64), GFP_KERNEL);
}

struct ktach_input *ktach_input_create(const struct ktach_source *source)
{
	struct ktach_input *input;
	int words = row_words(source);

	if (words < 0) {
		pr_err("%s: refused: its series do not fit its records\n",
		       source->name);
		return ERR_PTR(words);
	}
	input = kzalloc(sizeof(*input), GFP_KERNEL);
	if (!input)
		return ERR_PTR(-ENOMEM);
	input->source = source;
	input->row_words = words;
	input->before.rows = create_rows(words);
	input->now.rows = create_rows(words);
	if (!input->before.rows || !input->now.rows) {
		ktach_input_destroy(input);
		return ERR_PTR(-ENOMEM);
	}
	return input;
}

void ktach_input_destroy(struct ktach_input *input)
{
	kvfree(input->before.rows);
	kvfree(input->now.rows);
	kfree(input);
}

static void copy_record(const struct ktach_input *input, u64 *row,
			const void *record)
{
	const struct ktach_series *series = input->source->series;

	memcpy(row++, record, sizeof(struct ktach_record));
	for (; series && series->count; series++) {
		if (!is_there(input->source, series))
			continue;
		memcpy(row, record + series->offset,
		       series->count * sizeof(u64));
		row += series->count;
	}
}

/* False if it was lapped. */
static bool copy_sample(struct ktach_input *input,
			const struct ktach_ring *ring, u64 number)
{
	struct ktach_slot *slot = ktach_ring_slot(ring, number);
	const void *record = ktach_ring_records(slot);
	u64 *row = input->now.rows;
	u32 i;

	if (!ktach_ring_holds(ring, number))
		return false;
	input->now.number = number;
	input->now.mono_ns = READ_ONCE(slot->mono_ns);
	input->now.cpus =
		min(READ_ONCE(ring->header->records_seen), ring->records);
	for (i = 0; i < input->now.cpus; i++) {
		copy_record(input, row, record);
		row += input->row_words;
		record += ring->record_stride;
	}
	return ktach_ring_still_holds(ring, number);
}

/*
 * Is there a sample that is newer than the last? Time tells: a source's second
 * ring counts from 1 again, and its counters go on.
 */
static bool advance(struct ktach_input *input, const struct ktach_ring *ring)
{
	unsigned int tries;
	u64 number;

	for (tries = 0; tries < TRIES; tries++) {
		number = ktach_ring_head(ring);
		if (!number)
			return false;
		if (copy_sample(input, ring, number))
			return input->now.mono_ns > input->before.mono_ns;
	}
	return false;
}

static u64 ratio(const struct ktach_series *series, u64 delta, u64 interval_ns)
{
	return series->unit == KTACH_UNIT_NS ?
		       ktach_fixed_share(delta, interval_ns) :
		       ktach_fixed_rate(delta, interval_ns);
}

static const struct ktach_record *record_of(const struct ktach_input *input,
					    const struct state *state, u32 cpu)
{
	return (const void *)(state->rows + cpu * input->row_words);
}

/*
 * What word @word of a CPU's row has gained. Nothing for a CPU that was not
 * there before: its counters may tell of a time when nobody looked. A counter
 * that has gone back, which no source's does, counts as still.
 */
static u64 gained(const struct ktach_input *input, u32 cpu, unsigned int word)
{
	u64 before = input->before.rows[cpu * input->row_words + word];
	u64 now = input->now.rows[cpu * input->row_words + word];

	if (!(record_of(input, &input->before, cpu)->flags & KTACH_CPU_SEEN))
		return 0;
	return now > before ? now - before : 0;
}

/*
 * CPUs that were online at either end, and whose gain is known: it is their time.
 * Others may be online by now, or no more.
 */
static u32 count_online(const struct ktach_input *input)
{
	u32 cpu, before, now, online = 0;

	for (cpu = 0; cpu < min(input->before.cpus, input->now.cpus); cpu++) {
		before = record_of(input, &input->before, cpu)->flags;
		now = record_of(input, &input->now, cpu)->flags;
		online += before & KTACH_CPU_SEEN &&
			  (before | now) & KTACH_CPU_ONLINE;
	}
	return max(online, 1U);
}

/* One metric of all CPUs, whose counters are word @word of their rows. */
static void combine_metric(const struct ktach_input *input,
			   const struct ktach_series *series, u32 online,
			   unsigned int word, unsigned int metric,
			   struct ktach_combined *sample)
{
	u64 interval_ns = input->now.mono_ns - input->before.mono_ns;
	u64 delta, value, sum = 0;
	u32 cpu;

	for (cpu = 0; cpu < input->now.cpus; cpu++) {
		delta = gained(input, cpu, word);
		value = ratio(series, delta, interval_ns);
		sample->cpu[cpu].value[metric] = min_t(u64, value, U32_MAX);
		sum += delta;
	}
	if (series->unit == KTACH_UNIT_NS)
		interval_ns *= online;
	sample->total[metric] = ratio(series, sum, interval_ns);
	sample->metrics |= BIT_ULL(metric);
}

/* Two sources may claim the same metric: it belongs to who was first. */
static void combine_series(const struct ktach_input *input,
			   struct ktach_combined *sample)
{
	const struct ktach_series *series = input->source->series;
	unsigned int i, metric, word = 1;
	u32 online = count_online(input);

	for (; series && series->count; series++) {
		if (!is_there(input->source, series))
			continue;
		for (i = 0; i < series->count; i++, word++) {
			metric = series->metric + i;
			if (!(sample->metrics & BIT_ULL(metric)))
				combine_metric(input, series, online, word,
					       metric, sample);
		}
	}
}

static void note_input(const struct ktach_input *input,
		       struct ktach_combined *sample)
{
	struct ktach_combined_input *note;

	if (sample->inputs == KTACH_COMBINE_INPUTS_MAX)
		return;
	note = &sample->input[sample->inputs++];
	note->kind = input->source->kind;
	note->number = input->now.number;
	note->mono_ns = input->now.mono_ns;
	note->interval_ns = input->now.mono_ns - input->before.mono_ns;
}

/* Which CPUs were ever there only their rings know. */
static void note_seen(const struct ktach_input *input,
		      struct ktach_combined *sample)
{
	u32 cpu, flags;

	for (cpu = 0; cpu < input->before.cpus; cpu++) {
		flags = record_of(input, &input->before, cpu)->flags;
		sample->cpu[cpu].flags |= flags & KTACH_CPU_SEEN;
	}
}

/* The first sample of all is one to begin from. */
void ktach_input_combine(struct ktach_input *input,
			 const struct ktach_ring *ring,
			 struct ktach_combined *sample)
{
	if (advance(input, ring)) {
		if (input->before.number) {
			note_input(input, sample);
			combine_series(input, sample);
		}
		swap(input->before, input->now);
	}
	note_seen(input, sample);
}
