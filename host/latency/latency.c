// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Collector "latency": how long tasks waited for a CPU, softirqs to be run and requests
 * for a disk, each wait counted by bpf/latency.bpf.c. Its programs run while it is open.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/latency.skel.h"
#include "host/collector.h"
#include "host/latency/histogram.h"
#include "host/name.h"
#include "host/rows.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/kernel/bpf_log.h"
#include "lib/kernel/pinned_map.h"
#include "lib/kernel/proc.h"

enum {
	LOG_SIZE = 4096,
};

#define KEY_ALL UINT32_MAX

/**
 * struct counted - waits of one kind, of a CPU or of several
 * @count: in each bucket
 * @waits: all of them
 * @sum_ns: how long they took
 * @missed: those whose beginning is not known
 * @most_ns: the longest one; 0: there was none
 */
struct counted {
	uint32_t count[LATENCY_BUCKETS];
	uint64_t waits;
	uint64_t sum_ns;
	uint64_t missed;
	uint64_t most_ns;
};

/**
 * struct total - since the collector was opened
 * @waits: that were counted
 * @sum_ns: how long they took
 * @missed: those that could not be
 */
struct total {
	uint64_t waits;
	uint64_t sum_ns;
	uint64_t missed;
};

/**
 * struct latency - the collector
 * @sys: where names of disks are
 * @bpf: the programs
 * @map: their histograms
 * @before: the same at the last reading
 * @totals: of each kind, and then of the run queue of each CPU
 * @cpus: that there may be
 * @present: those below are told though nothing waited for them
 * @rows: the table
 * @full: it was said that there are more disks
 */
struct latency {
	const char *sys;
	struct latency_bpf *bpf;
	struct pinned_map map;
	struct latency_histogram *before;
	struct total *totals;
	uint32_t cpus;
	uint32_t present;
	struct rows rows;
	bool full;
};

/* --- opening ------------------------------------------------------------------- */

static int load(struct latency *l, char *log)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .kernel_log_buf = log,
		    .kernel_log_size = LOG_SIZE);
	int err;

	bpf_log_init();
	l->bpf = latency_bpf__open_opts(&opts);
	if (!l->bpf)
		return -errno;
	err = bpf_map__set_max_entries(l->bpf->maps.histograms,
				       l->cpus * LATENCY_WHATS);
	if (!err)
		err = latency_bpf__load(l->bpf);
	if (!err)
		err = pinned_map_of(&l->map,
				    bpf_map__fd(l->bpf->maps.histograms), true);
	return err ? err : latency_bpf__attach(l->bpf);
}

static void latency_close(void *state)
{
	struct latency *l = state;

	pinned_map_close(&l->map);
	latency_bpf__destroy(l->bpf);
	rows_exit(&l->rows);
	free(l->before);
	free(l->totals);
	free(l);
}

static const char *reason(int err, const char *log)
{
	if (*log)
		return "the kernel refuses them, and says why if the log level is debug";
	if (err == -EPERM || err == -EACCES)
		return "it needs CAP_BPF and CAP_PERFMON";
	if (err == -ESRCH || err == -ENOENT)
		return "the kernel has no BTF (CONFIG_DEBUG_INFO_BTF), or not these tracepoints";
	return strerror(-err);
}

static int latency_open(void **state, const struct host_options *options)
{
	char log[LOG_SIZE] = "";
	struct latency *l;
	int err;

	if (!host_is_own(options)) {
		log_warn(
			"latency: %s is not of this machine's kernel; latencies are left out",
			options->proc);
		return -EXDEV;
	}
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->sys = options->sys;
	l->cpus = possible_cpus(options->sys);
	l->present = (uint32_t)sysconf(_SC_NPROCESSORS_CONF);
	l->rows.kind = WIRE_LATENCY;
	l->before = calloc((size_t)l->cpus * LATENCY_WHATS, sizeof(*l->before));
	l->totals = calloc((size_t)LATENCY_WHATS + l->cpus, sizeof(*l->totals));
	err = l->before && l->totals ? load(l, log) : -ENOMEM;
	if (err) {
		log_warn(
			"latency: BPF programs cannot be run: %s; latencies are left out",
			reason(err, log));
		log_debug("latency: %s", log);
		latency_close(l);
		return err;
	}
	*state = l;
	return 0;
}

/* --- counting ------------------------------------------------------------------ */

/* What came since the last reading, of a CPU. Most have nothing of most kinds. */
static void add(struct counted *c, struct latency_histogram *before,
		const volatile struct latency_histogram *now, unsigned int turn)
{
	uint64_t most_ns = now->most_ns[turn], missed = now->missed;
	uint32_t count, i;

	c->missed += missed - before->missed;
	before->missed = missed;
	if (now->sum_ns == before->sum_ns && !most_ns)
		return;
	for (i = 0; i < LATENCY_BUCKETS; i++) {
		count = now->count[i];
		c->count[i] += count - before->count[i];
		c->waits += count - before->count[i];
		before->count[i] = count;
	}
	c->sum_ns += now->sum_ns - before->sum_ns;
	before->sum_ns = now->sum_ns;
	if (most_ns > c->most_ns)
		c->most_ns = most_ns;
}

static void count_cpu(struct latency *l, struct counted *c, uint32_t cpu,
		      uint32_t what, unsigned int turn)
{
	size_t at = (size_t)cpu * LATENCY_WHATS + what;
	struct latency_histogram *now = l->map.data;

	add(c, &l->before[at], &now[at], turn);
}

/* Programs write the longest waits of what comes to the other place from now on; what was
 * in that was told at the last reading.
 */
static unsigned int turn_over(struct latency *l)
{
	struct latency_histogram *now = l->map.data;
	unsigned int turn = l->bpf->bss->turn & 1;
	size_t i;

	for (i = 0; i < (size_t)l->cpus * LATENCY_WHATS; i++)
		if (now[i].most_ns[!turn])
			now[i].most_ns[!turn] = 0;
	*(volatile __u32 *)&l->bpf->bss->turn = !turn;
	return turn;
}

/* --- the table ----------------------------------------------------------------- */

static void put_row(struct latency *l, struct total *t, const struct counted *c,
		    uint64_t key, const char *wait, const char *name)
{
	uint64_t *row;

	t->waits += c->waits;
	t->sum_ns += c->sum_ns;
	t->missed += c->missed;
	row = rows_add(&l->rows, key);
	if (!row)
		return;
	row[WIRE_LATENCY_WAITS] = t->waits;
	row[WIRE_LATENCY_SUM_NS] = t->sum_ns;
	row[WIRE_LATENCY_MISSED] = t->missed;
	if (c->waits) {
		row[WIRE_LATENCY_P50_NS] =
			histogram_quantile(c->count, 500, c->most_ns);
		row[WIRE_LATENCY_P90_NS] =
			histogram_quantile(c->count, 900, c->most_ns);
		row[WIRE_LATENCY_P99_NS] =
			histogram_quantile(c->count, 990, c->most_ns);
		row[WIRE_LATENCY_MAX_NS] = c->most_ns;
	}
	rows_text(&l->rows, WIRE_LATENCY_WAIT, wait, strlen(wait));
	rows_text(&l->rows, WIRE_LATENCY_NAME, name, strlen(name));
}

static uint64_t key_of(enum latency_what of, uint32_t number)
{
	return (uint64_t)of << 32 | number;
}

static void merge(struct counted *all, const struct counted *one)
{
	uint32_t i;

	for (i = 0; one->waits && i < LATENCY_BUCKETS; i++)
		all->count[i] += one->count[i];
	all->waits += one->waits;
	all->sum_ns += one->sum_ns;
	all->missed += one->missed;
	if (one->most_ns > all->most_ns)
		all->most_ns = one->most_ns;
}

/* Of each CPU, and of all. */
static void put_run_queues(struct latency *l, unsigned int turn)
{
	struct counted all = { 0 };
	struct total *total;
	char name[16];
	uint32_t cpu;

	for (cpu = 0; cpu < l->cpus; cpu++) {
		struct counted one = { 0 };

		count_cpu(l, &one, cpu, LATENCY_RUN_QUEUE, turn);
		merge(&all, &one);
		snprintf(name, sizeof(name), "cpu%u", cpu);
		total = &l->totals[LATENCY_WHATS + cpu];
		if (cpu < l->present || total->waits || one.waits)
			put_row(l, total, &one, key_of(LATENCY_RUN_QUEUE, cpu),
				"run_queue", name);
	}
	put_row(l, &l->totals[LATENCY_RUN_QUEUE], &all,
		key_of(LATENCY_RUN_QUEUE, KEY_ALL), "run_queue", "all");
}

static void put_all_cpus(struct latency *l, unsigned int turn, uint32_t what,
			 uint64_t key, const char *wait, const char *name)
{
	struct counted all = { 0 };
	uint32_t cpu;

	for (cpu = 0; cpu < l->cpus; cpu++)
		count_cpu(l, &all, cpu, what, turn);
	put_row(l, &l->totals[what], &all, key, wait, name);
}

static void put_softirqs(struct latency *l, unsigned int turn)
{
	static const char *const names[] = {
#define VECTOR(name) name,
#include "tables/tables.def"
	};
	uint32_t i;

	_Static_assert(sizeof(names) / sizeof(*names) == LATENCY_SOFTIRQS,
		       "as the kernel has them");
	for (i = 0; i < LATENCY_SOFTIRQS; i++)
		put_all_cpus(l, turn, LATENCY_SOFTIRQ + i,
			     key_of(LATENCY_SOFTIRQ, i), "softirq", names[i]);
}

/* Its name as the kernel has it; its number where it is gone. */
static void disk_name(const struct latency *l, uint32_t number, char *name,
		      size_t size)
{
	unsigned int major = number >> LATENCY_MINOR_BITS,
		     minor = number & ((1U << LATENCY_MINOR_BITS) - 1);
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t n;

	snprintf(name, size, "%u:%u", major, minor);
	snprintf(path, sizeof(path), "%s/dev/block/%s", l->sys, name);
	n = readlink(path, target, sizeof(target) - 1);
	if (n <= 0)
		return;
	target[n] = '\0';
	if (strrchr(target, '/'))
		snprintf(name, size, "%s", strrchr(target, '/') + 1);
}

static void put_disks(struct latency *l, unsigned int turn)
{
	char name[WIRE_TEXT_MAX];
	uint64_t number;
	uint32_t i;

	for (i = 0; i < LATENCY_DISKS; i++) {
		number = l->bpf->bss->disks[i];
		if (!number)
			continue;
		disk_name(l, (uint32_t)(number - 1), name, sizeof(name));
		put_all_cpus(l, turn, LATENCY_DISK + i,
			     key_of(LATENCY_DISK, (uint32_t)(number - 1)),
			     "disk", name);
	}
	if (l->bpf->bss->left_out && !l->full) {
		log_warn(
			"latency: there are more than some %d disks; those that came last are left out",
			LATENCY_DISKS);
		l->full = true;
	}
}

static int latency_read(void *state, const struct host_sink *sink)
{
	struct latency *l = state;
	uint64_t real_ns = clock_real_ns(), mono_ns = clock_mono_ns();
	unsigned int turn = turn_over(l);

	rows_clear(&l->rows);
	put_run_queues(l, turn);
	put_softirqs(l, turn);
	put_disks(l, turn);
	rows_put(&l->rows, sink, WIRE_ORIGIN_BPF, real_ns, mono_ns);
	return 0;
}

const struct host_collector host_latency = {
	.name = "latency",
	.summary =
		"how long tasks wait for a CPU, softirqs to be run, requests for a disk",
	.interval_ns = 1000000000,
	.enabled = false,
	.open = latency_open,
	.read = latency_read,
	.close = latency_close,
};
