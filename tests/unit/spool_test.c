// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames on disk: in order, through restarts, torn ends, damage and a full
 * folder; and nothing stays when nothing waits.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/log.h"
#include "shipper/queue/spool.h"
#include "tests/unit/scratch.h"

enum {
	LIMIT = 8 << 20,
	SIZE = 1000,
};

static char folder[64], path[80];
static struct spool s;
static struct queue q;

static void open_both(void)
{
	assert_int_equal(spool_open(&s, path, LIMIT, false), 0);
	assert_int_equal(queue_init(&q, 1 << 20), 0);
	spool_refill(&s, &q);
}

static void close_both(void)
{
	spool_close(&s);
	queue_exit(&q);
}

static int setup(void **state)
{
	log_init("test", LOG_ERROR);
	if (!scratch_folder(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/spool", folder);
	open_both();
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	close_both();
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static uint8_t byte(uint64_t sequence, size_t i)
{
	return (uint8_t)(sequence * 17 + i * 3);
}

/* As the shipper's pen does it. */
static int put(uint64_t sequence)
{
	uint8_t data[SIZE];
	bool room = queue_room(&q, SIZE) && !s.unread;
	size_t i;
	int err;

	for (i = 0; i < SIZE; i++)
		data[i] = byte(sequence, i);
	err = spool_put(&s, data, SIZE, 7, sequence, room);
	if (!err && room)
		queue_put(&q, data, SIZE, 7, sequence, true);
	return err;
}

/* Take the oldest frame, and have it acknowledged. */
static void take(uint64_t sequence)
{
	struct queue_frame *f = queue_next(&q);
	uint32_t spooled;
	size_t i;

	assert_non_null(f);
	assert_int_equal(f->session, 7);
	assert_int_equal(f->sequence, sequence);
	assert_int_equal(f->size, SIZE);
	for (i = 0; i < SIZE; i++)
		assert_int_equal(f->data[i], byte(sequence, i));
	queue_take(&q);
	queue_acknowledge(&q, 7, sequence);
	assert_int_equal(queue_trim(&q, &spooled), 1);
	spool_taken(&s, spooled);
	spool_refill(&s, &q);
}

static uint64_t bytes_on_disk(void)
{
	struct dirent *e;
	uint64_t bytes = 0;
	struct stat file;
	char name[400];
	DIR *d = opendir(path);

	while ((e = readdir(d))) {
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		if (!stat(name, &file) && S_ISREG(file.st_mode))
			bytes += (uint64_t)file.st_size;
	}
	closedir(d);
	return bytes;
}

/* More than memory holds, over several segments. */
static void in_order(void **state)
{
	uint64_t i;

	for (i = 1; i <= 6000; i++)
		assert_int_equal(put(i), 0);
	assert_int_equal(s.waiting, 6000);
	assert_true(s.unread > 4000 && s.count >= 5);
	for (i = 1; i <= 3000; i++)
		take(i);
	for (i = 6001; i <= 7000; i++)
		assert_int_equal(put(i), 0);
	for (i = 3001; i <= 7000; i++)
		take(i);
	assert_int_equal(s.waiting, 0);
	assert_int_equal(bytes_on_disk(), 0);
	assert_int_equal(put(7001), 0);
	take(7001);
	assert_int_equal(bytes_on_disk(), 0);
}

/* What was acknowledged within a segment comes again: the collector knows it. */
static void restarted(void **state)
{
	uint64_t i, first;

	for (i = 1; i <= 2500; i++)
		assert_int_equal(put(i), 0);
	for (i = 1; i <= 1500; i++)
		take(i);
	close_both();
	open_both();
	first = queue_first(&q)->sequence;
	assert_in_range(first, 2, 1501);
	assert_int_equal(s.waiting, 2501 - first);
	assert_int_equal(put(2501), 0);
	for (i = first; i <= 2501; i++)
		take(i);
	assert_int_equal(bytes_on_disk(), 0);
}

static int open_segment(int number, int flags)
{
	char name[400];

	snprintf(name, sizeof(name), "%s/%016x.spool", path, number);
	return open(name, flags);
}

/* Cut at every byte of the last frame: what is before it is there. */
static void torn(void **state)
{
	uint64_t whole, i;
	int fd;

	for (i = 1; i <= 4; i++)
		assert_int_equal(put(i), 0);
	whole = bytes_on_disk();
	for (i = 1; i < whole / 4; i += 7) {
		close_both();
		fd = open_segment(1, O_RDWR);
		assert_int_equal(ftruncate(fd, (off_t)(whole - i)), 0);
		close(fd);
		open_both();
		assert_int_equal(s.waiting, 3);
		assert_int_equal(s.lost, 1);
	}
	assert_int_equal(put(9), 0);
	take(1);
	take(2);
	take(3);
	take(9);
}

static void flip(int number, uint64_t at)
{
	int fd = open_segment(number, O_RDWR);
	uint8_t byte_there;

	assert_int_equal(pread(fd, &byte_there, 1, (off_t)at), 1);
	byte_there ^= 0x10;
	assert_int_equal(pwrite(fd, &byte_there, 1, (off_t)at), 1);
	close(fd);
}

/* A flipped bit anywhere in the third of four costs that one alone. */
static void damaged(void **state)
{
	uint64_t whole, at, i;

	for (i = 1; i <= 4; i++)
		assert_int_equal(put(i), 0);
	whole = bytes_on_disk();
	for (at = whole / 2; at < whole * 3 / 4; at += 5) {
		close_both();
		flip(1, at);
		open_both();
		assert_int_equal(s.waiting, 3);
		assert_int_equal(s.lost, 1);
		flip(1, at);
	}
	take(1);
	take(2);
	take(4);
	assert_null(queue_first(&q));
	assert_int_equal(bytes_on_disk(), 0);
}

/* Holes of one, three and two frames, the last at the end of a segment: each is
 * counted by the numbers that are missing.
 */
static void holes(void **state)
{
	static const uint64_t gone[] = { 5, 11, 12, 13 };
	uint64_t i, last = 1, frame = SIZE + 32;

	while (s.count < 2)
		assert_int_equal(put(last++), 0);
	assert_int_equal(put(last), 0);
	close_both();
	for (i = 0; i < 4; i++)
		flip(1, (gone[i] - 1) * frame + 40 + 200 * i);
	/* The segment's last two, by their heads. */
	flip(1, (last - 3) * frame);
	flip(1, (last - 4) * frame + 4);
	open_both();
	assert_int_equal(s.lost, 6);
	assert_int_equal(s.waiting, last - 6);
	for (i = 1; i <= last; i++)
		if (i != 5 && (i < 11 || i > 13) &&
		    (i < last - 3 || i > last - 2))
			take(i);
	assert_int_equal(s.waiting, 0);
	assert_int_equal(bytes_on_disk(), 0);
}

/* A disk that errs while the shipper runs, behind what was read into memory. */
static void damaged_later(void **state)
{
	const uint64_t in_first = SPOOL_SEGMENT / (SIZE + 32);
	const uint64_t gone = in_first + 100;
	uint64_t i;

	for (i = 1; i <= 1500; i++)
		assert_int_equal(put(i), 0);
	assert_true(s.unread > 100 && s.unread < 1500 - gone + 100);
	flip(2, (gone - in_first - 1) * (SIZE + 32) + 40);
	for (i = 1; i <= 1500; i++)
		if (i != gone)
			take(i);
	assert_int_equal(s.lost, 1);
	assert_int_equal(s.waiting, 0);
}

static void full(void **state)
{
	uint64_t i = 0, last;

	while (!put(i + 1))
		i++;
	last = i;
	assert_true(s.bytes <= LIMIT && s.bytes + 2 * SIZE > LIMIT);
	assert_int_equal(bytes_on_disk(), s.bytes);
	assert_int_equal(spool_percent(&s), 99);
	for (i = 1; i <= last / 2; i++)
		take(i);
	assert_int_equal(put(last + 1), 0);
	for (; i <= last + 1; i++)
		take(i);
}

/* Once it is full, small frames find room and others don't. */
static void told_once(void **state)
{
	uint8_t frame[SIZE] = { 0 };
	FILE *log = tmpfile();
	int kept = dup(STDERR_FILENO), c;
	uint64_t i = 1;
	unsigned int lines = 0, failed = 0;

	assert_non_null(log);
	dup2(fileno(log), STDERR_FILENO);
	while (!spool_put(&s, frame, SIZE, 1, i, false))
		i++;
	while (!spool_put(&s, frame, 1, 1, i, false)) {
		failed += spool_put(&s, frame, SIZE, 1, i + 1, false) != 0;
		i++;
	}
	dup2(kept, STDERR_FILENO);
	close(kept);
	rewind(log);
	while ((c = getc(log)) != EOF)
		lines += c == '\n';
	fclose(log);
	assert_true(failed > 3);
	assert_int_equal(lines, 1);
}

static void two_at_once(void **state)
{
	struct spool other;

	assert_int_equal(spool_open(&other, path, LIMIT, false), -EBUSY);
	assert_true(spool_open(&other, "/proc/none", LIMIT, false) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(restarted, setup, teardown),
		cmocka_unit_test_setup_teardown(torn, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged, setup, teardown),
		cmocka_unit_test_setup_teardown(holes, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged_later, setup, teardown),
		cmocka_unit_test_setup_teardown(full, setup, teardown),
		cmocka_unit_test_setup_teardown(told_once, setup, teardown),
		cmocka_unit_test_setup_teardown(two_at_once, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
