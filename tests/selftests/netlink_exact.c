// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_exact: exact times are for those who may measure, with the sources loaded
 * with timing=1. Who else asks, and who is subscribed, has neither their bits nor
 * their values.
 */
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/netlink/genl.h"
#include "netlink.h"

enum {
	NOBODY = 65534,
	FAILED = 100, /* in a child; else what it saw */
};

enum saw {
	SAW_REST = 1 << 0, /* what is no exact time */
	SAW_BITS = 1 << 1,
	SAW_VALUES = 1 << 2,
	SAW_ALL = SAW_REST | SAW_BITS | SAW_VALUES,
};

static bool is_exact(unsigned int metric)
{
	return metric == KTACH_METRIC_EXACT_BUSY ||
	       metric == KTACH_METRIC_EXACT_IDLE ||
	       (metric >= KTACH_METRIC_SOFTIRQ_TIME &&
		metric <= KTACH_METRIC_SOFTIRQ_TIME_LAST);
}

static void look_at(const struct family_sample *s, void *arg)
{
	unsigned int metric, cpu, *saw = arg;

	*saw |= s->metrics >> KTACH_METRIC_IDLE & 1 ? SAW_REST : 0;
	for (metric = 0; metric < KTACH_METRICS; metric++) {
		if (!is_exact(metric))
			continue;
		*saw |= s->metrics >> metric & 1 ? SAW_BITS : 0;
		*saw |= s->total[metric] ? SAW_VALUES : 0;
		for (cpu = 0; cpu < s->cpus; cpu++)
			*saw |= s->cpu[cpu].value[metric] ? SAW_VALUES : 0;
	}
}

/* All samples that are kept: the first have nothing to be compared with. */
static int ask(struct family *f)
{
	struct family_query q = { .has_since = true };
	unsigned int saw = 0;

	return family_samples(f, &q, look_at, &saw) ? FAILED : (int)saw;
}

static int ask_anew(void)
{
	struct family *f;

	return family_open(&f) ? FAILED : ask(f);
}

static int become_nobody(void)
{
	return setgid(NOBODY) || setuid(NOBODY);
}

/* --- who asks ------------------------------------------------------------ */

static int as_nobody(void)
{
	return become_nobody() ? FAILED : ask_anew();
}

/* What somebody else opened and handed down gives no rights. */
static int by_others_socket(void)
{
	struct family *f;

	return family_open(&f) || become_nobody() ? FAILED : ask(f);
}

static int with_perfmon(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	data[CAP_TO_INDEX(CAP_PERFMON)].permitted = CAP_TO_MASK(CAP_PERFMON);
	data[CAP_TO_INDEX(CAP_PERFMON)].effective = CAP_TO_MASK(CAP_PERFMON);
	if (prctl(PR_SET_KEEPCAPS, 1) || become_nobody() ||
	    syscall(SYS_capset, &header, data))
		return FAILED;
	return ask_anew();
}

static int subscribed(void)
{
	unsigned int i, saw = 0;
	struct family *f;

	if (family_open(&f) || family_subscribe(f))
		return FAILED;
	for (i = 0; i < 500 && !(saw & SAW_REST); i++) {
		sleep_ms(10);
		if (family_receive(f, look_at, &saw))
			return FAILED;
	}
	return saw;
}

static int in_child(int (*test)(void))
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(test());
	need(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status),
	     "a child");
	return WEXITSTATUS(status);
}

static void check_saw(int (*test)(void), int want, const char *who)
{
	int saw = in_child(test);

	check(saw == want, "%s: %d of %d", who, saw, SAW_ALL);
}

static void set_for_all(const char *value)
{
	const char *path =
		"/sys/module/ktach_aggregator/parameters/exact_for_all";
	int fd = open(path, O_WRONLY);

	need(fd >= 0 && write(fd, value, 1) == 1, "write %s", path);
	close(fd);
}

int main(void)
{
	struct family *f;
	int fd = raw_socket();

	need_family(fd);
	close(fd);
	need((errno = -family_open(&f)) == 0 &&
		     (errno = -family_set_period(f, KTACH_COMBINED_NAME,
						 10000)) == 0,
	     "set the period");
	set_period("cpustat", 10000);
	set_period("softirq", 10000);
	sleep_ms(500);
	check_saw(ask_anew, SAW_ALL, "root has exact times");
	check_saw(as_nobody, SAW_REST, "an ordinary user has all but them");
	check_saw(by_others_socket, SAW_REST, "and by root's socket, too");
	check_saw(with_perfmon, SAW_ALL, "with CAP_PERFMON he has them");
	check_saw(subscribed, SAW_REST, "who is subscribed has all but them");
	set_for_all("1");
	check_saw(as_nobody, SAW_ALL, "exact_for_all=1 gives them to all");
	check_saw(subscribed, SAW_ALL, "and to who is subscribed");
	set_for_all("0");
	check_saw(as_nobody, SAW_REST, "and =0 takes them back");
	family_set_period(f, KTACH_COMBINED_NAME, 1000000);
	family_close(f);
	return done_testing();
}
