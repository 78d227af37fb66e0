// SPDX-License-Identifier: GPL-2.0-or-later
/* Free memory in pieces, and SELinux. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
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
