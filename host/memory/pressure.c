// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "host/number_file.h"
#include "host/memory/pressure.h"
#include "lib/kernel/proc.h"

enum {
	AVERAGE_MAX = 10000, /* hundredths of a percent */
};

/* The gauges of 10, 60 and 300 s follow each other. Of CPUs the kernel tells no
 * full pressure for the system as a whole: it is 0 by definition.
 */
static const struct {
	uint64_t average;
	uint64_t total;
	bool told;
} keys[][2] = {
	[PRESSURE_CPU] = { { WIRE_PSI_CPU_SOME_10S, WIRE_PSI_CPU_SOME_NS,
			     true } },
	[PRESSURE_MEMORY] = { { WIRE_PSI_MEMORY_SOME_10S,
				WIRE_PSI_MEMORY_SOME_NS, true },
			      { WIRE_PSI_MEMORY_FULL_10S,
				WIRE_PSI_MEMORY_FULL_NS, true } },
	[PRESSURE_IO] = { { WIRE_PSI_IO_SOME_10S, WIRE_PSI_IO_SOME_NS, true },
			  { WIRE_PSI_IO_FULL_10S, WIRE_PSI_IO_FULL_NS, true } },
	[PRESSURE_IRQ] = { [1] = { WIRE_PSI_IRQ_FULL_10S, WIRE_PSI_IRQ_FULL_NS,
				   true } },
};

static bool take_word(const char **at, const char *word)
{
	size_t size = strlen(word);

	if (strncmp(*at, word, size))
		return false;
	*at += size;
	return true;
}

/* A total that makes no sense is left out by itself. */
static bool take_total(const char **at, uint64_t *total_ns)
{
	if (!proc_number(at, total_ns))
		return false;
	if (__builtin_mul_overflow(*total_ns, 1000, total_ns) ||
	    *total_ns > INT64_MAX)
		*total_ns = WIRE_ABSENT;
	return true;
}

/* So does an average, which is of at most 100 %. */
static bool take_average(const char **at, uint64_t *average)
{
	size_t size = strcspn(*at, " \n");
	const char *end = *at + size;

	if (!number_hundredths(at, average) || *at != end ||
	    *average > AVERAGE_MAX)
		*average = WIRE_ABSENT;
	*at = end;
	return size;
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=0", the total in us. */
static bool parse_line(const char *at, uint64_t *average, uint64_t *total_ns)
{
	return take_word(&at, " avg10=") && take_average(&at, &average[0]) &&
	       take_word(&at, " avg60=") && take_average(&at, &average[1]) &&
	       take_word(&at, " avg300=") && take_average(&at, &average[2]) &&
	       take_word(&at, " total=") && take_total(&at, total_ns) &&
	       *at == '\n';
}

int pressure_parse(const char *text, enum pressure_of of, struct numbers *n)
{
	uint64_t average[3], total_ns, i;

	for (; *text; text = proc_next_line(text)) {
		const char *at = text;
		bool full = take_word(&at, "full");

		if (!full && !take_word(&at, "some"))
			return -EINVAL;
		if (!parse_line(at, average, &total_ns))
			return -EINVAL;
		if (!keys[of][full].told)
			continue;
		for (i = 0; i < 3; i++)
			numbers_gauge(n, keys[of][full].average + i,
				      average[i]);
		numbers_counter(n, keys[of][full].total, total_ns);
	}
	return 0;
}

static int parse_cpu(const char *text, struct numbers *n)
{
	return pressure_parse(text, PRESSURE_CPU, n);
}

static int parse_memory(const char *text, struct numbers *n)
{
	return pressure_parse(text, PRESSURE_MEMORY, n);
}

static int parse_io(const char *text, struct numbers *n)
{
	return pressure_parse(text, PRESSURE_IO, n);
}

static int parse_irq(const char *text, struct numbers *n)
{
	return pressure_parse(text, PRESSURE_IRQ, n);
}

/* That of interrupts is there where the kernel takes their time, since 6.1. */
static const struct number_file files[] = {
	{ "pressure/cpu", parse_cpu, true },
	{ "pressure/memory", parse_memory, true },
	{ "pressure/io", parse_io, true },
	{ "pressure/irq", parse_irq, true, .optional = true },
	{ NULL },
};

static int pressure_open(void **state, const struct host_options *options)
{
	return number_files_open(state, "pressure", options, files, NULL);
}

const struct host_collector host_pressure = {
	.name = "pressure",
	.summary = "what waits for CPUs, memory and disks (PSI)",
	.interval_ns = 10000000000,
	.enabled = true,
	.open = pressure_open,
	.read = number_files_read,
	.close = number_files_close,
};
