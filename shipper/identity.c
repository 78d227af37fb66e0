// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/name.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/node_id.h"
#include "lib/base/whole_file.h"
#include "shipper/identity.h"

enum {
	SESSION_NUMBERS = 3 + LOST_CAUSES,
	SESSION_TEXT_SIZE = SESSION_NUMBERS * 21 + 2,
};

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static int id_read(const char *path, uint8_t *id)
{
	char text[NODE_ID_TEXT_SIZE + 1] = "";
	int err, fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	err = -errno;
	close(fd);
	return n < 0 ? err : node_id_parse(text, id);
}

static int id_write(const char *path, const uint8_t *id)
{
	char text[NODE_ID_TEXT_SIZE + 1];

	node_id_format(id, text);
	strcat(text, "\n");
	return whole_file_write(path, text, strlen(text), NULL);
}

/* Of one size, so that it can be written over. */
static void session_text(const struct identity *id, uint64_t next,
			 uint64_t untaken, const uint64_t lost[LOST_CAUSES],
			 char text[SESSION_TEXT_SIZE])
{
	uint64_t numbers[SESSION_NUMBERS] = { id->sender.session, next,
					      untaken };
	int i, size = 0;

	memcpy(&numbers[3], lost, LOST_CAUSES * sizeof(*lost));
	for (i = 0; i < SESSION_NUMBERS; i++)
		size += snprintf(text + size, SESSION_TEXT_SIZE - (size_t)size,
				 "%s%-20" PRIu64, i ? " " : "", numbers[i]);
	strcpy(text + size, "\n");
}

/* Older versions wrote the session alone, then the next two numbers, too. */
static uint64_t read_session(struct identity *id, const char *path)
{
	uint64_t numbers[SESSION_NUMBERS] = { 0 };
	FILE *f = fopen(path, "re");
	int count = 0;

	if (!f)
		return 0;
	while (count < SESSION_NUMBERS &&
	       fscanf(f, "%" SCNu64, &numbers[count]) == 1)
		count++;
	fclose(f);
	if (count < 1 || numbers[0] >= INT64_MAX)
		return 0;
	if (count >= 3 && numbers[1] && numbers[1] <= INT64_MAX) {
		id->first = numbers[1];
		id->untaken = numbers[2];
		memcpy(id->lost, &numbers[3], sizeof(id->lost));
	}
	return numbers[0];
}

/*
 * The session's number is the time, but more than the last one's even if the clock
 * was set back since: to a collector an older session is a replay. Without the
 * file it is the time.
 */
static void begin_session(struct identity *id, const char *state)
{
	char path[PATH_MAX], text[SESSION_TEXT_SIZE];
	uint64_t last;

	id->sender.session = clock_real_ns();
	id->first = 1;
	if (snprintf(path, sizeof(path), "%s/session", state) >=
	    (int)sizeof(path))
		return;
	last = read_session(id, path);
	if (id->sender.session <= last)
		id->sender.session = last + 1;
	session_text(id, id->first, id->untaken, id->lost, text);
	if (!whole_file_write(path, text, strlen(text), NULL))
		id->session_fd = open(path, O_WRONLY | O_CLOEXEC);
}

void identity_save(const struct identity *id, uint64_t frames, uint64_t untaken,
		   const uint64_t lost[LOST_CAUSES])
{
	char text[SESSION_TEXT_SIZE];
	uint64_t all[LOST_CAUSES];
	int i;

	if (id->session_fd < 0)
		return;
	for (i = 0; i < LOST_CAUSES; i++)
		all[i] = id->lost[i] + lost[i];
	session_text(id, id->first + frames, id->untaken + untaken, all, text);
	(void)!pwrite(id->session_fd, text, strlen(text), 0);
}

static int id_path(const char *state, char path[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/node-id", state) >= PATH_MAX ?
		       -ENAMETOOLONG :
		       0;
}

/* The id that is there, or a new one. Return 0, or -errno: -EINVAL after a message
 * where there is none to go on with, else why the new one is not kept.
 */
static int find_id(const char *state, const char *path, uint8_t *id)
{
	int err = id_read(path, id);

	if (err == -EINVAL)
		log_error("%s: not a UUID; correct it or remove it", path);
	if (!err || err == -EINVAL)
		return err;
	if (getrandom(id, WIRE_ID_SIZE, 0) != WIRE_ID_SIZE) {
		log_error("%s: no random number to be had for it", path);
		return -EINVAL;
	}
	/* One that is there and can't be read now may be read again. */
	if (err != -ENOENT)
		return err;
	if (mkdir(state, 0755) && errno != EEXIST)
		return -errno;
	return id_write(path, id);
}

static int node_id(const char *state, uint8_t *id)
{
	char path[PATH_MAX];
	int err = id_path(state, path);

	if (!err)
		err = find_id(state, path, id);
	if (err == -EINVAL || err == -ENAMETOOLONG)
		return err;
	if (!err)
		chmod(path, 0644); /* it is no secret: ktach-agentd reads it */
	else
		log_warn(
			"%s: %s; this node's id is for this run only (use --state to keep it elsewhere)",
			path, strerror(-err));
	return 0;
}

int identity_find_id(const char *state, uint8_t *id)
{
	char path[PATH_MAX];
	int err = id_path(state, path);

	if (!err)
		err = find_id(state, path, id);
	if (err && err != -EINVAL)
		log_error("%s: %s; there is no id that stays", path,
			  strerror(-err));
	return err;
}

int identity_make_id(const char *state)
{
	char text[NODE_ID_TEXT_SIZE];
	uint8_t id[WIRE_ID_SIZE];
	int err = identity_find_id(state, id);

	if (err)
		return err;
	node_id_format(id, text);
	puts(text);
	return 0;
}

void identity_rename(struct identity *id, const char *name,
		     const struct host_options *host)
{
	if (name)
		snprintf(id->name, sizeof(id->name), "%s", name);
	else if (!host_name(host, id->name, sizeof(id->name)))
		log_warn(
			"%s%s; this node has the container's name (use --name for another)",
			host->root,
			*host->root ?
				"/etc/hostname: there is no name in it" :
				"--root does not say where the host's is");
}

int identity_init(struct identity *id, const char *state, const char *name,
		  const struct host_options *host)
{
	int err;

	memset(id, 0, sizeof(*id));
	id->session_fd = -1;
	err = node_id(state, id->sender.node);
	if (err)
		return err;
	begin_session(id, state);
	err = id_read(BOOT_ID, id->sender.boot);
	if (err) {
		log_error("%s: %s; is /proc mounted?", BOOT_ID, strerror(-err));
		return err;
	}
	identity_rename(id, name, host);
	return 0;
}
