// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ktach/agent/agent_switch.h"
#include "lib/base/log.h"

static const char key[] = "enabled";

static bool is_section(const char *line)
{
	return *line == '[';
}

/* "enabled = ..." of the agent's own section, which the others stand behind. */
static bool is_key(const char *line)
{
	size_t size = strlen(key);

	return !strncmp(line, key, size) && strchr("=: \t", line[size]) &&
	       line[size];
}

/* The line goes where it was; else before the first section but [agent]. */
static void copy_lines(FILE *in, FILE *out, bool on)
{
	char *line = NULL;
	size_t room = 0;
	bool own = true, done = false;

	while (getline(&line, &room, in) > 0) {
		if (is_section(line)) {
			own = !strncmp(line, "[agent]", strlen("[agent]"));
			if (!own && !done)
				fprintf(out, "%s = %s\n", key,
					on ? "yes" : "no");
			done |= !own;
		}
		if (!own || !is_key(line))
			fputs(line, out);
		else if (!done)
			fprintf(out, "%s = %s\n", key, on ? "yes" : "no");
		done |= own && is_key(line);
	}
	if (!done)
		fprintf(out, "%s = %s\n", key, on ? "yes" : "no");
	free(line);
}

/* Owner and mode are the old one's, who may be told a token there. */
static int write_beside(FILE *in, const char *path, bool on)
{
	struct stat st;
	FILE *out;
	int err = 0,
	    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	out = fdopen(fd, "w");
	if (!out) {
		err = -errno;
		close(fd);
		return err;
	}
	copy_lines(in, out, on);
	if (fstat(fileno(in), &st) || fchown(fd, st.st_uid, st.st_gid) ||
	    fchmod(fd, st.st_mode & 07777) || fflush(out) || fsync(fd))
		err = -errno;
	if (fclose(out) && !err)
		err = -errno;
	return err;
}

int agent_switch(const char *path, bool on)
{
	const char *base = strrchr(path, '/');
	char beside[600];
	FILE *in = fopen(path, "re");
	int err;

	if (!in || !base) {
		err = in ? -EINVAL : -errno;
		log_error("%s: %s", path, strerror(-err));
		if (in)
			fclose(in);
		return err;
	}
	/* A name that is no agent's. */
	snprintf(beside, sizeof(beside), "%.*s/.%s.new", (int)(base - path),
		 path, base + 1);
	unlink(beside);
	err = write_beside(in, beside, on);
	fclose(in);
	if (!err && rename(beside, path))
		err = -errno;
	if (!err)
		return 0;
	log_error("%s: %s", path, strerror(-err));
	unlink(beside);
	return err;
}
