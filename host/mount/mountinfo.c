// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "host/mount/mountinfo.h"
#include "lib/kernel/proc.h"

/* Take a field and the blank or the end of line after it, which stays. */
static bool take_field(const char **at, struct mountinfo_text *t)
{
	if (**at != ' ')
		return false;
	t->data = ++*at;
	t->size = strcspn(*at, " \n");
	*at += t->size;
	return true;
}

bool mountinfo_is(const struct mountinfo_text *t, const char *text)
{
	return t->size == strlen(text) && !memcmp(t->data, text, t->size);
}

static bool parse_numbers(const char **at, struct mountinfo *m)
{
	uint64_t major, minor;

	if (!proc_number(at, &m->id) || !proc_number(at, &m->parent) ||
	    !proc_number(at, &major) || *(*at)++ != ':' ||
	    !proc_number(at, &minor) || m->id > INT64_MAX ||
	    major > UINT32_MAX || minor > UINT32_MAX)
		return false;
	m->device = major << 32 | minor;
	return true;
}

/* "ro" is the first of the options, if it is there. */
static bool says_read_only(const struct mountinfo_text *options)
{
	return mountinfo_is(options, "ro") ||
	       (options->size > 3 && !memcmp(options->data, "ro,", 3));
}

/* btrfs names the subvolume that is mounted, as it is escaped for @root. */
static bool is_subvolume(const struct mountinfo *m,
			 const struct mountinfo_text *super)
{
	static const char option[] = ",subvol=";
	const size_t size = sizeof(option) - 1;
	const char *found = memmem(super->data, super->size, option, size);

	if (!found || !mountinfo_is(&m->type, "btrfs"))
		return false;
	found += size;
	return super->data + super->size - found == (ptrdiff_t)m->root.size &&
	       !memcmp(found, m->root.data, m->root.size);
}

/* The kernel's own word. */
static bool is_type(const struct mountinfo_text *t)
{
	size_t i;

	for (i = 0; i < t->size; i++)
		if (!isgraph((unsigned char)t->data[i]))
			return false;
	return t->size;
}

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=x",
 * with any number of fields before the dash. A source may be empty.
 */
static bool parse_line(const char *at, struct mountinfo *m)
{
	struct mountinfo_text options, super, optional;

	if (!parse_numbers(&at, m) || !take_field(&at, &m->root) ||
	    !take_field(&at, &m->point) || !take_field(&at, &options))
		return false;
	do {
		if (!take_field(&at, &optional))
			return false;
	} while (!mountinfo_is(&optional, "-"));
	if (!take_field(&at, &m->type) || !take_field(&at, &m->source) ||
	    !take_field(&at, &super) || !strchr(at, '\n') ||
	    !is_type(&m->type) || !m->point.size || m->point.data[0] != '/')
		return false;
	m->read_only = says_read_only(&super);
	m->subvolume = is_subvolume(m, &super);
	return true;
}

bool mountinfo_next(const char **at, struct mountinfo *m)
{
	while (**at) {
		const char *line = *at;

		*at = proc_next_line(line);
		if (parse_line(line, m))
			return true;
	}
	return false;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* The kernel writes three digits; a backslash itself is "\134". */
static bool is_escape(const char *at, size_t left)
{
	return left >= 4 && at[0] == '\\' && at[1] >= '0' && at[1] <= '3' &&
	       is_octal(at[2]) && is_octal(at[3]);
}

int mountinfo_copy(const struct mountinfo_text *t, char *out, size_t size)
{
	size_t i = 0, used = 0;

	while (i < t->size) {
		const char *at = t->data + i;

		if (used + 1 >= size)
			return -ENAMETOOLONG;
		if (is_escape(at, t->size - i)) {
			out[used++] =
				(char)((at[1] - '0') << 6 | (at[2] - '0') << 3 |
				       (at[3] - '0'));
			i += 4;
		} else {
			out[used++] = *at;
			i++;
		}
		if (!out[used - 1])
			return -EINVAL;
	}
	out[used] = '\0';
	return (int)used;
}

static bool is_one_of(const struct mountinfo_text *t, const char *const *names)
{
	for (; *names; names++)
		if (mountinfo_is(t, *names))
			return true;
	return false;
}

/* An automounter's place is not even looked at: that would make it mount. */
static const char *const never[] = { "autofs", "rootfs", NULL };

static const char *const virtual[] = {
	"aufs",
	"binfmt_misc",
	"bpf",
	"cgroup",
	"cgroup2",
	"configfs",
	"cpuset",
	"debugfs",
	"devfs",
	"devpts",
	"devtmpfs",
	"efivarfs",
	"functionfs",
	"fuse.gvfsd-fuse",
	"fuse.lxcfs",
	"fuse.portal",
	"fuse.snapfuse",
	"fusectl",
	"gadgetfs",
	"hugetlbfs",
	"mqueue",
	"nfsd",
	"nsfs",
	"nullfs",
	"overlay",
	"pipefs",
	"proc",
	"pstore",
	"ramfs",
	"resctrl",
	"rpc_pipefs",
	"securityfs",
	"selinuxfs",
	"smackfs",
	"sockfs",
	"squashfs",
	"sysfs",
	"tracefs",
	"usbfs",
	"xenfs",
	NULL,
};

static const char *const memory[] = { "tmpfs", NULL };
static const char *const memory_points[] = { "/tmp", "/run", "/dev/shm", NULL };

bool mountinfo_wanted(const struct mountinfo *m)
{
	if (is_one_of(&m->type, never))
		return false;
	if (mountinfo_is(&m->point, "/"))
		return true;
	if (is_one_of(&m->type, memory))
		return is_one_of(&m->point, memory_points);
	return !is_one_of(&m->type, virtual);
}
