// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_stress SECONDS READERS [GONE]: readers of every kind on both rings, while
 * others change the period, take CPUs away and unload the sources. A reader
 * whose source goes opens the next one; that must have happened GONE times at
 * least. Whatever a reader accepts is held against what it had before.
 */
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "ring.h"

enum {
	READERS_MAX = 64,
	PATIENCE_S = 30, /* for a reader that is to end; periods are shorter */
	FLAGS = KTACH_CPU_ONLINE | KTACH_CPU_SEEN,
};

/* What went wrong; the points of this test. */
enum fault {
	TORN,
	ORDER,
	BACKWARD,
	RECORD,
	FLAG,
	CALL,
	FAULTS
};

static const char *const fault_text[FAULTS] = {
	[TORN] = "no torn slot was accepted",
	[ORDER] = "samples come in order, with rising times",
	[BACKWARD] = "no value runs backwards",
	[RECORD] = "each record is its CPU's, padded with zeroes",
	[FLAG] = "flags are sane: who is online was seen, and stays so",
	[CALL] = "no call failed but for a source that is gone",
};

/* Shared with the parent, written by one reader. */
struct report {
	unsigned long samples, lapped, gone, bad[FAULTS];
	char first[128]; /* what was seen first */
};

struct reader {
	struct report *report;
	const char *device;
	struct test_ring ring;
	uint64_t last; /* number of the newest sample, 0 before the first */
	uint8_t *newest; /* that sample */
	uint8_t *copy, *again;
	unsigned int seed;
};

static struct report *reports;
static uint64_t end_ns;

static void __attribute__((format(printf, 4, 5)))
expect(struct reader *r, bool good, enum fault fault, const char *format, ...)
{
	va_list ap;

	if (good)
		return;
	if (!r->report->first[0]) {
		va_start(ap, format);
		vsnprintf(r->report->first, sizeof(r->report->first), format,
			  ap);
		va_end(ap);
	}
	r->report->bad[fault]++;
}

static bool time_is_left(void)
{
	return mono_ns() < end_ns;
}

static unsigned int pick(struct reader *r, unsigned int below)
{
	return rand_r(&r->seed) % below;
}

/* --- what a sample must be ---------------------------------------------- */

static void check_record(struct reader *r, uint64_t n, unsigned int i)
{
	const uint64_t *now = record_of(&r->ring, r->copy, i);
	const uint64_t *before = record_of(&r->ring, r->newest, i);
	const uint32_t *id = (const void *)now, *was = (const void *)before;
	unsigned int field, fields = r->ring.h.record_size / 8;

	expect(r, id[0] == i, RECORD, "%lu: record %u is CPU %u's", n, i,
	       id[0]);
	for (field = fields; field < r->ring.h.record_stride / 8; field++)
		expect(r, now[field] == 0, RECORD, "%lu: CPU %u: padding", n,
		       i);
	expect(r, !(id[1] & ~FLAGS) && id[1] != KTACH_CPU_ONLINE, FLAG,
	       "%lu: CPU %u has flags %x", n, i, id[1]);
	if (!r->last)
		return;
	expect(r,
	       (id[1] & was[1] & KTACH_CPU_SEEN) == (was[1] & KTACH_CPU_SEEN),
	       FLAG, "%lu: CPU %u had flags %x and has %x", n, i, was[1],
	       id[1]);
	for (field = 1; field < fields; field++)
		expect(r, now[field] >= before[field], BACKWARD,
		       "%lu after %lu: CPU %u: field %u: %lu after %lu", n,
		       r->last, i, field, now[field], before[field]);
}

/* Take r->copy as sample @n, which is newer than all before. */
static void accept_sample(struct reader *r, uint64_t n)
{
	const struct ktach_slot *now = (void *)r->copy;
	const struct ktach_slot *before = (void *)r->newest;
	uint8_t *swap = r->newest;

	expect(r, now->sequence == 2 * n && n > r->last, ORDER,
	       "sample %lu after %lu has sequence %llu", n, r->last,
	       now->sequence);
	if (r->last)
		expect(r,
		       now->mono_ns > before->mono_ns &&
			       now->missed >= before->missed,
		       ORDER,
		       "%lu: mono %llu after %llu, missed %llu after %llu", n,
		       now->mono_ns, before->mono_ns, now->missed,
		       before->missed);
	for (unsigned int i = 0; i < r->ring.h.records; i++)
		check_record(r, n, i);
	r->newest = r->copy;
	r->copy = swap;
	r->last = n;
	r->report->samples++;
}

/*
 * Copy sample @n from the mapping. As long as it is there every copy of it is
 * the same, whatever the writer does: a second one tells whether the first
 * was torn.
 */
static bool take_mapped(struct reader *r, uint64_t n)
{
	if (ring_copy(&r->ring, n, r->copy) != READ_OK) {
		r->report->lapped++;
		return false;
	}
	if (ring_copy(&r->ring, n, r->again) == READ_OK)
		expect(r, !memcmp(r->copy, r->again, r->ring.h.slot_stride),
		       TORN, "two copies of %lu differ", n);
	if (n > r->last)
		accept_sample(r, n);
	return true;
}

/* r->copy came from read(), from position @number on. */
static void take_read(struct reader *r, uint64_t number)
{
	const struct ktach_slot *slot = (void *)r->copy;
	uint64_t n = slot->sequence / 2;

	expect(r, !(slot->sequence & 1) && n >= number, ORDER,
	       "read() at %lu gives sequence %llu", number, slot->sequence);
	if (ring_copy(&r->ring, n, r->again) == READ_OK)
		expect(r, !memcmp(r->copy, r->again, r->ring.h.slot_stride),
		       TORN, "read() and the mapping differ in %lu", n);
	r->report->lapped += n > number;
	if (n > r->last)
		accept_sample(r, n);
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

/* Whoever is not done by then sleeps through a wake-up. */
static unsigned int wait_for_readers(const pid_t *pid, unsigned int count)
{
	uint64_t limit = end_ns + PATIENCE_S * 1000000000ULL;
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
	unsigned int i, fault, idle = 0, went = 0;
	const struct report *r;

	for (i = 0; i < count; i++) {
		r = &reports[i];
		printf("# reader %u (%s): %lu samples, %lu lapped, source gone %lu times%s%s\n",
		       i, kinds[i / 2 % KINDS].name, r->samples, r->lapped,
		       r->gone, r->first[0] ? ": " : "", r->first);
		for (fault = 0; fault < FAULTS; fault++)
			bad[fault] += r->bad[fault];
		idle += !r->samples;
		went += r->gone;
	}
	check(!idle, "each of %u readers had samples", count);
	check(went >= gone, "a source went under a reader, %u times", went);
	for (fault = 0; fault < FAULTS; fault++)
		check(!bad[fault], "%s", fault_text[fault]);
}

int main(int argc, char **argv)
{
	pid_t pid[READERS_MAX];
	unsigned int i, count = argc > 2 ? atoi(argv[2]) : 0;

	need(count > 0 && count <= READERS_MAX,
	     "arguments: SECONDS READERS [GONE]");
	reports = mmap(NULL, sizeof(*reports) * count, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	need(reports != MAP_FAILED, "shared memory");
	end_ns = mono_ns() + atoi(argv[1]) * 1000000000ULL;
	for (i = 0; i < count; i++) {
		fflush(stdout);
		pid[i] = fork();
		need(pid[i] >= 0, "fork");
		if (!pid[i])
			run_reader(i);
	}
	check(!wait_for_readers(pid, count), "every reader comes to its end");
	show(count, argc > 3 ? atoi(argv[3]) : 0);
	return done_testing();
}
