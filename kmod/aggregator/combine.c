// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/sched/loadavg.h>
#include <linux/vmalloc.h>
#include <linux/ktach_netlink.h>

#include "combine.h"
#include "duty.h"
#include "input.h"
#include "source.h"
#include "tick.h"

enum {
	SAMPLES_DEFAULT = 64,
};

/* No file below /sys/module: they are what it begins with, not what is. */
static unsigned int period_us = 1000000;
module_param(period_us, uint, 0);
MODULE_PARM_DESC(period_us,
		 "time between two combined samples, 1000 to 60000000 us");

static unsigned int samples;
module_param(samples, uint, 0);
MODULE_PARM_DESC(samples,
		 "combined samples kept, a power of two; 0: 64, or what fits");

static struct ktach_ring combined;
static struct task_struct *combiner;
/* Who wakes it, and its end. The thread itself takes no lock that may sleep. */
static DEFINE_MUTEX(combiner_lock);
static struct ktach_duty combiner_duty = KTACH_DUTY_INIT(combiner_duty);
/* The period at which it was said that samples are left out; 0: not since it was set. */
static u64 said_period_ns;
/* The thread's: CPU time accounted for. */
static u64 accounted_ns;
static void (*sample_made)(void);

static u64 period_ns(void)
{
	return (u64)READ_ONCE(period_us) * NSEC_PER_USEC;
}

/* --- a sample ----------------------------------------------------------- */

/*
 * Whatever is read here: si_meminfo() takes a lock that others hold with
 * interrupts on, which is why no interrupt may make a combined sample.
 */
static void read_host(struct ktach_combined *sample)
{
	struct sysinfo info = {};
	int i;

	for (i = 0; i < ARRAY_SIZE(sample->load); i++)
		sample->load[i] = (READ_ONCE(avenrun[i]) * KTACH_LOAD_ONE +
				   FIXED_1 / 2) >>
				  FSHIFT;
	si_meminfo(&info);
	sample->total_bytes = (u64)info.totalram * info.mem_unit;
	sample->free_bytes = (u64)info.freeram * info.mem_unit;
	sample->available_bytes = (u64)si_mem_available() << PAGE_SHIFT;
	sample->shared_bytes = (u64)info.sharedram * info.mem_unit;
	sample->buffers_bytes = (u64)info.bufferram * info.mem_unit;
}

static void combine_feed(struct ktach_feed *feed, void *arg)
{
	struct ktach_ring *ring = ktach_feed_ring(feed);

	ktach_input_combine(feed->input, ring, arg);
	ktach_ring_put(ring);
}

static void read_cpus(struct ktach_combined *sample)
{
	u32 cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		sample->cpu[cpu].cpu = cpu;
		if (!cpu_online(cpu))
			continue;
		sample->cpu[cpu].flags = KTACH_CPU_ONLINE | KTACH_CPU_SEEN;
		sample->cpus_online++;
	}
}

static void make_sample(ktime_t now)
{
	struct ktach_slot *slot = ktach_ring_begin_at(&combined, now);
	struct ktach_combined *sample = ktach_ring_records(slot);

	memset(sample, 0, combined.record_size);
	read_cpus(sample);
	ktach_feed_visit(combine_feed, sample);
	read_host(sample);
	ktach_ring_commit_since(&combined, slot, now);
}

/* --- the thread --------------------------------------------------------- */

/*
 * Rings have their ticks at multiples of their periods, and so have combined
 * samples, but a little later: a ring of the same period has its new sample
 * by then, on whichever CPU its timer runs, also if that is a virtual one whose
 * host was busy for some milliseconds.
 */
static u64 tick_after(u64 now_ns, u64 period)
{
	u64 behind_ns = min_t(u64, period / 8, 10 * NSEC_PER_MSEC);

	return (div64_u64(now_ns - behind_ns, period) + 1) * period + behind_ns;
}

/* False if it was woken before: to stop, or for a new period. */
static bool sleep_until(u64 tick_ns)
{
	ktime_t until = ns_to_ktime(tick_ns);

	return schedule_hrtimeout(&until, HRTIMER_MODE_ABS) == 0;
}

/*
 * All that the thread took of a CPU since the last time: to wake up, sample, tell
 * of it and go to sleep. What it took since it woke is seen the next time, but for
 * what a tick of the scheduler has seen of it.
 */
static u64 take_ran(void)
{
	u64 ran_ns = READ_ONCE(current->se.sum_exec_runtime);
	u64 since_ns = ran_ns - accounted_ns;

	accounted_ns = ran_ns;
	return since_ns;
}

static void say_limit(u64 ran_ns, u64 period)
{
	if (READ_ONCE(said_period_ns) == period)
		return;
	WRITE_ONCE(said_period_ns, period);
	pr_warn("a combined sample took %llu ns of a CPU: each %llu ns, that is more than duty_percent=%u; samples are left out, and counted as missed\n",
		ran_ns, period, ktach_duty_percent());
}

/*
 * What passed before the sample and while it was made was missed, and what is left
 * out for want of CPU time. Returns when the next may be made.
 */
static u64 serve_tick(u64 tick_ns, u64 period)
{
	u64 passed, ran_ns = take_ran();
	ktime_t ended, until;

	make_sample(ktime_get());
	sample_made();
	ended = ktime_get();
	until = ktach_duty_spend(&combiner_duty, ran_ns, ended);
	if (ktime_after(until, ended))
		say_limit(ran_ns, period);
	passed = div64_u64(ktime_to_ns(until) - tick_ns, period);
	if (passed)
		WRITE_ONCE(combined.header->missed,
			   combined.header->missed + passed);
	return ktime_to_ns(until);
}

/*
 * Where the rings' timers are: a CPU that is idle is not woken for this, nor one
 * that is isolated. When that CPU goes offline the kernel puts us elsewhere, and
 * the next sample puts us right.
 */
static void stay_with_timers(void)
{
	unsigned int cpu = ktach_ticks_cpu();

	if (!cpumask_equal(current->cpus_ptr, cpumask_of(cpu)))
		set_cpus_allowed_ptr(current, cpumask_of(cpu));
}

static int combine(void *unused)
{
	u64 period, tick_ns, from_ns = 0;

	accounted_ns = 0;
	for (;;) {
		stay_with_timers();
		/* First this, then the rest: who wakes us has changed it. */
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		period = period_ns();
		tick_ns = tick_after(max(ktime_get_ns(), from_ns), period);
		if (sleep_until(tick_ns))
			from_ns = serve_tick(tick_ns, period);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/* --- start and stop ----------------------------------------------------- */

static int check_parameters(void)
{
	if (period_us < KTACH_COMBINE_PERIOD_US_MIN ||
	    period_us > KTACH_PERIOD_US_MAX) {
		pr_warn("period_us=%u refused: it must be from %u to %u\n",
			period_us, KTACH_COMBINE_PERIOD_US_MIN,
			KTACH_PERIOD_US_MAX);
		return -ERANGE;
	}
	if (samples && !ktach_ring_slots_valid(samples)) {
		pr_warn("samples=%u refused: it must be a power of two from %u to %u\n",
			samples, KTACH_SLOTS_MIN, KTACH_SLOTS_MAX);
		return -EINVAL;
	}
	return 0;
}

static int shape_ring(void)
{
	const struct ktach_combined *sample;

	combined.records = 1;
	combined.record_size = struct_size(sample, cpu, nr_cpu_ids);
	if (!samples)
		return ktach_ring_shape_within(&combined, SAMPLES_DEFAULT);
	combined.slots = samples;
	ktach_ring_shape(&combined);
	if (combined.bytes <= KTACH_RING_BYTES_MAX)
		return 0;
	pr_warn("samples=%u refused: with %u possible CPUs they take %llu bytes, and %u is the most\n",
		samples, nr_cpu_ids, combined.bytes, KTACH_RING_BYTES_MAX);
	return -ERANGE;
}

static int create_ring(void)
{
	int err = shape_ring();

	if (err)
		return err;
	combined.header = vzalloc(combined.bytes);
	if (!combined.header)
		return -ENOMEM;
	ktach_ring_format(&combined, KTACH_COMBINED_NAME, 0);
	WRITE_ONCE(combined.header->period_ns, period_ns());
	return 0;
}

/*
 * Below all other real-time threads, above the rest: late by what interrupts
 * take, not by how busy the machine is, which is what is being measured.
 */
static int start_combiner(void)
{
	struct task_struct *task =
		kthread_create(combine, NULL, "ktach_combine");

	lockdep_assert_held(&combiner_lock);
	if (IS_ERR(task))
		return PTR_ERR(task);
	combiner = task;
	sched_set_fifo_low(task);
	wake_up_process(task);
	return 0;
}

int ktach_combine_init(void)
{
	int err = check_parameters();

	return err ? err : create_ring();
}

int ktach_combine_start(void (*made)(void))
{
	int err;

	sample_made = made;
	mutex_lock(&combiner_lock);
	err = start_combiner();
	mutex_unlock(&combiner_lock);
	return err;
}

void ktach_combine_stop(void)
{
	mutex_lock(&combiner_lock);
	kthread_stop(combiner);
	combiner = NULL;
	mutex_unlock(&combiner_lock);
}

void ktach_combine_uninit(void)
{
	vfree(combined.header);
}

const struct ktach_ring *ktach_combine_ring(void)
{
	return &combined;
}

int ktach_combine_set_period(unsigned int us)
{
	if (us < KTACH_COMBINE_PERIOD_US_MIN || us > KTACH_PERIOD_US_MAX)
		return -ERANGE;
	mutex_lock(&combiner_lock);
	WRITE_ONCE(said_period_ns, 0);
	WRITE_ONCE(period_us, us);
	WRITE_ONCE(combined.header->period_ns, period_ns());
	if (combiner)
		wake_up_process(combiner);
	mutex_unlock(&combiner_lock);
	return 0;
}
