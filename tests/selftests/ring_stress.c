// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_stress SECONDS READERS [GONE]: readers of every kind on both rings, while
 * others change the period, take CPUs away and unload the sources. A reader
 * whose source goes opens the next one; that must have happened GONE times at
 * least. Whatever a reader accepts is held against what it had before. It takes
 * longer on a machine that is slow: till every reader had a sample.
 */
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "ring_checked.h"

enum {
	READERS_MAX = 64,
	PATIENCE_S = 120, /* for a reader that is to end; periods are shorter */
	LIMIT_S = 900, /* for those who had none yet */
};

static struct report *reports;
static uint32_t *over; /* shared, too: it is time to end */

static bool time_is_left(void)
{
	return !load_acquire(over);
}

static unsigned int pick(struct reader *r, unsigned int below)
{
	return rand_r(&r->seed) % below;
}

/* --- the kinds of readers ----------------------------------------------- */

/*
 * Each does one step. False: the source is gone, or this reader has had
 * enough of its file.
 */

/* Everything that is in the ring, oldest first, by memory alone. */
static bool step_mapped(struct reader *r)
{
	uint64_t newest = head(&r->ring);
	uint64_t n =
		newest + 2 > r->ring.h.slots ? newest + 2 - r->ring.h.slots : 1;

	for (n = n > r->last ? n : r->last + 1; n <= newest; n++)
		take_mapped(r, n);
	if (newest == r->last)
		sched_yield();
	return load_acquire(&header(&r->ring)->state) && pick(r, 500);
}

/* Mapped and unmapped all the time, also in parts, also by a second file. */
static bool step_remapped(struct reader *r)
{
	size_t page = sysconf(_SC_PAGESIZE);
	struct test_ring other = r->ring;
	void *map;

	other.fd = open(r->device, O_RDONLY);
	if (other.fd < 0)
		return false;
	map = mmap(NULL, page, PROT_READ, pick(r, 2) ? MAP_SHARED : MAP_PRIVATE,
		   other.fd, 0);
	expect(r, map != MAP_FAILED, CALL, "mmap: %s", strerror(errno));
	close(other.fd);
	if (map != MAP_FAILED) {
		expect(r, *(uint32_t *)map == KTACH_RING_MAGIC, TORN,
		       "magic of a mapping without a file");
		munmap(map, page);
	}
	take_mapped(r, head(&r->ring));
	return load_acquire(&header(&r->ring)->state) && pick(r, 20);
}

static bool step_polled(struct reader *r)
{
	struct pollfd p = { .fd = r->ring.fd, .events = POLLIN };
	int n = poll(&p, 1, PATIENCE_S * 1000);

	expect(r, n == 1, CALL, "poll: %d in the end", n);
	expect(r, !(p.revents & ~(POLLIN | POLLHUP)), CALL, "poll: events %x",
	       p.revents);
	if (p.revents & POLLIN)
		take_mapped(r, head(&r->ring));
	return n == 1 && !(p.revents & POLLHUP);
}

static bool read_once(struct reader *r, int flags)
{
	size_t stride = r->ring.h.slot_stride;
	uint64_t number = lseek(r->ring.fd, 0, SEEK_CUR) / stride + 1;
	ssize_t got = read(r->ring.fd, r->copy, stride);

	if (got < 0 && errno == EAGAIN && flags & O_NONBLOCK) {
		sleep_ms(1);
		return true;
	}
	expect(r, got == 0 || got == (ssize_t)stride, CALL, "read: %zd, %s",
	       got, strerror(errno));
	if (got > 0)
		take_read(r, number);
	else if (!got)
		expect(r, !load_acquire(&header(&r->ring)->state), CALL,
		       "the end of a ring that is live");
	return got > 0;
}

static bool step_blocked(struct reader *r)
{
	return read_once(r, 0) && pick(r, 2000);
}

static bool step_nonblocking(struct reader *r)
{
	int flags = fcntl(r->ring.fd, F_GETFL);

	if (!(flags & O_NONBLOCK))
		fcntl(r->ring.fd, F_SETFL, flags | O_NONBLOCK);
	return read_once(r, O_NONBLOCK) && pick(r, 2000);
}

/* Here and there in the ring; also to where there is nothing yet. */
static bool step_seeking(struct reader *r)
{
	off_t stride = r->ring.h.slot_stride;
	off_t back = (off_t)pick(r, r->ring.h.slots + 2) * stride;
	off_t at = lseek(r->ring.fd, 0, SEEK_END);

	expect(r, at >= 0 && at % stride == 0, CALL, "SEEK_END: %ld", at);
	at = lseek(r->ring.fd, at > back ? -back : 0, SEEK_CUR);
	expect(r, at >= 0, CALL, "SEEK_CUR: %s", strerror(errno));
	if (!pick(r, 4))
		at = lseek(r->ring.fd, 0, SEEK_SET);
	expect(r, at >= 0, CALL, "SEEK_SET: %s", strerror(errno));
	return read_once(r, 0) && pick(r, 500);
}

static const struct kind {
	const char *name;
	bool (*step)(struct reader *r);
} kinds[] = {
	{ "mapped", step_mapped },
	{ "polled", step_polled },
	{ "read", step_blocked },
	{ "read without waiting", step_nonblocking },
	{ "sought", step_seeking },
	{ "mapped anew", step_remapped },
};

enum {
	KINDS = sizeof(kinds) / sizeof(*kinds)
};

/* --- one reader --------------------------------------------------------- */

/* Unlike ring_open(), may fail: the source may be away just now. */
static bool attach(struct reader *r)
{
	size_t page = sysconf(_SC_PAGESIZE);
	void *map;

	r->ring.fd = open(r->device, O_RDONLY | O_CLOEXEC);
	if (r->ring.fd < 0) {
		expect(r, errno == ENOENT || errno == ENODEV || errno == ENXIO,
		       CALL, "open: %s", strerror(errno));
		return false;
	}
	map = mmap(NULL, page, PROT_READ, MAP_SHARED, r->ring.fd, 0);
	need(map != MAP_FAILED, "map the first page of %s", r->device);
	r->ring.h = *(struct ktach_ring_header *)map;
	munmap(map, page);
	r->ring.size = ring_length(&r->ring.h);
	map = mmap(NULL, r->ring.size, PROT_READ, MAP_SHARED, r->ring.fd, 0);
	need(map != MAP_FAILED, "map %s", r->device);
	r->ring.base = map;
	r->newest = malloc(r->ring.h.slot_stride);
	r->copy = malloc(r->ring.h.slot_stride);
	r->again = malloc(r->ring.h.slot_stride);
	need(r->newest && r->copy && r->again, "memory");
	r->last = 0;
	return true;
}

/* The file or the mapping first: both orders must do. */
static void detach(struct reader *r)
{
	int fd = r->ring.fd;

	r->report->gone += !load_acquire(&header(&r->ring)->state);
	if (pick(r, 2)) {
		close(fd);
		fd = -1;
	}
	munmap((void *)r->ring.base, r->ring.size);
	if (fd >= 0)
		close(fd);
	free(r->newest);
	free(r->copy);
	free(r->again);
}

static void run_reader(unsigned int index)
{
	struct reader r = {
		.report = &reports[index],
		.device = index & 1 ? SOFTIRQ_DEV : STAT_DEV,
		.seed = index + 1,
	};
	const struct kind *kind = &kinds[index / 2 % KINDS];

	/* Nobody is left behind when the test dies. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (time_is_left()) {
		if (!attach(&r)) {
			sleep_ms(5);
			continue;
		}
		while (kind->step(&r) && time_is_left())
			;
		detach(&r);
	}
	exit(0);
}

/* --- all of them -------------------------------------------------------- */

static unsigned long times_gone(unsigned int count)
{
	unsigned long times = 0;

	for (unsigned int i = 0; i < count; i++)
		times += load_acquire(&reports[i].gone);
	return times;
}

static unsigned int without_sample(unsigned int count)
{
	unsigned int without = 0;

	for (unsigned int i = 0; i < count; i++)
		without += !load_acquire(&reports[i].samples);
	return without;
}

static void let_them_read(uint64_t seconds, unsigned int count,
			  unsigned long gone)
{
	uint64_t end_ns = mono_ns() + seconds * 1000000000;
	uint64_t limit_ns = end_ns + LIMIT_S * 1000000000ULL;

	while (mono_ns() < end_ns ||
	       ((without_sample(count) || times_gone(count) < gone) &&
		mono_ns() < limit_ns))
		sleep_ms(100);
	store_release(over, 1);
}

/* Whoever is not done by then sleeps through a wake-up. */
static unsigned int wait_for_readers(const pid_t *pid, unsigned int count)
{
	uint64_t limit = mono_ns() + PATIENCE_S * 1000000000ULL;
	unsigned int i, stuck = 0;
	int status;

	for (i = 0; i < count; i++) {
		while (waitpid(pid[i], &status, WNOHANG) == 0 &&
		       mono_ns() < limit)
			sleep_ms(20);
		if (mono_ns() >= limit || status) {
			printf("# reader %u (%s) ended with %x or never\n", i,
			       kinds[i / 2 % KINDS].name, status);
			kill(pid[i], SIGKILL);
			stuck++;
		}
	}
	return stuck;
}

static void show(unsigned int count, unsigned long gone)
{
	unsigned long bad[FAULTS] = { 0 };
	unsigned long went = times_gone(count);
	unsigned int i, fault;
	const struct report *r;

	for (i = 0; i < count; i++) {
		r = &reports[i];
		printf("# reader %u (%s): %lu samples, %lu lapped, source gone %lu times%s%s\n",
		       i, kinds[i / 2 % KINDS].name, r->samples, r->lapped,
		       r->gone, r->first[0] ? ": " : "", r->first);
		for (fault = 0; fault < FAULTS; fault++)
			bad[fault] += r->bad[fault];
	}
	check(!without_sample(count), "each of %u readers had samples", count);
	check(went >= gone, "a source went under a reader, %lu times", went);
	for (fault = 0; fault < FAULTS; fault++)
		check(!bad[fault], "%s", fault_text[fault]);
}

int main(int argc, char **argv)
{
	unsigned int i, count = argc > 2 ? atoi(argv[2]) : 0;
	unsigned long gone = argc > 3 ? atoi(argv[3]) : 0;
	pid_t pid[READERS_MAX];

	need(count > 0 && count <= READERS_MAX,
	     "arguments: SECONDS READERS [GONE]");
	skip_without(STAT_DEV);
	reports = mmap(NULL, sizeof(*reports) * count + sizeof(*over),
		       PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		       0);
	need(reports != MAP_FAILED, "shared memory");
	over = (uint32_t *)(reports + count);
	for (i = 0; i < count; i++) {
		fflush(stdout);
		pid[i] = fork();
		need(pid[i] >= 0, "fork");
		if (!pid[i])
			run_reader(i);
	}
	let_them_read(atoi(argv[1]), count, gone);
	check(!wait_for_readers(pid, count), "every reader comes to its end");
	show(count, gone);
	return done_testing();
}
