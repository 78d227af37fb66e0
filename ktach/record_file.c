// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <isa-l/crc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "ktach/record_file.h"
#include "lib/log.h"

static const char file_magic[8] = "KTACHREC";
static const char chunk_magic[4] = "KTCS";

struct file_head {
	char magic[8];
	uint32_t version;
	uint32_t crc;
};

struct chunk_head {
	char magic[4];
	uint32_t stored;
	uint32_t size;
	uint32_t crc;
};

_Static_assert(sizeof(struct file_head) == RECORD_HEAD, "file head");
_Static_assert(sizeof(struct chunk_head) == RECORD_HEAD, "chunk head");

/* CRC32C, continued from @crc; begin with 0. */
static uint32_t crc32c(uint32_t crc, const void *data, size_t size)
{
	return ~crc32_iscsi((unsigned char *)data, (int)size, ~crc);
}

static uint32_t chunk_crc(const struct chunk_head *h, const uint8_t *stored)
{
	uint32_t crc = crc32c(0, h, offsetof(struct chunk_head, crc));

	return crc32c(crc, stored, le32toh(h->stored));
}

static int write_failed(int err)
{
	log_error("cannot write the recording: %s", strerror(-err));
	return err;
}

/* Whole or not at all, as far as the file system lets us. */
static int write_all(int fd, const void *data, size_t size)
{
	const uint8_t *at = data;

	while (size) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno != EINTR)
			return write_failed(-errno);
		if (n > 0) {
			at += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

int record_create(struct record_writer *w, const char *path)
{
	struct file_head h = { .version = htole32(RECORD_VERSION) };

	memset(w, 0, sizeof(*w));
	memcpy(h.magic, file_magic, sizeof(h.magic));
	h.crc = htole32(crc32c(0, &h, offsetof(struct file_head, crc)));
	w->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (w->fd < 0) {
		int err = -errno;

		log_error("cannot create %s: %s%s", path, strerror(-err),
			  err == -EEXIST ? "; remove it, or name another" : "");
		return err;
	}
	return write_all(w->fd, &h, sizeof(h));
}

static int chunk_room(struct record_writer *w, size_t room)
{
	uint8_t *chunk;

	if (room <= w->room)
		return 0;
	chunk = realloc(w->chunk, room);
	if (!chunk)
		return write_failed(-ENOMEM);
	w->chunk = chunk;
	w->room = room;
	return 0;
}

static void to_little_endian(uint64_t *at, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		at[i] = htole64(at[i]);
}

/* Figures to w->chunk; returns its bytes, or -errno. */
static ssize_t make_chunk(struct record_writer *w, const struct figures *f)
{
	struct chunk_head h;
	uLongf stored;
	size_t size;
	int err = sample_pack(&w->numbers, f);

	if (err)
		return write_failed(err);
	size = w->numbers.count * sizeof(uint64_t);
	stored = compressBound(size);
	err = chunk_room(w, sizeof(h) + stored);
	if (err)
		return err;
	to_little_endian(w->numbers.at, w->numbers.count);
	if (compress2(w->chunk + sizeof(h), &stored,
		      (const Bytef *)w->numbers.at, size, 1) != Z_OK)
		return write_failed(-EIO);
	memcpy(h.magic, chunk_magic, sizeof(h.magic));
	h.stored = htole32((uint32_t)stored);
	h.size = htole32((uint32_t)size);
	h.crc = htole32(chunk_crc(&h, w->chunk + sizeof(h)));
	memcpy(w->chunk, &h, sizeof(h));
	return (ssize_t)(sizeof(h) + stored);
}

int record_append(struct record_writer *w, const struct figures *f)
{
	ssize_t size = make_chunk(w, f);

	return size < 0 ? (int)size : write_all(w->fd, w->chunk, (size_t)size);
}

int record_finish(struct record_writer *w)
{
	int err = 0;

	if (close(w->fd))
		err = write_failed(-errno);
	free(w->numbers.at);
	free(w->chunk);
	return err;
}

static int map_file(struct record_reader *r, int fd)
{
	struct stat st;
	void *data;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size < RECORD_HEAD)
		return -EPROTO;
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return -errno;
	r->data = data;
	r->size = (size_t)st.st_size;
	r->at = RECORD_HEAD;
	return 0;
}

static int check_head(const struct record_reader *r, const char *path)
{
	struct file_head h;

	memcpy(&h, r->data, sizeof(h));
	if (memcmp(h.magic, file_magic, sizeof(h.magic)) ||
	    le32toh(h.crc) != crc32c(0, &h, offsetof(struct file_head, crc))) {
		log_error("%s is not a recording of 'ktach record'", path);
		return -EPROTO;
	}
	if (le32toh(h.version) != RECORD_VERSION) {
		log_error(
			"%s is a recording of version %u; this ktach reads version %d",
			path, le32toh(h.version), RECORD_VERSION);
		return -EPROTO;
	}
	return 0;
}

int record_open(struct record_reader *r, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	memset(r, 0, sizeof(*r));
	err = fd < 0 ? -errno : map_file(r, fd);
	if (fd >= 0)
		close(fd);
	if (err == -EPROTO)
		log_error("%s is not a recording of 'ktach record'", path);
	else if (err)
		log_error("cannot read %s: %s", path, strerror(-err));
	if (err)
		return err;
	err = check_head(r, path);
	if (err)
		record_close(r);
	return err;
}

void record_close(struct record_reader *r)
{
	munmap((void *)r->data, r->size);
	free(r->numbers);
}

/* Is a whole chunk at @at? A head that promises more than is left is cut. */
static bool whole_chunk(const struct record_reader *r, size_t at,
			struct chunk_head *h, bool *cut)
{
	size_t left = r->size - at;

	*cut = left < sizeof(*h);
	if (*cut)
		return false;
	memcpy(h, r->data + at, sizeof(*h));
	if (memcmp(h->magic, chunk_magic, sizeof(h->magic)) ||
	    le32toh(h->size) > RECORD_SIZE_MAX ||
	    le32toh(h->size) % sizeof(uint64_t))
		return false;
	*cut = le32toh(h->stored) > left - sizeof(*h);
	return !*cut &&
	       le32toh(h->crc) == chunk_crc(h, r->data + at + sizeof(*h));
}

/* Move to the next whole chunk; false at the end. */
static bool seek_chunk(struct record_reader *r, struct chunk_head *h)
{
	size_t begin = r->at;
	bool first_cut, cut;

	if (r->at == r->size || whole_chunk(r, r->at, h, &first_cut))
		return r->at < r->size;
	do {
		const uint8_t *next = memchr(r->data + r->at + 1,
					     chunk_magic[0],
					     r->size - r->at - 1);

		r->at = next ? (size_t)(next - r->data) : r->size;
	} while (r->at < r->size && !whole_chunk(r, r->at, h, &cut));
	r->skipped += r->at - begin;
	/* A tail that only lacks its end was cut off, not damaged. */
	if (r->at == r->size && first_cut)
		r->cut = true;
	else
		r->damaged++;
	return r->at < r->size;
}

static int numbers_room(struct record_reader *r, size_t size)
{
	uint64_t *numbers;

	if (size <= r->room)
		return 0;
	numbers = realloc(r->numbers, size);
	if (!numbers)
		return -ENOMEM;
	r->numbers = numbers;
	r->room = size;
	return 0;
}

static int unpack(struct record_reader *r, const struct chunk_head *h,
		  struct figures *f)
{
	uLongf size = le32toh(h->size);
	size_t i;
	int err = numbers_room(r, size);

	if (err)
		return err;
	if (uncompress((Bytef *)r->numbers, &size, r->data + r->at + sizeof(*h),
		       le32toh(h->stored)) != Z_OK ||
	    size != le32toh(h->size))
		return -EBADMSG;
	for (i = 0; i < size / sizeof(uint64_t); i++)
		r->numbers[i] = le64toh(r->numbers[i]);
	return sample_unpack(f, r->numbers, size / sizeof(uint64_t));
}

int record_next(struct record_reader *r, struct figures *f)
{
	struct chunk_head h;

	while (seek_chunk(r, &h)) {
		int err = unpack(r, &h, f);
		size_t size = sizeof(h) + le32toh(h.stored);

		r->at += size;
		if (err == -ENOMEM)
			return err;
		if (!err) {
			r->samples++;
			return 0;
		}
		r->damaged++;
		r->skipped += size;
	}
	return 1;
}
