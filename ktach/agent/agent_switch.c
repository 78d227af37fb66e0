// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ktach/agent/agent_switch.h"
#include "lib/base/log.h"
#include "lib/base/whole_file.h"

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
static int write_again(FILE *in, const char *path, bool on)
{
	char *text = NULL;
	struct stat like;
	size_t size;
	FILE *out;
	int err;

	if (fstat(fileno(in), &like))
		return -errno;
	out = open_memstream(&text, &size);
	if (!out)
		return -ENOMEM;
	copy_lines(in, out, on);
	err = ferror(in) ? -EIO : 0;
	if (fclose(out) && !err)
		err = -ENOMEM;
	if (!err)
		err = whole_file_write(path, text, size, &like);
	free(text);
	return err;
}

int agent_switch(const char *path, bool on)
{
	FILE *in = fopen(path, "re");
	int err = in ? write_again(in, path, on) : -errno;

	if (in)
		fclose(in);
	if (err)
		log_error("%s: %s", path, strerror(-err));
	return err;
}
