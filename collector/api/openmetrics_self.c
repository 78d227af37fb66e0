// SPDX-License-Identifier: GPL-2.0-or-later
/* The collector about itself. */
#include <stdio.h>

#include "collector/api/openmetrics.h"
#include "collector/base/refusal.h"
#include "collector/base/self.h"
#include "lib/base/barrier.h"

struct family {
	struct openmetrics_family of;
	double value;
};

/* OpenMetrics names a counter's family without its _total. */
void openmetrics_head(struct document *w, const struct openmetrics_family *f,
		      bool openmetrics)
{
	const char *suffix = f->counter && !openmetrics ? "_total" : "";
	char line[256];

	snprintf(line, sizeof(line), "# HELP %s%s %s\n# TYPE %s%s %s\n",
		 f->name, suffix, f->help, f->name, suffix,
		 f->counter ? "counter" : "gauge");
	write_text(w, line);
}

static void single(struct document *w, const struct family *f, bool openmetrics)
{
	openmetrics_head(w, &f->of, openmetrics);
	write_text(w, f->of.name);
	write_text(w, f->of.counter ? "_total " : " ");
	write_real(w, f->value);
	write_text(w, "\n");
}

static void dropped(struct document *w, const struct ingest_counts *counts,
		    bool openmetrics)
{
	static const struct openmetrics_family f = {
		"ktach_collector_dropped",
		"Frames and tables that were not taken, by reason.", true
	};
	unsigned int reason;
	char line[128];

	openmetrics_head(w, &f, openmetrics);
	for (reason = WIRE_OK + 1; reason < DROP_REASONS; reason++) {
		snprintf(line, sizeof(line), "%s_total{reason=\"%s\"} ", f.name,
			 drop_name(reason));
		write_text(w, line);
		write_digits(w, counts->dropped[reason]);
		write_text(w, "\n");
	}
}

static void refused(struct document *w, bool openmetrics)
{
	static const struct openmetrics_family f = {
		"ktach_collector_refused",
		"Connections that were refused or closed to leave room for others, and requests that were refused.",
		true
	};
	uint64_t counts[REFUSALS];
	char line[128];
	int i;

	openmetrics_head(w, &f, openmetrics);
	refusal_counts(counts);
	for (i = 0; i < REFUSALS; i++) {
		snprintf(line, sizeof(line),
			 "%s_total{door=\"%s\",reason=\"%s\"} ", f.name,
			 refusal_door(i), refusal_reason_name(i));
		write_text(w, line);
		write_digits(w, counts[i]);
		write_text(w, "\n");
	}
}

static double seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

static void singles(struct document *w, const struct self *self,
		    const struct ingest_counts *counts,
		    const struct store_stats *s, const struct judge *judge,
		    bool openmetrics)
{
	const struct family families[] = {
		{ { "process_cpu_seconds", "CPU time of the collector.", true },
		  seconds(self->cpu_ns) },
		{ { "process_resident_memory_bytes",
		    "Resident memory of the collector.", false },
		  (double)self->memory_bytes },
		{ { "ktach_collector_frames", "Frames that came.", true },
		  (double)counts->frames },
		{ { "ktach_collector_received_bytes", "Bytes in frames.",
		    true },
		  (double)counts->bytes },
		{ { "ktach_collector_queued_frames",
		    "Frames that wait to be written.", false },
		  (double)s->queued },
		{ { "ktach_collector_queued_bytes", "Memory that they take.",
		    false },
		  (double)s->queued_bytes },
		{ { "ktach_collector_unpacked_bytes",
		    "Memory of frames that are written, but not packed yet.",
		    false },
		  (double)s->open_bytes },
		{ { "ktach_collector_written_frames",
		    "Frames that were written to the history.", true },
		  (double)s->written },
		{ { "ktach_collector_unwritten_frames",
		    "Datagrams that were not: the queue or the disk was full.",
		    true },
		  (double)s->dropped },
		{ { "ktach_collector_commits", "Transactions of the history.",
		    true },
		  (double)s->commits },
		{ { "ktach_collector_commit_seconds", "Time that they took.",
		    true },
		  seconds(s->commit_ns) },
		{ { "ktach_collector_last_commit_seconds",
		    "Time that the last one took.", false },
		  seconds(s->commit_last_ns) },
		{ { "ktach_collector_history_bytes",
		    "Bytes of the history in use.", false },
		  (double)s->size },
		{ { "ktach_collector_clock_offset_seconds",
		    "Nodes' clocks less the collector's, in the middle of them.",
		    false },
		  judge ? (double)load_relaxed(&judge->offset_ns) / 1e9 : 0 },
		{ { "ktach_collector_clock_wrong",
		    "1 while most nodes, all alike, differ from the collector's clock.",
		    false },
		  judge && load_relaxed(&judge->verdict) == JUDGE_WRONG },
		{ { "ktach_collector_clock_unproven",
		    "1 while the collector's clock is not proven: nothing is deleted.",
		    false },
		  judge && load_relaxed(&judge->verdict) == JUDGE_UNPROVEN },
		{ { "ktach_collector_history_failing",
		    "1 while the history can't be written.", false },
		  s->failing },
		{ { "ktach_collector_history_damaged_chunks",
		    "Chunks of the history that can't be read.", true },
		  (double)s->trouble.chunks },
		{ { "ktach_collector_history_damaged_frames",
		    "Frames of the history's log that could not be read.",
		    true },
		  (double)s->trouble.frames },
		{ { "ktach_collector_history_aside",
		    "Times that what a node sent could not be folded or merged, and was set aside.",
		    true },
		  (double)s->trouble.aside },
	};
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		single(w, &families[i], openmetrics);
}

void openmetrics_self(struct document *w, const struct ingest_counts *counts,
		      const struct store_stats *stats,
		      const struct judge *judge, bool openmetrics)
{
	struct self self;

	self_look(&self);
	singles(w, &self, counts, stats, judge, openmetrics);
	dropped(w, counts, openmetrics);
	refused(w, openmetrics);
}
