/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is seldom needed goes back to the system, and is zero afterwards. */
#ifndef KTACH_LIB_WIRE_PAGES_H
#define KTACH_LIB_WIRE_PAGES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Whole pages within it: the first and the last one may be others', too. */
static inline void pages_give_back(void *data, size_t size)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t begin = ((uintptr_t)data + page - 1) / page * page;
	uintptr_t end = ((uintptr_t)data + size) / page * page;

	if (begin < end)
		madvise((void *)begin, end - begin, MADV_DONTNEED);
}

#endif /* KTACH_LIB_WIRE_PAGES_H */
