// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_abi DEVICE SOURCE KIND: hold one ring to every promise of
 * linux/ktach_ring.h, at its edges first. Wants a ring of few slots.
 */
#include "ring.h"

static const char *device, *source;
static unsigned int kind;
static struct test_ring ring;
static uint8_t *copy;

/* CPUs in a list like "0-3,5". */
static unsigned int count_cpus(const char *path)
{
	unsigned int first, last, count = 0;
	FILE *file = fopen(path, "re");
	int got;

	need(file != NULL, "read %s", path);
	while ((got = fscanf(file, "%u-%u", &first, &last)) > 0) {
		count += got == 2 ? last - first + 1 : 1;
		fgetc(file);
	}
	fclose(file);
	return count;
}

static bool all_zero(const void *at, size_t size)
{
	const uint8_t *byte = at;

	while (size--)
		if (*byte++)
			return false;
	return true;
}

static void test_header(void)
{
	const struct ktach_ring_header *h = &ring.h;

	check(h->magic == KTACH_RING_MAGIC && !memcmp(&h->magic, "KTCH", 4) &&
		      h->version == 1 && h->features == 0,
	      "magic, version and features");
	check(h->header_size == 192 && h->kind == kind &&
		      !strcmp(h->name, source),
	      "size, kind and name");
	check(h->slots == attr_read(source, "slots") &&
		      h->records == attr_read(source, "records") &&
		      h->records ==
			      count_cpus("/sys/devices/system/cpu/possible"),
	      "%u slots, a record for each of %u possible CPUs", h->slots,
	      h->records);
	check(h->record_size == 88 && h->record_stride == 128 &&
		      h->records_offset == 64 &&
		      h->slot_stride == 64 + h->records * 128 &&
		      h->slots_offset == (uint64_t)sysconf(_SC_PAGESIZE),
	      "record size, strides and offsets");
	check(h->period_ns == 1000 * attr_read(source, "period_us"),
	      "the period is that of sysfs");
	check(h->state == KTACH_RING_LIVE, "the ring is live");
	check(!h->reserved0 && !h->reserved3 &&
		      all_zero(h->reserved1, sizeof(h->reserved1)) &&
		      all_zero(ring.base + 192, h->slots_offset - 192),
	      "what is reserved is zero, to the end of the page");
}

static bool refused(size_t size, int prot, int flags, off_t offset)
{
	void *map = mmap(NULL, size, prot, flags, ring.fd, offset);

	if (map == MAP_FAILED)
		return true;
	munmap(map, size);
	return false;
}

static void test_refusals(void)
{
	size_t page = sysconf(_SC_PAGESIZE);
	size_t whole = (ring.size + page - 1) & ~(page - 1);

	check(open(device, O_RDWR) < 0 && errno == EACCES &&
		      open(device, O_WRONLY) < 0 && errno == EACCES,
	      "it does not open for writing");
	check(refused(ring.size, PROT_READ | PROT_WRITE, MAP_SHARED, 0) &&
		      refused(ring.size, PROT_READ | PROT_WRITE, MAP_PRIVATE,
			      0) &&
		      refused(ring.size, PROT_WRITE, MAP_SHARED, 0),
	      "a writable mapping is refused");
	check(mprotect((void *)ring.base, page, PROT_READ | PROT_WRITE) < 0 &&
		      errno == EACCES,
	      "a mapping does not become writable");
	check(refused(ring.size, PROT_READ | PROT_EXEC, MAP_SHARED, 0) &&
		      mprotect((void *)ring.base, page, PROT_READ | PROT_EXEC) <
			      0 &&
		      errno == EACCES,
	      "nor does one have code");
	check(refused(whole + 1, PROT_READ, MAP_SHARED, 0) &&
		      refused(whole, PROT_READ, MAP_SHARED, page) &&
		      refused(page, PROT_READ, MAP_SHARED, whole),
	      "a mapping that is longer than the ring is refused");
	check(mremap((void *)ring.base, whole, whole + page, MREMAP_MAYMOVE) ==
		      MAP_FAILED,
	      "a mapping does not grow");
}

static void test_partial(void)
{
	size_t page = sysconf(_SC_PAGESIZE);
	size_t whole = (ring.size + page - 1) & ~(page - 1);
	const struct ktach_ring_header *private;
	const uint8_t *last;
	uint64_t seen;

	private = mmap(NULL, whole, PROT_READ, MAP_PRIVATE, ring.fd, 0);
	need(private != MAP_FAILED, "map the ring privately");
	seen = load_acquire(&private->head);
	check(wait_head(&ring, seen + 2) &&
		      load_acquire(&private->head) >= seen + 2,
	      "a private mapping follows the writer, too");
	munmap((void *)private, whole);

	quiet(source);
	last = mmap(NULL, page, PROT_READ, MAP_SHARED, ring.fd, whole - page);
	need(last != MAP_FAILED, "map the last page");
	check(!memcmp(last, ring.base + whole - page,
		      ring.size - (whole - page)),
	      "a part of the ring is mapped by itself");
	munmap((void *)last, page);
}

/* CPUs that could be plugged in are there, and cost a reader nothing. */
static void test_seen(void)
{
	uint32_t i, seen = header(&ring)->records_seen, bad = 0;
	const struct ktach_record *record;

	for (i = 0; i < ring.h.records; i++) {
		record = record_of(&ring, copy, i);
		if (i < seen)
			bad += !(record->flags & KTACH_CPU_SEEN);
		else
			bad += record->flags ||
			       !all_zero(record + 1, ring.h.record_size - 8);
	}
	check(!bad && seen == count_cpus("/sys/devices/system/cpu/online"),
	      "the %u CPUs that were online are filled, the others are not",
	      seen);
}

/* Each sample: its number, its times, its records; none is missing. */
static void test_samples(void)
{
	uint64_t n, last_k = 0, last_missed = 0, period = 5000000;
	int64_t offset, drift = 0;
	unsigned int i, bad = 0, unserved = 0;
	struct ktach_slot *slot = (void *)copy;
	const uint32_t *record;
	int64_t first = 0;

	set_period(source, period / 1000);
	n = head(&ring) + 2;
	for (i = 0; i < 200; i++, n++) {
		need(wait_head(&ring, n), "sample %lu comes", n);
		if (ring_copy(&ring, n, copy) != READ_OK) {
			bad++;
			continue;
		}
		offset = slot->real_ns - slot->mono_ns;
		first = i ? first : offset;
		drift = llabs(offset - first) > drift ? llabs(offset - first) :
							drift;
		bad += slot->sequence != 2 * n ||
		       !all_zero(slot->reserved, sizeof(slot->reserved));
		/* The timer ticks at multiples of the period. */
		unserved += i && slot->mono_ns / period - last_k !=
					 1 + slot->missed - last_missed;
		last_k = slot->mono_ns / period;
		last_missed = slot->missed;
	}
	check(!bad, "200 samples follow each other without a gap");
	check(!unserved, "each period holds a sample or counts as missed");
	check(drift < 1000000, "real and monotonic time are of one moment");

	for (i = 0, bad = 0; i < ring.h.records; i++) {
		record = record_of(&ring, copy, i);
		bad += record[0] != i ||
		       !all_zero(record + 22, ring.h.record_stride - 88);
	}
	check(!bad, "records stand in the order of CPUs, padded with zeroes");
	test_seen();
}

static ssize_t get(int fd, size_t size)
{
	ssize_t got = read(fd, copy, size);

	return got < 0 ? -errno : got;
}

static uint64_t got_number(unsigned int index)
{
	const struct ktach_slot *slot =
		(void *)(copy + (size_t)index * ring.h.slot_stride);

	return slot->sequence & 1 ? 0 : slot->sequence / 2;
}

static void test_read_edges(void)
{
	size_t stride = ring.h.slot_stride;
	int fd = open(device, O_RDONLY | O_NONBLOCK);

	need(fd >= 0, "open %s", device);
	check(get(fd, stride - 1) == -EINVAL && get(fd, 0) == -EINVAL,
	      "a buffer shorter than a slot is EINVAL");
	check(lseek(fd, 1, SEEK_SET) == 1 && get(fd, stride) == -EINVAL,
	      "a position inside a slot is EINVAL");
	check(lseek(fd, -1, SEEK_SET) < 0 && errno == EINVAL &&
		      lseek(fd, 0, SEEK_DATA) < 0 && errno == EINVAL,
	      "lseek() refuses what it does not know");
	check(lseek(fd, 3 * stride, SEEK_SET) == (off_t)(3 * stride) &&
		      lseek(fd, -(off_t)stride, SEEK_CUR) ==
			      (off_t)(2 * stride),
	      "lseek() takes SEEK_SET and SEEK_CUR");
	quiet(source);
	check(lseek(fd, 0, SEEK_END) == (off_t)(head(&ring) * stride),
	      "SEEK_END is the head");
	check(get(fd, stride) == -EAGAIN, "O_NONBLOCK: EAGAIN without news");
	check(lseek(fd, -(off_t)stride, SEEK_END) >= 0 &&
		      get(fd, stride + 1) == (ssize_t)stride &&
		      got_number(0) == head(&ring),
	      "read() gives whole slots, the newest last");
	check(!memcmp(copy, slot_at(&ring, head(&ring)), stride),
	      "a slot that is read is the slot that is mapped");
	close(fd);
}

static void test_read_on(void)
{
	size_t stride = ring.h.slot_stride;
	int fd = open(device, O_RDONLY);
	uint64_t oldest, number, n = 0;
	unsigned int i, bad = 0;

	need(fd >= 0, "open %s", device);
	quiet(source);
	oldest = head(&ring) - ring.h.slots + 2;
	check(get(fd, ring.size) == (ssize_t)((ring.h.slots - 1) * stride) &&
		      got_number(0) == oldest &&
		      got_number(ring.h.slots - 2) == head(&ring),
	      "a position that was lapped moves to the oldest sample");
	check(lseek(fd, 0, SEEK_CUR) == (off_t)(head(&ring) * stride),
	      "and the file's position with it");

	set_period(source, 1000);
	for (i = 0; i < 50; i++) {
		number = lseek(fd, 0, SEEK_CUR) / stride + 1;
		need(get(fd, stride) == (ssize_t)stride, "read on");
		n = got_number(0);
		/* More than asked for is a loss, and shows; less is wrong. */
		bad += n < number ||
		       lseek(fd, 0, SEEK_CUR) != (off_t)(n * stride);
	}
	check(!bad, "read() waits for the next sample");
	check(pread(fd, copy, stride, (n - 1) * stride) == (ssize_t)stride &&
		      got_number(0) >= n,
	      "pread() reads at a position");
	close(fd);
}

static int polled(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, timeout_ms) > 0 ? p.revents : 0;
}

static void test_poll(void)
{
	unsigned int i, bad = 0, early = 0;
	int fd = open(device, O_RDONLY);
	uint64_t seen;
	int event;

	need(fd >= 0, "open %s", device);
	check(polled(fd, 0) == POLLIN, "poll() of a new file has news");
	set_period(source, 20000);
	for (i = 0; i < 30; i++) {
		seen = head(&ring);
		polled(fd, 0);
		event = polled(fd, 0);
		early += event && head(&ring) == seen;
		seen = head(&ring);
		polled(fd, 0);
		bad += polled(fd, 10000) != POLLIN || head(&ring) <= seen;
	}
	check(!bad, "poll() wakes at each tick");
	check(!early, "and not without a new sample");

	quiet(source);
	lseek(fd, 0, SEEK_END);
	check(polled(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0 &&
		      polled(fd, 0) == POLLIN && polled(fd, 0) == POLLIN,
	      "after lseek() poll() goes by the file's position");
	check(get(fd, ring.size) > 0 && polled(fd, 0) == 0,
	      "and read() uses the news up");
	close(fd);
}

static void test_lapped(void)
{
	uint64_t n;

	set_period(source, 1000);
	n = head(&ring);
	need(wait_head(&ring, n + ring.h.slots), "the ring goes round");
	check(ring_copy(&ring, n, copy) == READ_LAPPED,
	      "a sample that is gone is seen to be lapped");
	check(ring_copy(&ring, head(&ring) + ring.h.slots, copy) ==
		      READ_NOT_YET,
	      "a sample of the next round is not there yet");
}

static void test_period(void)
{
	static const char *const bad[] = {
		"0", "99", "60000001", "abc", "", "-1", "1000x", "4294967297"
	};
	unsigned int i, taken = 0;
	uint64_t n;
	int err;

	quiet(source);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (!*bad[i])
			continue; /* an empty write reaches no module */
		err = attr_write(source, "period_us", bad[i]);
		taken += err != -EINVAL && err != -ERANGE;
	}
	check(!taken && attr_read(source, "period_us") == 60000000,
	      "bad periods are refused and change nothing");
	check(attr_write(source, "head", "8") == -EACCES,
	      "the other attributes are read-only");

	n = head(&ring);
	set_period(source, 2000);
	check(wait_head(&ring, n + 20) && header(&ring)->period_ns == 2000000,
	      "a new period takes effect at once");
	check(attr_read(source, "head") >= n + 20 &&
		      attr_read(source, "missed") <= header(&ring)->missed &&
		      attr_read(source, "backward_events") <=
			      header(&ring)->backward_events,
	      "sysfs shows the header's values");
	check(attr_read(source, "fill_ns_last") > 0 &&
		      header(&ring)->fill_ns_max >= header(&ring)->fill_ns_last,
	      "the cost of a fill is measured");
}

int main(int argc, char **argv)
{
	need(argc == 4, "arguments: DEVICE SOURCE KIND");
	device = argv[1];
	source = argv[2];
	kind = atoi(argv[3]);
	printf("# %s\n", device);
	ring_open(&ring, device, O_NONBLOCK);
	copy = malloc(ring.size);
	need(copy != NULL, "memory");
	test_header();
	test_refusals();
	test_partial();
	test_samples();
	test_read_edges();
	test_read_on();
	test_poll();
	test_lapped();
	test_period();
	set_period(source, 1000000);
	return done_testing();
}
