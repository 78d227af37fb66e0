// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <ktach/net.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/file.h"
#include "host/net/net_proc.h"
#include "host/link/rtnl.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/kernel/proc.h"
#include "lib/base/resized.h"

enum {
	ROOM = 8, /* rows, to begin with */
	NSEC_PER_SEC = 1000000000,
};

static void free_reading(struct net_proc_reading *r)
{
	free(r->cells);
	free(r->trouble);
	free(r->names);
	free(r->texts);
}

void net_proc_close(struct net_proc *p)
{
	host_file_close(&p->file);
	if (p->class_net >= 0)
		close(p->class_net);
	if (p->events >= 0)
		close(p->events);
	free_reading(&p->now);
	free_reading(&p->last);
}

static int open_file(struct net_proc *p, const struct host_options *host)
{
	bool foreign = host_options_foreign(host);
	int error;

	error = host_file_open(&p->file, host->proc,
			       host_options_net_dev(host));
	if (error)
		return error;
	p->file.line_max = NET_DEV_LINE_MAX;
	p->file.shared = host->memory;
	if (foreign)
		p->class_net = host_dir(host->sys, "class/net");
	if (!foreign || p->class_net >= 0)
		return 0;
	host_file_close(&p->file);
	log_warn("interfaces have no numbers without %s/class/net", host->sys);
	return p->class_net;
}

int net_proc_open(struct net_proc *p, const struct interface_choice *c,
		  const struct host_options *host)
{
	int error;

	*p = (struct net_proc){ .choice = *c, .class_net = -1, .events = -1 };
	error = open_file(p, host);
	if (!error && p->class_net < 0) /* else another network's */
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
	char path[NET_DEV_LINE_MAX];
	int64_t index = 0;

	if (p->class_net < 0)
		return if_nametoindex(name);
	snprintf(path, sizeof(path), "%s/ifindex", name);
	if (host_number_at(p->class_net, path, &index) || index < 0 ||
	    index > INT32_MAX)
		return 0;
	return (uint32_t)index;
}

static bool parse_line(const struct net_proc *p, const char *line, char *name,
		       uint64_t *row, uint64_t *trouble)
{
	uint64_t value[NET_DEV_VALUES];

	if (!net_dev_line(line, &p->titles, name, value))
		return false;
	row[WIRE_NET_RX_BYTES] = value[NET_DEV_BYTES];
	row[WIRE_NET_RX_PACKETS] = value[NET_DEV_PACKETS];
	row[WIRE_NET_TX_BYTES] = value[NET_DEV_TX + NET_DEV_BYTES];
	row[WIRE_NET_TX_PACKETS] = value[NET_DEV_TX + NET_DEV_PACKETS];
	trouble[NET_PROC_RX_ERRORS] = value[NET_DEV_ERRORS];
	trouble[NET_PROC_RX_DROPS] = value[NET_DEV_DROPS];
	trouble[NET_PROC_TX_ERRORS] = value[NET_DEV_TX + NET_DEV_ERRORS];
	trouble[NET_PROC_TX_DROPS] = value[NET_DEV_TX + NET_DEV_DROPS];
	return true;
}

static uint64_t *row_of(const struct net_proc_reading *r, size_t number)
{
	return r->cells + number * WIRE_NET_REQUIRED;
}

/* As long as no interface has changed, a row has its place and number. */
static const uint64_t *same_row(const struct net_proc *p, size_t number,
				const char *name)
{
	const struct net_proc_reading *last = &p->last;

	return p->named && number < last->count &&
			       !strcmp(last->names[number], name) ?
		       row_of(last, number) :
		       NULL;
}

static const uint64_t *find_last(const struct net_proc_reading *last,
				 uint64_t ifindex)
{
	size_t i;

	for (i = 0; i < last->count; i++)
		if (row_of(last, i)[WIRE_NET_KEY] == ifindex)
			return row_of(last, i);
	return NULL;
}

/* A counter that runs backwards is a driver's; it gives no rate. */
static uint64_t growth_per_s(uint64_t now, uint64_t then, uint64_t ns)
{
	if (now < then || now == WIRE_ABSENT || !ns)
		return 0;
	return (uint64_t)((double)(now - then) * NSEC_PER_SEC / (double)ns);
}

/* Without an earlier row there is none yet. */
static void put_rates(uint64_t *row, const uint64_t *last, uint64_t ns)
{
	static const uint8_t of[] = { WIRE_NET_RX_BYTES, WIRE_NET_RX_PACKETS,
				      WIRE_NET_TX_BYTES, WIRE_NET_TX_PACKETS };
	enum {
		RATE = WIRE_NET_RX_BYTES_PER_S - WIRE_NET_RX_BYTES
	};
	size_t i;

	for (i = 0; i < sizeof(of); i++)
		row[of[i] + RATE] =
			last ? growth_per_s(row[of[i]], last[of[i]], ns) : 0;
}

static bool grow_reading(struct net_proc_reading *r)
{
	size_t room = r->room ? 2 * r->room : ROOM;
	bool failed = false;

	r->cells = resized(r->cells, room * WIRE_NET_REQUIRED,
			   sizeof(*r->cells), &failed);
	r->trouble = resized(r->trouble, room, sizeof(*r->trouble), &failed);
	r->names = resized(r->names, room, sizeof(*r->names), &failed);
	r->texts = resized(r->texts, room, sizeof(*r->texts), &failed);
	if (!failed)
		r->room = room;
	return !failed;
}

/* Whether there is a row more. */
static bool read_line(struct net_proc *p, const char *line)
{
	struct net_proc_reading *now = &p->now;
	size_t number = now->count;
	uint64_t *row = row_of(now, number);
	const char *name = now->names[number];
	const uint64_t *last;

	if (!parse_line(p, line, now->names[number], row,
			now->trouble[number]) ||
	    !interface_chosen(&p->choice, name, !strcmp(name, "lo")))
		return false;
	last = same_row(p, number, name);
	row[WIRE_NET_KEY] = last ? last[WIRE_NET_KEY] : ifindex(p, name);
	if (!last)
		last = find_last(&p->last, row[WIRE_NET_KEY]);
	put_rates(row, last, now->mono_ns - p->last.mono_ns);
	if (!row[WIRE_NET_KEY] && p->class_net >= 0 && !p->told) {
		p->told = true;
		log_warn(
			"net: there is no class/net/%s/ifindex below /sys; interfaces without it are left out",
			name);
	}
	return row[WIRE_NET_KEY];
}

const struct net_proc_reading *net_proc_read(struct net_proc *p)
{
	struct net_proc_reading *now = &p->now, last = *now;
	const char *line;
	size_t i;

	if (host_file_read(&p->file))
		return NULL;
	*now = p->last;
	p->last = last;
	now->count = 0;
	now->mono_ns = clock_mono_ns();
	net_dev_titles(&p->titles, p->file.text);
	for (line = p->file.text; *line; line = proc_next_line(line)) {
		if (now->count == KTACH_NET_SLOTS_MAX ||
		    (now->count == now->room && !grow_reading(now)))
			break;
		now->count += read_line(p, line);
	}
	for (i = 0; i < now->count; i++)
		now->texts[i] = (struct wire_text){ now->names[i],
						    strlen(now->names[i]) };
	p->named = p->events >= 0;
	return now;
}
