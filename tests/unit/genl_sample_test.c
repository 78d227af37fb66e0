// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages of the family "ktach": each number goes where it belongs, and a sample
 * that comes in several messages is put together from those of its own number.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "lib/netlink/genl_sample.h"

enum {
	CPUS = 10,
	STRIDE = sizeof(struct ktach_cpu_sample),
	LONGER = STRIDE + 16, /* of a kernel that knows more of a CPU */
};

static struct nl_msg *create_message(void)
{
	struct nl_msg *msg = nlmsg_alloc();

	assert_non_null(msg);
	assert_non_null(genlmsg_put(msg, 0, 0, 77, 0, 0, KTACH_CMD_SAMPLE_GET,
				    KTACH_GENL_VERSION));
	return msg;
}

/* Used up; returns what comes of it. */
static int add(struct assembly *a, struct nl_msg *msg)
{
	int ret = assembly_add(a, nlmsg_data(nlmsg_hdr(msg)));

	nlmsg_free(msg);
	return ret;
}

static void put_ring(struct nl_msg *msg, uint32_t kind, uint64_t base)
{
	struct nlattr *nest = nla_nest_start(msg, KTACH_A_SAMPLE_RING);

	nla_put_u32(msg, KTACH_A_RING_KIND, kind);
	nla_put_u64(msg, KTACH_A_RING_NUMBER, base + 1);
	nla_put_u64(msg, KTACH_A_RING_MONO_NS, base + 2);
	nla_put_u64(msg, KTACH_A_RING_INTERVAL_NS, base + 3);
	nla_nest_end(msg, nest);
}

static void put_host(struct nl_msg *msg, unsigned int rings)
{
	struct nlattr *nest;
	uint32_t i;

	nla_put_u64(msg, KTACH_A_SAMPLE_LOST, 11);
	nla_put_u64(msg, KTACH_A_SAMPLE_MONO_NS, 12);
	nla_put_u64(msg, KTACH_A_SAMPLE_REAL_NS, 13);
	nla_put_u64(msg, KTACH_A_SAMPLE_MISSED, 14);
	nla_put_u64(msg, KTACH_A_SAMPLE_METRICS, 15);
	nla_put_u32(msg, KTACH_A_SAMPLE_CPUS_POSSIBLE, CPUS);
	nla_put_u32(msg, KTACH_A_SAMPLE_CPUS_ONLINE, CPUS - 1);
	nest = nla_nest_start(msg, KTACH_A_SAMPLE_LOAD);
	for (i = 0; i < 3; i++)
		nla_put_u32(msg, (int)(KTACH_A_LOAD_AVG1 + i), 21 + i);
	nla_nest_end(msg, nest);
	nest = nla_nest_start(msg, KTACH_A_SAMPLE_MEMORY);
	for (i = 0; i < 5; i++)
		nla_put_u64(msg, (int)(KTACH_A_MEMORY_TOTAL + i), 31 + i);
	nla_nest_end(msg, nest);
	for (i = 0; i < rings; i++)
		put_ring(msg, 41 + i, 1000 * (i + 1));
	nest = nla_nest_start(msg, KTACH_A_SAMPLE_TOTALS);
	for (i = 0; i < KTACH_METRICS; i++)
		nla_put_u64(msg, (int)KTACH_A_METRIC(i), 100 + i);
	/* What is measured from the next version on. */
	nla_put_u64(msg, KTACH_A_METRIC_MAX + 1, 7);
	nla_nest_end(msg, nest);
}

static struct ktach_cpu_sample cpu_of(uint32_t number)
{
	struct ktach_cpu_sample cpu = { .cpu = number, .flags = number * 2 };
	uint32_t i;

	for (i = 0; i < KTACH_METRICS; i++)
		cpu.value[i] = number * 100 + i;
	return cpu;
}

static void put_cpus(struct nl_msg *msg, uint32_t first, uint32_t count,
		     uint32_t stride)
{
	uint8_t *packed = malloc((size_t)count * stride);
	uint32_t i;

	memset(packed, 0xee, (size_t)count * stride);
	for (i = 0; i < count; i++) {
		struct ktach_cpu_sample cpu = cpu_of(first + i);

		memcpy(packed + (size_t)i * stride, &cpu,
		       stride < STRIDE ? stride : STRIDE);
	}
	nla_put_u32(msg, KTACH_A_SAMPLE_PACKED_STRIDE, stride);
	nla_put(msg, KTACH_A_SAMPLE_PACKED, (int)(count * stride), packed);
	free(packed);
}

/* One of the messages of a sample: CPUs from @first on. */
static struct nl_msg *part_of(uint64_t number, uint32_t first, uint32_t count,
			      bool more)
{
	struct nl_msg *msg = create_message();

	nla_put_u64(msg, KTACH_A_SAMPLE_NUMBER, number);
	if (!first)
		put_host(msg, 2);
	if (count)
		put_cpus(msg, first, count, STRIDE);
	if (more)
		nla_put_flag(msg, KTACH_A_SAMPLE_MORE);
	return msg;
}

static void expect_cpus(const struct assembly *a, uint32_t count)
{
	struct ktach_cpu_sample cpu;
	uint32_t i;

	assert_int_equal(a->sample.cpus, count);
	for (i = 0; i < count; i++) {
		cpu = cpu_of(i);
		assert_memory_equal(&a->sample.cpu[i], &cpu, sizeof(cpu));
	}
}

static void each_number_in_its_place(void **state)
{
	struct assembly a = { .room = 0 };
	const struct family_sample *s = &a.sample;
	uint32_t i;

	assert_int_equal(add(&a, part_of(9, 0, CPUS, false)), 1);
	assert_int_equal(s->number, 9);
	assert_int_equal(s->lost, 11);
	assert_int_equal(s->mono_ns, 12);
	assert_int_equal(s->real_ns, 13);
	assert_int_equal(s->missed, 14);
	assert_int_equal(s->metrics, 15);
	assert_int_equal(s->cpus_possible, CPUS);
	assert_int_equal(s->cpus_online, CPUS - 1);
	for (i = 0; i < 3; i++)
		assert_int_equal(s->load[i], 21 + i);
	assert_int_equal(s->memory.total, 31);
	assert_int_equal(s->memory.free, 32);
	assert_int_equal(s->memory.available, 33);
	assert_int_equal(s->memory.shared, 34);
	assert_int_equal(s->memory.buffers, 35);
	assert_int_equal(s->rings, 2);
	for (i = 0; i < 2; i++) {
		assert_int_equal(s->ring[i].kind, 41 + i);
		assert_int_equal(s->ring[i].number, 1000 * (i + 1) + 1);
		assert_int_equal(s->ring[i].mono_ns, 1000 * (i + 1) + 2);
		assert_int_equal(s->ring[i].interval_ns, 1000 * (i + 1) + 3);
	}
	for (i = 0; i < KTACH_METRICS; i++)
		assert_int_equal(s->total[i], 100 + i);
	expect_cpus(&a, CPUS);
	assembly_free(&a);
}

static void several_messages(void **state)
{
	struct assembly a = { .room = 0 };

	assert_int_equal(add(&a, part_of(9, 0, 4, true)), 0);
	assert_int_equal(add(&a, part_of(9, 4, 5, true)), 0);
	assert_int_equal(add(&a, part_of(9, 9, 1, false)), 1);
	expect_cpus(&a, CPUS);
	assert_int_equal(a.sample.mono_ns, 12);
	assert_int_equal(a.sample.rings, 2);
	/* It is whole: there is nothing that this one continues. */
	assert_int_equal(add(&a, part_of(9, 4, 5, false)), 0);
	expect_cpus(&a, CPUS);
	/* Only what all CPUs have, then these. */
	assert_int_equal(add(&a, part_of(10, 0, 0, true)), 0);
	assert_int_equal(a.sample.cpus, 0);
	assert_int_equal(add(&a, part_of(11, 1, 9, false)), 0);
	assert_int_equal(a.sample.cpus, 0);
	/* The rest of one whose beginning was lost, and the next as a whole. */
	assert_int_equal(add(&a, part_of(12, 0, 4, true)), 0);
	assert_int_equal(add(&a, part_of(13, 4, 6, false)), 0);
	assert_int_equal(add(&a, part_of(14, 0, 4, true)), 0);
	assert_int_equal(a.sample.number, 14);
	assert_int_equal(add(&a, part_of(14, 4, 6, false)), 1);
	expect_cpus(&a, CPUS);
	assembly_free(&a);
}

/* Records of other kernels are longer, or shorter; the totals alone have none. */
static void other_records(void **state)
{
	struct assembly a = { .room = 0 };
	struct nl_msg *msg = part_of(9, 0, 0, false);

	put_cpus(msg, 0, CPUS, LONGER);
	assert_int_equal(add(&a, msg), 1);
	expect_cpus(&a, CPUS);
	msg = part_of(10, 0, 0, false);
	put_cpus(msg, 3, 2, 8);
	assert_int_equal(add(&a, msg), 1);
	assert_int_equal(a.sample.cpus, 2);
	assert_int_equal(a.sample.cpu[1].cpu, 4);
	assert_int_equal(a.sample.cpu[1].flags, 8);
	assert_int_equal(a.sample.cpu[1].value[0], 0);
	assert_int_equal(add(&a, part_of(11, 0, 0, false)), 1);
	assert_int_equal(a.sample.cpus, 0);
	assembly_free(&a);
}

static void too_many_rings(void **state)
{
	struct assembly a = { .room = 0 };
	struct nl_msg *msg = create_message();

	nla_put_u64(msg, KTACH_A_SAMPLE_NUMBER, 1);
	put_host(msg, FAMILY_RINGS_MAX + 1);
	assert_int_equal(add(&a, msg), 1);
	assert_int_equal(a.sample.rings, FAMILY_RINGS_MAX);
	assembly_free(&a);
}

/* A beginning without one of its parts. */
static struct nl_msg *beginning_without(int missing)
{
	static const int nests[] = { KTACH_A_SAMPLE_LOAD, KTACH_A_SAMPLE_MEMORY,
				     KTACH_A_SAMPLE_TOTALS };
	struct nl_msg *msg = create_message();
	struct nlattr *nest;
	size_t i;

	nla_put_u64(msg, KTACH_A_SAMPLE_NUMBER, 1);
	nla_put_u64(msg, KTACH_A_SAMPLE_MONO_NS, 1);
	for (i = 0; i < sizeof(nests) / sizeof(nests[0]); i++) {
		if (nests[i] == missing)
			continue;
		/* An empty one would not be put. */
		nest = nla_nest_start(msg, nests[i]);
		nla_put_u64(msg, 1, 0);
		nla_nest_end(msg, nest);
	}
	return msg;
}

static void put_short(struct nl_msg *msg, int outer, int inner)
{
	struct nlattr *nest = nla_nest_start(msg, outer);

	nla_put_u16(msg, inner, 1);
	nla_nest_end(msg, nest);
}

static void messages_without_sense(void **state)
{
	struct assembly a = { .room = 0 };
	struct nl_msg *msg = create_message();

	assert_int_equal(add(&a, msg), -EPROTO);
	msg = create_message();
	nla_put_u32(msg, KTACH_A_SAMPLE_NUMBER, 1);
	assert_int_equal(add(&a, msg), -EPROTO);
	assert_int_equal(add(&a, beginning_without(0)), 1);
	assert_int_equal(add(&a, beginning_without(KTACH_A_SAMPLE_LOAD)),
			 -EPROTO);
	assert_int_equal(add(&a, beginning_without(KTACH_A_SAMPLE_MEMORY)),
			 -EPROTO);
	assert_int_equal(add(&a, beginning_without(KTACH_A_SAMPLE_TOTALS)),
			 -EPROTO);
	msg = beginning_without(KTACH_A_SAMPLE_LOAD);
	put_short(msg, KTACH_A_SAMPLE_LOAD, KTACH_A_LOAD_AVG5);
	assert_int_equal(add(&a, msg), -EPROTO);
	msg = beginning_without(KTACH_A_SAMPLE_MEMORY);
	put_short(msg, KTACH_A_SAMPLE_MEMORY, KTACH_A_MEMORY_FREE);
	assert_int_equal(add(&a, msg), -EPROTO);
	msg = beginning_without(KTACH_A_SAMPLE_TOTALS);
	put_short(msg, KTACH_A_SAMPLE_TOTALS, KTACH_A_METRIC_FIRST);
	assert_int_equal(add(&a, msg), -EPROTO);
	msg = beginning_without(0);
	put_short(msg, KTACH_A_SAMPLE_RING, KTACH_A_RING_NUMBER);
	assert_int_equal(add(&a, msg), -EPROTO);
	msg = beginning_without(0);
	nla_put_u16(msg, KTACH_A_SAMPLE_REAL_NS, 1);
	assert_int_equal(add(&a, msg), -EPROTO);
	assembly_free(&a);
}

/* Records that are no length, or more than there are CPUs. */
static void records_without_sense(void **state)
{
	static const uint32_t strides[] = { 0, 7, INT32_MAX + 1U, UINT32_MAX };
	struct assembly a = { .room = 0 };
	struct nl_msg *msg;
	size_t i;

	for (i = 0; i < sizeof(strides) / sizeof(strides[0]); i++) {
		msg = part_of(1, 0, 0, true);
		nla_put_u32(msg, KTACH_A_SAMPLE_PACKED_STRIDE, strides[i]);
		nla_put(msg, KTACH_A_SAMPLE_PACKED, 12, "abcdefghijk");
		assert_int_equal(add(&a, msg), i < 2 ? -EPROTO : 0);
		assert_int_equal(a.sample.cpus, 0);
	}
	msg = part_of(1, 0, 0, true);
	nla_put(msg, KTACH_A_SAMPLE_PACKED, 12, "abcdefghijk");
	assert_int_equal(add(&a, msg), -EPROTO);
	assert_int_equal(add(&a, part_of(2, 0, CPUS, true)), 0);
	assert_int_equal(add(&a, part_of(2, CPUS, 1, false)), -EPROTO);
	/* What is left of it is not taken. */
	assert_int_equal(add(&a, part_of(2, CPUS, 0, false)), 0);
	assembly_free(&a);
}

static void sources(void **state)
{
	static const char far[] = "a-name-that-is-longer-than-what-is-kept";
	struct family_source s;
	struct nl_msg *msg = create_message();
	struct genlmsghdr *message = nlmsg_data(nlmsg_hdr(msg));

	assert_int_equal(source_parse(&s, message), -EPROTO);
	nla_put_string(msg, KTACH_A_SOURCE_NAME, "cpustat");
	assert_int_equal(source_parse(&s, message), 0);
	assert_string_equal(s.device, "");
	nla_put_string(msg, KTACH_A_SOURCE_DEVICE, far);
	nla_put_u32(msg, KTACH_A_SOURCE_KIND, 1);
	nla_put_u32(msg, KTACH_A_SOURCE_FEATURES, 2);
	nla_put_u32(msg, KTACH_A_SOURCE_PERIOD_US, 3);
	nla_put_u32(msg, KTACH_A_SOURCE_SLOTS, 4);
	nla_put_u32(msg, KTACH_A_SOURCE_RECORDS, 5);
	nla_put_u64(msg, KTACH_A_SOURCE_HEAD, 6);
	nla_put_u64(msg, KTACH_A_SOURCE_MISSED, 7);
	nla_put_u64(msg, KTACH_A_SOURCE_FILL_NS_LAST, 8);
	nla_put_u64(msg, KTACH_A_SOURCE_FILL_NS_MAX, 9);
	nla_put_u64(msg, KTACH_A_SOURCE_BACKWARD_EVENTS, 10);
	assert_int_equal(source_parse(&s, message), 0);
	assert_string_equal(s.name, "cpustat");
	assert_int_equal(strlen(s.device), FAMILY_NAME_LEN - 1);
	assert_memory_equal(s.device, far, FAMILY_NAME_LEN - 1);
	assert_int_equal(s.kind, 1);
	assert_int_equal(s.features, 2);
	assert_int_equal(s.period_us, 3);
	assert_int_equal(s.slots, 4);
	assert_int_equal(s.records, 5);
	assert_int_equal(s.head, 6);
	assert_int_equal(s.missed, 7);
	assert_int_equal(s.fill_ns_last, 8);
	assert_int_equal(s.fill_ns_max, 9);
	assert_int_equal(s.backward_events, 10);
	nla_put_u16(msg, KTACH_A_SOURCE_HEAD, 6);
	assert_int_equal(source_parse(&s, message), -EPROTO);
	nlmsg_free(msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_number_in_its_place),
		cmocka_unit_test(several_messages),
		cmocka_unit_test(other_records),
		cmocka_unit_test(too_many_rings),
		cmocka_unit_test(messages_without_sense),
		cmocka_unit_test(records_without_sense),
		cmocka_unit_test(sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
