// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_unload DIR ROUNDS: take the modules away under sockets, dumps and
 * subscribers, then again and again while others ask and listen. The modules
 * are files in DIR, and loaded when it begins.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "lib/netlink/genl.h"
#include "netlink.h"
#include "ring_modules.h"

enum {
	CROWD = 6
};

static void ignore_sample(const struct family_sample *s, void *arg)
{
	*(unsigned int *)arg += s != NULL;
}

static void ignore_source(const struct family_source *s, void *arg)
{
	*(unsigned int *)arg += s != NULL;
}

static int load_all(unsigned int period_us)
{
	char parameters[64];
	int i, err = 0;

	for (i = 0; i < MODULES && !err; i++) {
		snprintf(parameters, sizeof(parameters), "%s=64 period_us=%u",
			 i ? "slots" : "samples", period_us);
		err = module_load(i, parameters);
	}
	return err;
}

static int unload_all(void)
{
	int i, err = 0;

	for (i = MODULES - 1; i >= 0 && !err; i--)
		err = module_unload_soon(i);
	return err;
}

/* --- one by one --------------------------------------------------------- */

/* A dump that is begun and not read to its end. */
static int begin_dump(void)
{
	int fd = raw_socket();
	struct request r;

	request_begin(&r, family_id, KTACH_CMD_SAMPLE_GET, NLM_F_DUMP);
	request_u64(&r, KTACH_A_SAMPLE_SINCE, 0);
	need(request_send(fd, &r) == 0, "send");
	return fd;
}

static int end_dump(int fd)
{
	struct answer a;

	answer_begin(&a);
	while (!receive_once(fd, &a, NULL, NULL))
		;
	close(fd);
	return a.error;
}

static void set_fast(struct family *f)
{
	need(family_set_period(f, KTACH_COMBINED_NAME, 5000) == 0 &&
		     family_set_period(f, "cpustat", 1000) == 0 &&
		     family_set_period(f, "softirq", 1000) == 0,
	     "set the periods");
	/* Enough of them that a dump takes several pieces. */
	sleep_ms(1000);
}

static void test_dump(struct family *f)
{
	unsigned int count = 0;
	int err, fd;

	set_fast(f);
	receive_bytes = 4096;
	fd = begin_dump();
	check(module_unload(1) == 0 && module_unload(2) == 0,
	      "sources unload while a dump is under way");
	check(family_sources(f, ignore_source, &count) == 0 && count == 1,
	      "and are no longer listed");
	err = module_unload(0);
	check(err == -EAGAIN || err == -EBUSY, "the aggregator does not: %s",
	      strerror(-err));
	err = end_dump(fd);
	check(!err, "the dump comes to its end: %s", strerror(-err));
}

static void test_subscriber(struct family *f)
{
	struct pollfd p = { .events = POLLIN };
	unsigned int count = 0;
	int err, i, idle = begin_dump();

	end_dump(idle);
	idle = raw_socket();
	check(family_subscribe(f) == 0, "there is a subscriber");
	p.fd = family_fd(f);
	while (count < 5 && poll(&p, 1, 5000) == 1)
		need(family_receive(f, ignore_sample, &count) == 0, "receive");
	check(count >= 5, "who receives samples");
	err = module_unload(0);
	check(!err, "the aggregator unloads under sockets and a subscriber: %s",
	      strerror(-err));
	for (i = 0, err = 0; i < 100 && !err; i++) {
		poll(&p, 1, 100);
		err = family_receive(f, ignore_sample, &count);
	}
	check(err == -ENODEV, "who is told: %s", strerror(-err));
	check(find_family(idle) == -ENOENT, "the family is gone");
	err = family_sources(f, ignore_source, &count);
	check(err == -ENOENT, "a question to it is refused: %s",
	      strerror(-err));
	close(idle);
}

static void test_again(void)
{
	struct family *f;
	unsigned int count = 0;

	check(load_all(5000) == 0 && family_open(&f) == 0 &&
		      family_sources(f, ignore_source, &count) == 0 &&
		      count == 3,
	      "all are loaded again, and found again");
	family_close(f);
	check(unload_all() == 0, "and go again");
}

/* --- all at once -------------------------------------------------------- */

/* Ask and listen as long as there is somebody, again and again. */
static void run_client(unsigned int kind)
{
	struct family_query q = { .has_since = true };
	unsigned int count = 0;
	struct family *f;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		if (family_open(&f)) {
			sleep_ms(1);
			continue;
		}
		if (kind % 3 == 0 && !family_subscribe(f))
			while (!family_receive(f, ignore_sample, &count) &&
			       count++ % 100)
				sleep_ms(1);
		if (kind % 3 == 1)
			while (!family_samples(f, &q, ignore_sample, &count) &&
			       count % 50)
				sleep_ms(1);
		if (kind % 3 == 2)
			while (!family_sources(f, ignore_source, &count) &&
			       !family_set_period(f, "cpustat",
						  1000 + count % 1000) &&
			       count % 50)
				;
		family_close(f);
		/* A dump holds the module: let it go for a moment. */
		sleep_ms(5);
	}
}

static void test_rounds(unsigned int rounds)
{
	pid_t pid[CROWD];
	unsigned int i, done = 0;
	int err = 0;

	fflush(stdout);
	for (i = 0; i < CROWD; i++) {
		pid[i] = fork();
		need(pid[i] >= 0, "fork");
		if (!pid[i])
			run_client(i);
	}
	while (done < rounds && !err) {
		err = load_all(5000);
		sleep_ms(20 + done % 7 * 10);
		err = err ? err : unload_all();
		done += !err;
	}
	check(done == rounds,
	      "%u rounds of load and unload while %d clients ask and listen: %s",
	      done, CROWD, strerror(-err));
	for (i = 0; i < CROWD; i++) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
}

int main(int argc, char **argv)
{
	struct family *f;
	int fd = raw_socket();

	need(argc == 3, "arguments: DIR ROUNDS");
	modules_open(argv[1]);
	need_family(fd);
	close(fd);
	need((errno = -family_open(&f)) == 0, "open the family");
	test_dump(f);
	test_subscriber(f);
	family_close(f);
	test_again();
	test_rounds(atoi(argv[2]));
	need(load_all(1000000) == 0, "load the modules again");
	return done_testing();
}
