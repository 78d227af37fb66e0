// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/barrier.h"
#include "lib/base/clean.h"
#include "lib/base/log.h"

static const char *log_program = "ktach";
static enum log_level log_last = LOG_INFO;

static bool log_journal;

/* systemd tells which file it has made of stderr; the journal reads levels. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat s;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       !fstat(STDERR_FILENO, &s) && s.st_dev == device &&
	       s.st_ino == inode;
}

void log_init(const char *program, enum log_level level)
{
	log_program = program;
	log_show(level);
	log_journal = stderr_is_journal();
}

void log_show(enum log_level level)
{
	store_relaxed(&log_last, level);
}

enum log_level log_level_named(const char *name)
{
	static const char *const names[] = {
		[LOG_ERROR] = "error",
		[LOG_WARN] = "warning",
		[LOG_INFO] = "info",
		[LOG_DEBUG] = "debug",
	};
	int i;

	for (i = LOG_ERROR; i <= LOG_DEBUG; i++)
		if (!strcmp(name, names[i]))
			return (enum log_level)i;
	return LOG_INFO;
}

/* The line leaves in one write, so that those of two threads don't mix. */
void log_at(enum log_level level, const char *format, ...)
{
	static const char *const prefix[] = {
		[LOG_ERROR] = "error: ",
		[LOG_WARN] = "warning: ",
		[LOG_INFO] = "",
		[LOG_DEBUG] = "debug: ",
	};
	/* syslog(3): err, warning, info, debug */
	static const char *const priority[] = {
		[LOG_ERROR] = "<3>",
		[LOG_WARN] = "<4>",
		[LOG_INFO] = "<6>",
		[LOG_DEBUG] = "<7>",
	};
	char message[1024];
	va_list args;

	if (level > load_relaxed(&log_last))
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	clean_string(message); /* it may have names that others gave */
	if (log_journal)
		fprintf(stderr, "%s%s\n", priority[level], message);
	else
		fprintf(stderr, "%s: %s%s\n", log_program, prefix[level],
			message);
}
