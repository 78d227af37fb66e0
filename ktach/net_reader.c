// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/link_message.h"
#include "host/link_stack.h"
#include "host/net_dev.h"
#include "ktach/net_reader.h"
#include "ktach/rates.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/proc.h"

enum {
	RATES_MIN_NS = 10000000,
};

/* A name may have any byte but blanks, '/' and ':': none may reach a terminal
 * that is not its own picture.
 */
static void sanitize(char *name)
{
	for (; *name; name++)
		if (*name < '!' || *name > '~')
			*name = '?';
}

static bool take_row(const char *at, struct net_row *row)
{
	uint64_t value[NET_DEV_VALUES];
	int side;

	memset(row, 0, sizeof(*row));
	if (!net_dev_line(at, row->name, value, NET_DEV_VALUES))
		return false;
	sanitize(row->name);
	row->origin = ORIGIN_PROC;
	net_forget_queue(row);
	for (side = 0; side < NET_SIDES; side++) {
		const uint64_t *v = value + side * NET_DEV_TX;
		struct net_traffic *t = &row->traffic[side];

		t->bytes = v[NET_DEV_BYTES];
		t->packets = v[NET_DEV_PACKETS];
		t->errors = v[NET_DEV_ERRORS];
		t->drops = v[NET_DEV_DROPS];
		t->bytes_per_s = t->packets_per_s = FIGURE_UNKNOWN;
	}
	return true;
}

int net_dev_parse(const char *text, struct net_figures *f)
{
	int line;

	for (line = 0; line < NET_DEV_TITLES; line++) {
		if (!strchr(text, '|') || !strchr(text, '\n'))
			return -EINVAL;
		text = proc_next_line(text);
	}
	for (f->rows = 0; *text; text = proc_next_line(text)) {
		if (f->rows == f->room && net_figures_room(f, 2 * f->room + 16))
			return -ENOMEM;
		/* A line without its end may be cut off. */
		if (!strchr(text, '\n') || !take_row(text, &f->row[f->rows++]))
			return -EINVAL;
	}
	return 0;
}

static struct net_row *find(const struct net_figures *f, const char *name)
{
	uint32_t i;

	for (i = 0; i < f->rows; i++)
		if (!strcmp(f->row[i].name, name))
			return &f->row[i];
	return NULL;
}

/* A counter that fell is of an interface that was made anew. */
static void traffic_rates(struct net_traffic *now,
			  const struct net_traffic *old, uint64_t interval_ns)
{
	if (!interval_ns)
		return;
	if (now->bytes >= old->bytes)
		now->bytes_per_s = rate_of(now->bytes - old->bytes, 1000000000,
					   interval_ns);
	if (now->packets >= old->packets)
		now->packets_per_s = rate_of(now->packets - old->packets,
					     1000000000, interval_ns);
}

static void rates(struct net_figures *f, const struct net_figures *last)
{
	uint32_t i;
	int side;

	f->span.interval_ns =
		last->span.mono_ns ? f->span.mono_ns - last->span.mono_ns : 0;
	for (i = 0; i < f->rows; i++) {
		const struct net_row *old = find(last, f->row[i].name);

		for (side = 0; old && side < NET_SIDES; side++)
			traffic_rates(&f->row[i].traffic[side],
				      &old->traffic[side], f->span.interval_ns);
	}
}

static int remember(struct net_reader *r, const struct net_figures *f)
{
	int err = net_figures_room(&r->last, f->rows);

	if (err)
		return err;
	r->last.span = f->span;
	r->last.rows = f->rows;
	if (f->rows)
		memcpy(r->last.row, f->row, f->rows * sizeof(*f->row));
	return 0;
}

static void add_stack(void *arg, const char *text, size_t size)
{
	struct net_reader *r = arg;
	char *stacks = realloc(r->stacks, r->stacks_used + size + 2);

	if (!stacks)
		return;
	r->stacks = stacks;
	memcpy(stacks + r->stacks_used, text, size);
	memcpy(stacks + r->stacks_used + size, "\n", 2);
	r->stacks_used += size + 1;
}

/* Whether there is a row for one of "eth0 eth1". */
static bool has_one(const struct net_figures *f, const char *names)
{
	while (*names == ' ') {
		size_t size = strcspn(++names, " \n");
		uint32_t i;

		for (i = 0; i < f->rows; i++)
			if (!strncmp(f->row[i].name, names, size) &&
			    !f->row[i].name[size])
				return true;
		names += size;
	}
	return false;
}

static bool is_stacked(const struct net_reader *r, const struct net_figures *f,
		       const char *name)
{
	size_t size = strlen(name);
	const char *at;

	for (at = r->stacks ? r->stacks : ""; *at; at = proc_next_line(at))
		if (!strncmp(at, name, size) && has_one(f, at + size))
			return true;
	return false;
}

static bool same_rows(const struct net_figures *a, const struct net_figures *b)
{
	uint32_t i;

	for (i = 0; i < a->rows && a->rows == b->rows; i++)
		if (strcmp(a->row[i].name, b->row[i].name))
			return false;
	return a->rows == b->rows;
}

/* Looked for when interfaces come or go: their kin mostly do so together. */
static void mark_stacked(struct net_reader *r, struct net_figures *f,
			 bool changed)
{
	uint32_t i;

	if (changed) {
		r->stacks_used = 0;
		if (r->stacks)
			*r->stacks = '\0';
		link_stack_find(r->host, add_stack, r);
	}
	for (i = 0; i < f->rows; i++)
		f->row[i].stacked = is_stacked(r, f, f->row[i].name);
}

_Static_assert((int)NET_QUEUE_VALUES == (int)LINK_QDISC_VALUES,
	       "they come in this order");

static void take_queue(void *arg, const struct nlmsghdr *message)
{
	struct net_figures *f = arg;
	struct link_qdisc queue;
	char name[IF_NAMESIZE];
	struct net_row *row;

	if (link_qdisc_parse(message, &queue) ||
	    !if_indextoname(queue.ifindex, name))
		return;
	sanitize(name);
	row = find(f, name);
	if (row)
		memcpy(row->queue, queue.value, sizeof(row->queue));
}

static void read_queues(struct net_reader *r, struct net_figures *f)
{
	const struct tcmsg all = { .tcm_family = AF_UNSPEC };

	if (r->rtnl)
		rtnl_dump(r->rtnl, RTM_GETQDISC, &all, sizeof(all), take_queue,
			  f);
}

/* /proc may be another machine's; interfaces' numbers are this one's. */
static void open_queues(struct net_reader *r)
{
	if (strcmp(r->host->proc, "/proc"))
		return;
	r->rtnl = malloc(sizeof(*r->rtnl));
	if (r->rtnl && rtnl_open(r->rtnl, 0)) {
		free(r->rtnl);
		r->rtnl = NULL;
	}
}

static void close_queues(struct net_reader *r)
{
	if (r->rtnl)
		rtnl_close(r->rtnl);
	free(r->rtnl);
}

static int read_proc(struct net_reader *r, struct net_figures *f)
{
	int err;

	f->span = (struct span){
		.origin = ORIGIN_PROC,
		.real_ns = clock_real_ns(),
		.mono_ns = clock_mono_ns(),
	};
	err = host_file_read(&r->file);
	if (!err)
		err = net_dev_parse(r->file.text, f);
	if (err)
		return err;
	rates(f, &r->last);
	mark_stacked(r, f, !same_rows(f, &r->last));
	read_queues(r, f);
	return remember(r, f);
}

/* Rates, averages and bursts of the table; errors and drops stay the device's. */
static void take_slot(const struct ktach_net_slot *slot, struct net_row *row,
		      bool has_rates)
{
	int side, i;

	row->origin = ORIGIN_BPF;
	for (side = 0; side < NET_SIDES; side++) {
		const struct ktach_net_traffic *t = &slot->traffic[side];
		struct net_traffic *to = &row->traffic[side];

		to->device_bytes_per_s = has_rates ? to->bytes_per_s :
						     FIGURE_UNKNOWN;
		to->device_packets_per_s = has_rates ? to->packets_per_s :
						       FIGURE_UNKNOWN;
		to->bytes = t->bytes;
		to->packets = t->packets;
		to->bytes_per_s = t->bytes_per_s;
		to->packets_per_s = t->packets_per_s;
		for (i = 0; i < NET_AVERAGES; i++)
			to->average_bytes_per_s[i] = t->average_bytes_per_s[i];
		to->burst_bytes = t->max_bucket_bytes;
		to->burst_p99_bytes = t->p99_bucket_bytes;
	}
}

static void read_table(struct net_reader *r, struct net_figures *f)
{
	const struct ktach_net_head *head = net_table_head(&r->table);
	uint32_t i, slots = net_table_slots(&r->table);
	/* Two looks right after one another say nothing of the device's. */
	bool has_rates = f->span.interval_ns >= RATES_MIN_NS;
	struct ktach_net_slot slot;
	char name[IF_NAMESIZE];

	for (i = 0; i < slots; i++) {
		struct net_row *row;

		if (net_table_copy(&r->table, i, &slot) || !slot.tick_ns ||
		    !if_indextoname(slot.ifindex, name))
			continue;
		sanitize(name);
		row = find(f, name);
		if (!row)
			continue;
		take_slot(&slot, row, has_rates);
		f->span.origin = ORIGIN_BPF;
		f->span.interval_ns = slot.tick_ns;
		f->span.real_ns -= f->span.mono_ns - slot.mono_ns;
		f->span.mono_ns = slot.mono_ns;
	}
	f->span.sample = head->ticks;
}

static void table_close(struct net_reader *r, int why)
{
	net_table_close(&r->table);
	r->mapped = false;
	r->table_error = why;
}

/* The shipper may have come, gone, or been replaced by another version. */
static void change_over(struct net_reader *r)
{
	if (r->from == HOST_FROM_PROC || r->from == HOST_FROM_RING)
		return;
	if (r->mapped && !net_table_lives(&r->table))
		table_close(r, -ESTALE);
	if (r->mapped)
		return;
	r->table_error = net_table_open(&r->table, r->pins);
	if (r->table_error)
		return;
	r->mapped = true;
	if (!net_table_is_here(&r->table))
		table_close(r, -EXDEV);
	else if (!net_table_lives(&r->table))
		table_close(r, -ESTALE);
}

int net_reader_open(struct net_reader *r, enum host_from from, const char *pins,
		    const struct host_options *host)
{
	const char *name = host_options_net_dev(host);
	struct net_figures first = { 0 };
	int err;

	memset(r, 0, sizeof(*r));
	r->from = from;
	r->pins = pins;
	r->host = host;
	err = host_file_open(&r->file, host->proc, name);
	if (!err) {
		open_queues(r);
		err = net_reader_read(r, &first);
		free(first.row);
		if (err)
			net_reader_close(r);
	}
	if (err) {
		log_error("cannot read %s/%s: %s", host->proc, name,
			  strerror(-err));
		memset(r, 0, sizeof(*r));
	}
	return err;
}

void net_reader_close(struct net_reader *r)
{
	if (r->mapped)
		table_close(r, 0);
	host_file_close(&r->file);
	close_queues(r);
	free(r->last.row);
	free(r->stacks);
}

int net_reader_read(struct net_reader *r, struct net_figures *f)
{
	int err = read_proc(r, f);

	if (err)
		return err;
	change_over(r);
	if (r->mapped)
		read_table(r, f);
	return 0;
}
