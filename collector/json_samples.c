// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <string.h>

#include "collector/json.h"

enum {
	STATES = WIRE_CPU_GUEST_NICE_NS - WIRE_CPU_USER_NS + 1,
	VECTORS = WIRE_SOFTIRQ_RCU - WIRE_SOFTIRQ_HI + 1,
};

static const char *const state_names[STATES] = {
	"user", "nice",	   "system", "idle",  "iowait",
	"irq",	"softirq", "steal",  "guest", "guest_nice",
};

static const char *const state_ns_names[STATES] = {
	"user_ns", "nice_ns",	 "system_ns", "idle_ns",  "iowait_ns",
	"irq_ns",  "softirq_ns", "steal_ns",  "guest_ns", "guest_nice_ns",
};

static const char *const vector_names[VECTORS] = {
	"hi",	    "timer",   "net_tx", "net_rx",  "block",
	"irq_poll", "tasklet", "sched",	 "hrtimer", "rcu",
};

static const char *const net_names[WIRE_NET_REQUIRED] = {
	"ifindex",	  "rx_bytes",	      "rx_packets",
	"rx_bytes_per_s", "rx_packets_per_s", "tx_bytes",
	"tx_packets",	  "tx_bytes_per_s",   "tx_packets_per_s",
};

static const char *origin_name(uint32_t origin)
{
	static const char *const names[] = {
		[WIRE_ORIGIN_RING] = "ring",
		[WIRE_ORIGIN_PROC] = "proc",
		[WIRE_ORIGIN_BPF] = "bpf",
		[WIRE_ORIGIN_SHIPPER] = "shipper",
	};

	return names[origin]; /* samples_sane() let no other pass */
}

/* What all tables have in common. */
static json_t *head(const struct samples *s)
{
	json_t *o = json_object();

	json_object_set_new(o, "origin", json_string(origin_name(s->origin)));
	json_object_set_new(o, "sample", json_integer((json_int_t)s->sample));
	json_object_set_new(o, "real_ns", json_integer((json_int_t)s->real_ns));
	json_object_set_new(o, "mono_ns", json_integer((json_int_t)s->mono_ns));
	json_object_set_new(o, "lost", json_integer((json_int_t)s->lost));
	return o;
}

/* Time a state took in the window, each ns counted once: the kernel counts a
 * guest's time as user time, too, and a nice guest's as nice.
 */
static uint64_t state_delta(const struct samples *s,
			    const struct samples_row *row, uint32_t state)
{
	uint64_t all = samples_delta(s, row, WIRE_CPU_USER_NS + state);
	uint64_t nested = 0;

	if (state == 0)
		nested = samples_delta(s, row, WIRE_CPU_GUEST_NS);
	if (state == 1)
		nested = samples_delta(s, row, WIRE_CPU_GUEST_NICE_NS);
	return all > nested ? all - nested : 0;
}

/* Add a row's times to @sums, by state. */
static void add_states(const struct samples *s, const struct samples_row *row,
		       uint64_t *sums)
{
	uint32_t state;

	for (state = 0; state < STATES; state++)
		sums[state] += state_delta(s, row, state);
}

static uint64_t total(const uint64_t *sums, uint32_t n)
{
	uint64_t all = 0;

	while (n--)
		all += sums[n];
	return all;
}

static double busy(const uint64_t *sums, uint64_t all)
{
	uint64_t idle = sums[WIRE_CPU_IDLE_NS - WIRE_CPU_USER_NS] +
			sums[WIRE_CPU_IOWAIT_NS - WIRE_CPU_USER_NS];

	return (double)(all - idle) / (double)all;
}

/* Shares of the time that all states took together: they sum up to 1 even where
 * the kernel counts some states in ticks and others exactly.
 */
static json_t *shares(const uint64_t *sums)
{
	uint64_t all = total(sums, STATES);
	json_t *o;
	int i;

	if (!all)
		return json_null();
	o = json_object();
	for (i = 0; i < STATES; i++)
		json_object_set_new(o, state_names[i],
				    json_real((double)sums[i] / (double)all));
	json_object_set_new(o, "busy", json_real(busy(sums, all)));
	return o;
}

static bool online(const struct samples *s, const struct samples_row *row)
{
	return samples_current(s, row) &&
	       row->cells[WIRE_CPU_FLAGS] & WIRE_CPU_ONLINE;
}

static json_t *cpu_head(const struct samples *s, const struct samples_row *row)
{
	json_t *o = json_object();

	json_object_set_new(o, "cpu", json_integer((json_int_t)row->key));
	json_object_set_new(o, "online", json_boolean(online(s, row)));
	json_object_set_new(o, "seen",
			    json_boolean(row->cells[WIRE_CPU_FLAGS] &
					 WIRE_CPU_SEEN));
	json_object_set_new(o, "window_ns",
			    json_integer((json_int_t)samples_window_ns(row)));
	return o;
}

static json_t *cpu_row(const struct samples *s, const struct samples_row *row)
{
	json_t *o = cpu_head(s, row);
	uint64_t sums[STATES] = { 0 };
	int i;

	for (i = 0; i < STATES; i++)
		json_object_set_new(
			o, state_ns_names[i],
			json_integer(
				(json_int_t)row->cells[WIRE_CPU_USER_NS + i]));
	add_states(s, row, sums);
	json_object_set_new(o, "share", shares(sums));
	return o;
}

static void sum_cpus(const struct samples *s, uint64_t *sums)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (online(s, s->rows[i]))
			add_states(s, s->rows[i], sums);
}

json_t *json_cpu(const struct samples *s)
{
	json_t *o, *rows = json_array();
	uint64_t sums[STATES] = { 0 };
	size_t i;

	if (!s->count) {
		json_decref(rows);
		return json_null();
	}
	sum_cpus(s, sums);
	for (i = 0; i < s->count; i++)
		if (samples_current(s, s->rows[i]))
			json_array_append_new(rows, cpu_row(s, s->rows[i]));
	o = head(s);
	json_object_set_new(o, "share", shares(sums));
	json_object_set_new(o, "cpus", rows);
	return o;
}

json_t *json_busy_share(const struct samples *s)
{
	uint64_t sums[STATES] = { 0 }, all;

	sum_cpus(s, sums);
	all = total(sums, STATES);
	return all ? json_real(busy(sums, all)) : json_null();
}

static double per_s(const struct samples *s, const struct samples_row *row,
		    uint32_t column)
{
	return (double)samples_delta(s, row, column) * 1e9 /
	       (double)samples_window_ns(row);
}

static json_t *softirq_row(const struct samples *s,
			   const struct samples_row *row, uint64_t *counts,
			   double *rates)
{
	json_t *o = cpu_head(s, row), *count = json_object(), *rate;
	bool rated = samples_window_ns(row);
	int i;

	rate = rated ? json_object() : json_null();
	for (i = 0; i < VECTORS; i++) {
		uint64_t n = row->cells[WIRE_SOFTIRQ_HI + i];
		double r = rated ? per_s(s, row, WIRE_SOFTIRQ_HI + i) : 0;

		counts[i] += n;
		rates[i] += r;
		json_object_set_new(count, vector_names[i],
				    json_integer((json_int_t)n));
		if (rated)
			json_object_set_new(rate, vector_names[i],
					    json_real(r));
	}
	json_object_set_new(o, "count", count);
	json_object_set_new(o, "per_s", rate);
	return o;
}

static void softirq_sums(json_t *o, const uint64_t *counts, const double *rates)
{
	json_t *count = json_object(), *rate = json_object();
	json_t *names = json_array();
	int i;

	for (i = 0; i < VECTORS; i++) {
		json_array_append_new(names, json_string(vector_names[i]));
		json_object_set_new(
			count, vector_names[i],
			json_integer((json_int_t)(counts[i] & INT64_MAX)));
		json_object_set_new(rate, vector_names[i], json_real(rates[i]));
	}
	json_object_set_new(o, "vectors", names);
	json_object_set_new(o, "count", count);
	json_object_set_new(o, "per_s", rate);
}

json_t *json_softirq(const struct samples *s)
{
	uint64_t counts[VECTORS] = { 0 };
	double rates[VECTORS] = { 0 };
	json_t *o, *rows;
	size_t i;

	if (!s->count)
		return json_null();
	o = head(s);
	rows = json_array();
	for (i = 0; i < s->count; i++)
		if (samples_current(s, s->rows[i]))
			json_array_append_new(rows, softirq_row(s, s->rows[i],
								counts, rates));
	softirq_sums(o, counts, rates);
	json_object_set_new(o, "cpus", rows);
	return o;
}

static json_t *net_row(const struct samples_row *row)
{
	json_t *o = json_object();
	int i;

	json_object_set_new(o, "name", json_string(row->text));
	for (i = 0; i < WIRE_NET_REQUIRED; i++)
		json_object_set_new(o, net_names[i],
				    json_integer((json_int_t)row->cells[i]));
	return o;
}

json_t *json_net(const struct samples *s)
{
	json_t *o, *rows;
	size_t i;

	if (!s->count)
		return json_null();
	o = head(s);
	rows = json_array();
	for (i = 0; i < s->count; i++)
		if (samples_current(s, s->rows[i]))
			json_array_append_new(rows, net_row(s->rows[i]));
	json_object_set_new(o, "interfaces", rows);
	return o;
}

json_t *json_net_sum(const struct samples *s, uint32_t column)
{
	uint64_t sum = 0;
	size_t i;

	if (!s->count)
		return json_null();
	for (i = 0; i < s->count; i++)
		if (samples_current(s, s->rows[i]))
			sum += s->rows[i]->cells[column];
	return json_integer((json_int_t)(sum & INT64_MAX));
}
