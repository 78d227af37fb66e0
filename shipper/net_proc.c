// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/file.h"
#include "host/rtnl.h"
#include "lib/clock.h"
#include "lib/proc.h"
#include "shipper/net_proc.h"

enum {
	LINE_MAX_BYTES = 400, /* a name, and sixteen numbers of 20 digits */
	TX = 8, /* values before those of what was sent */
	VALUES = TX + 2,
	NSEC_PER_SEC = 1000000000,
};

void net_proc_close(struct net_proc *p)
{
	host_file_close(&p->file);
	if (p->class_net >= 0)
		close(p->class_net);
	if (p->events >= 0)
		close(p->events);
	free(p->last);
}

/* PROC/net is always the reader's own network. */
static int open_file(struct net_proc *p, const struct host_options *host)
{
	bool foreign = host_options_foreign(host);
	int error;

	error = host_file_open(&p->file, host->proc,
			       foreign ? "1/net/dev" : "net/dev");
	if (error)
		return error;
	p->file.line_max = LINE_MAX_BYTES;
	if (foreign)
		p->class_net = host_dir(host->sys, "class/net");
	if (!foreign || p->class_net >= 0)
		return 0;
	host_file_close(&p->file);
	return p->class_net;
}

int net_proc_open(struct net_proc *p, const struct interface_choice *c,
		  const struct host_options *host)
{
	int error;

	*p = (struct net_proc){ .choice = *c, .class_net = -1, .events = -1 };
	p->last = calloc(KTACH_NET_SLOTS_MAX, sizeof(*p->last));
	if (!p->last)
		return -ENOMEM;
	error = open_file(p, host);
	if (error)
		free(p->last);
	else if (p->class_net < 0) /* else another network's */
		p->events = rtnl_listen(RTMGRP_LINK);
	return error;
}

/* What happened does not matter, nor what was lost of it. */
void net_proc_links_changed(struct net_proc *p)
{
	p->named = false;
	rtnl_pass_over(p->events);
}

static uint32_t ifindex(const struct net_proc *p, const char *name)
{
	char path[LINE_MAX_BYTES];
	int64_t index = 0;

	if (p->class_net < 0)
		return if_nametoindex(name);
	snprintf(path, sizeof(path), "%s/ifindex", name);
	if (host_number_at(p->class_net, path, &index) || index < 0 ||
	    index > INT32_MAX)
		return 0;
	return (uint32_t)index;
}

/* "  eth0: BYTES PACKETS errs drop fifo frame compressed multicast BYTES ..." */
static bool parse_line(const char *line, struct net_row *row)
{
	struct ktach_net_traffic *rx = &row->entry.traffic[KTACH_NET_RX];
	struct ktach_net_traffic *tx = &row->entry.traffic[KTACH_NET_TX];
	uint64_t value[VALUES];
	size_t size;
	int i;

	line += strspn(line, " ");
	size = strcspn(line, ":");
	if (!size || size >= sizeof(row->name) || line[size] != ':')
		return false;
	memcpy(row->name, line, size);
	for (line += size + 1, i = 0; i < VALUES; i++)
		if (!proc_number(&line, &value[i]))
			return false;
	rx->bytes = value[0];
	rx->packets = value[1];
	tx->bytes = value[TX];
	tx->packets = value[TX + 1];
	return true;
}

/* As long as no interface has changed, a row has its place and number. */
static const struct net_row *same_row(const struct net_proc *p, size_t number,
				      const char *name)
{
	const struct net_row *last = &p->last[number];

	return p->named && number < p->last_count && !strcmp(last->name, name) ?
		       last :
		       NULL;
}

static const struct net_row *find_last(const struct net_proc *p,
				       uint32_t ifindex)
{
	size_t i;

	for (i = 0; i < p->last_count; i++) {
		if (p->last[i].entry.ifindex == ifindex)
			return &p->last[i];
	}
	return NULL;
}

/* A counter that runs backwards is a driver's; it gives no rate. */
static uint64_t rate(uint64_t now, uint64_t then, uint64_t tick_ns)
{
	if (now < then || !tick_ns)
		return 0;
	return (uint64_t)((double)(now - then) * NSEC_PER_SEC /
			  (double)tick_ns);
}

static void add_rates(const struct net_row *last, struct net_row *row)
{
	int d;

	row->entry.tick_ns = row->entry.mono_ns - last->entry.mono_ns;
	for (d = 0; d < KTACH_NET_DIRECTIONS; d++) {
		struct ktach_net_traffic *t = &row->entry.traffic[d];
		const struct ktach_net_traffic *before =
			&last->entry.traffic[d];

		t->bytes_per_s =
			rate(t->bytes, before->bytes, row->entry.tick_ns);
		t->packets_per_s =
			rate(t->packets, before->packets, row->entry.tick_ns);
	}
}

static bool read_line(const struct net_proc *p, const char *line, size_t number,
		      struct net_row *row)
{
	const struct net_row *last;

	*row = (struct net_row){ .slot = (uint32_t)number };
	if (!parse_line(line, row) ||
	    !interface_chosen(&p->choice, row->name, !strcmp(row->name, "lo")))
		return false;
	last = same_row(p, number, row->name);
	row->entry.ifindex = last ? last->entry.ifindex : ifindex(p, row->name);
	row->entry.mono_ns = clock_mono_ns();
	if (!last)
		last = find_last(p, row->entry.ifindex);
	if (last)
		add_rates(last, row);
	return row->entry.ifindex != 0;
}

size_t net_proc_read(struct net_proc *p, struct net_row *rows, size_t max)
{
	char *line, *rest;
	size_t count = 0;

	if (host_file_read(&p->file))
		return 0;
	rest = p->file.text;
	while ((line = strsep(&rest, "\n")) && count < max) {
		if (read_line(p, line, count, &rows[count]))
			count++;
	}
	p->last_count = count < KTACH_NET_SLOTS_MAX ? count :
						      KTACH_NET_SLOTS_MAX;
	memcpy(p->last, rows, p->last_count * sizeof(*rows));
	p->named = p->events >= 0;
	return count;
}
