// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shipper/flight/trigger.h"

#define MS UINT64_C(1000000)

enum {
	SHARE = 10000, /* of gauges: all */
};

static const char *const vectors[WIRE_SOFTIRQ_VECTORS] = {
	"HI",	    "TIMER",   "NET_TX", "NET_RX",  "BLOCK",
	"IRQ_POLL", "TASKLET", "SCHED",	 "HRTIMER", "RCU",
};

bool trigger_causes(const char *list, unsigned int *causes)
{
	*causes = 0;
	while (*list) {
		size_t size = strcspn(list, ",");
		unsigned int cause = INCIDENT_BURST;

		while (cause < INCIDENT_CAUSES &&
		       (strlen(incident_cause_name(cause)) != size ||
			strncmp(incident_cause_name(cause), list, size)))
			cause++;
		if (cause == INCIDENT_CAUSES)
			return false;
		*causes |= 1U << cause;
		list += size + (list[size] == ',');
	}
	return true;
}

void triggers_exit(struct triggers *t)
{
	free(t->cpus);
	*t = (struct triggers){ .setup = t->setup };
}

static bool looks_for(const struct triggers *t, enum incident_cause cause)
{
	return t->setup.causes >> cause & 1;
}

static const uint64_t *row_of(const struct wire_table *t, uint32_t row)
{
	return t->cells + (size_t)row * t->columns;
}

static void set_trigger(struct trigger *found, const struct wire_table *t,
			enum incident_cause cause, uint64_t value)
{
	*found = (struct trigger){ .cause = cause,
				   .value = value,
				   .real_ns = t->real_ns,
				   .mono_ns = t->mono_ns };
}

/* --- a CPU that does one thing only ------------------------------------------ */

static uint64_t sum_idle(const uint64_t *row)
{
	return row[WIRE_CPU_IDLE_NS] + row[WIRE_CPU_IOWAIT_NS];
}

/* Whether CPUs are those of the table before: else runs begin anew. */
static bool has_same_cpus(const struct triggers *t,
			  const struct wire_table *table)
{
	uint32_t i;

	if (t->cpu_count != table->rows)
		return false;
	for (i = 0; i < table->rows; i++)
		if (t->cpus[i].key != row_of(table, i)[WIRE_CPU_KEY])
			return false;
	return true;
}

static void begin_cpus(struct triggers *t, const struct wire_table *table)
{
	uint32_t i;

	free(t->cpus);
	t->cpus = calloc(table->rows, sizeof(*t->cpus));
	t->cpu_count = t->cpus ? table->rows : 0;
	for (i = 0; i < t->cpu_count; i++) {
		const uint64_t *row = row_of(table, i);

		t->cpus[i] = (struct trigger_cpu){
			.key = row[WIRE_CPU_KEY],
			.idle_ns = sum_idle(row),
			.softirq_ns = row[WIRE_CPU_SOFTIRQ_NS],
		};
	}
}

/* A run goes on while less than a twentieth of the time went elsewhere. True once, when
 * it gets as long as it may be.
 */
static bool add_run(struct trigger_run *run, bool goes_on, uint64_t passed_ns,
		    uint64_t limit_ns)
{
	if (!goes_on) {
		*run = (struct trigger_run){ 0 };
		return false;
	}
	run->ns += passed_ns;
	if (run->told || run->ns < limit_ns)
		return false;
	run->told = true;
	return true;
}

static bool look_at_cpu(struct triggers *t, const struct wire_table *table,
			struct trigger_cpu *cpu, const uint64_t *row,
			struct trigger *found)
{
	uint64_t passed_ns = table->mono_ns - t->cpu_mono_ns;
	uint64_t idle_ns = sum_idle(row) - cpu->idle_ns;
	uint64_t softirq_ns = row[WIRE_CPU_SOFTIRQ_NS] - cpu->softirq_ns;
	bool online = row[WIRE_CPU_FLAGS] & WIRE_CPU_ONLINE;
	bool busy, soft;

	cpu->idle_ns += idle_ns;
	cpu->softirq_ns += softirq_ns;
	soft = add_run(&cpu->softirq,
		       online && softirq_ns >= passed_ns - passed_ns / 20,
		       passed_ns, t->setup.softirq_ns) &&
	       looks_for(t, INCIDENT_SOFTIRQ);
	busy = add_run(&cpu->busy, online && idle_ns <= passed_ns / 20,
		       passed_ns, t->setup.busy_ns) &&
	       looks_for(t, INCIDENT_BUSY);
	if (!soft && !busy)
		return false;
	set_trigger(found, table, soft ? INCIDENT_SOFTIRQ : INCIDENT_BUSY,
		    soft ? cpu->softirq.ns : cpu->busy.ns);
	snprintf(found->text, sizeof(found->text),
		 "CPU %" PRIu64 " %s for %" PRIu64 " ms", cpu->key,
		 soft ? "did nothing but softirqs" : "was never idle",
		 found->value / MS);
	return true;
}

static bool look_at_cpus(struct triggers *t, const struct wire_table *table,
			 struct trigger *found)
{
	bool is_found = false;
	uint32_t i;

	if (table->mono_ns <= t->cpu_mono_ns)
		return false;
	if (!has_same_cpus(t, table))
		begin_cpus(t, table);
	else
		for (i = 0; i < t->cpu_count; i++) {
			struct trigger one;

			if (!look_at_cpu(t, table, &t->cpus[i],
					 row_of(table, i), &one))
				continue;
			*found = one;
			is_found = true;
		}
	t->cpu_mono_ns = table->mono_ns;
	return is_found;
}

/* --- exact times, where softirqs have them ----------------------------------- */

static bool look_at_vector(const struct triggers *t,
			   const struct wire_table *table, const uint64_t *row,
			   uint32_t vector, struct trigger *found)
{
	uint64_t ns = row[WIRE_SOFTIRQ_MAX_NS + vector];
	uint64_t at_ns = row[WIRE_SOFTIRQ_MAX_AT_NS + vector];

	if (ns == WIRE_ABSENT || at_ns == WIRE_ABSENT ||
	    ns < t->setup.softirq_ns || at_ns <= t->softirq_mono_ns ||
	    at_ns > table->mono_ns)
		return false;
	set_trigger(found, table, INCIDENT_SOFTIRQ, ns);
	found->real_ns -= table->mono_ns - at_ns;
	found->mono_ns = at_ns;
	snprintf(found->text, sizeof(found->text),
		 "CPU %" PRIu64 " was in a softirq (%s) for %" PRIu64 " us",
		 row[WIRE_SOFTIRQ_KEY], vectors[vector], ns / 1000);
	return true;
}

static bool look_at_softirqs(struct triggers *t, const struct wire_table *table,
			     struct trigger *found)
{
	uint32_t row, vector;
	bool is_found = false;

	if (!looks_for(t, INCIDENT_SOFTIRQ) ||
	    table->columns < WIRE_SOFTIRQ_COLUMNS)
		return false;
	for (row = 0; t->softirq_mono_ns && row < table->rows; row++)
		for (vector = 0; vector < WIRE_SOFTIRQ_VECTORS; vector++)
			is_found = is_found ||
				   look_at_vector(t, table, row_of(table, row),
						  vector, found);
	t->softirq_mono_ns = table->mono_ns;
	return is_found;
}

/* --- bursts ------------------------------------------------------------------ */

static bool look_at_way(const struct wire_table *table, uint32_t row,
			uint32_t more, const char *done, struct trigger *found)
{
	const uint64_t *cells = row_of(table, row) + more;
	uint64_t bytes = cells[WIRE_NET_MAX_BUCKET_BYTES];
	uint64_t ms = cells[WIRE_NET_MAX_BUCKET_MS];
	const struct wire_text *name =
		&table->text[(size_t)row * table->texts + WIRE_NET_NAME];
	uint64_t ago_ns;

	if (cells[WIRE_NET_BUCKETS_OVER] == WIRE_ABSENT ||
	    bytes == WIRE_ABSENT || !cells[WIRE_NET_OVER_BYTES] ||
	    cells[WIRE_NET_OVER_BYTES] == WIRE_ABSENT ||
	    bytes <= cells[WIRE_NET_OVER_BYTES] || ms * MS > table->mono_ns)
		return false;
	set_trigger(found, table, INCIDENT_BURST, bytes);
	ago_ns = table->mono_ns - ms * MS;
	found->real_ns -= ago_ns;
	found->mono_ns -= ago_ns;
	snprintf(found->text, sizeof(found->text),
		 "%.*s: %" PRIu64 " bytes %s within a millisecond",
		 (int)name->size, name->data, bytes, done);
	return true;
}

static bool look_at_net(const struct triggers *t,
			const struct wire_table *table, struct trigger *found)
{
	uint32_t row;

	if (!looks_for(t, INCIDENT_BURST) || !table->texts ||
	    table->columns < WIRE_NET_TX_MORE + WIRE_NET_MORE)
		return false;
	for (row = 0; row < table->rows; row++)
		if (look_at_way(table, row, WIRE_NET_RX_MORE, "received",
				found) ||
		    look_at_way(table, row, WIRE_NET_TX_MORE, "sent", found))
			return true;
	return false;
}

/* --- the host as a whole ------------------------------------------------------ */

static bool look_at_pressure(struct triggers *t, const struct wire_table *table,
			     const uint64_t *row, struct trigger *found)
{
	static const struct {
		enum wire_gauge key;
		const char *what;
	} pressures[] = {
		{ WIRE_PSI_CPU_SOME_10S, "tasks waited for a CPU" },
		{ WIRE_PSI_MEMORY_SOME_10S, "tasks waited for memory" },
		{ WIRE_PSI_IO_SOME_10S, "tasks waited for I/O" },
	};
	bool is_over = row[WIRE_VALUE] != WIRE_ABSENT &&
		       row[WIRE_VALUE] >= t->setup.pressure;
	size_t i;

	for (i = 0; i < sizeof(pressures) / sizeof(pressures[0]); i++) {
		if (row[WIRE_VALUE_KEY] != pressures[i].key ||
		    is_over == t->pressed[i])
			continue;
		t->pressed[i] = is_over;
		if (!is_over)
			return false;
		set_trigger(found, table, INCIDENT_PRESSURE, row[WIRE_VALUE]);
		snprintf(found->text, sizeof(found->text),
			 "%s for %" PRIu64 " %% of the last 10 s",
			 pressures[i].what, row[WIRE_VALUE] * 100 / SHARE);
		return true;
	}
	return false;
}

static bool look_at_gauges(struct triggers *t, const struct wire_table *table,
			   struct trigger *found)
{
	uint32_t i;

	for (i = 0; looks_for(t, INCIDENT_PRESSURE) && i < table->rows; i++)
		if (look_at_pressure(t, table, row_of(table, i), found))
			return true;
	return false;
}

static bool look_at_ooms(struct triggers *t, const struct wire_table *table,
			 uint64_t kills, struct trigger *found)
{
	bool is_more = t->oom_known && kills > t->oom_kills &&
		       looks_for(t, INCIDENT_OOM);
	uint64_t more = kills - t->oom_kills;

	t->oom_known = true;
	t->oom_kills = kills;
	if (!is_more)
		return false;
	set_trigger(found, table, INCIDENT_OOM, more);
	snprintf(found->text, sizeof(found->text),
		 "processes killed for want of memory: %" PRIu64, more);
	return true;
}

static bool look_at_counters(struct triggers *t, const struct wire_table *table,
			     struct trigger *found)
{
	uint32_t i;

	for (i = 0; i < table->rows; i++) {
		const uint64_t *row = row_of(table, i);

		if (row[WIRE_VALUE_KEY] == WIRE_OOM_KILLS &&
		    row[WIRE_VALUE] != WIRE_ABSENT)
			return look_at_ooms(t, table, row[WIRE_VALUE], found);
	}
	return false;
}

static bool was_hung(const struct triggers *t, uint64_t key)
{
	uint32_t i;

	for (i = 0; i < t->mount_count; i++)
		if (t->mounts[i] == key)
			return true;
	return false;
}

static bool look_at_mounts(struct triggers *t, const struct wire_table *table,
			   struct trigger *found)
{
	uint64_t hung[TRIGGER_MOUNTS];
	uint32_t i, count = 0;
	bool is_found = false;

	for (i = 0; i < table->rows && count < TRIGGER_MOUNTS; i++) {
		const uint64_t *row = row_of(table, i);
		const struct wire_text *point =
			&table->text[(size_t)i * table->texts +
				     WIRE_MOUNT_POINT];

		if (!(row[WIRE_MOUNT_FLAGS] & WIRE_MOUNT_HUNG))
			continue;
		hung[count++] = row[WIRE_MOUNT_KEY];
		if (was_hung(t, row[WIRE_MOUNT_KEY]) || is_found ||
		    !t->mounts_known || !looks_for(t, INCIDENT_MOUNT))
			continue;
		is_found = true;
		set_trigger(found, table, INCIDENT_MOUNT, 1);
		snprintf(found->text, sizeof(found->text), "%.*s hangs",
			 (int)(point->size < 128 ? point->size : 128),
			 point->data);
	}
	memcpy(t->mounts, hung, count * sizeof(*hung));
	t->mount_count = count;
	t->mounts_known = true;
	return is_found;
}

bool triggers_look(struct triggers *t, const struct wire_table *table,
		   struct trigger *found)
{
	if (!t->setup.causes)
		return false;
	switch (table->kind) {
	case WIRE_CPU:
		return look_at_cpus(t, table, found);
	case WIRE_SOFTIRQ:
		return look_at_softirqs(t, table, found);
	case WIRE_NET:
		return look_at_net(t, table, found);
	case WIRE_GAUGES:
		return look_at_gauges(t, table, found);
	case WIRE_COUNTERS:
		return look_at_counters(t, table, found);
	case WIRE_MOUNT:
		return table->texts && look_at_mounts(t, table, found);
	default:
		return false;
	}
}
