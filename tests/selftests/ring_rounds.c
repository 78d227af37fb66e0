// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_rounds ROUNDS DIR: load and unload the three modules of DIR so many
 * times; in most rounds the sources go while readers have their rings mapped,
 * wait in poll() or wait in read().
 */
#include <pthread.h>

#include "ring_modules.h"

/* Who is there when the sources go; a round has one of the combinations. */
enum {
	MAPPED = 1 << 0,
	POLLING = 1 << 1,
	READING = 1 << 2,
	COMBINATIONS = 1 << 3,
};

static const char *const devices[] = { STAT_DEV, SOFTIRQ_DEV };

static unsigned int attached, wrong;

static void is_there(void)
{
	__atomic_fetch_add(&attached, 1, __ATOMIC_RELEASE);
}

/* The readers end when their source does, and return true if all was well. */

static void *stay_mapped(void *device)
{
	struct test_ring r;
	uint8_t *copy;
	bool good;

	ring_open(&r, device, 0);
	close(r.fd);
	is_there();
	while (load_acquire(&header(&r)->state))
		sleep_ms(1);
	copy = malloc(r.h.slot_stride);
	good = !head(&r) || ring_copy(&r, head(&r), copy) == READ_OK;
	free(copy);
	munmap((void *)r.base, r.size);
	return (void *)good;
}

static void *stay_polling(void *device)
{
	int fd = open(device, O_RDONLY | O_CLOEXEC);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n;

	is_there();
	do
		n = poll(&p, 1, 20000);
	while (n == 1 && p.revents == POLLIN);
	close(fd);
	return (void *)(uintptr_t)(n == 1 && p.revents & POLLHUP);
}

static void *stay_reading(void *device)
{
	int fd = open(device, O_RDONLY | O_CLOEXEC);
	static char buffer[2][1 << 20];
	char *to = buffer[!strcmp(device, STAT_DEV)];
	ssize_t got;

	is_there();
	do
		got = read(fd, to, sizeof(buffer[0]));
	while (got > 0);
	close(fd);
	return (void *)(uintptr_t)(got == 0);
}

struct reader {
	pthread_t thread;
	const char *what;
};

static unsigned int start_readers(struct reader *to, unsigned int who)
{
	static const struct {
		void *(*run)(void *device);
		const char *what;
	} kinds[] = {
		{ stay_mapped, "mapped" },
		{ stay_polling, "polling" },
		{ stay_reading, "reading" },
	};
	unsigned int kind, node, count = 0;

	for (kind = 0; kind < 3; kind++) {
		for (node = 0; who & (1 << kind) && node < 2; node++) {
			to[count].what = kinds[kind].what;
			need(!pthread_create(&to[count++].thread, NULL,
					     kinds[kind].run,
					     (void *)devices[node]),
			     "a thread");
		}
	}
	return count;
}

static void one_round(unsigned int round)
{
	/* The first has no sample to come, the last is never without one. */
	static const char *const parameters[] = { "slots=16",
						  "slots=2 period_us=20000",
						  "slots=64 period_us=100" };
	struct reader readers[6];
	unsigned int i, count;
	void *good;
	int err;

	for (i = 0; i < MODULES; i++) {
		err = module_load(i, i ? parameters[round % 3] : "");
		need(err == 0, "round %u: %s loads: %d", round, module_name[i],
		     err);
	}
	attached = 0;
	count = start_readers(readers, round % COMBINATIONS);
	while (__atomic_load_n(&attached, __ATOMIC_ACQUIRE) < count)
		sleep_ms(1);
	sleep_ms(round % 10); /* some are asleep by then */
	for (i = MODULES - 1; i > 0; i--) {
		err = module_unload_soon(i);
		need(err == 0, "round %u: %s unloads: %d", round,
		     module_name[i], err);
	}
	for (i = 0; i < count; i++) {
		pthread_join(readers[i].thread, &good);
		if (good)
			continue;
		printf("# round %u: who was %s did not see the end\n", round,
		       readers[i].what);
		wrong++;
	}
	err = module_unload_soon(0);
	need(err == 0, "round %u: %s unloads: %d", round, module_name[0], err);
}

int main(int argc, char **argv)
{
	unsigned int round, rounds = argc == 3 ? atoi(argv[1]) : 0;

	need(rounds > 0, "arguments: ROUNDS DIR");
	modules_open(argv[2]);
	for (round = 0; round < rounds; round++) {
		one_round(round);
		if (round % 50 == 49) {
			printf("# %u rounds\n", round + 1);
			fflush(stdout);
		}
	}
	check(round == rounds, "the modules were loaded and unloaded %u times",
	      rounds);
	check(!wrong, "every reader that was there saw the end of its source");
	return done_testing();
}
