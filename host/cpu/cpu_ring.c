// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cpu/cpu_ring.h"
#include "host/name.h"
#include "lib/base/clock.h"

/* How often the folder of the pins is tried again after a failure. */
#define AGAIN_NS UINT64_C(30000000000)

enum {
	READ_TRIES = 16, /* of a newest sample that is lapped meanwhile */
};

/* --- which of the two -------------------------------------------------------- */

void cpu_ring_init(struct cpu_ring *r, const struct cpu_source_spec *spec,
		   const struct host_options *options)
{
	*r = (struct cpu_ring){
		.spec = spec,
		.options = options,
		.is_another = options->from == HOST_FROM_BEST &&
			      !host_is_own(options),
	};
	ring_bpf_init(&r->bpf, spec, options);
}

static void unmap(struct cpu_ring *r)
{
	if (!r->origin)
		return;
	ring_close(&r->ring);
	free(r->cells);
	r->origin = 0;
}

/* Of the past that is asked for, as far as it can still be read; not the very
 * oldest sample, as the writer may be about to take its slot.
 */
static uint64_t first_number(const struct cpu_ring *r, uint64_t head)
{
	uint64_t period_ns = ring_period_ns(&r->ring), back = 1;
	uint64_t oldest = ring_oldest(&r->ring, head);

	if (head < 2)
		return 1;
	if (!r->options->history_ns)
		return head;
	if (period_ns && r->options->history_ns > period_ns)
		back = r->options->history_ns / period_ns;
	if (head - oldest > 2)
		oldest++;
	return back < head - oldest ? head - back : oldest;
}

/* Makes room for as many rows as the ring has: possible CPUs. */
static int take(struct cpu_ring *r, const struct ring *ring,
		enum wire_origin origin)
{
	uint32_t columns = cpu_table_columns(r->spec, ring);
	uint64_t *cells =
		calloc((size_t)ring->layout.records * columns, sizeof(*cells));

	if (!cells)
		return -ENOMEM;
	unmap(r);
	r->ring = *ring;
	r->cells = cells;
	r->columns = columns;
	r->next = first_number(r, ring_head(ring));
	r->begun = false;
	r->origin = origin;
	return 0;
}

/* The next one is begun at once, however lately this one was. */
static void end_bpf(struct cpu_ring *r)
{
	ring_bpf_end(&r->bpf);
	r->tried_ns = 0;
}

/* Change to another ring only once it has a sample. */
static void try_module(struct cpu_ring *r)
{
	struct ring ring;

	r->error = cpu_table_ring_open(r->spec, &ring);
	r->is_coming = !r->error && r->origin && !ring_head(&ring);
	if (r->error)
		return;
	if (!r->is_coming)
		r->error = take(r, &ring, WIRE_ORIGIN_RING);
	if (r->is_coming || r->error)
		ring_close(&ring);
	else if (r->options->rings.keep)
		end_bpf(r);
}

static bool may_start(struct cpu_ring *r)
{
	uint64_t now_ns = clock_mono_ns();

	if (!r->options->rings.keep || r->bpf.is_ours || r->bpf.is_refused ||
	    (r->tried_ns && now_ns - r->tried_ns < AGAIN_NS))
		return false;
	r->tried_ns = now_ns;
	return true;
}

static void try_bpf(struct cpu_ring *r)
{
	struct ring ring;

	if (may_start(r))
		r->bpf_error = ring_bpf_start(&r->bpf, r->why);
	if (r->options->rings.keep && r->bpf_error)
		return;
	r->bpf_map_error = ring_bpf_map(&ring, r->spec, r->options->net.pins);
	/* Somebody removed the pins of ours before its first sample. */
	if (r->bpf_map_error == -ENOENT && r->bpf.is_ours)
		end_bpf(r);
	if (r->bpf_map_error)
		return;
	r->bpf_map_error = take(r, &ring, WIRE_ORIGIN_BPF);
	if (r->bpf_map_error)
		ring_close(&ring);
}

void cpu_ring_try(struct cpu_ring *r, bool devices)
{
	if (r->options->from == HOST_FROM_PROC || r->is_another)
		return;
	if (r->origin != WIRE_ORIGIN_RING && (devices || r->is_coming))
		try_module(r);
	if (!r->origin && !r->options->rings.off)
		try_bpf(r);
}

void cpu_ring_close(struct cpu_ring *r)
{
	unmap(r);
	ring_bpf_leave(&r->bpf);
}

/* --- samples ----------------------------------------------------------------- */

static int put_sample(struct cpu_ring *r, uint64_t number,
		      const struct host_sink *sink)
{
	struct wire_table t = {
		.kind = r->spec->table,
		.schema = 1,
		.origin = r->origin,
		.lost = *r->lost,
		.columns = r->columns,
		.rows = r->ring.layout.records,
		.cells = r->cells,
	};
	struct ring_sample sample;
	int err = cpu_table_from_ring(&r->ring, number, r->columns, &sample,
				      r->cells);

	if (err)
		return err;
	t.sample = number;
	t.real_ns = sample.real_ns;
	t.mono_ns = sample.mono_ns;
	t.missed = ring_missed(&r->ring);
	sink->put(sink->arg, &t);
	return 0;
}

/* Every sample up to the newest; those that were lapped are counted. */
static void put_all(struct cpu_ring *r, uint64_t head,
		    const struct host_sink *sink)
{
	uint64_t oldest = ring_oldest(&r->ring, head);

	if (r->next < oldest) {
		*r->lost += oldest - r->next;
		r->next = oldest;
	}
	for (; r->next <= head; r->next++)
		if (put_sample(r, r->next, sink))
			++*r->lost;
}

/* At first the sample to begin with; later the newest one alone. */
static void put_newest(struct cpu_ring *r, uint64_t head,
		       const struct host_sink *sink)
{
	int tries, err = r->next > head;

	if (!r->begun && r->next < head)
		put_sample(r, r->next, sink);
	for (tries = 0; !err && tries < READ_TRIES; tries++) {
		head = ring_head(&r->ring);
		if (!put_sample(r, head, sink))
			break;
	}
	r->begun = true;
	r->next = head + 1;
}

/* A ring that nobody fills any more is treated as gone; our own is begun anew. */
static bool is_live(struct cpu_ring *r)
{
	if (!ring_live(&r->ring))
		return false;
	if (r->origin == WIRE_ORIGIN_RING)
		return true;
	ring_bpf_keep(&r->bpf);
	if (ring_is_filled(&r->ring, clock_mono_ns()))
		return true;
	if (r->bpf.is_ours)
		end_bpf(r);
	return false;
}

/* Look whether the ring is live before taking its last samples: once it is not, no
 * more come.
 */
bool cpu_ring_read(struct cpu_ring *r, const struct host_sink *sink)
{
	uint64_t head;
	bool live, news;

	if (!r->origin)
		return false;
	live = is_live(r);
	head = ring_head(&r->ring);
	news = r->next <= head;
	if (head && r->options->history_ns)
		put_newest(r, head, sink);
	else if (head)
		put_all(r, head, sink);
	if (live)
		return head;
	unmap(r);
	r->error = -ENOENT;
	return news;
}

/* --- why not ----------------------------------------------------------------- */

static int why_no_module(const struct cpu_ring *r, char *text, size_t size)
{
	const char *device = r->spec->device;

	if (r->error == -ENOENT)
		return snprintf(text, size, "no %s (modprobe %s)", device,
				r->spec->module);
	if (r->error == -EACCES)
		return snprintf(text, size,
				"no right to %s (be root, or of group ktach)",
				device);
	if (r->error == -EPROTO)
		return snprintf(
			text, size,
			"%s has another version of the ring ABI (load the ktach modules of this version)",
			device);
	return snprintf(text, size, "%s cannot be used: %s", device,
			strerror(-r->error));
}

static void why_no_bpf(const struct cpu_ring *r, char *text, size_t size)
{
	const char *pins = r->options->net.pins, *name = r->spec->pins;

	if (r->options->rings.off)
		snprintf(text, size, "; BPF is not wanted");
	else if (r->options->rings.keep && r->bpf_error)
		snprintf(text, size, "; no ring by BPF: %s", r->why);
	else if (r->bpf_map_error == -EPERM || r->bpf_map_error == -EACCES)
		snprintf(text, size, "; no right to %s/%s", pins, name);
	else if (r->bpf_map_error == -EPROTO)
		snprintf(text, size, "; %s/%s is of another version", pins,
			 name);
	else if (r->bpf_map_error == -ESTALE)
		snprintf(text, size, "; nobody fills %s/%s", pins, name);
	else
		snprintf(text, size,
			 "; no ring by BPF (ktach-shipper fills it)");
}

bool cpu_ring_origin(const struct cpu_ring *r, char *text, size_t size)
{
	size_t used;

	if (r->origin == WIRE_ORIGIN_RING ||
	    r->options->from == HOST_FROM_PROC || r->is_another) {
		snprintf(text, size, "%s from %s", r->spec->title,
			 r->origin ? r->spec->device : "/proc");
		return true;
	}
	used = (size_t)snprintf(text, size, "%s from %s: ", r->spec->title,
				r->origin ? "BPF's ring" : "/proc");
	used += (size_t)why_no_module(r, text + used, size - used);
	if (!r->origin && used < size)
		why_no_bpf(r, text + used, size - used);
	return false;
}
