// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <net/if.h>

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/collector.h"
#include "host/link/link_message.h"
#include "host/link/link_stack.h"
#include "host/name.h"
#include "host/net/net_proc.h"
#include "host/net/net_slot.h"
#include "host/rows.h"
#include "host/link/rtnl.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/kernel/net_table.h"

/**
 * struct nets - what is open
 * @options: as given
 * @proc: /proc/net/dev
 * @queues: tells of queueing disciplines, if they are this machine's
 * @own: so are the interfaces
 * @mapped: the rate table is
 * @table_error: -errno: why it is not; -ESTALE if its timer stands still, -EXDEV
 *               if it is of another network namespace, and -ENODATA if none of the
 *               interfaces is in it
 * @known: keys of the interfaces that were told of
 */
struct nets {
	const struct host_options *options;
	struct net_proc proc;
	struct rtnl *queues;
	bool own;
	bool mapped;
	int table_error;
	struct net_table table;
	struct rows links;
	struct rows nets;
	struct rows facts;
	uint64_t *known;
	size_t known_count;
};

/* /proc may be another machine's; queueing disciplines are this one's. */
static void open_queues(struct nets *s)
{
	if (host_options_foreign(s->options))
		return;
	s->queues = malloc(sizeof(*s->queues));
	if (s->queues && rtnl_open(s->queues, 0)) {
		free(s->queues);
		s->queues = NULL;
	}
}

static int nets_open(void **state, const struct host_options *options)
{
	const struct interface_choice all = { .with_lo = true };
	struct nets *s = calloc(1, sizeof(*s));
	int err = s ? net_proc_open(&s->proc, &all, options) : -ENOMEM;

	if (err) {
		log_error("cannot tell of the interfaces of %s/%s: %s",
			  options->proc, host_options_net_dev(options),
			  strerror(-err));
		free(s);
		return err;
	}
	s->options = options;
	s->own = host_is_own(options);
	s->links.kind = WIRE_LINK;
	s->nets.kind = WIRE_NET;
	s->facts.kind = WIRE_FACTS;
	open_queues(s);
	*state = s;
	return 0;
}

static void close_table(struct nets *s, int why)
{
	net_table_close(&s->table);
	s->mapped = false;
	s->table_error = why;
}

static void nets_close(void *state)
{
	struct nets *s = state;

	if (s->mapped)
		close_table(s, 0);
	net_proc_close(&s->proc);
	if (s->queues)
		rtnl_close(s->queues);
	free(s->queues);
	rows_exit(&s->links);
	rows_exit(&s->nets);
	rows_exit(&s->facts);
	free(s->known);
	free(s);
}

/* --- the devices' own -------------------------------------------------------- */

static void add_link(struct nets *s, const struct net_proc_reading *now,
		     size_t i)
{
	const uint64_t *from = now->cells + i * WIRE_NET_REQUIRED;
	const uint64_t *trouble = now->trouble[i];
	uint64_t *row = rows_add(&s->links, from[WIRE_NET_KEY]);

	if (!row)
		return;
	row[WIRE_LINK_RX_BYTES] = from[WIRE_NET_RX_BYTES];
	row[WIRE_LINK_RX_PACKETS] = from[WIRE_NET_RX_PACKETS];
	row[WIRE_LINK_RX_ERRORS] = trouble[NET_PROC_RX_ERRORS];
	row[WIRE_LINK_RX_DROPPED] = trouble[NET_PROC_RX_DROPS];
	row[WIRE_LINK_TX_BYTES] = from[WIRE_NET_TX_BYTES];
	row[WIRE_LINK_TX_PACKETS] = from[WIRE_NET_TX_PACKETS];
	row[WIRE_LINK_TX_ERRORS] = trouble[NET_PROC_TX_ERRORS];
	row[WIRE_LINK_TX_DROPPED] = trouble[NET_PROC_TX_DROPS];
	rows_text(&s->links, WIRE_LINK_NAME, now->texts[i].data,
		  now->texts[i].size);
}

static void take_queue(void *arg, const struct nlmsghdr *message)
{
	struct nets *s = arg;
	struct link_qdisc queue;
	uint64_t *row;

	if (link_qdisc_parse(message, &queue))
		return;
	row = rows_find(&s->links, queue.ifindex);
	if (row)
		memcpy(row + WIRE_LINK_QDISC_DROPS, queue.value,
		       sizeof(queue.value));
}

static int put_links(struct nets *s, const struct host_sink *sink)
{
	const struct tcmsg all = { .tcm_family = AF_UNSPEC };
	const struct net_proc_reading *now;
	uint64_t real_ns = clock_real_ns();
	size_t i;

	now = net_proc_read(&s->proc);
	if (!now) {
		log_error("cannot read %s", s->proc.file.path);
		return -EIO;
	}
	rows_clear(&s->links);
	for (i = 0; i < now->count; i++)
		add_link(s, now, i);
	if (s->queues)
		rtnl_dump(s->queues, RTM_GETQDISC, &all, sizeof(all),
			  take_queue, s);
	rows_put(&s->links, sink, WIRE_ORIGIN_PROC, real_ns, now->mono_ns);
	return 0;
}

/* --- which lie on others ----------------------------------------------------- */

static bool are_known(const struct nets *s)
{
	uint32_t i;

	if (s->known_count != s->links.count)
		return false;
	for (i = 0; i < s->links.count; i++)
		if (s->links.cells[(size_t)i * WIRE_LINK_COLUMNS] !=
		    s->known[i])
			return false;
	return true;
}

static void learn(struct nets *s)
{
	uint32_t i;
	uint64_t *known =
		reallocarray(s->known, s->links.count + 1, sizeof(*known));

	if (!known)
		return;
	for (i = 0; i < s->links.count; i++)
		known[i] = s->links.cells[(size_t)i * WIRE_LINK_COLUMNS];
	s->known = known;
	s->known_count = s->links.count;
}

static void add_stacked(void *arg, const char *text, size_t size)
{
	struct nets *s = arg;

	if (rows_add(&s->facts, WIRE_FACT_STACKED))
		rows_text(&s->facts, WIRE_FACT, text, size);
}

/* Looked for when interfaces come or go: their kin mostly do so together. */
static void put_stacks(struct nets *s, const struct host_sink *sink)
{
	if (are_known(s))
		return;
	learn(s);
	rows_clear(&s->facts);
	link_stack_find(s->options, add_stacked, s);
	/* An empty table is in no recording, and says nothing there of what is gone. */
	if (!s->facts.count)
		add_stacked(s, "", 0);
	rows_put(&s->facts, sink, WIRE_ORIGIN_PROC, clock_real_ns(),
		 clock_mono_ns());
}

/* --- the rate table ---------------------------------------------------------- */

/* The shipper may have come, gone, or been replaced by another version. */
static void change_over(struct nets *s)
{
	if (s->options->from == HOST_FROM_PROC ||
	    s->options->from == HOST_FROM_RING)
		return;
	if (!s->own) {
		s->table_error = -EXDEV;
		return;
	}
	if (s->mapped && !net_table_lives(&s->table))
		close_table(s, -ESTALE);
	if (s->mapped)
		return;
	s->table_error = net_table_open(&s->table, s->options->net.pins);
	if (s->table_error)
		return;
	s->mapped = true;
	if (!net_table_is_here(&s->table))
		close_table(s, -EXDEV);
	else if (!net_table_lives(&s->table))
		close_table(s, -ESTALE);
}

static const struct wire_text *name_of(const struct nets *s, uint64_t ifindex)
{
	const struct net_proc_reading *now = &s->proc.now;
	size_t i;

	for (i = 0; i < now->count; i++)
		if (now->cells[i * WIRE_NET_REQUIRED + WIRE_NET_KEY] == ifindex)
			return &now->texts[i];
	return NULL;
}

static void put_rates(struct nets *s, const struct host_sink *sink)
{
	uint64_t sample = net_table_head(&s->table)->ticks;
	uint32_t i, slots = net_table_slots(&s->table);
	struct ktach_net_slot slot, newest = { 0 };
	struct wire_table table;

	rows_clear(&s->nets);
	for (i = 0; i < slots; i++) {
		const struct wire_text *name;
		uint64_t *row;

		if (net_table_copy(&s->table, i, &slot) || !slot.tick_ns)
			continue;
		name = name_of(s, slot.ifindex);
		row = name ? rows_add(&s->nets, slot.ifindex) : NULL;
		if (!row)
			continue;
		net_slot_cells(&slot, row);
		rows_text(&s->nets, WIRE_NET_NAME, name->data, name->size);
		newest = slot;
	}
	s->table_error = s->nets.count ? 0 : -ENODATA;
	if (!s->nets.count)
		return;
	table = rows_table(&s->nets);
	table.origin = WIRE_ORIGIN_BPF;
	table.sample = sample;
	table.mono_ns = newest.mono_ns;
	table.interval_ns = newest.tick_ns;
	table.real_ns = clock_real_ns() - (clock_mono_ns() - table.mono_ns);
	sink->put(sink->arg, &table);
}

static int nets_read(void *state, const struct host_sink *sink)
{
	struct nets *s = state;
	int err = put_links(s, sink);

	if (err)
		return err;
	put_stacks(s, sink);
	change_over(s);
	if (s->mapped)
		put_rates(s, sink);
	return 0;
}

static int nets_fd(void *state)
{
	const struct nets *s = state;

	return s->proc.events;
}

static int nets_changed(void *state, const struct host_sink *sink)
{
	struct nets *s = state;

	net_proc_links_changed(&s->proc);
	return 0;
}

static const char *why_not(int error)
{
	switch (-error) {
	case ENODATA:
		return "no interface here is counted (see ktach doctor)";
	case ENOENT:
		return "nothing counts them (start ktach-shipper)";
	case EPERM:
	case EACCES:
		return "no right to the rates (be root, or have CAP_BPF)";
	case ESTALE:
		return "the rates stand still (start ktach-shipper)";
	case EXDEV:
		return "the rates are of another network namespace";
	case EPROTO:
		return "rates of another version (restart ktach-shipper)";
	default:
		return strerror(-error);
	}
}

static bool nets_origin(void *state, char *text, size_t size)
{
	const struct nets *s = state;

	if (s->options->from == HOST_FROM_PROC ||
	    s->options->from == HOST_FROM_RING) {
		snprintf(text, size, "packets from /proc");
		return true;
	}
	if (s->table_error)
		snprintf(text, size, "packets from /proc, without bursts: %s",
			 why_not(s->table_error));
	else
		snprintf(text, size, "packets from the rate table");
	return !s->table_error;
}

const struct host_collector host_net = {
	.name = "net",
	.summary = "interfaces and their packets",
	.open = nets_open,
	.read = nets_read,
	.close = nets_close,
	.fd = nets_fd,
	.changed = nets_changed,
	.origin = nets_origin,
};
