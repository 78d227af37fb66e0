// SPDX-License-Identifier: GPL-2.0-or-later
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shipper/lean.h"

/* Pages that cannot be written to are as in their file, and are read from there
 * again.
 */
static int drop_pages(struct dl_phdr_info *object, size_t size, void *arg)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	int i;

	for (i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];
		uintptr_t begin = object->dlpi_addr + part->p_vaddr;
		uintptr_t end = begin + part->p_memsz;

		if (part->p_type != PT_LOAD || part->p_flags & PF_W)
			continue;
		begin = (begin + page - 1) / page * page;
		end = end / page * page;
		if (begin < end)
			madvise((void *)begin, end - begin, MADV_DONTNEED);
	}
	return 0;
}

void lean_after_start(void)
{
	malloc_trim(0);
	dl_iterate_phdr(drop_pages, NULL);
}
