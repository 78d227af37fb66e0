// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <net/genetlink.h>
#include <linux/ktach_netlink.h>

#include "combine.h"
#include "netlink.h"
#include "netlink_put.h"

/* The room to keep for KTACH_A_SAMPLE_MORE, which may have to come last. */
#define MORE_SIZE nla_total_size(0)

void ktach_put_begin(struct ktach_put *put, u64 number, u64 lost)
{
	put->number = number;
	put->lost = lost;
	put->begun = false;
	put->next = 0;
}

/* --- what the first message has ----------------------------------------- */

static int put_u64(struct sk_buff *skb, int type, u64 value)
{
	return nla_put_u64_64bit(skb, type, value, KTACH_A_SAMPLE_PAD);
}

static int put_metrics(struct sk_buff *skb, int type, u64 known,
		       const u64 *value)
{
	struct nlattr *nest = nla_nest_start(skb, type);
	unsigned int metric;

	if (!nest)
		return -EMSGSIZE;
	for (metric = 0; metric < KTACH_METRICS; metric++)
		if (known & BIT_ULL(metric) &&
		    nla_put_u64_64bit(skb, KTACH_A_METRIC(metric),
				      value[metric], KTACH_A_METRIC_PAD))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_load(struct sk_buff *skb, const struct ktach_combined *sample)
{
	struct nlattr *nest = nla_nest_start(skb, KTACH_A_SAMPLE_LOAD);

	if (!nest || nla_put_u32(skb, KTACH_A_LOAD_AVG1, sample->load[0]) ||
	    nla_put_u32(skb, KTACH_A_LOAD_AVG5, sample->load[1]) ||
	    nla_put_u32(skb, KTACH_A_LOAD_AVG15, sample->load[2]))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_bytes(struct sk_buff *skb, int type, u64 bytes)
{
	return nla_put_u64_64bit(skb, type, bytes, KTACH_A_MEMORY_PAD);
}

static int put_memory(struct sk_buff *skb, const struct ktach_combined *sample)
{
	struct nlattr *nest = nla_nest_start(skb, KTACH_A_SAMPLE_MEMORY);

	if (!nest ||
	    put_bytes(skb, KTACH_A_MEMORY_TOTAL, sample->total_bytes) ||
	    put_bytes(skb, KTACH_A_MEMORY_FREE, sample->free_bytes) ||
	    put_bytes(skb, KTACH_A_MEMORY_AVAILABLE, sample->available_bytes) ||
	    put_bytes(skb, KTACH_A_MEMORY_SHARED, sample->shared_bytes) ||
	    put_bytes(skb, KTACH_A_MEMORY_BUFFERS, sample->buffers_bytes))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_ring_u64(struct sk_buff *skb, int type, u64 value)
{
	return nla_put_u64_64bit(skb, type, value, KTACH_A_RING_PAD);
}

static int put_ring(struct sk_buff *skb, const struct ktach_combined_input *in)
{
	struct nlattr *nest = nla_nest_start(skb, KTACH_A_SAMPLE_RING);

	if (!nest || nla_put_u32(skb, KTACH_A_RING_KIND, in->kind) ||
	    put_ring_u64(skb, KTACH_A_RING_NUMBER, in->number) ||
	    put_ring_u64(skb, KTACH_A_RING_MONO_NS, in->mono_ns) ||
	    put_ring_u64(skb, KTACH_A_RING_INTERVAL_NS, in->interval_ns))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* While it is copied it may be lapped: a count is then no count. */
static int put_rings(struct sk_buff *skb, const struct ktach_combined *sample)
{
	u32 i, inputs = min_t(u32, READ_ONCE(sample->inputs),
			      KTACH_COMBINE_INPUTS_MAX);

	for (i = 0; i < inputs; i++)
		if (put_ring(skb, &sample->input[i]))
			return -EMSGSIZE;
	return 0;
}

/* Those of a sample that this is to have. */
static u64 shown(const struct ktach_put *put,
		 const struct ktach_combined *sample)
{
	return sample->metrics & ~put->hidden;
}

static int put_host(const struct ktach_put *put, struct sk_buff *skb,
		    const struct ktach_slot *slot,
		    const struct ktach_combined *sample)
{
	if (put->lost && put_u64(skb, KTACH_A_SAMPLE_LOST, put->lost))
		return -EMSGSIZE;
	if (put_u64(skb, KTACH_A_SAMPLE_MONO_NS, slot->mono_ns) ||
	    put_u64(skb, KTACH_A_SAMPLE_REAL_NS, slot->real_ns) ||
	    put_u64(skb, KTACH_A_SAMPLE_MISSED, slot->missed) ||
	    put_u64(skb, KTACH_A_SAMPLE_METRICS, shown(put, sample)) ||
	    nla_put_u32(skb, KTACH_A_SAMPLE_CPUS_POSSIBLE, nr_cpu_ids) ||
	    nla_put_u32(skb, KTACH_A_SAMPLE_CPUS_ONLINE, sample->cpus_online) ||
	    put_load(skb, sample) || put_memory(skb, sample) ||
	    put_rings(skb, sample))
		return -EMSGSIZE;
	return put_metrics(skb, KTACH_A_SAMPLE_TOTALS, shown(put, sample),
			   sample->total);
}

/* --- CPUs --------------------------------------------------------------- */

/* The next CPU, from @cpu on, that is wanted. */
static unsigned int wanted(const struct ktach_put *put, unsigned int cpu)
{
	return put->cpus ? find_next_bit(put->cpus, nr_cpu_ids, cpu) : cpu;
}

static int put_one_cpu(struct sk_buff *skb, u64 known,
		       const struct ktach_cpu_sample *cpu)
{
	struct nlattr *nest = nla_nest_start(skb, KTACH_A_SAMPLE_CPU);
	u64 value[KTACH_METRICS];
	unsigned int i;

	for (i = 0; i < KTACH_METRICS; i++)
		value[i] = cpu->value[i];
	if (!nest || nla_put_u32(skb, KTACH_A_CPU_NUMBER, cpu->cpu) ||
	    nla_put_u32(skb, KTACH_A_CPU_FLAGS, cpu->flags) ||
	    put_metrics(skb, KTACH_A_CPU_METRICS, known, value))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* These return the first CPU that is wanted and did not fit. */
static unsigned int put_nested(const struct ktach_put *put, struct sk_buff *skb,
			       const struct ktach_combined *sample,
			       unsigned int cpu)
{
	unsigned char *end;

	for (; cpu < nr_cpu_ids; cpu = wanted(put, cpu + 1)) {
		end = skb_tail_pointer(skb);
		if (put_one_cpu(skb, shown(put, sample), &sample->cpu[cpu]) ||
		    skb_tailroom(skb) < MORE_SIZE) {
			nlmsg_trim(skb, end);
			break;
		}
	}
	return cpu;
}

/* How many of the packed kind have room, as an attribute and in the skb. */
static unsigned int packed_room(const struct sk_buff *skb)
{
	int room = skb_tailroom(skb) - MORE_SIZE - nla_total_size(sizeof(u32)) -
		   NLA_HDRLEN;

	room = min(room, U16_MAX - NLA_HDRLEN - NLA_ALIGNTO);
	return room < 0 ? 0 : room / sizeof(struct ktach_cpu_sample);
}

static unsigned int count_wanted(const struct ktach_put *put, unsigned int cpu,
				 unsigned int most)
{
	unsigned int count;

	for (count = 0; cpu < nr_cpu_ids && count < most; count++)
		cpu = wanted(put, cpu + 1);
	return count;
}

static void pack_cpu(struct ktach_cpu_sample *to,
		     const struct ktach_cpu_sample *cpu, u64 hidden)
{
	unsigned int i;

	*to = *cpu;
	for (i = 0; hidden && i < KTACH_METRICS; i++)
		if (hidden & BIT_ULL(i))
			to->value[i] = 0;
}

static unsigned int put_packed(const struct ktach_put *put, struct sk_buff *skb,
			       const struct ktach_combined *sample,
			       unsigned int cpu)
{
	unsigned int count = count_wanted(put, cpu, packed_room(skb));
	struct ktach_cpu_sample *to;
	struct nlattr *attr;

	if (!count ||
	    nla_put_u32(skb, KTACH_A_SAMPLE_PACKED_STRIDE, sizeof(*to)))
		return cpu;
	attr = nla_reserve(skb, KTACH_A_SAMPLE_PACKED, count * sizeof(*to));
	if (WARN_ON_ONCE(!attr))
		return cpu;
	for (to = nla_data(attr); count--; to++) {
		pack_cpu(to, &sample->cpu[cpu], put->hidden & sample->metrics);
		cpu = wanted(put, cpu + 1);
	}
	return cpu;
}

/* --- a message ---------------------------------------------------------- */

/* The first CPU that is left, or -EMSGSIZE if nothing fits. */
static int put_content(const struct ktach_put *put, struct sk_buff *skb,
		       const struct ktach_slot *slot,
		       const struct ktach_combined *sample)
{
	unsigned int first = wanted(put, put->next), next;

	if (put_u64(skb, KTACH_A_SAMPLE_NUMBER, put->number) ||
	    (!put->begun && put_host(put, skb, slot, sample)) ||
	    skb_tailroom(skb) < MORE_SIZE)
		return -EMSGSIZE;
	next = put->packed ? put_packed(put, skb, sample, first) :
			     put_nested(put, skb, sample, first);
	/* A message that goes on has to bring something. */
	return put->begun && next == first ? -EMSGSIZE : next;
}

int ktach_put_message(struct ktach_put *put, struct sk_buff *skb)
{
	const struct ktach_ring *ring = ktach_combine_ring();
	struct ktach_slot *slot = ktach_ring_slot(ring, put->number);
	bool more = false;
	void *msg;
	int next;

	if (!ktach_ring_holds(ring, put->number))
		return -ESTALE;
	msg = genlmsg_put(skb, put->portid, put->seq, &ktach_genl_family,
			  put->flags, put->cmd);
	if (!msg)
		return -EMSGSIZE;
	next = put_content(put, skb, slot, ktach_ring_records(slot));
	if (next >= 0) {
		more = next < nr_cpu_ids;
		if (more && nla_put_flag(skb, KTACH_A_SAMPLE_MORE))
			next = -EMSGSIZE;
	}
	if (!ktach_ring_still_holds(ring, put->number))
		next = -ESTALE;
	if (next < 0) {
		genlmsg_cancel(skb, msg);
		return next;
	}
	genlmsg_end(skb, msg);
	put->begun = true;
	put->lost = 0;
	put->next = next;
	return more;
}

/*
 * All but the CPUs takes less than 1 KiB: some 20 attributes, the totals, and
 * four rings.
 */
size_t ktach_put_packed_size(void)
{
	return 1024 + nr_cpu_ids * sizeof(struct ktach_cpu_sample);
}
