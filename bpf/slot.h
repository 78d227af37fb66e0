/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A tick of one slot, in three parts: what it holds, what its buckets say, and
 * the publishing of both.
 */
#ifndef KTACH_BPF_SLOT_H
#define KTACH_BPF_SLOT_H

#include "tick.h"

/* One slot's part of every map. */
struct slot {
	struct net_state *state;
	struct ktach_net_slot *entry;
	struct ktach_net_control *control;
	struct ktach_net_recording *recording; /* NULL if nothing is recorded */
	struct net_ring *ring;
	struct judgement *judgement[KTACH_NET_DIRECTIONS];
	__u32 index;
	__u64 unjudged_ms;
};

static __always_inline bool slot_get(struct slot *s, __u32 index)
{
	__u32 d = KTACH_NET_RX;

	s->index = index;
	s->unjudged_ms = 0;
	s->state = bpf_map_lookup_elem(&states, &index);
	s->entry = bpf_map_lookup_elem(&table, &index);
	s->control = bpf_map_lookup_elem(&controls, &index);
	s->ring = bpf_map_lookup_elem(&rings, &index);
	s->recording = recording ? bpf_map_lookup_elem(&recordings, &index) :
				   NULL;
	s->judgement[KTACH_NET_RX] = bpf_map_lookup_elem(&judgements, &d);
	d = KTACH_NET_TX;
	s->judgement[KTACH_NET_TX] = bpf_map_lookup_elem(&judgements, &d);
	return s->state && s->entry && s->control && s->ring &&
	       s->judgement[KTACH_NET_RX] && s->judgement[KTACH_NET_TX];
}

/* --- recordings -------------------------------------------------------------- */

static __always_inline void recording_clear(struct slot *s)
{
	struct ktach_net_recording *r = s->recording;

	sequence_move(&r->sequence);
	r->ifindex = 0;
	r->frozen = 0;
	r->cause = KTACH_NET_NOT_FROZEN;
	r->request = *(volatile __u32 *)&s->control->request;
	r->first_ms = 0;
	r->end_ms = 0;
	sequence_move(&r->sequence);
}

/* All that the ring of the recording holds may be of another time. */
static __always_inline void recording_soil(struct slot *s)
{
	s->state->dirty_ms[KTACH_NET_RX] = recorded;
	s->state->dirty_ms[KTACH_NET_TX] = recorded;
}

static __always_inline void recording_request(struct slot *s)
{
	__u32 request = *(volatile __u32 *)&s->control->request;
	struct ktach_net_recording *r = s->recording;

	if (r->request == request)
		return;
	if (r->frozen && !(request & 1))
		recording_soil(s);
	r->request = request;
	r->frozen = request & 1;
	r->cause = r->frozen ? KTACH_NET_ON_DEMAND : KTACH_NET_NOT_FROZEN;
}

/* The sequence is odd from here until recording_end(). */
static __always_inline void recording_begin(struct slot *s, __u32 ifindex)
{
	struct ktach_net_recording *r = s->recording;

	sequence_move(&r->sequence);
	if (r->ifindex != ifindex)
		recording_soil(s);
	r->ifindex = ifindex;
	recording_request(s);
}

static __always_inline bool over_threshold(const struct slot *s)
{
	return s->judgement[KTACH_NET_RX]->over ||
	       s->judgement[KTACH_NET_TX]->over;
}

/* A tick that freezes the recording is in it. */
static __always_inline void recording_end(struct slot *s)
{
	const struct judgement *j = s->judgement[KTACH_NET_RX];
	struct ktach_net_recording *r = s->recording;

	if (!r->frozen) {
		if (r->end_ms != j->first_ms)
			r->first_ms = j->first_ms;
		r->end_ms = j->end_ms;
		if (r->end_ms - r->first_ms > recorded)
			r->first_ms = r->end_ms - recorded;
		if ((s->control->flags & KTACH_NET_FREEZE_OVER) &&
		    over_threshold(s)) {
			r->frozen = 1;
			r->cause = KTACH_NET_OVER_THRESHOLD;
		}
	}
	sequence_move(&r->sequence);
}

/* --- buckets ----------------------------------------------------------------- */

/* Packets at the end of a tick's time fill buckets of the next one. */
static __always_inline bool slot_moves(struct slot *s, __u32 d,
				       const struct tick *t)
{
	struct net_state *state = s->state;
	__u64 packets = 0;
	__u32 moved;
	int i;

	for (i = 0; i < NET_PROTOCOLS; i++)
		packets += t->sums.cell[d][i].packets;
	moved = packets != state->packets[d];
	state->packets[d] = packets;
	i = moved || state->moved[d];
	state->moved[d] = moved;
	return i;
}

/* After the last packet zeroes are recorded until nothing else is left. */
static __always_inline bool slot_records(struct slot *s, __u32 d, bool moves,
					 __u64 window_ms)
{
	__u32 *dirty_ms = &s->state->dirty_ms[d];
	bool record;

	if (!s->recording || s->recording->frozen)
		return false;
	record = moves || *dirty_ms;
	if (moves)
		*dirty_ms = recorded;
	else
		*dirty_ms -= *dirty_ms < window_ms ? *dirty_ms : window_ms;
	return record;
}

static __always_inline void judge_side(struct slot *s, __u32 d,
				       const struct tick *t, __u64 first_ms,
				       __u64 end_ms)
{
	struct judgement *j = s->judgement[d];
	bool moves = slot_moves(s, d, t);

	j->first_ms = first_ms;
	j->end_ms = end_ms;
	j->over_bytes = *(volatile __u64 *)&s->control->over_bytes;
	j->slot = s->index;
	j->direction = d;
	j->record = slot_records(s, d, moves, end_ms - first_ms);
	judge(j, !moves && !j->record);
}

static __always_inline void judge_slot(struct slot *s, const struct tick *t,
				       __u32 ifindex)
{
	__u64 end_ms = t->now_ns / KTACH_NET_BUCKET_NS - NET_SETTLE_MS + 1;
	__u64 first_ms = s->entry->ifindex ? s->ring->open_ms : end_ms;

	if (end_ms - first_ms > NET_WINDOW_MAX) {
		s->unjudged_ms = end_ms - first_ms - NET_WINDOW_MAX;
		first_ms = end_ms - NET_WINDOW_MAX;
	}
	/*
	 * From here on, who comes with one of these is too late; before touched
	 * is read, so that nobody is overlooked.
	 */
	__sync_lock_test_and_set(&s->ring->open_ms, end_ms);
	if (s->recording)
		recording_begin(s, ifindex);
	judge_side(s, KTACH_NET_RX, t, first_ms, end_ms);
	judge_side(s, KTACH_NET_TX, t, first_ms, end_ms);
	if (s->recording)
		recording_end(s);
}

/* --- table ------------------------------------------------------------------- */

static __always_inline void publish_side(struct slot *s, __u32 d,
					 const struct tick *now, bool first)
{
	struct ktach_net_slot *entry = s->entry;
	struct ktach_net_traffic *t = &entry->traffic[d];
	__u64 bytes = t->bytes, packets = t->packets;

	publish_classes(t, now->sums.cell[d], s->state->base.cell[d]);
	t->bytes_per_s = per_second(t->bytes - bytes, entry->tick_ns);
	t->packets_per_s = per_second(t->packets - packets, entry->tick_ns);
	publish_buckets(t, s->judgement[d]);
	if (entry->tick_ns)
		publish_averages(t, &s->state->averages[d], now, first);
}

/* The first tick of an interface has no tick before it, so no rate. */
static __always_inline void publish(struct slot *s, const struct tick *t,
				    __u32 ifindex)
{
	const struct judgement *j = s->judgement[KTACH_NET_RX];
	struct ktach_net_slot *entry = s->entry;
	bool first = !entry->tick_ns;

	sequence_move(&entry->sequence);
	entry->tick_ns = entry->ifindex ? t->now_ns - entry->mono_ns : 0;
	if (!entry->ifindex)
		entry->since_ns = t->now_ns;
	entry->mono_ns = t->now_ns;
	entry->ifindex = ifindex;
	entry->window_ms = j->end_ms - j->first_ms;
	entry->unjudged_ms += s->unjudged_ms;
	publish_side(s, KTACH_NET_RX, t, first);
	publish_side(s, KTACH_NET_TX, t, first);
	sequence_move(&entry->sequence);
}

static __always_inline void clear(struct slot *s, const struct tick *t)
{
	struct ktach_net_slot *entry = s->entry;

	sequence_move(&entry->sequence);
	entry->ifindex = 0;
	entry->window_ms = 0;
	entry->unjudged_ms = 0;
	entry->mono_ns = 0;
	entry->tick_ns = 0;
	entry->since_ns = 0;
	__builtin_memset(entry->traffic, 0, sizeof(entry->traffic));
	sequence_move(&entry->sequence);
	if (s->recording)
		recording_clear(s);
	s->state->base = t->sums;
	__builtin_memset(s->state->averages, 0, sizeof(s->state->averages));
}

/*
 * The state's seen goes last, and by exchange: it tells user space that the
 * base is taken and the slot may be given away. Returns whether there was anything
 * to do.
 */
static __always_inline bool tick_slot(struct tick *t, __u32 index)
{
	struct slot s;
	__u64 *entry, assignment;
	__u32 ifindex;

	entry = bpf_map_lookup_elem(&assignments, &index);
	if (!entry || !slot_get(&s, index))
		return false;
	assignment = *(volatile __u64 *)entry;
	ifindex = net_assignment_ifindex(assignment);
	if (!ifindex && s.state->seen == assignment)
		return false;
	__builtin_memset(&t->sums, 0, sizeof(t->sums));
	bpf_loop(cpu_words, sum_cpus, &index, 0);
	if (ifindex) {
		judge_slot(&s, t, ifindex);
		publish(&s, t, ifindex);
	} else {
		clear(&s, t);
	}
	__sync_lock_test_and_set(&s.state->seen, assignment);
	return true;
}

/*
 * One slot of a callback, until it has taken its time. Slots that nobody has
 * take next to none, so that the clock is looked at after the others only.
 */
static long tick_next_slot(__u32 unused, void *context)
{
	struct tick *t = tick_get();

	if (!t || t->next_slot >= t->end_slot)
		return 1;
	if (!tick_slot(t, t->next_slot++))
		return 0;
	return bpf_ktime_get_ns() - t->now_ns >= TICK_SLICE_NS;
}

#endif /* KTACH_BPF_SLOT_H */
