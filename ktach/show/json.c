// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ktach/show/json.h"
#include "lib/base/clean.h"
#include "lib/base/log.h"
#include "lib/wire/wire.h"

json_t *json_answer(void)
{
	return json_pack("{s:i}", "schema", JSON_SCHEMA);
}

json_t *json_name(const char *name)
{
	const struct wire_text from = { name, strlen(name) };
	char clean[WIRE_TEXT_MAX + 1];

	clean_text(clean, sizeof(clean), &from);
	return json_string(clean);
}

json_t *json_scaled(uint64_t value, uint64_t unit)
{
	return json_real((double)value / (double)unit);
}

json_t *json_from_count(uint64_t value)
{
	return json_integer((json_int_t)value);
}

void json_members(json_t *o, const struct json_member *members,
		  const void *base)
{
	for (; members->name; members++) {
		const void *at = (const char *)base + members->offset;
		uint64_t value = *(const uint64_t *)at;

		json_object_set_new(o, members->name,
				    value == FIGURE_UNKNOWN ?
					    json_null() :
					    json_from_count(value));
	}
}

static const struct json_member span_members[] = {
	{ "real_ns", offsetof(struct span, real_ns) },
	{ "mono_ns", offsetof(struct span, mono_ns) },
	{ "interval_ns", offsetof(struct span, interval_ns) },
	{ "sample", offsetof(struct span, sample) },
	{ "lost", offsetof(struct span, lost) },
	{ "missed", offsetof(struct span, missed) },
	{ 0 },
};

json_t *span_json(const struct span *s)
{
	json_t *o = json_object();

	json_object_set_new(o, "origin", json_string(origin_name(s->origin)));
	json_members(o, span_members, s);
	return o;
}

static json_t *values_json(const uint64_t *values,
			   const char *(*name)(int value), uint64_t unit)
{
	json_t *o = json_object();
	int i;

	for (i = 0; i < CPU_TABLE_VALUES; i++)
		json_object_set_new(o, name(i), json_scaled(values[i], unit));
	return o;
}

static json_t *states_json(const uint64_t *shares)
{
	uint64_t own[CPU_TABLE_VALUES];
	int i;

	for (i = 0; i < CPU_TABLE_VALUES; i++)
		own[i] = cpu_state(shares, i);
	return values_json(own, state_name, SHARE_ONE);
}

/* Shares of a CPU, or of all; null where no time was counted, or @values is. */
static void put_shares(json_t *o, const uint64_t *values, const uint64_t *exact)
{
	bool known = values && cpu_sum(values);

	json_object_set_new(o, "busy",
			    known ? json_scaled(cpu_busy(values), SHARE_ONE) :
				    json_null());
	json_object_set_new(o, "share",
			    known ? states_json(values) : json_null());
	if (exact)
		json_object_set_new(o, "exact_busy",
				    json_scaled(exact[0], SHARE_ONE));
}

static void put_rates(json_t *o, const uint64_t *values, const uint64_t *exact)
{
	json_object_set_new(o, "per_s",
			    values ?
				    values_json(values, vector_name, RATE_ONE) :
				    json_null());
	if (exact)
		json_object_set_new(o, "time_share",
				    values_json(exact, vector_name, SHARE_ONE));
}

static json_t *cpus_json(const struct cpu_figures *f,
			 void (*put)(json_t *o, const uint64_t *values,
				     const uint64_t *exact))
{
	json_t *o = span_json(&f->span), *rows = json_array();
	bool known = f->span.interval_ns != 0;
	uint32_t i;

	json_object_set_new(o, "online", json_from_count(f->online));
	put(o, known ? f->total : NULL, f->has_exact ? f->total_exact : NULL);
	for (i = 0; i < f->rows; i++) {
		const struct cpu_row *r = &f->row[i];
		json_t *row = json_object();

		json_object_set_new(row, "cpu", json_from_count(r->cpu));
		json_object_set_new(row, "online",
				    json_boolean(r->flags & WIRE_CPU_ONLINE));
		put(row, known ? r->values : NULL,
		    f->has_exact ? r->exact : NULL);
		json_array_append_new(rows, row);
	}
	json_object_set_new(o, "cpus", rows);
	return o;
}

/* By the names of the book, without rx_ or tx_; @bursts: BPF tells of it only. */
static const struct traffic_member {
	const char *name;
	size_t offset;
	bool bursts;
} traffic_members[] = {
	{ "bytes", offsetof(struct net_traffic, bytes) },
	{ "packets", offsetof(struct net_traffic, packets) },
	{ "errors", offsetof(struct net_traffic, errors) },
	{ "dropped", offsetof(struct net_traffic, drops) },
	{ "bytes_per_s", offsetof(struct net_traffic, bytes_per_s) },
	{ "packets_per_s", offsetof(struct net_traffic, packets_per_s) },
	{ "bytes_per_s_1s",
	  offsetof(struct net_traffic, average_bytes_per_s[0]), true },
	{ "bytes_per_s_10s",
	  offsetof(struct net_traffic, average_bytes_per_s[1]), true },
	{ "bytes_per_s_60s",
	  offsetof(struct net_traffic, average_bytes_per_s[2]), true },
	{ "max_bucket_bytes", offsetof(struct net_traffic, burst_bytes), true },
	{ "p99_bucket_bytes", offsetof(struct net_traffic, burst_p99_bytes),
	  true },
	{ "device_bytes_per_s",
	  offsetof(struct net_traffic, device_bytes_per_s), true },
	{ "device_packets_per_s",
	  offsetof(struct net_traffic, device_packets_per_s), true },
	{ 0 },
};

static const struct json_member queue_members[] = {
	{ "qdisc_drops", offsetof(struct net_row, queue[NET_QUEUE_DROPS]) },
	{ "qdisc_overlimits",
	  offsetof(struct net_row, queue[NET_QUEUE_OVERLIMITS]) },
	{ "qdisc_backlog_bytes",
	  offsetof(struct net_row, queue[NET_QUEUE_BACKLOG_BYTES]) },
	{ "qdisc_backlog_packets",
	  offsetof(struct net_row, queue[NET_QUEUE_BACKLOG_PACKETS]) },
	{ 0 },
};

static void put_traffic(json_t *o, const char *way, const struct net_traffic *t,
			bool bursts)
{
	const struct traffic_member *m;
	char name[64];

	for (m = traffic_members; m->name; m++) {
		const struct json_member one[] = { { name, m->offset }, { 0 } };

		snprintf(name, sizeof(name), "%s_%s", way, m->name);
		if (bursts || !m->bursts)
			json_members(o, one, t);
	}
}

static json_t *net_json(const struct net_figures *f)
{
	json_t *o = span_json(&f->span), *rows = json_array();
	uint32_t i;

	for (i = 0; i < f->rows; i++) {
		const struct net_row *r = &f->row[i];
		bool bursts = r->origin == ORIGIN_BPF;
		json_t *row = json_object();

		json_object_set_new(row, "name", json_name(r->name));
		json_object_set_new(row, "origin",
				    json_string(origin_name(r->origin)));
		put_traffic(row, "rx", &r->traffic[NET_SIDE_RX], bursts);
		put_traffic(row, "tx", &r->traffic[NET_SIDE_TX], bursts);
		json_members(row, queue_members, r);
		json_array_append_new(rows, row);
	}
	json_object_set_new(o, "interfaces", rows);
	return o;
}

static const struct json_member mem_members[] = {
	{ "total_bytes", offsetof(struct mem_figures, total) },
	{ "free_bytes", offsetof(struct mem_figures, free) },
	{ "available_bytes", offsetof(struct mem_figures, available) },
	{ "buffers_bytes", offsetof(struct mem_figures, buffers) },
	{ "cached_bytes", offsetof(struct mem_figures, cached) },
	{ "shared_bytes", offsetof(struct mem_figures, shared) },
	{ "swap_total_bytes", offsetof(struct mem_figures, swap_total) },
	{ "swap_free_bytes", offsetof(struct mem_figures, swap_free) },
	{ 0 },
};

static json_t *mem_json(const struct mem_figures *f)
{
	json_t *o = span_json(&f->span);

	json_members(o, mem_members, f);
	return o;
}

static const struct json_member load_members[] = {
	{ "tasks_running", offsetof(struct load_figures, running) },
	{ "threads", offsetof(struct load_figures, tasks) },
	{ 0 },
};

static json_t *load_json(const struct load_figures *f)
{
	json_t *o = span_json(&f->span);

	json_object_set_new(o, "load_1min", json_scaled(f->load[0], LOAD_ONE));
	json_object_set_new(o, "load_5min", json_scaled(f->load[1], LOAD_ONE));
	json_object_set_new(o, "load_15min", json_scaled(f->load[2], LOAD_ONE));
	json_members(o, load_members, f);
	json_object_set_new(o, "uptime_ns",
			    f->uptime_s == FIGURE_UNKNOWN ?
				    json_null() :
				    json_from_count(f->uptime_s * 1000000000));
	return o;
}

static json_t *notes_json(const struct figures *f)
{
	json_t *notes = json_array();
	int i;

	for (i = 0; i < f->notes; i++)
		json_array_append_new(notes, json_name(f->note[i]));
	return notes;
}

json_t *figures_json(const struct figures *f)
{
	json_t *o = json_answer();

	json_object_set_new(o, "host", json_name(f->host));
	json_object_set_new(o, "kernel", json_name(f->release));
	json_object_set_new(o, "real_ns", json_from_count(figures_real_ns(f)));
	if (f->cpu.span.origin)
		json_object_set_new(o, "cpu", cpus_json(&f->cpu, put_shares));
	if (f->softirq.span.origin)
		json_object_set_new(o, "softirq",
				    cpus_json(&f->softirq, put_rates));
	if (f->net.span.origin)
		json_object_set_new(o, "net", net_json(&f->net));
	if (f->mem.span.origin)
		json_object_set_new(o, "memory", mem_json(&f->mem));
	if (f->load.span.origin)
		json_object_set_new(o, "load", load_json(&f->load));
	json_object_set_new(o, "notes", notes_json(f));
	return o;
}

int json_print(json_t *o, bool line)
{
	size_t flags = line ? JSON_COMPACT : JSON_INDENT(2);
	int failed = json_dumpf(o, stdout, flags | JSON_REAL_PRECISION(10));

	json_decref(o);
	putchar('\n');
	fflush(stdout);
	if (!failed && !ferror(stdout))
		return 0;
	log_error("cannot write to the standard output: %s", strerror(errno));
	return -EIO;
}
