// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "collector/nodes/judge.h"
#include "collector/nodes/visit.h"
#include "lib/base/barrier.h"
#include "lib/base/log.h"

enum {
	TOLD_AT_ONCE = 10, /* nodes */
};

#define TELL_EVERY_NS UINT64_C(3600000000000)
#define NODE_EVERY_NS UINT64_C(60000000000)
/* How far our clock may move within a second without having been set. */
#define STEP_NS INT64_C(1000000000)
/* The clocks of nodes that are alike. */
#define ALIKE_NS INT64_C(1000000000)

static int64_t ahead(const struct node_time *now)
{
	return (int64_t)(now->real_ns - now->mono_ns);
}

static bool within(int64_t a, int64_t b, int64_t limit)
{
	return a - b <= limit && b - a <= limit;
}

/* A history that was just written to proves the clock, too. */
void judge_begin(struct judge *j, uint64_t newest_ns,
		 const struct node_time *now)
{
	*j = (struct judge){ .ahead_ns = ahead(now), .newest_ns = newest_ns };
	j->steady = !newest_ns || within((int64_t)now->real_ns,
					 (int64_t)newest_ns, CLOCK_FAR_NS);
	j->verdict = j->steady ? JUDGE_GOOD : JUDGE_UNPROVEN;
}

static void look_for_step(struct judge *j, const struct node_time *now)
{
	int64_t now_ahead = ahead(now);

	if (!within(now_ahead, j->ahead_ns, STEP_NS)) {
		log_warn(
			"the clock of this host was set by %.0f s; nothing is deleted from the history until clocks of nodes agree with it",
			(double)(now_ahead - j->ahead_ns) / 1e9);
		j->steady = false;
		j->set_ns = now->mono_ns;
	}
	store_relaxed(&j->ahead_ns, now_ahead);
}

/* Offsets that were measured before our clock was set say nothing of it now. */
static bool counts(const struct judge *j, const struct node *node)
{
	return node->state == NODE_FRESH && clock_known(&node->clock) &&
	       node->clock.good_at_ns > j->set_ns;
}

static bool is_off(int64_t offset_ns)
{
	return !within(offset_ns, 0, CLOCK_OFF_NS - 1);
}

/* A clock that goes to and fro is only told of from time to time. */
static void tell_node(struct node *node, int *told, uint64_t now_ns)
{
	bool off = clock_known(&node->clock) && is_off(node->clock.offset_ns);

	if (off == node->clock_told || *told == TOLD_AT_ONCE)
		return;
	if (node->clock_told_ns && now_ns - node->clock_told_ns < NODE_EVERY_NS)
		return;
	++*told;
	node->clock_told = off;
	node->clock_told_ns = now_ns;
	if (off)
		log_warn("node %s: its clock is %.1f s %s ours", node->name,
			 (double)llabs(node->clock.offset_ns) / 1e9,
			 node->clock.offset_ns > 0 ? "ahead of" : "behind");
	else
		log_info("node %s: its clock agrees with ours", node->name);
}

/* Returns how many offsets there are. */
static size_t collect_offsets(struct judge *j, struct visit *v,
			      int64_t *offsets, uint64_t now_ns)
{
	struct node *node;
	size_t count = 0;
	int told = 0;

	j->agree = j->differ = 0;
	for (node = visit_first(v); node; node = visit_next(v)) {
		if (!counts(j, node))
			continue;
		if (within(node->clock.offset_ns, 0, CLOCK_FAR_NS))
			j->agree++;
		else
			j->differ++;
		if (j->verdict == JUDGE_GOOD)
			tell_node(node, &told, now_ns);
		offsets[count++] = node->clock.offset_ns;
	}
	return count;
}

static int compare_offsets(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* One node alone may be the one that is wrong, unless ours was set just now. */
static bool is_ours_wrong(const struct judge *j, const int64_t *offsets,
			  size_t count)
{
	size_t i, alike = 0;

	if (!is_off(j->offset_ns) || (count == 1 && j->steady))
		return false;
	for (i = 0; i < count; i++)
		alike += within(offsets[i], j->offset_ns, ALIKE_NS);
	return 2 * alike > count;
}

static enum judge_verdict decide(struct judge *j, int64_t *offsets,
				 size_t count)
{
	qsort(offsets, count, sizeof(*offsets), compare_offsets);
	store_relaxed(&j->offset_ns, count ? offsets[count / 2] : 0);
	if (is_ours_wrong(j, offsets, count))
		return JUDGE_WRONG;
	if (j->agree > j->differ)
		j->steady = true;
	return j->steady && j->agree + 1 >= j->differ ? JUDGE_GOOD :
							JUDGE_UNPROVEN;
}

static void tell_verdict(struct judge *j, enum judge_verdict was,
			 uint64_t mono_ns)
{
	if (j->verdict == was &&
	    (j->verdict == JUDGE_GOOD || mono_ns - j->told_ns < TELL_EVERY_NS))
		return;
	j->told_ns = mono_ns;
	switch (j->verdict) {
	case JUDGE_WRONG:
		log_error(
			"the clock of this host is wrong: most of the nodes that send, all alike, are %.1f s %s it; samples keep the nodes' times, and nothing is deleted from the history until that is mended",
			(double)llabs(j->offset_ns) / 1e9,
			j->offset_ns > 0 ? "ahead of" : "behind");
		break;
	case JUDGE_UNPROVEN:
		log_warn(
			"the clock of this host is not proven: it was set, or is far from the newest samples that are stored (of %.0f s since 1970), and no more nodes agree with it (%zu) than differ (%zu); nothing is deleted from the history meanwhile",
			(double)j->newest_ns / 1e9, j->agree, j->differ);
		break;
	default:
		log_info("the clock of this host agrees with nodes'");
	}
}

void judge_tick(struct judge *j, struct nodes *nodes,
		const struct node_time *now)
{
	enum judge_verdict was = j->verdict, verdict;
	int64_t *offsets;
	struct visit v;
	size_t count;

	look_for_step(j, now);
	if (visit_begin(&v, nodes))
		return;
	offsets = calloc(v.count + 1, sizeof(*offsets));
	if (offsets) {
		count = collect_offsets(j, &v, offsets, now->mono_ns);
		verdict = decide(j, offsets, count);
		store_relaxed(&j->verdict, verdict);
	}
	visit_end(&v);
	free(offsets);
	tell_verdict(j, was, now->mono_ns);
}

bool judge_trusts(const struct judge *j, const struct node_time *now)
{
	return load_relaxed(&j->verdict) == JUDGE_GOOD &&
	       within(ahead(now), load_relaxed(&j->ahead_ns), STEP_NS);
}

const char *judge_name(const struct judge *j)
{
	static const char *const names[JUDGE_VERDICTS] = { "good", "unproven",
							   "wrong" };

	return names[load_relaxed(&j->verdict)];
}
