/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line a message, on stderr: "program: message". A message says what
 * failed, on what, and what to do.
 */
#ifndef KTACH_LIB_BASE_LOG_H
#define KTACH_LIB_BASE_LOG_H

enum log_level {
	LOG_ERROR,
	LOG_WARN,
	LOG_INFO,
	LOG_DEBUG,
};

/* Set the program's name (kept, not copied) and the last level that is shown; before there
 * are threads.
 */
void log_init(const char *program, enum log_level level);

/* Another last level, while other threads log. */
void log_show(enum log_level level);

/* "error", "warning", "info" or "debug"; LOG_INFO for any other word. */
enum log_level log_level_named(const char *name);

/* Any thread. */
void log_at(enum log_level level, const char *format, ...)
	__attribute__((cold, format(printf, 2, 3)));

#define log_error(...)	log_at(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)	log_at(LOG_WARN, __VA_ARGS__)
#define log_info(...)	log_at(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	log_at(LOG_DEBUG, __VA_ARGS__)

#endif /* KTACH_LIB_BASE_LOG_H */
