// SPDX-License-Identifier: GPL-2.0-only
/* A ring as an input of combined samples: what two of its samples become. */
#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/overflow.h>
#include <linux/time64.h>
#include <linux/vmalloc.h>
#include <ktach/source.h>

#include "../../kmod/aggregator/combine.h"
#include "../../kmod/aggregator/input.h"

enum {
	TIME = KTACH_METRIC_USER,
	RATE = KTACH_METRIC_SOFTIRQ_RATE,
	EXACT = KTACH_METRIC_EXACT_BUSY,
};

struct record {
	struct ktach_record head;
	u64 time_ns[2];
	u64 count;
	u64 exact_ns; /* behind the record's size, unless a test says else */
};

static const struct ktach_series series[] = {
	{ offsetof(struct record, time_ns), 2, TIME, KTACH_UNIT_NS },
	{ offsetof(struct record, count), 1, RATE, KTACH_UNIT_COUNT },
	{ offsetof(struct record, exact_ns), 1, EXACT, KTACH_UNIT_NS },
	{}
};

static struct ktach_source source;
static struct ktach_input *input;
static struct ktach_ring ring;
static struct ktach_combined *sample;

static void create_ring(struct kunit *test)
{
	memset(&ring, 0, sizeof(ring));
	ring.slots = 4;
	ring.records = nr_cpu_ids;
	ring.record_size = source.record_size;
	ktach_ring_shape(&ring);
	ring.header = vzalloc(ring.bytes);
	KUNIT_ASSERT_NOT_NULL(test, ring.header);
	ktach_ring_format(&ring, "kunit", KTACH_RING_CPUSTAT);
}

static void create_input(struct kunit *test)
{
	input = ktach_input_create(&source);
	KUNIT_ASSERT_FALSE(test, IS_ERR(input));
}

static int setup(struct kunit *test)
{
	source = (struct ktach_source){
		.name = "kunit",
		.kind = KTACH_RING_CPUSTAT,
		.record_size = offsetof(struct record, exact_ns),
		.series = series,
	};
	create_ring(test);
	create_input(test);
	sample = vzalloc(struct_size(sample, cpu, nr_cpu_ids));
	return sample ? 0 : -ENOMEM;
}

static void cleanup(struct kunit *test)
{
	ktach_input_destroy(input);
	vfree(ring.header);
	vfree(sample);
}

static u32 flags = KTACH_CPU_ONLINE | KTACH_CPU_SEEN;

/* The ring's next sample: the same for each CPU. */
static void add(u64 mono_ns, u64 time_ns, u64 other_ns, u64 count, u64 exact_ns)
{
	struct ktach_slot *slot = ktach_ring_begin(&ring);
	void *at = ktach_ring_records(slot);
	struct record *r;
	u32 i;

	slot->mono_ns = mono_ns;
	ring.header->records_seen = ring.records;
	for (i = 0; i < ring.records; i++) {
		r = at + i * ring.record_stride;
		r->head.cpu = i;
		r->head.flags = flags;
		r->time_ns[0] = time_ns;
		r->time_ns[1] = other_ns;
		r->count = count;
		if (ring.record_size == sizeof(*r))
			r->exact_ns = exact_ns;
	}
	ktach_ring_commit(&ring, slot);
}

static void combine(void)
{
	memset(sample, 0, struct_size(sample, cpu, nr_cpu_ids));
	sample->cpus_online = nr_cpu_ids;
	ktach_input_combine(input, &ring, sample);
}

static void shares_and_rates(struct kunit *test)
{
	const u64 s = NSEC_PER_SEC;

	add(10 * s, 5 * s, 7 * s, 1000, 0);
	combine();
	KUNIT_EXPECT_EQ(test, sample->metrics, 0);
	KUNIT_EXPECT_EQ(test, sample->inputs, 0);

	add(12 * s, 5 * s + s / 2, 8 * s, 1500, 0);
	combine();
	KUNIT_EXPECT_EQ(test, sample->metrics,
			BIT(TIME) | BIT(TIME + 1) | BIT(RATE));
	KUNIT_EXPECT_EQ(test, sample->cpu[0].value[TIME], 2500);
	KUNIT_EXPECT_EQ(test, sample->cpu[0].value[TIME + 1], 5000);
	KUNIT_EXPECT_EQ(test, sample->cpu[0].value[RATE], 250000);
	KUNIT_EXPECT_TRUE(test, sample->cpu[0].flags & KTACH_CPU_SEEN);
	KUNIT_EXPECT_EQ(test, sample->total[TIME], 2500);
	KUNIT_EXPECT_EQ(test, sample->total[RATE], 250000 * nr_cpu_ids);
	KUNIT_EXPECT_EQ(test, sample->inputs, 1);
	KUNIT_EXPECT_EQ(test, sample->input[0].kind, KTACH_RING_CPUSTAT);
	KUNIT_EXPECT_EQ(test, sample->input[0].number, 2);
	KUNIT_EXPECT_EQ(test, sample->input[0].mono_ns, 12 * s);
	KUNIT_EXPECT_EQ(test, sample->input[0].interval_ns, 2 * s);
}

/* Of many samples between two calls, the first and the last count. */
static void the_newest_counts(struct kunit *test)
{
	const u64 s = NSEC_PER_SEC;
	int i;

	add(10 * s, 0, 0, 0, 0);
	combine();
	for (i = 1; i <= 10; i++)
		add((10 + i) * s, i * s / 10, 0, i, 0);
	combine();
	KUNIT_EXPECT_EQ(test, sample->cpu[0].value[TIME], 1000);
	KUNIT_EXPECT_EQ(test, sample->cpu[0].value[RATE], 1000);
	KUNIT_EXPECT_EQ(test, sample->input[0].interval_ns, 10 * s);
}

static void nothing_new_is_left_out(struct kunit *test)
{
	const u64 s = NSEC_PER_SEC;

	combine();
	KUNIT_EXPECT_EQ(test, sample->metrics, 0);
	add(10 * s, 0, 0, 0, 0);
	combine();
	add(11 * s, s, 0, 0, 0);
	combine();
	KUNIT_EXPECT_NE(test, sample->metrics, 0);
	combine();
	KUNIT_EXPECT_EQ(test, sample->metrics, 0);
	KUNIT_EXPECT_EQ(test, sample->inputs, 0);
	KUNIT_EXPECT_TRUE(test, sample->cpu[0].flags & KTACH_CPU_SEEN);
	/* And is there again, from where it was. */
	add(13 * s, 2 * s, 0, 0, 0);
	combine();
	KUNIT_EXPECT_EQ(test, sample->cpu[0].value[TIME], 5000);
}

/* A sample that is being written is none. */
static void under_the_pen(struct kunit *test)
{
	const u64 s = NSEC_PER_SEC;

	add(10 * s, 0, 0, 0, 0);
	combine();
	ktach_ring_begin(&ring);
	WRITE_ONCE(ring.header->head, 2);
	combine();
	KUNIT_EXPECT_EQ(test, sample->metrics, 0);
}

/* Counters go on in a second ring, which counts its samples from 1. */
static void a_ring_in_its_place(struct kunit *test)
{
	const u64 s = NSEC_PER_SEC;

	add(10 * s, 0, 0, 0, 0);
	add(11 * s, s, 0, 0, 0);
	combine();
	vfree(ring.header);
	create_ring(test);
	combine();
	KUNIT_EXPECT_EQ(test, sample->metrics, 0);
	add(13 * s, 2 * s, 0, 0, 0);
	combine();
	KUNIT_EXPECT_EQ(test, sample->cpu[0].value[TIME], 5000);
	KUNIT_EXPECT_EQ(test, sample->input[0].number, 1);
}

static void a_series_that_is_there(struct kunit *test)
{
	const u64 s = NSEC_PER_SEC;

	cleanup(test);
	setup(test);
	ktach_input_destroy(input);
	vfree(ring.header);
	source.record_size = sizeof(struct record);
	create_ring(test);
	create_input(test);
	add(10 * s, 0, 0, 0, s);
	combine();
	add(11 * s, 0, 0, 0, s + s / 5);
	combine();
	KUNIT_EXPECT_TRUE(test, sample->metrics & BIT(EXACT));
	KUNIT_EXPECT_EQ(test, sample->cpu[0].value[EXACT], 2000);
}

/* Its counters may be those of a time when nobody looked. */
static void a_cpu_that_comes(struct kunit *test)
{
	const u64 s = NSEC_PER_SEC;

	add(10 * s, 0, 0, 0, 0);
	ring.header->records_seen = 0;
	combine();
	add(11 * s, 5 * s, 5 * s, 1000, 0);
	combine();
	KUNIT_EXPECT_EQ(test, sample->cpu[0].value[TIME], 0);
	KUNIT_EXPECT_EQ(test, sample->total[RATE], 0);
	KUNIT_EXPECT_TRUE(test, sample->cpu[0].flags & KTACH_CPU_SEEN);
	add(12 * s, 6 * s, 5 * s, 1001, 0);
	combine();
	KUNIT_EXPECT_EQ(test, sample->cpu[0].value[TIME], KTACH_SHARE_ONE);
	KUNIT_EXPECT_EQ(test, sample->cpu[0].value[RATE], KTACH_RATE_ONE);
}

/* As 0 rather than as 2^64 - 1. */
static void backward_is_still(struct kunit *test)
{
	const u64 s = NSEC_PER_SEC;

	add(10 * s, 5 * s, 0, 100, 0);
	combine();
	add(11 * s, 4 * s, 0, 99, 0);
	combine();
	KUNIT_EXPECT_EQ(test, sample->cpu[0].value[TIME], 0);
	KUNIT_EXPECT_EQ(test, sample->cpu[0].value[RATE], 0);
	KUNIT_EXPECT_EQ(test, sample->total[TIME], 0);
}

static void more_than_fits(struct kunit *test)
{
	add(1000, 0, 0, 0, 0);
	combine();
	add(2000, 1ULL << 60, 0, 1ULL << 40, 0);
	combine();
	KUNIT_EXPECT_EQ(test, sample->cpu[0].value[TIME], U32_MAX);
	KUNIT_EXPECT_EQ(test, sample->cpu[0].value[RATE], U32_MAX);
	KUNIT_EXPECT_GT(test, sample->total[TIME], U32_MAX);
}

/* Another source had the metric first. */
static void a_metric_has_one_source(struct kunit *test)
{
	add(1000, 0, 0, 0, 0);
	combine();
	add(2000, 1000, 1000, 0, 0);
	memset(sample, 0, struct_size(sample, cpu, nr_cpu_ids));
	sample->metrics = BIT(TIME);
	sample->cpu[0].value[TIME] = 4711;
	ktach_input_combine(input, &ring, sample);
	KUNIT_EXPECT_EQ(test, sample->cpu[0].value[TIME], 4711);
	KUNIT_EXPECT_EQ(test, sample->cpu[0].value[TIME + 1], KTACH_SHARE_ONE);
}

static void expect_refused(struct kunit *test, const struct ktach_series *bad)
{
	struct ktach_source s = source;

	s.series = bad;
	KUNIT_EXPECT_EQ(test, PTR_ERR(ktach_input_create(&s)), -EINVAL);
}

static void series_that_make_no_sense(struct kunit *test)
{
	static const struct ktach_series bad[][2] = {
		{ { 0, 1, TIME, KTACH_UNIT_NS }, {} },
		{ { 12, 1, TIME, KTACH_UNIT_NS }, {} },
		{ { 24, 2, TIME, KTACH_UNIT_NS }, {} },
		{ { 8, 1, KTACH_METRICS, KTACH_UNIT_NS }, {} },
		{ { 8, 2, KTACH_METRICS - 1, KTACH_UNIT_NS }, {} },
	};
	struct ktach_source none = source;
	struct ktach_input *other;
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		expect_refused(test, bad[i]);
	none.series = NULL;
	other = ktach_input_create(&none);
	KUNIT_ASSERT_FALSE(test, IS_ERR(other));
	ktach_input_destroy(other);
}

static struct kunit_case input_cases[] = { KUNIT_CASE(shares_and_rates),
					   KUNIT_CASE(the_newest_counts),
					   KUNIT_CASE(nothing_new_is_left_out),
					   KUNIT_CASE(under_the_pen),
					   KUNIT_CASE(a_ring_in_its_place),
					   KUNIT_CASE(a_series_that_is_there),
					   KUNIT_CASE(backward_is_still),
					   KUNIT_CASE(more_than_fits),
					   KUNIT_CASE(a_metric_has_one_source),
					   KUNIT_CASE(
						   series_that_make_no_sense),
					   {} };

static struct kunit_suite input_suite = {
	.name = "ktach_input",
	.init = setup,
	.exit = cleanup,
	.test_cases = input_cases,
};
kunit_test_suite(input_suite);
