// SPDX-License-Identifier: GPL-2.0-only
#include <linux/string.h>

#include "fakes.h"

struct test_kernel test_kernel;
static struct ktach_probe *attached;
static unsigned int attached_count;

void test_kernel_reset(void)
{
	memset(&test_kernel, 0, sizeof(test_kernel));
	test_kernel.is_online = true;
}

u64 test_idle_us(int cpu, u64 *wall)
{
	return test_kernel.idle_us;
}

u64 test_iowait_us(int cpu, u64 *wall)
{
	return test_kernel.iowait_us;
}

u64 test_clock_ns(void)
{
	test_kernel.clock_reads++;
	return test_kernel.clock_ns ?: ktime_get_ns();
}

u64 test_fast_clock_ns(void)
{
	void (*before)(void) = test_kernel.before_clock;

	test_kernel.before_clock = NULL;
	if (before)
		before();
	test_kernel.clock_reads++;
	return test_kernel.clock_ns ?: ktime_get_mono_fast_ns();
}

u32 test_spell(int cpu, bool *sleeps)
{
	*sleeps = test_kernel.spell && !test_kernel.is_awake;
	return test_kernel.spell;
}

bool test_cpu_online(int cpu)
{
	return test_kernel.is_online;
}

bool test_is_idle(const struct task_struct *task)
{
	return test_kernel.idle_task ? task == test_kernel.idle_task :
				       is_idle_task(task);
}

void test_write_end(seqcount_t *seq)
{
	if (test_kernel.while_written)
		test_kernel.while_written();
	raw_write_seqcount_end(seq);
}

/* CPUHP_BP_ states run on another CPU while this one is off, CPUHP_AP_ states on it. */
int test_setup_state_nocalls(enum cpuhp_state state, const char *name,
			     int (*up)(unsigned int cpu),
			     int (*down)(unsigned int cpu))
{
	if (state == CPUHP_BP_PREPARE_DYN) {
		test_kernel.coming = up;
		test_kernel.off = down;
	} else {
		test_kernel.up = up;
		test_kernel.down = down;
	}
	return state;
}

int test_setup_state(enum cpuhp_state state, const char *name,
		     int (*up)(unsigned int cpu), int (*down)(unsigned int cpu))
{
	if (test_kernel.is_real)
		return cpuhp_setup_state(state, name, up, down);
	return test_setup_state_nocalls(state, name, up, down);
}

void test_remove_state(enum cpuhp_state state)
{
	if (test_kernel.is_real)
		cpuhp_remove_state_nocalls(state);
}

int test_probes_attach(struct ktach_probe *probes, unsigned int count)
{
	if (test_kernel.is_real)
		return ktach_probes_attach(probes, count);
	attached = probes;
	attached_count = count;
	return 0;
}

void test_probes_detach(struct ktach_probe *probes, unsigned int count)
{
	attached_count = 0;
	if (test_kernel.is_real)
		ktach_probes_detach(probes, count);
}

void *test_probe(const char *name)
{
	unsigned int i;

	for (i = 0; i < attached_count; i++)
		if (!strcmp(attached[i].name, name))
			return attached[i].function;
	return NULL;
}
