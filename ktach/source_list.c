// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/cpu/ring_bpf.h"
#include "ktach/figures/figures.h"
#include "ktach/source_list.h"
#include "lib/netlink/genl.h"
#include "lib/base/log.h"
#include "lib/kernel/net_table.h"

#define CLASS "/sys/class/ktach"

static struct source *next(struct source_list *l)
{
	struct source *s;

	if (l->count == SOURCES_MAX)
		return NULL;
	s = &l->source[l->count++];
	memset(s, 0, sizeof(*s));
	return s;
}

static void take_family_source(const struct family_source *from, void *arg)
{
	struct source *s = next(arg);

	if (!s)
		return;
	snprintf(s->name, sizeof(s->name), "%s", from->name);
	if (*from->device)
		snprintf(s->device, sizeof(s->device), "/dev/%s", from->device);
	s->origin = ORIGIN_NETLINK;
	s->period_us = from->period_us;
	s->slots = from->slots;
	s->records = from->records;
	s->head = from->head;
	s->missed = from->missed;
	s->fill_ns_last = from->fill_ns_last;
	s->fill_ns_max = from->fill_ns_max;
	s->backward_events = from->backward_events;
}

/* A dump that a module broke into is asked again. */
static int read_family(struct source_list *l)
{
	struct family *family;
	int err = family_open(&family), tries = 8;

	if (err)
		return err;
	do {
		l->count = 0;
		err = family_sources(family, take_family_source, l);
	} while (err == -EINTR && --tries);
	family_close(family);
	return err;
}

static uint64_t attribute(const char *source, const char *name)
{
	char path[320], text[32] = "";
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), CLASS "/%s/%s", source, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	return n > 0 ? strtoull(text, NULL, 10) : 0;
}

static void take_class_source(struct source_list *l, const char *name)
{
	struct source *s = next(l);

	if (!s)
		return;
	snprintf(s->name, sizeof(s->name), "%.*s", SOURCE_TEXT - 1, name);
	s->origin = ORIGIN_RING;
	s->period_us = attribute(name, "period_us");
	s->slots = attribute(name, "slots");
	s->records = attribute(name, "records");
	s->head = attribute(name, "head");
	s->missed = attribute(name, "missed");
	s->fill_ns_last = attribute(name, "fill_ns_last");
	s->fill_ns_max = attribute(name, "fill_ns_max");
	s->backward_events = attribute(name, "backward_events");
}

static void read_class(struct source_list *l)
{
	DIR *dir = opendir(CLASS);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (*entry->d_name != '.')
			take_class_source(l, entry->d_name);
	closedir(dir);
}

static void take_ring(struct source_list *l, const struct ring *ring,
		      const char *pins)
{
	const struct ktach_ring_header *h = (const void *)ring->base;
	struct source *s = next(l);

	if (!s)
		return;
	snprintf(s->name, sizeof(s->name), "%.*s", KTACH_RING_NAME_LEN,
		 h->name);
	snprintf(s->device, sizeof(s->device), "%s/%.*s", pins,
		 KTACH_RING_NAME_LEN, h->name);
	s->origin = ORIGIN_BPF;
	s->period_us = ring_period_ns(ring) / 1000;
	s->slots = ring->layout.slots;
	s->records = ring->layout.records;
	s->head = ring_head(ring);
	s->missed = ring_missed(ring);
	s->fill_ns_last = h->fill_ns_last;
	s->fill_ns_max = h->fill_ns_max;
	s->backward_events = h->backward_events;
}

/* Those that BPF fills. */
static void read_rings(struct source_list *l, const char *pins)
{
	static const struct cpu_source_spec *const specs[] = {
		&cpu_source_times, &cpu_source_softirqs
	};
	struct ring ring;
	size_t i;

	for (i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		if (ring_bpf_map(&ring, specs[i], pins))
			continue;
		take_ring(l, &ring, pins);
		ring_close(&ring);
	}
}

static void read_table(struct source_list *l, const char *pins)
{
	const struct ktach_net_head *head;
	struct net_table table;
	struct source *s;

	if (net_table_open(&table, pins))
		return;
	head = net_table_head(&table);
	s = next(l);
	if (s) {
		snprintf(s->name, sizeof(s->name), "net");
		snprintf(s->device, sizeof(s->device), "%s", pins);
		s->origin = ORIGIN_BPF;
		s->period_us = head->period_ns / 1000;
		s->slots = 1;
		s->records = net_table_slots(&table);
		s->head = head->ticks;
		s->fill_ns_last = head->tick_cost_ns;
		s->fill_ns_max = head->tick_cost_max_ns;
	}
	net_table_close(&table);
}

void source_list_read(struct source_list *l, const char *pins)
{
	l->count = 0;
	if (read_family(l)) {
		l->count = 0;
		read_class(l);
	}
	read_rings(l, pins);
	read_table(l, pins);
}

static int set_by_family(const char *name, uint64_t period_us)
{
	struct family *family;
	int err = family_open(&family);

	if (err)
		return err;
	err = period_us > UINT32_MAX ?
		      -ERANGE :
		      family_set_period(family, name, (uint32_t)period_us);
	family_close(family);
	return err;
}

static int set_by_class(const char *name, uint64_t period_us)
{
	char path[320], text[32];
	int fd, err = 0, n;

	if (strchr(name, '/') || *name == '.')
		return -ENOENT;
	snprintf(path, sizeof(path), CLASS "/%s/period_us", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = snprintf(text, sizeof(text), "%" PRIu64 "\n", period_us);
	if (write(fd, text, (size_t)n) != n)
		err = -errno;
	close(fd);
	return err;
}

/* What BPF fills is as the shipper has it. */
static bool is_shippers(const char *name, const char *pins)
{
	struct source_list l = { 0 };
	int i;

	read_rings(&l, pins);
	read_table(&l, pins);
	for (i = 0; i < l.count && strcmp(l.source[i].name, name); i++)
		;
	return i < l.count;
}

static int explain_failure(const char *name, uint64_t period_us,
			   const char *pins, int err)
{
	if (err == -ENOENT && is_shippers(name, pins))
		log_error(
			"%s is filled by BPF: how often is an option of ktach-shipper (%s)",
			name,
			strcmp(name, "net") ? "ring-period" : "net-interval");
	else if (err == -ENOENT)
		log_error("no source '%s'; 'ktach sources' lists what there is",
			  name);
	else if (err == -EPERM || err == -EACCES)
		log_error(
			"no right to set the period of %s: be root, or have CAP_PERFMON",
			name);
	else if (err == -ERANGE || err == -EINVAL)
		log_error(
			"%s: a period of %" PRIu64
			" us is refused: rings take 100 us to 60 s, combined samples 1 ms to 60 s",
			name, period_us);
	else
		log_error("cannot set the period of %s: %s", name,
			  strerror(-err));
	return err;
}

/* The netlink family knows all; sysfs only rings, also where it is alone. */
int source_set_period(const char *name, uint64_t period_us, const char *pins)
{
	int err = set_by_family(name, period_us);

	if (err == -ENOENT)
		err = set_by_class(name, period_us);
	return err ? explain_failure(name, period_us, pins, err) : 0;
}
