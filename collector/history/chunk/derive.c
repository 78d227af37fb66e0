// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/history/chunk/derive.h"
#include "lib/wire/wire_schema.h"

#define SECOND UINT64_C(1000000000)

/* A key is no column of a block. */
#define COLUMN(wire) ((uint32_t)(wire)-1)

static const struct derive cpu[] = {
	{ COLUMN(WIRE_CPU_IDLE_NS),
	  DERIVE_REST,
	  1,
	  7,
	  { COLUMN(WIRE_CPU_USER_NS), COLUMN(WIRE_CPU_NICE_NS),
	    COLUMN(WIRE_CPU_SYSTEM_NS), COLUMN(WIRE_CPU_IOWAIT_NS),
	    COLUMN(WIRE_CPU_IRQ_NS), COLUMN(WIRE_CPU_SOFTIRQ_NS),
	    COLUMN(WIRE_CPU_STEAL_NS) } },
};

#define RATE(rate, counter)                      \
	{                                        \
		COLUMN(rate), DERIVE_RATE, 1, 1, \
		{                                \
			COLUMN(counter)          \
		}                                \
	}

static const struct derive net[] = {
	RATE(WIRE_NET_RX_BYTES_PER_S, WIRE_NET_RX_BYTES),
	RATE(WIRE_NET_RX_PACKETS_PER_S, WIRE_NET_RX_PACKETS),
	RATE(WIRE_NET_TX_BYTES_PER_S, WIRE_NET_TX_BYTES),
	RATE(WIRE_NET_TX_PACKETS_PER_S, WIRE_NET_TX_PACKETS),
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

_Static_assert(COUNT(net) <= DERIVE_MAX, "room for them");

size_t derive_find(const struct block *b, struct derive *list)
{
	size_t count = 0;

	if (b->kind == WIRE_CPU && b->columns >= COLUMN(WIRE_CPU_REQUIRED)) {
		count = COUNT(cpu);
		memcpy(list, cpu, sizeof(cpu));
	}
	if (b->kind == WIRE_NET && b->columns >= COLUMN(WIRE_NET_REQUIRED)) {
		count = COUNT(net);
		memcpy(list, net, sizeof(net));
	}
	return count;
}

static uint64_t rate_of(uint64_t grown, uint64_t ns)
{
	if (!ns || (int64_t)grown < 0)
		return 0;
	if (grown < UINT64_MAX / SECOND)
		return grown * SECOND / ns;
	return (uint64_t)((unsigned __int128)grown * SECOND / ns);
}

static void expect_rate(const struct block *b, const uint64_t *of,
			const uint64_t *clock, uint64_t *out)
{
	size_t row, i;

	for (row = 0; row < b->rows; row++) {
		for (i = b->first[row]; i < b->first[row + 1]; i++) {
			out[i] = 0;
			if (i == b->first[row])
				continue;
			out[i] = rate_of(
				of[i] - of[i - 1],
				clock[block_sample(b, row, i)] -
					clock[block_sample(b, row, i - 1)]);
		}
	}
}

static void expect_clock(const struct block *b, const uint64_t *clock,
			 uint64_t unit, uint64_t *out)
{
	size_t row, i;

	for (row = 0; row < b->rows; row++)
		for (i = b->first[row]; i < b->first[row + 1]; i++)
			out[i] = clock[block_sample(b, row, i)] / unit * unit;
}

void derive_expect(const struct derive *d, const struct block *b,
		   uint32_t first, const uint64_t *clock, uint64_t *out)
{
	uint32_t other;
	size_t i;

	if (d->how == DERIVE_RATE) {
		expect_rate(b, block_column(b, d->of[0] - first), clock, out);
		return;
	}
	expect_clock(b, clock, d->unit, out);
	for (other = 0; other < d->count; other++) {
		const uint64_t *of = block_column(b, d->of[other] - first);

		for (i = 0; i < b->count; i++)
			out[i] -= of[i];
	}
}
