// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "collector/agents/audit.h"
#include "lib/base/clean.h"
#include "lib/base/log.h"

enum {
	SIZE_MAX_BYTES = 4 << 20,
};

void audit_init(struct audit *a, const char *folder)
{
	pthread_mutex_init(&a->lock, NULL);
	if (snprintf(a->path, sizeof(a->path), "%s/orders.log", folder) >=
	    (int)sizeof(a->path))
		a->path[0] = '\0';
}

void audit_exit(struct audit *a)
{
	pthread_mutex_destroy(&a->lock);
}

static void turn_over(const char *path)
{
	char old[PATH_MAX + 2];
	struct stat st;

	if (stat(path, &st) || st.st_size < SIZE_MAX_BYTES)
		return;
	snprintf(old, sizeof(old), "%s.1", path);
	rename(path, old);
}

static int append_line(const char *path, const char *line, size_t size)
{
	int err = 0,
	    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);

	if (fd < 0)
		return -errno;
	errno = EIO;
	if (write(fd, line, size) != (ssize_t)size || fdatasync(fd))
		err = -errno;
	close(fd);
	return err;
}

/* Control characters of a node's text are replaced, so that it cannot begin a
 * line of its own.
 */
void audit_write(struct audit *a, const struct audit_entry *e)
{
	time_t now = time(NULL);
	char when[32], *line = NULL;
	struct tm tm;
	int err, size;

	gmtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	size = asprintf(&line, "%s %s: %s on %s: %s", when, e->who, e->what,
			e->node, e->result);
	if (size < 0)
		return;
	clean_string(line);
	log_info("agents: %s", line + strlen(when) + 1);
	line[size] = '\n';
	pthread_mutex_lock(&a->lock);
	turn_over(a->path);
	err = append_line(a->path, line, (size_t)size + 1);
	pthread_mutex_unlock(&a->lock);
	if (err)
		log_error("%s: %s; who had what done is in the log only",
			  a->path, strerror(-err));
	free(line);
}
