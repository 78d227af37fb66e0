// SPDX-License-Identifier: GPL-2.0-or-later
/* What forms of an incident share. */
#include <math.h>
#include <stdlib.h>

#include "collector/api/incident_write.h"

const char *const incident_vectors[] = {
#define VECTOR(name) name,
#include "tables/tables.def"
};

const struct incident_share incident_shares[] = {
	{ "busy", { WIRE_CPU_IDLE_NS, WIRE_CPU_IOWAIT_NS }, true },
	{ "user", { WIRE_CPU_USER_NS, WIRE_CPU_NICE_NS }, false },
	{ "system", { WIRE_CPU_SYSTEM_NS }, false },
	{ "irq", { WIRE_CPU_IRQ_NS }, false },
	{ "softirq", { WIRE_CPU_SOFTIRQ_NS }, false },
	{ "iowait", { WIRE_CPU_IOWAIT_NS }, false },
	{ "steal", { WIRE_CPU_STEAL_NS }, false },
	{ NULL, { 0 }, false },
};

const struct incident_pressure incident_pressures[] = {
	{ "cpu", WIRE_PSI_CPU_SOME_NS },
	{ "memory", WIRE_PSI_MEMORY_SOME_NS },
	{ "io", WIRE_PSI_IO_SOME_NS },
	{ NULL, 0 },
};

double incident_rate(const struct decoded_samples *before,
		     const struct decoded_samples *now, uint64_t key,
		     uint32_t column)
{
	uint64_t a = decoded_value(before, key, column);
	uint64_t b = decoded_value(now, key, column);
	uint64_t ns = decoded_mono_ns(now) - decoded_mono_ns(before);

	if (a == WIRE_ABSENT || b == WIRE_ABSENT || b < a || !ns)
		return NAN;
	return (double)(b - a) * 1e9 / (double)ns;
}

double incident_share(const struct decoded_samples *before,
		      const struct decoded_samples *now, uint64_t key,
		      const struct incident_share *share)
{
	double sum = 0;
	int i;

	for (i = 0; i < 3 && share->columns[i]; i++)
		sum += incident_rate(before, now, key, share->columns[i]) / 1e9;
	if (!share->rest)
		return sum;
	return sum > 1 ? 0 : 1 - sum;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static size_t leave_doubles(uint64_t *keys, size_t count)
{
	size_t i, kept = 0;

	qsort(keys, count, sizeof(*keys), compare);
	for (i = 0; i < count; i++)
		if (!kept || keys[kept - 1] != keys[i])
			keys[kept++] = keys[i];
	return kept;
}

/*
 * Series are written as keys times samples. Rows come with nearly each sample, so that
 * this is about as many values as there are; where they do not, keys that are too many
 * are left out.
 */
uint64_t *incident_keys(const struct decoded *d, uint32_t kind, size_t *count)
{
	struct decoded_samples s;
	size_t rows = 0, samples = 0, i;
	uint64_t *keys;
	uint32_t row;

	*count = 0;
	for (i = 0; i < d->table_count; i++)
		if (d->tables[i].kind == kind)
			rows += d->tables[i].rows;
	keys = malloc((rows + 1) * sizeof(*keys));
	for (decoded_begin(&s, d, kind); keys && decoded_next(&s); samples++)
		for (i = s.at; i < s.end; i++)
			for (row = 0; row < d->tables[i].rows; row++)
				keys[(*count)++] =
					d->tables[i].cells[(size_t)row *
							   d->tables[i].columns];
	if (keys)
		*count = leave_doubles(keys, *count);
	if (samples && *count > 2 * (rows / samples + 1))
		*count = 2 * (rows / samples + 1);
	return keys;
}
