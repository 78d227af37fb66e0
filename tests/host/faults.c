// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tests/host/faults.h"

enum {
	FILES_MAX = 8192,
	FDS_MAX = 4096,
	TEXT_MAX = 4 << 20, /* of a file in a tree */
	LONG_BYTES = 1 << 20,
	ENDLESS_BYTES = 64 << 20,
};

int __real_open(const char *path, int flags, ...);
int __real_openat(int dir, const char *path, int flags, ...);
ssize_t __real_pread(int fd, void *to, size_t size, off_t at);
int __wrap_open(const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
ssize_t __wrap_pread(int fd, void *to, size_t size, off_t at);
int __wrap_statvfs(const char *path, struct statvfs *s);

/* The worker that asks mounts is another thread. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct fault_plan plan;
static bool happened;
static struct used_file {
	char *path;
	size_t size;
	bool folder;
	unsigned int uses;
} files[FILES_MAX];
static size_t file_count;
static struct used_file *opened[FDS_MAX];

void faults_begin(const struct fault_plan *p)
{
	size_t i;

	plan = *p;
	happened = false;
	for (i = 0; i < file_count; i++)
		files[i].uses = 0;
}

bool faults_happened(void)
{
	return happened;
}

const char *faults_file(size_t i, size_t *size, bool *folder)
{
	if (i >= file_count)
		return NULL;
	*size = files[i].size;
	*folder = files[i].folder;
	return files[i].path;
}

bool faults_used(size_t i)
{
	return files[i].uses;
}

/* Files are used in the same order time and again: the search goes on behind the
 * last one that was found.
 */
static struct used_file *file_of(const char *path)
{
	static size_t last;
	size_t i;

	for (i = 0; i < file_count; i++) {
		last = last + 1 < file_count ? last + 1 : 0;
		if (!strcmp(files[last].path, path))
			return &files[last];
	}
	if (file_count == FILES_MAX)
		abort();
	files[file_count].path = strdup(path);
	return &files[file_count++];
}

/* Is it the planned file, at a planned time? */
static bool is_due(const struct used_file *f)
{
	return f && plan.fault && !strcmp(f->path, plan.path) &&
	       f->uses >= plan.from && f->uses < plan.upto;
}

/* Where a name below an open folder is. */
static void whole_path(char *path, int dir, const char *name)
{
	char link[64];
	ssize_t n = 0;

	if (*name != '/' && dir != AT_FDCWD) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
		n = readlink(link, path, PATH_MAX - 1);
		if (n < 0)
			abort();
		path[n++] = '/';
	}
	snprintf(path + n, (size_t)(PATH_MAX - n), "%s", name);
}

static bool fails(struct used_file *f, enum fault fault)
{
	bool due = plan.fault == fault && is_due(f);

	happened |= due;
	return due;
}

static int open_file(int dir, const char *name, int flags, mode_t mode)
{
	struct used_file *f;
	char path[PATH_MAX];
	struct stat s;
	int fd = -1;

	pthread_mutex_lock(&lock);
	whole_path(path, dir, name);
	f = file_of(path);
	errno = plan.error;
	if (!fails(f, FAULT_OPEN))
		fd = __real_openat(dir, name, flags, mode);
	else
		f->uses++;
	if (fd >= FDS_MAX)
		abort();
	if (fd >= 0) {
		opened[fd] = f;
		f->folder = !fstat(fd, &s) && S_ISDIR(s.st_mode);
		f->uses += f->folder;
	}
	pthread_mutex_unlock(&lock);
	return fd;
}

int __wrap_openat(int dir, const char *path, int flags, ...)
{
	mode_t mode;
	va_list args;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	return open_file(dir, path, flags, mode);
}

int __wrap_open(const char *path, int flags, ...)
{
	mode_t mode;
	va_list args;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	return open_file(AT_FDCWD, path, flags, mode);
}

/* Each number, with @more in front of it. */
static size_t with_digits(char *text, size_t size, const char *more)
{
	char *from = memcpy(malloc(size + 1), text, size);
	size_t i, used = 0;

	for (i = 0; i < size && used < TEXT_MAX; i++) {
		if (isdigit((unsigned char)from[i]) &&
		    (!i || !isalnum((unsigned char)from[i - 1])))
			used += (size_t)sprintf(text + used, "%s", more);
		text[used++] = from[i];
	}
	free(from);
	return used;
}

static void noise(char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		text[i] = (char)(0x80 + i * 37 % 128);
}

static void latin(char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (isalpha((unsigned char)text[i]))
			text[i] = (char)0xe4;
}

static size_t longer(char *text, size_t size)
{
	if (size && text[size - 1] == '\n')
		size--;
	memset(text + size, 'x', LONG_BYTES);
	text[size + LONG_BYTES] = '\n';
	return size + LONG_BYTES + 1;
}

/* What the file becomes. */
static size_t spoil(char *text, size_t size)
{
	switch (plan.fault) {
	case FAULT_CUT:
		return plan.cut < size ? plan.cut : size;
	case FAULT_NOISE:
		noise(text, size);
		return size;
	case FAULT_LATIN:
		latin(text, size);
		return size;
	case FAULT_NUL:
		text[size / 2] = '\0';
		return size;
	case FAULT_DIGITS:
		return with_digits(text, size,
				   "987654321098765432109876543210");
	case FAULT_MINUS:
		return with_digits(text, size, "-");
	case FAULT_LONG:
		return longer(text, size);
	case FAULT_BYTES:
		return (size_t)(mempcpy(text, plan.bytes, plan.size) -
				(void *)text);
	default:
		return size;
	}
}

static size_t whole_file(int fd, char *text)
{
	size_t used = 0;
	ssize_t n;

	while ((n = __real_pread(fd, text + used, TEXT_MAX - used,
				 (off_t)used)) > 0)
		used += (size_t)n;
	return used;
}

static ssize_t endless(void *to, size_t size, off_t at)
{
	if (at >= ENDLESS_BYTES)
		return 0;
	memset(to, '1', size);
	return (ssize_t)size;
}

/* The spoiled text is the same for all reads of one use. */
static ssize_t spoiled(int fd, void *to, size_t size, off_t at)
{
	static char text[TEXT_MAX + LONG_BYTES + 64];
	size_t used;

	if (plan.fault == FAULT_ENDLESS)
		return endless(to, size, at);
	used = spoil(text, whole_file(fd, text));
	if ((size_t)at >= used)
		return 0;
	size = size < used - (size_t)at ? size : used - (size_t)at;
	memcpy(to, text + at, size);
	return (ssize_t)size;
}

/* A use of a file begins where it is read from the beginning. */
static ssize_t read_file(int fd, void *to, size_t size, off_t at)
{
	struct used_file *f = fd < FDS_MAX ? opened[fd] : NULL;
	ssize_t n;

	if (!f)
		return __real_pread(fd, to, size, at);
	if (at)
		f->uses--;
	errno = plan.error;
	if (fails(f, FAULT_READ)) {
		n = -1;
	} else if (plan.fault > FAULT_READ && is_due(f)) {
		happened = true;
		n = spoiled(fd, to, size, at);
	} else {
		n = __real_pread(fd, to, size, at);
		if (n > 0 && (size_t)n + (size_t)at > f->size)
			f->size = (size_t)n + (size_t)at;
	}
	f->uses++;
	return n;
}

ssize_t __wrap_pread(int fd, void *to, size_t size, off_t at)
{
	ssize_t n;

	pthread_mutex_lock(&lock);
	n = read_file(fd, to, size, at);
	pthread_mutex_unlock(&lock);
	return n;
}

/* A file system whose sizes don't change while the test runs. */
int __wrap_statvfs(const char *path, struct statvfs *s)
{
	struct used_file *f;
	bool failed;

	pthread_mutex_lock(&lock);
	f = file_of(path);
	f->folder = true;
	failed = fails(f, FAULT_OPEN);
	f->uses++;
	pthread_mutex_unlock(&lock);
	*s = (struct statvfs){ .f_bsize = 4096,
			       .f_frsize = 4096,
			       .f_blocks = 1000,
			       .f_bfree = 400,
			       .f_bavail = 300,
			       .f_files = 500,
			       .f_ffree = 200,
			       .f_favail = 200 };
	errno = failed ? plan.error : 0;
	return failed ? -1 : 0;
}
