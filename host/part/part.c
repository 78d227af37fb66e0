// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a host has of parts that most hosts have not, or have one of: memory errors,
 * batteries, arrays of disks, file systems' counts, bonds. They are read seldom: files
 * are opened for each reading, and folders looked through, so that what is not there
 * costs next to nothing and what is plugged in is found.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/network.h"
#include "host/part/part.h"
#include "lib/base/clock.h"
#include "lib/base/globs.h"
#include "lib/base/log.h"

/* Many rows, or a line for each socket. */
#define DEFAULT_EXCLUDE "tcp,netclass,idle,buddy"

_Static_assert((int)WIRE_PART_TYPE == (int)WIRE_OWN_TYPE &&
		       (int)WIRE_PART_VALUE == (int)WIRE_OWN_VALUE &&
		       (int)WIRE_PART_NAME == (int)WIRE_OWN_NAME &&
		       (int)WIRE_PART_LABELS == (int)WIRE_OWN_LABELS,
	       "rows of parts are like those of one's own");

enum {
	ASKED = 4, /* the first groups, which ask the kernel about our own network */
};

struct part_state {
	struct parts parts;
	bool full;
};

bool part_chosen(const struct host_options *o, const char *group)
{
	const char *exclude = o->exclude_parts;

	if (!exclude && !o->include_parts)
		exclude = DEFAULT_EXCLUDE;
	return globs_choose(o->include_parts, exclude, group);
}

static void read_groups(struct parts *p)
{
	static const struct {
		char name[12];
		void (*read)(struct parts *p);
	} groups[] = {
		{ "neighbour", part_neighbour },
		{ "qdisc", part_qdisc },
		{ "tcp", part_tcp },
		{ "ethtool", part_ethtool },
		{ "session", part_session },
		{ "update", part_update },
		{ "conntrack", part_conntrack },
		{ "bonding", part_bonding },
		{ "wireless", part_wireless },
		{ "udp", part_udp },
		{ "ipvs", part_ipvs },
		{ "md", part_md },
		{ "nfs", part_nfs },
		{ "nfsd", part_nfsd },
		{ "zram", part_zram },
		{ "buddy", part_buddy },
		{ "selinux", part_selinux },
		{ "schedstat", part_schedstat },
		{ "pps", part_pps },
	};
	size_t i;

	for (i = p->own_network ? 0 : ASKED;
	     i < sizeof(groups) / sizeof(groups[0]); i++)
		if (part_chosen(p->options, groups[i].name))
			groups[i].read(p);
}

static int part_open(void **state, const struct host_options *options)
{
	struct part_state *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->parts.options = options;
	s->parts.net = host_options_foreign(options) ? "1/net" : "net";
	s->parts.own_network = network_is_own(options);
	s->parts.rows.most = options->parts;
	s->parts.rows.rows.kind = WIRE_PART;
	*state = s;
	return 0;
}

static int part_read(void *state, const struct host_sink *sink)
{
	struct part_state *s = state;
	struct parts *p = &s->parts;
	const uint64_t real_ns = clock_real_ns(), mono_ns = clock_mono_ns();

	rows_clear(&p->rows.rows);
	p->rows.left_out = 0;
	part_files(p);
	read_groups(p);
	if (p->rows.left_out && !s->full)
		log_warn("part: %" PRIu64
			 " series are left out; --part-count allows %" PRIu64,
			 p->rows.left_out, p->rows.most);
	s->full = p->rows.left_out;
	rows_put(&p->rows.rows, sink, WIRE_ORIGIN_PROC, real_ns, mono_ns);
	return 0;
}

static void part_close(void *state)
{
	struct part_state *s = state;

	rows_exit(&s->parts.rows.rows);
	host_memory_exit(&s->parts.memory);
	free(s);
}

const struct host_collector host_part = {
	.name = "part",
	.summary =
		"hardware, file systems and subsystems of the kernel: batteries, RAID, NFS, memory errors",
	.interval_ns = 30000000000,
	.enabled = true,
	.open = part_open,
	.read = part_read,
	.close = part_close,
};
