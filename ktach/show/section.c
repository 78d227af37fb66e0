// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>
#include <stdio.h>

#include "ktach/figures/cpu_figures.h"
#include "ktach/figures/host_figures.h"
#include "ktach/show/section.h"

enum {
	NAME_SIZE = BOOK_NAME_SIZE * 2,
};

static void put_scaled(put_member *put, void *arg, const char *name, bool known,
		       uint64_t value, uint64_t unit)
{
	struct value v = { 0 };

	if (known)
		value_real(&v, (double)value / (double)unit);
	put(arg, name, &v);
}

static void put_count(put_member *put, void *arg, const char *name,
		      uint64_t value)
{
	struct value v = { 0 };

	if (value != FIGURE_UNKNOWN)
		value_number(&v, (int64_t)value);
	put(arg, name, &v);
}

static void put_vector(put_member *put, void *arg, const char *object,
		       const char *name, bool known, uint64_t value,
		       uint64_t unit)
{
	char full[NAME_SIZE];

	snprintf(full, sizeof(full), "%s.%s", object, name);
	put_scaled(put, arg, full, known, value, unit);
}

/* Where no state has any time, nothing is known of the CPU. */
static void put_shares(const struct cpu_figures *f, uint32_t flags,
		       const uint64_t *shares, const uint64_t *exact,
		       put_member *put, void *arg)
{
	bool known = f->span.interval_ns && cpu_sum(shares);
	int i;

	put_scaled(put, arg, "busy", known, cpu_busy(shares), SHARE_ONE);
	for (i = 0; i < CPU_TABLE_VALUES; i++)
		put_vector(put, arg, "share", state_name(i),
			   known && cpu_state_known(flags, i),
			   cpu_state(shares, i), SHARE_ONE);
	put_scaled(put, arg, "exact_busy", f->has_exact && cpu_sum(exact),
		   exact[0], SHARE_ONE);
}

static void put_rates(const struct cpu_figures *f, const uint64_t *rates,
		      const uint64_t *exact, put_member *put, void *arg)
{
	bool known = f->span.interval_ns;
	int i;

	for (i = 0; i < CPU_TABLE_VALUES; i++)
		put_vector(put, arg, "per_s", vector_name(i), known, rates[i],
			   RATE_ONE);
	for (i = 0; i < CPU_TABLE_VALUES; i++)
		put_vector(put, arg, "time_share", vector_name(i), f->has_exact,
			   exact[i], SHARE_ONE);
}

/* What a direction of an interface tells; of @column as it is received, the sent one
 * stands @apart of it. @name: what the book has no name for.
 */
static const struct traffic_value {
	size_t offset;
	uint32_t kind;
	uint32_t column[NET_SIDES];
	const char *name[NET_SIDES];
	bool bursts; /* BPF tells of it only */
} traffic_values[] = {
#define TRAFFIC(member, kind, column, bursts)                      \
	{                                                          \
		offsetof(struct net_traffic, member), WIRE_##kind, \
			{ WIRE_##kind##_RX_##column,               \
			  WIRE_##kind##_TX_##column },             \
			{ NULL, NULL }, bursts                     \
	}
	TRAFFIC(bytes, NET, BYTES, false),
	TRAFFIC(packets, NET, PACKETS, false),
	TRAFFIC(errors, LINK, ERRORS, false),
	TRAFFIC(drops, LINK, DROPPED, false),
	TRAFFIC(bytes_per_s, NET, BYTES_PER_S, false),
	TRAFFIC(packets_per_s, NET, PACKETS_PER_S, false),
	TRAFFIC(average_bytes_per_s[0], NET, BYTES_PER_S_1S, true),
	TRAFFIC(average_bytes_per_s[1], NET, BYTES_PER_S_10S, true),
	TRAFFIC(average_bytes_per_s[2], NET, BYTES_PER_S_60S, true),
	TRAFFIC(burst_bytes, NET, MAX_BUCKET_BYTES, true),
	TRAFFIC(burst_p99_bytes, NET, P99_BUCKET_BYTES, true),
	{ offsetof(struct net_traffic, device_bytes_per_s),
	  .name = { "rx_device_bytes_per_s", "tx_device_bytes_per_s" },
	  .bursts = true },
	{ offsetof(struct net_traffic, device_packets_per_s),
	  .name = { "rx_device_packets_per_s", "tx_device_packets_per_s" },
	  .bursts = true },
};

static void put_traffic(const struct net_row *row, int side, put_member *put,
			void *arg)
{
	const char *base = (const char *)&row->traffic[side];
	size_t i;

	for (i = 0; i < sizeof(traffic_values) / sizeof(traffic_values[0]);
	     i++) {
		const struct traffic_value *t = &traffic_values[i];
		bool known = row->origin == ORIGIN_BPF || !t->bursts;

		put_count(put, arg,
			  t->name[side] ?
				  t->name[side] :
				  book_column(t->kind, t->column[side])->name,
			  known ? *(const uint64_t *)(base + t->offset) :
				  FIGURE_UNKNOWN);
	}
}

static void put_interface(const struct net_row *row, put_member *put, void *arg)
{
	struct value stacked = { 0 };
	uint32_t i;

	put_traffic(row, NET_SIDE_RX, put, arg);
	put_traffic(row, NET_SIDE_TX, put, arg);
	for (i = 0; i < NET_QUEUE_VALUES; i++)
		put_count(
			put, arg,
			book_column(WIRE_LINK, WIRE_LINK_QDISC_DROPS + i)->name,
			row->queue[i]);
	value_truth(&stacked, row->stacked);
	put(arg, "stacked", &stacked);
}

void section_row(const struct figures *f, enum section section, uint32_t row,
		 put_member *put, void *arg)
{
	if (section == SECTION_NET)
		put_interface(&f->net.row[row], put, arg);
	else if (section == SECTION_SOFTIRQ)
		put_rates(&f->softirq, f->softirq.row[row].values,
			  f->softirq.row[row].exact, put, arg);
	else
		put_shares(&f->cpu, f->cpu.row[row].flags,
			   f->cpu.row[row].values, f->cpu.row[row].exact, put,
			   arg);
}

/* Memory and load are gauges with names: the book tells what follows from them. */
static void put_gauges(const struct figures *f, enum section section,
		       put_member *put, void *arg)
{
	struct figures one = { .mem = f->mem, .load = f->load };
	struct reading r = { 0 };

	one.mem.span.origin = section == SECTION_MEM;
	one.load.span.origin = section == SECTION_LOAD;
	r.table[WIRE_GAUGES].rows.kind = WIRE_GAUGES;
	gauges_of(&one, &r.table[WIRE_GAUGES].rows);
	if (section == SECTION_MEM) {
		group_members(&r, &r, BOOK_MEMORY, false, put, arg);
	} else {
		group_members(&r, &r, BOOK_LOAD, false, put, arg);
		group_members(&r, &r, BOOK_SYSTEM, false, put, arg);
		put_count(put, arg, "uptime_ns",
			  f->load.uptime_s == FIGURE_UNKNOWN ?
				  FIGURE_UNKNOWN :
				  f->load.uptime_s * 1000000000);
	}
	reading_free(&r);
}

void section_total(const struct figures *f, enum section section,
		   put_member *put, void *arg)
{
	if (section == SECTION_CPU)
		put_shares(&f->cpu, f->cpu.flags, f->cpu.total,
			   f->cpu.total_exact, put, arg);
	else if (section == SECTION_SOFTIRQ)
		put_rates(&f->softirq, f->softirq.total, f->softirq.total_exact,
			  put, arg);
	else if (section != SECTION_NET)
		put_gauges(f, section, put, arg);
}
