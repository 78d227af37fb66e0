/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the ring tests share: TAP, and a reader written from the ABI header
 * alone, so that it checks lib/kernel/ring.c's idea of it as well as the kernel's.
 */
#ifndef KTACH_SELFTESTS_RING_H
#define KTACH_SELFTESTS_RING_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/ktach_ring.h>

#include "lib/base/barrier.h"
#include "ring_pins.h"

#define STAT_DEV	"/dev/cpu_stat_monitor"
#define SOFTIRQ_DEV	"/dev/cpu_softirq_monitor"

/* --- TAP ---------------------------------------------------------------- */

static int tap_points, tap_failed;

static inline bool __attribute__((format(printf, 2, 3)))
check(bool good, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	printf("%s %d - ", good ? "ok" : "not ok", ++tap_points);
	vprintf(format, ap);
	putchar('\n');
	va_end(ap);
	fflush(stdout);
	tap_failed += !good;
	return good;
}

/* A step that the rest stands on; without a plan the file counts as broken. */
static inline void __attribute__((format(printf, 2, 3)))
need(bool good, const char *format, ...)
{
	int error = errno;
	va_list ap;

	if (good)
		return;
	va_start(ap, format);
	printf("not ok %d - ", ++tap_points);
	vprintf(format, ap);
	printf(": %s\n", strerror(error));
	va_end(ap);
	exit(1);
}

/* As kselftest has it: status 4, and a plan of no points. */
static inline void skip_all(const char *what, int error)
{
	printf("1..0 # SKIP %s: %s\n", what, strerror(error));
	exit(4);
}

/* Without it there is nothing to test: the modules are not there. */
static inline void skip_without(const char *path)
{
	if (access(path, R_OK))
		skip_all(path, errno);
}

static inline int done_testing(void)
{
	printf("1..%d\n", tap_points);
	return tap_failed != 0;
}

/* --- a ring ------------------------------------------------------------- */

struct test_ring {
	int fd;
	const uint8_t *base;
	size_t size;
	struct ktach_ring_header h;	/* as it was when mapped */
};

static inline size_t ring_length(const struct ktach_ring_header *h)
{
	return h->slots_offset + (size_t)h->slots * h->slot_stride;
}

static inline void ring_open(struct test_ring *r, const char *path, int flags)
{
	size_t page = sysconf(_SC_PAGESIZE);
	void *map;

	if (!tap_points && !ring_pins())
		skip_without(path);
	r->fd = ring_pins() ? ring_pin(ring_source_of(path), "ring") :
			      open(path, O_RDONLY | flags);
	need(r->fd >= 0, "open %s", path);
	map = mmap(NULL, page, PROT_READ, MAP_SHARED, r->fd, 0);
	need(map != MAP_FAILED, "map the first page of %s", path);
	r->h = *(struct ktach_ring_header *)map;
	munmap(map, page);
	r->size = ring_length(&r->h);
	map = mmap(NULL, r->size, PROT_READ, MAP_SHARED, r->fd, 0);
	need(map != MAP_FAILED, "map %s", path);
	r->base = map;
}

static inline void ring_close(struct test_ring *r)
{
	munmap((void *)r->base, r->size);
	close(r->fd);
}

static inline const struct ktach_ring_header *header(const struct test_ring *r)
{
	return (const void *)r->base;
}

static inline uint64_t head(const struct test_ring *r)
{
	return load_acquire(&header(r)->head);
}

static inline const struct ktach_slot *slot_at(const struct test_ring *r,
					       uint64_t n)
{
	return (const void *)(r->base + r->h.slots_offset +
			      (n & (r->h.slots - 1)) * r->h.slot_stride);
}

enum ring_read_result { READ_OK, READ_NOT_YET, READ_WRITING, READ_LAPPED };

/* Copy sample @n with its whole slot to @to, as the ABI header says. */
static inline enum ring_read_result ring_copy(const struct test_ring *r,
					      uint64_t n, void *to)
{
	const struct ktach_slot *slot = slot_at(r, n);
	uint64_t begin = load_acquire(&slot->sequence);

	if (begin < 2 * n - 1)
		return READ_NOT_YET;
	if (begin == 2 * n - 1)
		return READ_WRITING;
	if (begin > 2 * n)
		return READ_LAPPED;
	memcpy(to, slot, r->h.slot_stride);
	load_barrier();
	return load_relaxed(&slot->sequence) == begin ? READ_OK : READ_LAPPED;
}

static inline const void *record_of(const struct test_ring *r, const void *slot,
				    unsigned int index)
{
	return (const uint8_t *)slot + r->h.records_offset +
	       (size_t)index * r->h.record_stride;
}

/* --- the rest ----------------------------------------------------------- */

static inline uint64_t mono_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static inline void sleep_ms(unsigned int ms)
{
	poll(NULL, 0, ms);
}

/* Wait for sample @n, up to a minute; only a broken ring takes that long. */
static inline bool wait_head(const struct test_ring *r, uint64_t n)
{
	uint64_t end = mono_ns() + 60000000000ULL;

	while (head(r) < n && mono_ns() < end)
		sleep_ms(1);
	return head(r) >= n;
}

/* Read a file whole, as one system call if the kernel lets us. */
static inline char *slurp(const char *path)
{
	static char text[65536];
	int fd = open(path, O_RDONLY);
	ssize_t got, size = 0;

	need(fd >= 0, "open %s", path);
	while ((got = read(fd, text + size, sizeof(text) - 1 - size)) > 0)
		size += got;
	close(fd);
	text[size] = '\0';
	return text;
}

/*
 * Copy a sample that is made from now on, with its whole slot. Who is kept from it
 * until the ring has come round takes a later one.
 */
static inline void next_sample(const struct test_ring *r, void *to)
{
	uint64_t n = head(r) + 2;

	for (;; n = head(r) + 1) {
		need(wait_head(r, n), "sample %lu", n);
		if (ring_copy(r, n, to) == READ_OK)
			return;
	}
}

static inline void set_online(unsigned int cpu, bool online)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online",
		 cpu);
	fd = open(path, O_WRONLY);
	need(fd >= 0 && write(fd, online ? "1" : "0", 1) == 1,
	     "take CPU %u %s", cpu, online ? "online" : "offline");
	close(fd);
}

/* Write @value to an attribute of @source; 0 or -errno. */
static inline int attr_write(const char *source, const char *attr,
			     const char *value)
{
	char path[128];
	int fd, err;

	snprintf(path, sizeof(path), "/sys/class/ktach/%s/%s", source, attr);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	err = write(fd, value, strlen(value)) < 0 ? -errno : 0;
	close(fd);
	return err;
}

/* The number in an attribute of @source; ends the test if there is none. */
static inline uint64_t attr_read(const char *source, const char *attr)
{
	char path[128];
	uint64_t value = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/ktach/%s/%s", source, attr);
	file = fopen(path, "re");
	need(file && fscanf(file, "%lu", &value) == 1, "read %s", path);
	fclose(file);
	return value;
}

static inline void set_period(const char *source, unsigned int period_us)
{
	char text[16];
	int err;

	snprintf(text, sizeof(text), "%u", period_us);
	err = ring_pins() ?
		      ring_pin_set_period(source, period_us * 1000ULL) :
		      attr_write(source, "period_us", text);
	need(err == 0, "set the period of %s to %u us", source, period_us);
}

/* No tick for some seconds: they come at multiples of 60 s of uptime. */
static inline void quiet(const char *source)
{
	const uint64_t minute = 60000000000ULL;

	while (mono_ns() % minute > minute - 8000000000ULL)
		sleep_ms(100);
	set_period(source, 60000000);
}

#endif /* KTACH_SELFTESTS_RING_H */
