// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/kernel/pinned_map.h"

int pin_path(char path[PIN_PATH_MAX], const char *dir, const char *name)
{
	int length = snprintf(path, PIN_PATH_MAX, "%s/%s", dir, name);

	return length < PIN_PATH_MAX ? 0 : -ENAMETOOLONG;
}

static size_t mapped_size(const struct bpf_map_info *info)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = (size_t)info->value_size * info->max_entries;

	return (size + page - 1) / page * page;
}

int pinned_map_of(struct pinned_map *m, int fd, bool writable)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);
	void *data;

	*m = (struct pinned_map){ 0 };
	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		return -errno;
	if (info.type != BPF_MAP_TYPE_ARRAY ||
	    !(info.map_flags & BPF_F_MMAPABLE) || info.value_size % 8)
		return -EPROTO;
	data = mmap(NULL, mapped_size(&info),
		    writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED,
		    fd, 0);
	if (data == MAP_FAILED)
		return -errno;
	*m = (struct pinned_map){
		.data = data,
		.size = mapped_size(&info),
		.value_size = info.value_size,
		.entries = info.max_entries,
	};
	return 0;
}

int pinned_map_open(struct pinned_map *m, const char *dir, const char *name,
		    bool writable)
{
	char path[PIN_PATH_MAX];
	int error, fd;

	*m = (struct pinned_map){ 0 };
	error = pin_path(path, dir, name);
	if (error)
		return error;
	fd = bpf_obj_get(path);
	if (fd < 0)
		return fd;
	error = pinned_map_of(m, fd, writable);
	close(fd);
	return error;
}

void pinned_map_close(struct pinned_map *m)
{
	if (m->data)
		munmap(m->data, m->size);
	*m = (struct pinned_map){ 0 };
}
