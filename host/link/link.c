// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Interfaces. What they are like is kept as rtnetlink tells of changes; only
 * their counters are asked for at each reading, by a dump that has little else.
 * A change is put a little later, with all that comes along with it: a new
 * interface is named, set up and given addresses by several messages.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "host/collector.h"
#include "host/link/link_watch.h"
#include "host/network.h"
#include "host/rows.h"
#include "host/settle.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#define DEFAULT_EXCLUDE "lo,docker*,veth*,br-*"

/**
 * struct link_state - the collector
 * @watch: what there is
 * @settle: runs while there is something to put
 * @rows: the table that is put
 * @trouble: whether it was said
 */
struct link_state {
	struct link_watch watch;
	struct settle settle;
	struct rows rows;
	struct host_trouble trouble;
};

/* --- opening ----------------------------------------------------------------- */

static int open_all(struct link_state *s, const struct host_options *o)
{
	const char *exclude = o->exclude_links;
	int err;

	if (!o->include_links && !exclude)
		exclude = DEFAULT_EXCLUDE;
	err = link_watch_open(&s->watch, o->include_links, exclude);
	if (err)
		return err;
	err = settle_open(&s->settle);
	if (err)
		goto close_watch;
	err = settle_watch(&s->settle, s->watch.rtnl.events, EPOLLIN);
	if (!err)
		return 0;
	settle_close(&s->settle);
close_watch:
	link_watch_close(&s->watch);
	return err;
}

/* @arg: the state, and what it is opened with. */
struct opening {
	struct link_state *state;
	const struct host_options *options;
};

static int open_there(void *arg)
{
	const struct opening *o = arg;

	return open_all(o->state, o->options);
}

/* A container that reads its host's /proc may have another network than the host. Of
 * another machine there are no interfaces to be asked.
 */
static void complain(const struct host_options *o, int err)
{
	if (network_is_own(o))
		log_warn("link: no rtnetlink: %s; interfaces are left out",
			 strerror(-err));
	else if (err == -EXDEV)
		log_warn(
			"link: %s is of another host; its interfaces cannot be asked, and are left out",
			o->proc);
	else
		log_warn(
			"link: %s is of another network than this program's, which cannot be entered: %s; its interfaces are left out; run it in the host's network",
			o->proc, strerror(-err));
}

static int link_open(void **state, const struct host_options *o)
{
	struct link_state *s = calloc(1, sizeof(*s));
	struct opening opening = { s, o };
	int err = s ? network_enter(o, open_there, &opening) : -ENOMEM;

	if (err) {
		complain(o, err);
		free(s);
		return err;
	}
	s->rows.kind = WIRE_LINK;
	*state = s;
	return 0;
}

static void link_close(void *state)
{
	struct link_state *s = state;

	settle_close(&s->settle);
	link_watch_close(&s->watch);
	rows_exit(&s->rows);
	free(s);
}

/* --- reading ----------------------------------------------------------------- */

static uint32_t flags_of(const struct link_entry *l)
{
	return (l->info.up ? WIRE_LINK_UP : 0) |
	       (l->info.carrier ? WIRE_LINK_CARRIER : 0) | l->hardware.duplex;
}

static void add_texts(struct link_state *s, const struct link_entry *l)
{
	char text[WIRE_TEXT_MAX + 1];

	rows_text(&s->rows, WIRE_LINK_NAME, l->info.name, strlen(l->info.name));
	rows_text(&s->rows, WIRE_LINK_MAC, text,
		  (size_t)link_mac_text(&l->info, text));
	rows_text(&s->rows, WIRE_LINK_DRIVER, l->hardware.driver,
		  strlen(l->hardware.driver));
	rows_text(&s->rows, WIRE_LINK_ADDRESSES, text,
		  link_table_addresses(&s->watch.table, l->info.ifindex, text,
				       sizeof(text)));
}

static void add_row(struct link_state *s, const struct link_entry *l)
{
	uint64_t *row = rows_add(&s->rows, l->info.ifindex);

	if (!row)
		return;
	row[WIRE_LINK_FLAGS] = flags_of(l);
	row[WIRE_LINK_SPEED_BITS_PER_S] = l->hardware.speed_bits_per_s;
	row[WIRE_LINK_MTU_BYTES] = l->info.mtu_bytes;
	row[WIRE_LINK_CARRIER_CHANGES] = l->info.carrier_changes;
	if (l->round == s->watch.round) {
		memcpy(row + WIRE_LINK_RX_BYTES, l->counters,
		       sizeof(l->counters));
		memcpy(row + WIRE_LINK_RX_FIFO, l->more, sizeof(l->more));
	}
	if (l->qdisc_round == s->watch.round)
		memcpy(row + WIRE_LINK_QDISC_DROPS, l->qdisc, sizeof(l->qdisc));
	add_texts(s, l);
}

static int put_links(struct link_state *s, const struct host_sink *sink)
{
	uint64_t real_ns, mono_ns;
	size_t i;
	int err;

	real_ns = clock_real_ns();
	mono_ns = clock_mono_ns();
	err = link_watch_count(&s->watch);
	rows_clear(&s->rows);
	for (i = 0; i < s->watch.table.count; i++)
		if (s->watch.table.links[i].chosen)
			add_row(s, &s->watch.table.links[i]);
	rows_put(&s->rows, sink, WIRE_ORIGIN_NETLINK, real_ns, mono_ns);
	return err;
}

static int link_read(void *state, const struct host_sink *sink)
{
	struct link_state *s = state;
	int err = link_watch_catch_up(&s->watch);

	if (!err)
		err = put_links(s, sink);
	if (!err) {
		s->watch.news = false;
		settle_end(&s->settle);
	}
	host_trouble(&s->trouble, "link", "rtnetlink", err);
	return err;
}

static int link_fd(void *state)
{
	struct link_state *s = state;

	return s->settle.epoll;
}

/* The first change starts the timer; when that is over, all changes are put. */
static int link_changed(void *state, const struct host_sink *sink)
{
	struct link_state *s = state;
	int err;

	if (settle_over(&s->settle))
		return link_read(s, sink);
	err = link_watch_catch_up(&s->watch);
	host_trouble(&s->trouble, "link", "rtnetlink", err);
	if (s->watch.news)
		settle_begin(&s->settle);
	return err;
}

const struct host_collector host_link = {
	.name = "link",
	.summary = "interfaces: state, addresses, speed, errors",
	.interval_ns = 10000000000,
	.enabled = true,
	.open = link_open,
	.read = link_read,
	.close = link_close,
	.fd = link_fd,
	.changed = link_changed,
};
