// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "ktach/figures/figures.h"
#include "ktach/figures/format.h"

static char *unknown(char *text)
{
	snprintf(text, FORMAT_SIZE, "-");
	return text;
}

/* Three digits of @value, which is below 1000 but for rounding. */
static char *scaled(char *text, double value, const char *unit)
{
	int digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;

	snprintf(text, FORMAT_SIZE, "%.*f%s", digits, value, unit);
	return text;
}

char *format_plain(char text[FORMAT_SIZE], uint64_t number)
{
	if (number == FIGURE_UNKNOWN)
		return unknown(text);
	snprintf(text, FORMAT_SIZE, "%" PRIu64, number);
	return text;
}

char *format_load(char text[FORMAT_SIZE], uint64_t load)
{
	if (load == FIGURE_UNKNOWN)
		return unknown(text);
	snprintf(text, FORMAT_SIZE, "%" PRIu64 ".%02" PRIu64, load / LOAD_ONE,
		 load % LOAD_ONE / 10);
	return text;
}

char *format_count(char text[FORMAT_SIZE], uint64_t count)
{
	static const char *const units[] = { "", "k", "M", "G", "T", "P", "E" };
	double value = (double)count;
	unsigned int i = 0;

	if (count == FIGURE_UNKNOWN)
		return unknown(text);
	if (count < 1000) {
		snprintf(text, FORMAT_SIZE, "%" PRIu64, count);
		return text;
	}
	for (; value >= 999.5; i++)
		value /= 1000;
	return scaled(text, value, units[i]);
}

char *format_rate(char text[FORMAT_SIZE], uint64_t thousandths)
{
	if (thousandths >= 999950)
		return format_count(text, (thousandths + 500) / 1000);
	if (thousandths >= 99950)
		snprintf(text, FORMAT_SIZE, "%" PRIu64,
			 (thousandths + 500) / 1000);
	else
		snprintf(text, FORMAT_SIZE, "%.1f", (double)thousandths / 1000);
	return text;
}

/* With @units of 1024. */
static char *binary(char *text, uint64_t bytes, const char *const *units)
{
	double value = (double)bytes;
	unsigned int i = 0;

	if (bytes == FIGURE_UNKNOWN)
		return unknown(text);
	if (bytes < 1024) {
		snprintf(text, FORMAT_SIZE, "%" PRIu64 "%s", bytes, units[0]);
		return text;
	}
	for (; value >= 999.5; i++)
		value /= 1024;
	return scaled(text, value, units[i]);
}

char *format_memory(char text[FORMAT_SIZE], uint64_t bytes)
{
	static const char *const units[] = { " B",   " KiB", " MiB", " GiB",
					     " TiB", " PiB", " EiB" };

	return binary(text, bytes, units);
}

char *format_bytes(char text[FORMAT_SIZE], uint64_t bytes)
{
	static const char *const units[] = { "",   "Ki", "Mi", "Gi",
					     "Ti", "Pi", "Ei" };

	return binary(text, bytes, units);
}

char *format_share(char text[FORMAT_SIZE], uint64_t share)
{
	if (share == FIGURE_UNKNOWN)
		return unknown(text);
	snprintf(text, FORMAT_SIZE, "%.1f", (double)share / 100);
	return text;
}

char *format_uptime(char text[FORMAT_SIZE], uint64_t seconds)
{
	uint64_t minutes = seconds / 60, hours = minutes / 60;

	if (seconds == FIGURE_UNKNOWN)
		return unknown(text);
	if (hours >= 24)
		snprintf(text, FORMAT_SIZE, "%" PRIu64 " d %" PRIu64 " h",
			 hours / 24, hours % 24);
	else if (hours)
		snprintf(text, FORMAT_SIZE, "%" PRIu64 " h %" PRIu64 " min",
			 hours, minutes % 60);
	else if (minutes)
		snprintf(text, FORMAT_SIZE, "%" PRIu64 " min", minutes);
	else
		snprintf(text, FORMAT_SIZE, "%" PRIu64 " s", seconds);
	return text;
}

char *format_time(char text[FORMAT_SIZE], uint64_t real_ns)
{
	time_t seconds = (time_t)(real_ns / 1000000000);
	struct tm local;

	localtime_r(&seconds, &local);
	strftime(text, FORMAT_SIZE, "%Y-%m-%d %H:%M:%S", &local);
	return text;
}
