// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <string.h>

#include "ktach/show/csv.h"
#include "lib/base/clean.h"
#include "lib/wire/wire.h"

static void put_names(FILE *out, const char *(*name)(int value))
{
	int i;

	for (i = 0; i < CPU_TABLE_VALUES; i++)
		fprintf(out, ",%s", name(i));
}

void csv_titles(FILE *out, enum section section)
{
	fputs("real_ns,origin,", out);
	switch (section) {
	case SECTION_CPU:
		fputs("cpu,busy", out);
		put_names(out, state_name);
		fputs(",exact_busy\n", out);
		break;
	case SECTION_SOFTIRQ:
		fputs("cpu", out);
		put_names(out, vector_name);
		fputc('\n', out);
		break;
	case SECTION_NET:
		fputs("interface,rx_bytes_per_s,rx_packets_per_s,rx_max_bucket_bytes,"
		      "tx_bytes_per_s,tx_packets_per_s,tx_max_bucket_bytes,"
		      "rx_device_bytes_per_s,tx_device_bytes_per_s,"
		      "qdisc_drops,qdisc_overlimits,qdisc_backlog_bytes,"
		      "qdisc_backlog_packets\n",
		      out);
		break;
	case SECTION_MEM:
		fputs("total_bytes,free_bytes,available_bytes,buffers_bytes,"
		      "cached_bytes,shared_bytes,swap_total_bytes,swap_free_bytes\n",
		      out);
		break;
	default:
		fputs("load_1min,load_5min,load_15min,tasks_running,threads\n",
		      out);
		break;
	}
}

static void put_span(FILE *out, const struct span *s, uint32_t origin)
{
	fprintf(out, "%" PRIu64 ",%s", s->real_ns, origin_name(origin));
}

/* A fixed-point value with all its digits: @unit is 1000 or 10000. Not known is
 * empty, which is not 0.
 */
static void put_scaled(FILE *out, bool known, uint64_t value, uint64_t unit)
{
	if (known)
		fprintf(out, ",%" PRIu64 ".%0*" PRIu64, value / unit,
			unit == SHARE_ONE ? 4 : 3, value % unit);
	else
		fputc(',', out);
}

static void put_count(FILE *out, uint64_t value)
{
	if (value == FIGURE_UNKNOWN)
		fputc(',', out);
	else
		fprintf(out, ",%" PRIu64, value);
}

/* @cpu: the number, or "all". */
static void share_line(FILE *out, const struct cpu_figures *f, const char *cpu,
		       const uint64_t *values, const uint64_t *exact)
{
	bool known = cpu_sum(values) != 0;
	int i;

	put_span(out, &f->span, f->span.origin);
	fprintf(out, ",%s", cpu);
	put_scaled(out, known, cpu_busy(values), SHARE_ONE);
	for (i = 0; i < CPU_TABLE_VALUES; i++)
		put_scaled(out, known, cpu_state(values, i), SHARE_ONE);
	put_scaled(out, f->has_exact, exact[0], SHARE_ONE);
	fputc('\n', out);
}

static void rate_line(FILE *out, const struct cpu_figures *f, const char *cpu,
		      const uint64_t *values, const uint64_t *exact)
{
	int i;

	put_span(out, &f->span, f->span.origin);
	fprintf(out, ",%s", cpu);
	for (i = 0; i < CPU_TABLE_VALUES; i++)
		put_scaled(out, f->span.interval_ns, values[i], RATE_ONE);
	fputc('\n', out);
}

static void cpu_lines(FILE *out, const struct cpu_figures *f,
		      void (*line)(FILE *out, const struct cpu_figures *f,
				   const char *cpu, const uint64_t *values,
				   const uint64_t *exact))
{
	char cpu[16];
	uint32_t i;

	line(out, f, "all", f->total, f->total_exact);
	for (i = 0; i < f->rows; i++) {
		if (!(f->row[i].flags & WIRE_CPU_ONLINE))
			continue;
		snprintf(cpu, sizeof(cpu), "%" PRIu32, f->row[i].cpu);
		line(out, f, cpu, f->row[i].values, f->row[i].exact);
	}
}

/* A name may have a comma, or a quote. */
void csv_text(FILE *out, const char *text, size_t size)
{
	const struct wire_text from = { text, size };
	char clean[WIRE_TEXT_MAX + 1], *at;
	bool quoted = memchr(text, ',', size) || memchr(text, '"', size);

	clean_text(clean, sizeof(clean), &from);

	fputs(quoted ? ",\"" : ",", out);
	for (at = clean; *at; at++)
		fprintf(out, *at == '"' ? "\"\"" : "%c", *at);
	if (quoted)
		fputc('"', out);
}

static void net_lines(FILE *out, const struct net_figures *f)
{
	uint32_t i;
	int side;

	for (i = 0; i < f->rows; i++) {
		const struct net_row *row = &f->row[i];

		put_span(out, &f->span, row->origin);
		csv_text(out, row->name, strlen(row->name));
		for (side = 0; side < NET_SIDES; side++) {
			const struct net_traffic *t = &row->traffic[side];

			put_count(out, t->bytes_per_s);
			put_count(out, t->packets_per_s);
			put_count(out, row->origin == ORIGIN_BPF ?
					       t->burst_bytes :
					       FIGURE_UNKNOWN);
		}
		for (side = 0; side < NET_SIDES; side++)
			put_count(out, net_device_rate(row, side));
		for (side = 0; side < NET_QUEUE_VALUES; side++)
			put_count(out, row->queue[side]);
		fputc('\n', out);
	}
}

static void mem_line(FILE *out, const struct mem_figures *f)
{
	const uint64_t values[] = { f->total,	   f->free,	f->available,
				    f->buffers,	   f->cached,	f->shared,
				    f->swap_total, f->swap_free };
	size_t i;

	put_span(out, &f->span, f->span.origin);
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		put_count(out, values[i]);
	fputc('\n', out);
}

static void load_line(FILE *out, const struct load_figures *f)
{
	int i;

	put_span(out, &f->span, f->span.origin);
	for (i = 0; i < 3; i++)
		put_scaled(out, true, f->load[i], LOAD_ONE);
	put_count(out, f->running);
	put_count(out, f->tasks);
	fputc('\n', out);
}

void csv_lines(FILE *out, const struct figures *f, enum section section)
{
	switch (section) {
	case SECTION_CPU:
		cpu_lines(out, &f->cpu, share_line);
		break;
	case SECTION_SOFTIRQ:
		cpu_lines(out, &f->softirq, rate_line);
		break;
	case SECTION_NET:
		net_lines(out, &f->net);
		break;
	case SECTION_MEM:
		mem_line(out, &f->mem);
		break;
	default:
		load_line(out, &f->load);
		break;
	}
}
