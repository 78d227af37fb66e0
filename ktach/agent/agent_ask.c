// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ktach/agent/agent_ask.h"
#include "lib/base/clean.h"
#include "lib/base/log.h"

enum {
	PIECE = 16384,
	ANSWER_MAX = 16 << 20,
};

static int complain(const char *path, int err)
{
	if (err == -ENOENT || err == -ECONNREFUSED)
		log_error("%s: ktach-agentd does not run on this host", path);
	else
		log_error("%s: %s", path, strerror(-err));
	return err;
}

static int connect_to(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int err, fd;

	if (strlen(path) >= sizeof(a.sun_path))
		return -ENAMETOOLONG;
	strcpy(a.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (struct sockaddr *)&a, sizeof(a)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* To its end, with a NUL. */
static int read_all(int fd, char **text, size_t *size)
{
	char *more;
	ssize_t n;

	*text = NULL;
	*size = 0;
	do {
		more = *size < ANSWER_MAX ? realloc(*text, *size + PIECE) :
					    NULL;
		if (!more)
			return -ENOMEM;
		*text = more;
		n = read(fd, *text + *size, PIECE - 1);
		if (n < 0)
			return -errno;
		*size += (size_t)n;
	} while (n);
	(*text)[*size] = '\0';
	return 0;
}

static void cut_lines(char *text)
{
	char *line, *next;

	for (line = text; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		clean_string(line); /* agents have names that others gave */
	}
}

/* The first line says how it went. */
static int judge(struct agent_answer *a, size_t size)
{
	cut_lines(a->text);
	if (strcmp(a->text, "ok")) {
		log_error("%s", strncmp(a->text, "error ", 6) ?
					"ktach-agentd's answer is cut off" :
					a->text + 6);
		return -EIO;
	}
	a->end = a->text + size;
	a->first = a->text + strlen("ok") + 1;
	if (a->first >= a->end)
		a->first = NULL;
	return 0;
}

int agent_ask(struct agent_answer *a, const char *run, const char *verb,
	      const char *name)
{
	char path[256];
	size_t size = 0;
	int fd, err;

	*a = (struct agent_answer){ 0 };
	snprintf(path, sizeof(path), "%s/agentd.sock", run);
	fd = connect_to(path);
	if (fd < 0)
		return complain(path, fd);
	err = dprintf(fd, "%s%s%s\n", verb, *name ? " " : "", name) < 0 ?
		      -errno :
		      read_all(fd, &a->text, &size);
	close(fd);
	return err ? complain(path, err) : judge(a, size);
}

void agent_answer_free(struct agent_answer *a)
{
	free(a->text);
}

/* An empty line is behind each agent. */
const char *agent_line(const struct agent_answer *a, const char *line)
{
	line += strlen(line) + 1;
	return line < a->end && *line ? line : NULL;
}

const char *agent_next(const struct agent_answer *a, const char *agent)
{
	const char *line = agent;

	while (line) {
		agent = line;
		line = agent_line(a, line);
	}
	agent += strlen(agent) + 2;
	return agent < a->end ? agent : NULL;
}

const char *agent_value(const struct agent_answer *a, const char *agent,
			const char *key)
{
	size_t size = strlen(key);
	const char *line;

	for (line = agent; line; line = agent_line(a, line))
		if (!strncmp(line, key, size) && line[size] == ' ')
			return line + size + 1;
	return "";
}
