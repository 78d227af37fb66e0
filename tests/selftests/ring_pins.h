/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same tests of rings that BPF fills: with RINGS_PINS in the environment, the folder
 * that they are pinned in, a device is the map that stands for it, and a period is
 * set as the shipper sets it. Stands alone: no libbpf in a guest's static programs.
 */
#ifndef KTACH_SELFTESTS_RING_PINS_H
#define KTACH_SELFTESTS_RING_PINS_H

#include <fcntl.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpf/rings.h"

static inline const char *ring_pins(void)
{
	return getenv("RINGS_PINS");
}

static inline long ring_bpf(int command, union bpf_attr *attr)
{
	return syscall(__NR_bpf, command, attr, sizeof(*attr));
}

/* A descriptor of what is pinned as @name for a source; or less than 0. */
static inline int ring_pin(const char *source, const char *name)
{
	union bpf_attr attr = { 0 };
	char path[256];

	snprintf(path, sizeof(path), "%s/%s/%s", ring_pins(), source, name);
	attr.pathname = (uintptr_t)path;
	return (int)ring_bpf(BPF_OBJ_GET, &attr);
}

static inline const char *ring_source_of(const char *device)
{
	return strstr(device, "softirq") ? "softirq" : "cpustat";
}

static inline int ring_pin_set_period(const char *source, uint64_t period_ns)
{
	union bpf_attr attr = { 0 };
	int map = ring_pin(source, "control"), program;
	struct ring_control *control;

	control = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED,
		       map, 0);
	close(map);
	if (control == MAP_FAILED)
		return -1;
	control->period_ns = period_ns;
	munmap(control, getpagesize());
	program = ring_pin(source, "start");
	attr.test.prog_fd = program;
	map = (int)ring_bpf(BPF_PROG_TEST_RUN, &attr);
	close(program);
	return map || attr.test.retval ? -1 : 0;
}

#endif /* KTACH_SELFTESTS_RING_PINS_H */
