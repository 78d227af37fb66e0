// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/claim.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "shipper/queue/spool.h"
#include "shipper/queue/spool_file.h"

enum {
	NAME_DIGITS = 16,
	NAME_SIZE = 32,
};

static const char suffix[] = ".spool";

static struct spool_segment *segment(struct spool *s, uint32_t index)
{
	return &s->segments[(s->first + index) % SPOOL_SEGMENTS];
}

static struct spool_segment *newest(struct spool *s)
{
	return s->count ? segment(s, s->count - 1) : NULL;
}

static void name_of(uint64_t number, char *name)
{
	snprintf(name, NAME_SIZE, "%016" PRIx64 "%s", number, suffix);
}

static int open_segment(const struct spool *s, uint64_t number, int flags)
{
	char name[NAME_SIZE];
	int fd;

	name_of(number, name);
	fd = openat(s->folder, name, flags | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : fd;
}

static void remove_first(struct spool *s)
{
	struct spool_segment *g = segment(s, 0);
	char name[NAME_SIZE];

	name_of(g->number, name);
	unlinkat(s->folder, name, 0);
	s->bytes -= g->bytes;
	s->first = (s->first + 1) % SPOOL_SEGMENTS;
	s->count--;
}

/* How many frames a hole before this one had, by the numbers that are missing: a
 * session's go on from segment to segment, and another one's begin with 1. One, if
 * they don't tell.
 */
static uint64_t frames_missing(const struct spool *s,
			       const struct spool_head *head)
{
	uint64_t last = head->session == s->found.session ? s->found.sequence :
							    0;

	if (!s->found.session || head->sequence < last + 2)
		return 1;
	return head->sequence - last - 1;
}

/* Frame by frame; bytes between two are a hole, which may begin in the segment
 * before. Returns bytes that are in no whole frame.
 */
static uint64_t scan_frames(struct spool *s, struct spool_segment *g, int fd,
			    uint8_t *room)
{
	uint64_t at = 0, damaged = 0, from;
	struct spool_head head;

	for (from = at; spool_file_find(fd, &at, g->bytes, &head, room);
	     from = at) {
		damaged += at - from;
		if (s->found.hole || at > from)
			s->lost += frames_missing(s, &head);
		s->found.session = head.session;
		s->found.sequence = head.sequence;
		s->found.hole = false;
		at += sizeof(head) + head.size;
		g->frames++;
	}
	s->found.hole = s->found.hole || from < g->bytes;
	return damaged + g->bytes - from;
}

/* Count the whole frames of a segment. */
static void scan(struct spool *s, struct spool_segment *g, uint8_t *room)
{
	int fd = open_segment(s, g->number, O_RDONLY);
	struct stat file = { 0 };
	uint64_t damaged;

	s->found.hole = s->found.hole || fd < 0;
	if (fd < 0)
		return;
	if (!fstat(fd, &file) && file.st_size <= UINT32_MAX)
		g->bytes = (uint32_t)file.st_size;
	damaged = scan_frames(s, g, fd, room);
	if (damaged)
		log_warn("%s/%016" PRIx64 "%s: %" PRIu64
			 " bytes are no whole frame; left out, and counted",
			 s->path, g->number, suffix, damaged);
	close(fd);
	s->bytes += g->bytes;
	s->waiting += g->frames;
	s->unread += g->frames;
}

static int is_segment(const struct dirent *e)
{
	return strlen(e->d_name) == NAME_DIGITS + sizeof(suffix) - 1 &&
	       strspn(e->d_name, "0123456789abcdef") >= NAME_DIGITS &&
	       !strcmp(e->d_name + NAME_DIGITS, suffix);
}

static int find_segments(struct spool *s)
{
	uint8_t *room = malloc(WIRE_FRAME_MAX);
	struct dirent **found = NULL;
	int n, i;

	if (!room)
		return -ENOMEM;
	n = scandir(s->path, &found, is_segment, alphasort);
	for (i = 0; i < n; i++) {
		struct spool_segment *g;

		if (s->count < SPOOL_SEGMENTS - 1) {
			g = segment(s, s->count++);
			*g = (struct spool_segment){
				.number = strtoull(found[i]->d_name, NULL, 16)
			};
			scan(s, g, room);
		}
		free(found[i]);
	}
	s->lost += s->found.hole;
	free(found);
	free(room);
	while (s->count && !segment(s, 0)->frames)
		remove_first(s);
	return n < 0 ? -EIO : 0;
}

static int open_folder(struct spool *s)
{
	int err;

	if (mkdir(s->path, 0700) && errno != EEXIST)
		return -errno;
	s->folder = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->folder < 0)
		return -errno;
	err = claim(s->folder);
	if (err)
		return err;
	s->segments = calloc(SPOOL_SEGMENTS, sizeof(*s->segments));
	return s->segments ? find_segments(s) : -ENOMEM;
}

int spool_open(struct spool *s, const char *path, uint64_t limit, bool sync)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->path = path;
	s->limit = limit;
	s->sync = sync;
	s->folder = s->write_fd = s->read_fd = -1;
	err = open_folder(s);
	if (err) {
		log_error(
			"spool '%s': %s; %s", path, strerror(-err),
			err == -EBUSY ?
				"another shipper uses it: name another folder with --spool" :
				"make it writable or name another folder with --spool");
		spool_close(s);
		return err;
	}
	if (s->waiting)
		log_info("%s: %" PRIu64 " frames wait from an earlier run",
			 path, s->waiting);
	return 0;
}

void spool_close(struct spool *s)
{
	if (s->write_fd >= 0)
		close(s->write_fd);
	if (s->read_fd >= 0)
		close(s->read_fd);
	if (s->folder >= 0)
		close(s->folder);
	free(s->segments);
}

unsigned int spool_percent(const struct spool *s)
{
	uint64_t by_files = (uint64_t)s->count * 100 / SPOOL_SEGMENTS;
	uint64_t by_bytes = s->bytes * 100 / s->limit;

	return (unsigned int)(by_bytes > by_files ? by_bytes : by_files);
}

/* One of an earlier run is never written to: its end may be torn. */
static int begin_segment(struct spool *s)
{
	uint64_t number = s->count ? newest(s)->number + 1 : 1;
	int fd;

	if (s->count == SPOOL_SEGMENTS)
		return -ENOSPC;
	fd = open_segment(s, number, O_RDWR | O_CREAT | O_TRUNC);
	if (fd < 0)
		return fd;
	if (s->write_fd >= 0)
		close(s->write_fd);
	s->write_fd = fd;
	s->count++;
	*newest(s) = (struct spool_segment){ .number = number };
	return 0;
}

static int append_frame(struct spool *s, const void *data, size_t size,
			uint64_t session, uint64_t sequence)
{
	size_t whole = sizeof(struct spool_head) + size;
	int err = 0;

	if (s->bytes + whole > s->limit)
		return -ENOSPC;
	if (s->write_fd < 0 || newest(s)->bytes + whole > SPOOL_SEGMENT)
		err = begin_segment(s);
	if (!err)
		err = spool_file_put(s->write_fd, newest(s)->bytes, data, size,
				     session, sequence);
	if (!err && s->sync && fdatasync(s->write_fd))
		err = -errno;
	if (err)
		return err;
	newest(s)->bytes += (uint32_t)whole;
	newest(s)->frames++;
	s->bytes += whole;
	s->waiting++;
	return 0;
}

int spool_put(struct spool *s, const void *data, size_t size, uint64_t session,
	      uint64_t sequence, bool read)
{
	int err = append_frame(s, data, size, session, sequence);

	if (err && trouble_begins(&s->trouble, clock_mono_ns()))
		log_error(
			"spool '%s': %s; what finds no room is lost, and counted",
			s->path, strerror(-err));
	if (!err && s->trouble.told &&
	    trouble_ends(&s->trouble, clock_mono_ns()))
		log_info("spool '%s': written again", s->path);
	if (err)
		return err;
	if (read)
		newest(s)->read++;
	else
		s->unread++;
	return 0;
}

static struct spool_segment *first_unread(struct spool *s)
{
	uint32_t i;

	for (i = 0; i < s->count; i++)
		if (segment(s, i)->read < segment(s, i)->frames)
			return segment(s, i);
	return NULL;
}

/* Have the segment open, and know where its next frame is. */
static int read_from(struct spool *s, const struct spool_segment *g)
{
	struct spool_head head;
	static uint8_t data[WIRE_FRAME_MAX];
	uint32_t i;

	if (s->read_fd >= 0 && s->read_number == g->number)
		return 0;
	if (s->read_fd >= 0)
		close(s->read_fd);
	s->read_fd = open_segment(s, g->number, O_RDONLY);
	s->read_number = g->number;
	s->read_at = 0;
	for (i = 0; i < g->read && s->read_fd >= 0; i++) {
		if (!spool_file_find(s->read_fd, &s->read_at, g->bytes, &head,
				     data))
			return -EIO;
		s->read_at += sizeof(head) + head.size;
	}
	return s->read_fd < 0 ? s->read_fd : 0;
}

/* Frames that can't be read any more are as good as taken. */
static void give_up(struct spool *s, struct spool_segment *g)
{
	uint32_t gone = g->frames - g->read;

	log_error("spool '%s': %u frames cannot be read any more: lost",
		  s->path, gone);
	s->lost += gone;
	s->unread -= gone;
	s->waiting -= gone;
	g->frames -= gone;
}

void spool_refill(struct spool *s, struct queue *q)
{
	static uint8_t data[WIRE_FRAME_MAX];
	struct spool_segment *g;
	struct spool_head head;

	while (s->unread && (g = first_unread(s))) {
		if (read_from(s, g) ||
		    !spool_file_find(s->read_fd, &s->read_at, g->bytes, &head,
				     data)) {
			give_up(s, g);
			continue;
		}
		if (!queue_room(q, head.size))
			return;
		s->read_at += sizeof(head) + head.size;
		g->read++;
		s->unread--;
		queue_put(q, data, head.size, head.session, head.sequence,
			  true);
	}
}

/* Nothing waits: the segment that is written starts over, without a trace. */
static void start_over(struct spool *s)
{
	struct spool_segment *g;

	while (s->count > (s->write_fd >= 0))
		remove_first(s);
	if (s->read_fd >= 0)
		close(s->read_fd);
	s->read_fd = -1;
	g = newest(s);
	if (!g || ftruncate(s->write_fd, 0))
		return;
	*g = (struct spool_segment){ .number = g->number };
	s->bytes = 0;
}

void spool_taken(struct spool *s, uint32_t frames)
{
	s->waiting -= frames;
	while (frames && s->count) {
		struct spool_segment *g = segment(s, 0);
		uint32_t step = g->frames - g->taken;

		if (step > frames)
			step = frames;
		g->taken += step;
		frames -= step;
		if (g->taken < g->frames || s->count == 1)
			break;
		remove_first(s);
	}
	if (!s->waiting)
		start_over(s);
}
