/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loading and unloading the modules without a shell in between. */
#ifndef KTACH_SELFTESTS_RING_MODULES_H
#define KTACH_SELFTESTS_RING_MODULES_H

#include <sys/syscall.h>

#include "ring.h"

enum { MODULES = 3 };

static const char *const module_name[MODULES] = {
	"ktach_aggregator", "ktach_cpustat", "ktach_softirq"
};

static int module_fd[MODULES];

/* The modules are files in @dir. */
static inline void modules_open(const char *dir)
{
	char path[128];

	for (int i = 0; i < MODULES; i++) {
		snprintf(path, sizeof(path), "%s/%s.ko", dir, module_name[i]);
		skip_without(path);
		module_fd[i] = open(path, O_RDONLY | O_CLOEXEC);
		need(module_fd[i] >= 0, "open %s", path);
	}
}

static inline int module_load(int i, const char *parameters)
{
	return syscall(SYS_finit_module, module_fd[i], parameters, 0) ? -errno :
									0;
}

static inline int module_unload(int i)
{
	return syscall(SYS_delete_module, module_name[i], O_NONBLOCK) ? -errno :
									0;
}

/* A reader that is on its way out may still hold it. */
static inline int module_unload_soon(int i)
{
	uint64_t end = mono_ns() + 10000000000ULL;
	int err;

	while ((err = module_unload(i)) == -EAGAIN && mono_ns() < end)
		sleep_ms(5);
	return err;
}

#endif /* KTACH_SELFTESTS_RING_MODULES_H */
