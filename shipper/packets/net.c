// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/resized.h"
#include "lib/kernel/bpf_log.h"
#include "shipper/packets/net.h"
#include "shipper/packets/net_clean.h"

enum {
	MS_PER_S = 1000,
	STILL_READS = 3, /* in a row: a timer may be late once */
	STUCK_READS = 30, /* where pins are there: a busy host's is late, too */
};

/**
 * struct net - the whole
 * @owner: whether this process looks after the pins; only then there are
 *         table, attacher and interfaces
 * @failed: taking over was tried in vain
 * @still: reads in a row that found the timer standing still
 * @unjudged_said: buckets that were never judged were told of
 * @reading: what another one looks after, once that is there
 * @rows: what was read last
 * @room: rows that there is memory for
 * @epoll: readable when the interfaces' events are
 */
struct net {
	struct net_config config;
	struct rate_settings settings;
	struct pins pins;
	bool owner;
	bool failed;
	unsigned int still;
	bool unjudged_said;
	struct rate_table table;
	struct attacher attacher;
	struct interfaces interfaces;
	struct net_table reading;
	struct net_row *rows;
	size_t room;
	int epoll;
};

/* One line, for the shipper goes on with that file (shipper/packets/net_source.c). */
#define INSTEAD "network: read from /proc/net/dev, without classes and bursts: "

static void explain_failure(int error, const char *what, const char *pins)
{
	switch (-error) {
	case EPERM:
	case EACCES:
		log_warn(INSTEAD
			 "no right to %s; run as root, or with CAP_BPF, "
			 "CAP_NET_ADMIN, CAP_PERFMON and a folder for --pins",
			 what);
		break;
	case ENOSYS:
		log_warn(INSTEAD "cannot %s: this kernel has no BPF, Linux 6.1 "
				 "with CONFIG_BPF_SYSCALL is needed",
			 what);
		break;
	case ENOTSUP:
		log_warn(INSTEAD "%s is not in a bpffs; \"mount -t bpf bpf "
				 "DIR\" makes one, --pins chooses it",
			 pins);
		break;
	case EXDEV:
		log_warn(INSTEAD "the pins in %s are of another network "
				 "namespace; choose others with --pins, or "
				 "remove them with --detach",
			 pins);
		break;
	default:
		log_warn(INSTEAD "cannot %s: %s; debug messages tell more",
			 what, strerror(-error));
	}
}

/* --- looking after the pins -------------------------------------------------- */

/* Load, or go on with what is there if it is the same. */
static int own_table(struct net *n, const char **what)
{
	int error;

	*what = "open what is pinned";
	error = rate_table_open(&n->table, &n->pins, &n->settings);
	if (!error)
		log_info("network: goes on with the counters in %s",
			 n->pins.dir);
	if (error != -ENOENT && error != -EPROTO)
		return error;
	if (error == -EPROTO)
		log_info("network: replaces the programs in %s: another "
			 "version's, or of other settings",
			 n->pins.dir);
	net_clean(&n->pins);
	error = rate_table_load(&n->pins, &n->settings, what);
	if (!error)
		error = rate_table_open(&n->table, &n->pins, &n->settings);
	if (error)
		pins_clear(&n->pins, true);
	return error;
}

static int own(struct net *n, const char **what)
{
	struct epoll_event event = { .events = EPOLLIN };
	int error = own_table(n, what);

	if (error)
		return error;
	*what = "list TC filters";
	error = attacher_open(&n->attacher, &n->pins, n->table.prog_fd,
			      n->config.clsact_only);
	if (error)
		goto close_table;
	*what = "list the interfaces";
	error = interfaces_open(&n->interfaces, &n->config.choice, &n->table,
				&n->attacher);
	if (error)
		goto close_attacher;
	epoll_ctl(n->epoll, EPOLL_CTL_ADD, interfaces_fd(&n->interfaces),
		  &event);
	epoll_ctl(n->epoll, EPOLL_CTL_ADD, interfaces_work_fd(&n->interfaces),
		  &event);
	n->owner = true;
	return 0;
close_attacher:
	attacher_close(&n->attacher);
close_table:
	rate_table_close(&n->table);
	return error;
}

static void disown(struct net *n)
{
	n->owner = false;
	interfaces_close(&n->interfaces);
	attacher_close(&n->attacher);
	rate_table_close(&n->table);
}

/* --- reading what another one looks after ------------------------------------ */

/* The other process may not have loaded them yet, or be replacing them: try again
 * later.
 */
static int read_others(struct net *n, const char **what)
{
	int error;

	*what = "open what is pinned";
	error = net_table_open(&n->reading, n->pins.dir);
	if (error == -ENOENT || error == -EPROTO)
		return 0;
	if (!error && !net_table_is_here(&n->reading)) {
		net_table_close(&n->reading);
		return -EXDEV;
	}
	return error;
}

static void refresh_others(struct net *n)
{
	const char *what;

	if (net_table_slots(&n->reading) && net_table_lives(&n->reading))
		return;
	net_table_close(&n->reading);
	read_others(n, &what);
}

/* The other process has ended: begin as at the start, now with the lock. */
static void take_over(struct net *n)
{
	const char *what;
	int error;

	net_table_close(&n->reading);
	log_info("network: looks after the counters in %s from now on",
		 n->pins.dir);
	error = own(n, &what);
	n->failed = error != 0;
	if (error)
		explain_failure(error, what, n->pins.dir);
}

static bool are_pinned(const struct net *n)
{
	int fd = pins_get(&n->pins, "ingress");

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Somebody removed the pins, and with them the timer: all is loaded anew. */
static void start_anew(struct net *n, const char *why)
{
	const char *what;
	int error;

	log_warn("network: the counters in %s stand still, %s: starts anew",
		 n->pins.dir, why);
	disown(n);
	pins_close(&n->pins);
	error = pins_open(&n->pins, n->pins.dir, &what);
	if (!error && pins_lock(&n->pins))
		error = own(n, &what);
	n->failed = error != 0;
	if (error)
		explain_failure(error, what, n->pins.dir);
}

static void look_after(struct net *n)
{
	n->still = net_table_lives(&n->table.table) ? 0 : n->still + 1;
	if (n->still >= STUCK_READS)
		start_anew(n, "their timer has stopped");
	else if (n->still >= STILL_READS && !are_pinned(n))
		start_anew(n, "their pins were removed");
	else {
		interfaces_check(&n->interfaces, n->config.check_ns);
		return;
	}
	n->still = 0;
}

/* --- opening ----------------------------------------------------------------- */

static uint32_t recorded_buckets(uint32_t record_s)
{
	uint32_t buckets = MS_PER_S;

	if (!record_s)
		return 0;
	while (buckets < record_s * MS_PER_S)
		buckets *= 2;
	return 1U << (32 - __builtin_clz(buckets - 1));
}

static int set_up(struct net *n, const struct net_config *c)
{
	n->config = *c;
	if (!n->config.check_ns)
		n->config.check_ns = NET_CHECK_NS;
	n->settings = (struct rate_settings){
		.period_ns = c->period_ns ? c->period_ns : NET_PERIOD_MAX_NS,
		.slots = c->slots ? c->slots : KTACH_NET_SLOTS,
		.recorded = recorded_buckets(c->record_s),
	};
	if (n->settings.period_ns < NET_PERIOD_MIN_NS ||
	    n->settings.period_ns > NET_PERIOD_MAX_NS ||
	    n->settings.slots > KTACH_NET_SLOTS_MAX ||
	    n->settings.recorded > KTACH_NET_RECORDED_MAX)
		return -EINVAL;
	n->epoll = epoll_create1(EPOLL_CLOEXEC);
	return n->epoll < 0 ? -errno : 0;
}

int net_open(struct net **out, const struct net_config *c)
{
	const char *what = "use these settings";
	const char *dir = c->pins ? c->pins : KTACH_NET_PINS;
	struct net *n = calloc(1, sizeof(*n));
	int error = n ? set_up(n, c) : -ENOMEM;

	if (error)
		goto free;
	bpf_log_init();
	error = pins_open(&n->pins, dir, &what);
	if (error)
		goto close;
	if (pins_lock(&n->pins)) {
		error = own(n, &what);
	} else {
		error = read_others(n, &what);
		log_info("network: another ktach looks after the counters in "
			 "%s, process %u: reading them, with its settings",
			 dir, pins_owner(&n->pins));
	}
	if (error)
		goto close_pins;
	*out = n;
	return 0;
close_pins:
	pins_close(&n->pins);
close:
	close(n->epoll);
free:
	free(n);
	if (!c->quiet)
		explain_failure(error, what, dir);
	return error;
}

void net_close(struct net *n)
{
	if (!n)
		return;
	if (n->owner)
		disown(n);
	net_table_close(&n->reading);
	pins_close(&n->pins);
	close(n->epoll);
	free(n->rows);
	free(n);
}

int net_fd(const struct net *n)
{
	return n->epoll;
}

bool net_failed(const struct net *n)
{
	return n->failed;
}

void net_links_changed(struct net *n)
{
	if (n->owner)
		interfaces_drain(&n->interfaces);
}

/* --- reading ----------------------------------------------------------------- */

static const struct net_table *table_of(const struct net *n)
{
	return n->owner ? &n->table.table : &n->reading;
}

bool net_lacks(const struct net *n)
{
	return n->owner && interfaces_lack(&n->interfaces);
}

size_t net_slots(const struct net *n)
{
	return net_table_slots(table_of(n));
}

/* Said once: some ticks came so late that buckets were lost before they were looked
 * at.
 */
static void watch_unjudged(struct net *n, const struct net_row *row)
{
	if (n->unjudged_said || !row->entry.unjudged_ms)
		return;
	n->unjudged_said = true;
	log_warn("network: ticks came too late: of %s %" PRIu64
		 " ms are in no burst or percentile, their packets count",
		 row->name, (uint64_t)row->entry.unjudged_ms);
}

static bool read_row(struct net *n, uint32_t slot, struct net_row *row)
{
	const char *name;

	/* Most slots are free: they are not touched. */
	if (n->owner && !interfaces_use(&n->interfaces, slot))
		return false;
	if (net_table_copy(table_of(n), slot, &row->entry))
		return false;
	row->slot = slot;
	if (!n->owner)
		return if_indextoname(row->entry.ifindex, row->name) != NULL;
	name = interfaces_name(&n->interfaces, slot, row->entry.ifindex);
	if (name)
		snprintf(row->name, sizeof(row->name), "%s", name);
	return name != NULL;
}

static size_t read_rows(struct net *n)
{
	size_t slots = net_slots(n);
	struct net_row *rows;
	size_t count = 0;
	uint32_t slot;

	for (slot = 0; slot < slots; slot++) {
		rows = grown(n->rows, count, &n->room, sizeof(*rows));
		if (!rows)
			return 0;
		n->rows = rows;
		if (!read_row(n, slot, &rows[count]))
			continue;
		watch_unjudged(n, &rows[count]);
		count++;
	}
	return count;
}

size_t net_read(struct net *n, const struct net_row **rows)
{
	size_t count;

	if (n->owner)
		look_after(n);
	else if (!n->failed && pins_lock(&n->pins))
		take_over(n);
	else
		refresh_others(n);
	count = read_rows(n);
	*rows = n->rows;
	return count;
}

/* Links go with their pins, wherever they are; filters don't. */
static void warn_elsewhere(const struct pins *p)
{
	struct net_table t;

	if (net_table_open(&t, p->dir))
		return;
	if (!net_table_is_here(&t))
		log_warn(
			"the pins in %s were another network namespace's: "
			"filters of clsact qdiscs there go with a --detach in it",
			p->dir);
	net_table_close(&t);
}

int net_detach(const char *dir)
{
	const char *what;
	struct pins p;
	int error;

	bpf_log_init();
	dir = dir ? dir : KTACH_NET_PINS;
	error = pins_open(&p, dir, &what);
	if (error) {
		log_error("cannot %s in %s: %s", what, dir, strerror(-error));
		return error;
	}
	if (pins_lock(&p)) {
		warn_elsewhere(&p);
		net_clean(&p);
		pins_clear(&p, true);
	} else {
		log_error(
			"a ktach-shipper looks after %s, process %u: stop it first",
			dir, pins_owner(&p));
		error = -EBUSY;
	}
	pins_close(&p);
	return error;
}
