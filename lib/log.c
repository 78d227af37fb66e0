// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>

#include "lib/log.h"

static const char *log_program = "ktach";
static enum log_level log_last = LOG_INFO;

void log_init(const char *program, enum log_level level)
{
	log_program = program;
	log_last = level;
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
	char message[1024];
	va_list args;

	if (level > log_last)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	fprintf(stderr, "%s: %s%s\n", log_program, prefix[level], message);
}
