// SPDX-License-Identifier: GPL-2.0-or-later
/* Free memory in pieces, the scheduler, pulses that keep the clock, and SELinux. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

#include "host/part/part.h"
#include "lib/kernel/proc.h"

enum {
	ORDERS_MAX = 32,
	FIRST_ORDER = 4, /* word of the line */
};

/* "Node 0, zone   Normal   12   34 ...": pieces of 1, 2, 4 ... pages. */
static void put_zone(struct parts *p, const char *line)
{
	const char *node = part_next(line), *zone = part_next(part_next(node));
	struct part_labels l = { .used = 0 }, with;
	uint64_t value;
	char size[12];
	unsigned int i;

	part_label_size(&l, "node", node, strcspn(node, ", \n"));
	part_label_size(&l, "zone", zone, part_word(zone));
	for (i = 0; i < ORDERS_MAX; i++) {
		if (!part_number(line, FIRST_ORDER + i, 10, &value))
			return;
		snprintf(size, sizeof(size), "%u", i);
		with = l;
		part_label(&with, "size", size);
		part_put(p, "node_buddyinfo_blocks", &with, (double)value);
	}
}

void part_buddy(struct parts *p)
{
	const char *line = part_text(p, ".", "buddyinfo");

	for (; line && *line; line = proc_next_line(line))
		if (proc_behind(line, "Node "))
			put_zone(p, line);
}

/* Without it there is no such folder. */
void part_selinux(struct parts *p)
{
	int dir = host_dir(p->options->sys, "fs/selinux"), n;
	char text[8];

	if (dir == -ENOENT)
		part_put(p, "node_selinux_enabled", NULL, 0);
	if (dir < 0)
		return;
	n = host_bytes_at(dir, "enforce", text, sizeof(text));
	close(dir);
	/* The file has no newline. */
	if (n != 1 || (*text != '0' && *text != '1'))
		return;
	part_put(p, "node_selinux_enabled", NULL, 1);
	part_put(p, "node_selinux_current_mode", NULL, *text - '0');
}

/* "cpu0 0 0 0 0 0 0 RUNNING WAITING SLICES", in ns; other lines are of domains. */
static void put_scheduled(struct parts *p, const char *line)
{
	struct part_labels l = { .used = 0 };
	uint64_t running, waiting, slices;

	if (!part_number(line, 7, 10, &running) ||
	    !part_number(line, 8, 10, &waiting) ||
	    !part_number(line, 9, 10, &slices))
		return;
	part_label_size(&l, "cpu", line + 3, part_word(line) - 3);
	own_rows_add(&p->rows, "node_schedstat_running_seconds_total", l.text,
		     (double)running / 1e9, true);
	own_rows_add(&p->rows, "node_schedstat_waiting_seconds_total", l.text,
		     (double)waiting / 1e9, true);
	part_count(p, "node_schedstat_timeslices_total", &l, slices);
}

void part_schedstat(struct parts *p)
{
	const char *line = part_text(p, ".", "schedstat");

	for (; line && *line; line = proc_next_line(line))
		if (proc_behind(line, "cpu"))
			put_scheduled(p, line);
}

/* A frequency is in 2^-16 ppm. The call tells of this machine, and a unit may refuse it. */
void part_pps(struct parts *p)
{
	const double parts = 65536e6;
	struct timex t = { 0 };

	if (host_options_foreign(p->options) || adjtimex(&t) < 0)
		return;
	part_count(p, "node_timex_pps_calibration_total", NULL,
		   (uint64_t)t.calcnt);
	part_count(p, "node_timex_pps_error_total", NULL, (uint64_t)t.errcnt);
	part_count(p, "node_timex_pps_jitter_total", NULL, (uint64_t)t.jitcnt);
	part_count(p, "node_timex_pps_stability_exceeded_total", NULL,
		   (uint64_t)t.stbcnt);
	part_put(p, "node_timex_pps_frequency_hertz", NULL,
		 (double)t.ppsfreq / parts);
	part_put(p, "node_timex_pps_stability_hertz", NULL,
		 (double)t.stabil / parts);
	part_put(p, "node_timex_pps_jitter_seconds", NULL,
		 (double)t.jitter / (t.status & STA_NANO ? 1e9 : 1e6));
	part_put(p, "node_timex_pps_shift_seconds", NULL, t.shift);
}
