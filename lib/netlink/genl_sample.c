// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "lib/netlink/genl_sample.h"

/* --- attributes --------------------------------------------------------- */

/* One attribute that is a number, and the field where it goes. */
struct field {
	uint8_t type;
	uint8_t size;
	uint16_t offset;
};

#define FIELD(attr, of, member)                           \
	{                                                 \
		(attr), sizeof(((struct of *)0)->member), \
			offsetof(struct of, member)       \
	}

/* Copy the numbers that are there; false if one is too short. */
static bool take_fields(void *to, struct nlattr **attrs,
			const struct field *field, size_t fields)
{
	for (; fields--; field++) {
		const struct nlattr *attr = attrs[field->type];

		if (!attr)
			continue;
		if (nla_len(attr) < field->size)
			return false;
		memcpy((uint8_t *)to + field->offset, nla_data(attr),
		       field->size);
	}
	return true;
}

#define TAKE(to, attrs, fields) \
	take_fields(to, attrs, fields, sizeof(fields) / sizeof(*(fields)))

/* Take a nest of numbers apart. */
#define TAKE_NEST(to, nest, max, fields)                          \
	({                                                        \
		struct nlattr *nested[(max) + 1];                 \
		nla_parse_nested(nested, max, nest, NULL) >= 0 && \
			TAKE(to, nested, fields);                 \
	})

static void take_string(char *to, size_t size, const struct nlattr *attr)
{
	if (attr)
		nla_strlcpy(to, attr, size);
}

/* --- a source ----------------------------------------------------------- */

static const struct field source_fields[] = {
	FIELD(KTACH_A_SOURCE_KIND, family_source, kind),
	FIELD(KTACH_A_SOURCE_FEATURES, family_source, features),
	FIELD(KTACH_A_SOURCE_PERIOD_US, family_source, period_us),
	FIELD(KTACH_A_SOURCE_SLOTS, family_source, slots),
	FIELD(KTACH_A_SOURCE_RECORDS, family_source, records),
	FIELD(KTACH_A_SOURCE_HEAD, family_source, head),
	FIELD(KTACH_A_SOURCE_MISSED, family_source, missed),
	FIELD(KTACH_A_SOURCE_FILL_NS_LAST, family_source, fill_ns_last),
	FIELD(KTACH_A_SOURCE_FILL_NS_MAX, family_source, fill_ns_max),
	FIELD(KTACH_A_SOURCE_BACKWARD_EVENTS, family_source, backward_events),
};

int source_parse(struct family_source *source, struct genlmsghdr *message)
{
	struct nlattr *attrs[KTACH_A_SOURCE_MAX + 1];

	memset(source, 0, sizeof(*source));
	if (nla_parse(attrs, KTACH_A_SOURCE_MAX, genlmsg_attrdata(message, 0),
		      genlmsg_attrlen(message, 0), NULL) < 0 ||
	    !attrs[KTACH_A_SOURCE_NAME] || !TAKE(source, attrs, source_fields))
		return -EPROTO;
	take_string(source->name, sizeof(source->name),
		    attrs[KTACH_A_SOURCE_NAME]);
	take_string(source->device, sizeof(source->device),
		    attrs[KTACH_A_SOURCE_DEVICE]);
	return 0;
}

/* --- a sample's first message ------------------------------------------- */

static const struct field sample_fields[] = {
	FIELD(KTACH_A_SAMPLE_NUMBER, family_sample, number),
	FIELD(KTACH_A_SAMPLE_LOST, family_sample, lost),
	FIELD(KTACH_A_SAMPLE_MONO_NS, family_sample, mono_ns),
	FIELD(KTACH_A_SAMPLE_REAL_NS, family_sample, real_ns),
	FIELD(KTACH_A_SAMPLE_MISSED, family_sample, missed),
	FIELD(KTACH_A_SAMPLE_METRICS, family_sample, metrics),
	FIELD(KTACH_A_SAMPLE_CPUS_POSSIBLE, family_sample, cpus_possible),
	FIELD(KTACH_A_SAMPLE_CPUS_ONLINE, family_sample, cpus_online),
};

static const struct field load_fields[] = {
	FIELD(KTACH_A_LOAD_AVG1, family_sample, load[0]),
	FIELD(KTACH_A_LOAD_AVG5, family_sample, load[1]),
	FIELD(KTACH_A_LOAD_AVG15, family_sample, load[2]),
};

static const struct field memory_fields[] = {
	FIELD(KTACH_A_MEMORY_TOTAL, family_sample, memory.total),
	FIELD(KTACH_A_MEMORY_FREE, family_sample, memory.free),
	FIELD(KTACH_A_MEMORY_AVAILABLE, family_sample, memory.available),
	FIELD(KTACH_A_MEMORY_SHARED, family_sample, memory.shared),
	FIELD(KTACH_A_MEMORY_BUFFERS, family_sample, memory.buffers),
};

static const struct field ring_fields[] = {
	FIELD(KTACH_A_RING_KIND, family_ring, kind),
	FIELD(KTACH_A_RING_NUMBER, family_ring, number),
	FIELD(KTACH_A_RING_MONO_NS, family_ring, mono_ns),
	FIELD(KTACH_A_RING_INTERVAL_NS, family_ring, interval_ns),
};

static bool take_totals(struct family_sample *s, struct nlattr *nest)
{
	struct nlattr *attr;
	int left, metric;

	nla_for_each_nested(attr, nest, left)
	{
		metric = nla_type(attr) - KTACH_A_METRIC_FIRST;
		if (metric < 0 || metric >= KTACH_METRICS)
			continue;
		if (nla_len(attr) < (int)sizeof(uint64_t))
			return false;
		s->total[metric] = nla_get_u64(attr);
	}
	return true;
}

/* There are several of them, so that a parsed table does not do. */
static bool take_rings(struct family_sample *s, struct genlmsghdr *message)
{
	struct nlattr *attr;
	int left;

	nla_for_each_attr(attr, genlmsg_attrdata(message, 0),
			  genlmsg_attrlen(message, 0), left)
	{
		if (nla_type(attr) != KTACH_A_SAMPLE_RING ||
		    s->rings == FAMILY_RINGS_MAX)
			continue;
		if (!TAKE_NEST(&s->ring[s->rings], attr, KTACH_A_RING_MAX,
			       ring_fields))
			return false;
		s->rings++;
	}
	return true;
}

static int make_room(struct assembly *a, unsigned int cpus)
{
	void *cpu;

	if (a->room >= cpus)
		return 0;
	cpu = realloc(a->cpu, cpus * sizeof(*a->cpu));
	if (!cpu)
		return -ENOMEM;
	a->cpu = cpu;
	a->room = cpus;
	return 0;
}

static int begin_sample(struct assembly *a, struct genlmsghdr *message,
			struct nlattr **attrs)
{
	struct family_sample *s = &a->sample;

	memset(s, 0, sizeof(*s));
	if (!TAKE(s, attrs, sample_fields) || !attrs[KTACH_A_SAMPLE_LOAD] ||
	    !attrs[KTACH_A_SAMPLE_MEMORY] || !attrs[KTACH_A_SAMPLE_TOTALS] ||
	    !TAKE_NEST(s, attrs[KTACH_A_SAMPLE_LOAD], KTACH_A_LOAD_MAX,
		       load_fields) ||
	    !TAKE_NEST(s, attrs[KTACH_A_SAMPLE_MEMORY], KTACH_A_MEMORY_MAX,
		       memory_fields) ||
	    !take_totals(s, attrs[KTACH_A_SAMPLE_TOTALS]) ||
	    !take_rings(s, message))
		return -EPROTO;
	return make_room(a, s->cpus_possible);
}

/* --- any message -------------------------------------------------------- */

/* A record may be longer than the ones we know, or shorter. */
static int add_cpus(struct assembly *a, struct nlattr **attrs)
{
	const struct nlattr *packed = attrs[KTACH_A_SAMPLE_PACKED];
	struct ktach_cpu_sample *cpu;
	size_t left, stride, size = sizeof(*cpu);
	const uint8_t *from;

	if (!packed)
		return 0;
	if (!attrs[KTACH_A_SAMPLE_PACKED_STRIDE])
		return -EPROTO;
	stride = nla_get_u32(attrs[KTACH_A_SAMPLE_PACKED_STRIDE]);
	if (stride < 2 * sizeof(uint32_t))
		return -EPROTO;
	from = nla_data(packed);
	for (left = (size_t)nla_len(packed); left >= stride; left -= stride) {
		if (a->sample.cpus == a->room)
			return -EPROTO;
		cpu = &a->cpu[a->sample.cpus++];
		memset(cpu, 0, size);
		memcpy(cpu, from, stride < size ? stride : size);
		from += stride;
	}
	return 0;
}

int assembly_add(struct assembly *a, struct genlmsghdr *message)
{
	struct nlattr *attrs[KTACH_A_SAMPLE_MAX + 1];
	const struct nlattr *number;
	int err = 0;

	if (nla_parse(attrs, KTACH_A_SAMPLE_MAX, genlmsg_attrdata(message, 0),
		      genlmsg_attrlen(message, 0), NULL) < 0)
		return -EPROTO;
	number = attrs[KTACH_A_SAMPLE_NUMBER];
	if (!number || nla_len(number) < (int)sizeof(uint64_t))
		return -EPROTO;
	if (attrs[KTACH_A_SAMPLE_MONO_NS])
		err = begin_sample(a, message, attrs);
	else if (!a->open || nla_get_u64(number) != a->sample.number)
		return 0; /* of a sample whose beginning was lost */
	if (!err)
		err = add_cpus(a, attrs);
	a->open = !err && attrs[KTACH_A_SAMPLE_MORE];
	a->sample.cpu = a->cpu;
	return err ? err : !a->open;
}

void assembly_free(struct assembly *a)
{
	free(a->cpu);
}
