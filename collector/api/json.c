// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "collector/figures/figure.h"
#include "collector/api/json.h"
#include "collector/api/posted.h"
#include "collector/base/refusal.h"
#include "collector/nodes/labels.h"
#include "collector/nodes/sender.h"
#include "lib/base/node_id.h"

/* Figures of a node's line, and the keys that they go under. */
static const struct {
	const char *key;
	const char *figure;
} summary[] = {
	{ "cpus", "cpus" },
	{ "cpu_busy", "cpu.busy" },
	{ "rx_bytes_per_s", "net.rx_bytes_per_s" },
	{ "tx_bytes_per_s", "net.tx_bytes_per_s" },
	{ "softirqs_per_s", "softirq.all" },
	{ "memory_used", "memory.used" },
	{ "load_1min", "load_1min" },
};

/* So long a node is flagged whose samples are stored by our time. */
#define REDATED_NS UINT64_C(60000000000)

enum {
	SUMMARY = sizeof(summary) / sizeof(summary[0]),
};

static void figures(struct document *w, const struct node *node)
{
	static const struct figure *found[SUMMARY];
	int i;

	for (i = 0; i < SUMMARY; i++) {
		if (!found[i])
			found[i] = figure_find(summary[i].figure);
		json_key_number(w, summary[i].key,
				figure_of_node(found[i], node));
	}
}

/* Lately. */
static bool is_redated(const struct node *node, uint64_t mono_ns)
{
	return node->redated_ns && mono_ns - node->redated_ns < REDATED_NS;
}

static void write_labels(struct document *w, const struct facts *f)
{
	char name[LABEL_NAME_MAX + 1];
	const struct fact *fact = NULL;
	unsigned int count = 0;
	const char *value;
	size_t size;

	json_open(w, '{');
	while (count++ < LABELS_MAX && (fact = labels_next(f, fact))) {
		value = labels_value(fact, &size);
		snprintf(name, sizeof(name), "%.*s", (int)size, fact->text);
		json_key_text(w, name, value);
	}
	json_close(w, '}');
}

void json_summary_members(struct document *w, const struct node *node,
			  const struct node_time *now)
{
	json_key_text(w, "name", node->name);
	json_key_text(w, "id", node->id_text);
	json_key_text(w, "state",
		      node_state_name(node_state(node, now->mono_ns)));
	json_key(w, "labels");
	write_labels(w, &node->facts);
	json_key(w, "moved_to");
	if (node->moved_to[0])
		json_text(w, node->moved_to);
	else
		json_none(w);
	json_key_count(w, "first_seen_ns", node->first_seen.real_ns);
	json_key_count(w, "last_seen_ns", node->last_seen.real_ns);
	json_key_count(w, "age_ns", node_age_ns(node, now->mono_ns));
	json_key_count(w, "period_ns", node->period_ns);
	json_key_text(w, "version", node->version);
	json_key_text(w, "origin", posted_is(node->id) ? "posted" : "shipper");
	json_key_count(w, "received", node->received);
	json_key_count(w, "lost", node_lost(node));
	json_key_count(w, "clones", sender_rivals(node, now->mono_ns));
	json_key_number(w, "clock_offset_ns",
			clock_known(&node->clock) ?
				(double)node->clock.offset_ns :
				NAN);
	json_key_bool(w, "redated", is_redated(node, now->mono_ns));
	json_key_bool(w, "cut", node_is_cut(node, now->mono_ns));
	json_key(w, "health");
	json_health(w, node);
	figures(w, node);
}

static void write_summary(struct document *w, const struct node *node,
			  const struct node_time *now)
{
	json_open(w, '{');
	json_summary_members(w, node, now);
	json_close(w, '}');
}

void json_dropped(struct document *w, const struct ingest_counts *counts)
{
	unsigned int reason;

	json_open(w, '{');
	for (reason = WIRE_OK + 1; reason < DROP_REASONS; reason++)
		json_key_count(w, drop_name(reason), counts->dropped[reason]);
	json_close(w, '}');
}

/* The reasons of a door stand together. */
void json_refused(struct document *w)
{
	const char *door = "";
	uint64_t counts[REFUSALS];
	int i;

	refusal_counts(counts);
	json_open(w, '{');
	for (i = 0; i < REFUSALS; i++) {
		if (strcmp(door, refusal_door(i))) {
			if (*door)
				json_close(w, '}');
			door = refusal_door(i);
			json_key(w, door);
			json_open(w, '{');
		}
		json_key_count(w, refusal_reason_name(i), counts[i]);
	}
	json_close(w, '}');
	json_close(w, '}');
}

void json_store(struct document *w, const struct store_stats *stats)
{
	json_open(w, '{');
	json_key_count(w, "queued", stats->queued);
	json_key_count(w, "queued_bytes", stats->queued_bytes);
	json_key_count(w, "written", stats->written);
	json_key_count(w, "dropped", stats->dropped);
	json_key_count(w, "expired", stats->expired);
	json_key_count(w, "open_bytes", stats->open_bytes);
	json_key_count(w, "chunks", stats->chunks);
	json_key_count(w, "size", stats->size);
	json_key_count(w, "commits", stats->commits);
	json_key_count(w, "commit_ns", stats->commit_ns);
	json_key_count(w, "commit_last_ns", stats->commit_last_ns);
	json_key_bool(w, "failing", stats->failing);
	json_key_count(w, "damaged_chunks", stats->trouble.chunks);
	json_key_count(w, "damaged_frames", stats->trouble.frames);
	json_key_count(w, "aside", stats->trouble.aside);
	if (stats->trouble.aside) {
		char text[NODE_ID_TEXT_SIZE];

		node_id_format(stats->trouble.node, text);
		json_key_text(w, "aside_node", text);
	}
	json_close(w, '}');
}

void json_nodes(struct document *w, struct visit *v,
		const struct ingest_counts *counts,
		const struct store_stats *stats, const struct node_time *now)
{
	const struct node *node;

	json_open(w, '{');
	json_key_count(w, "now_ns", now->real_ns);
	json_key_text(w, "version", KTACH_VERSION);
	json_key(w, "nodes");
	json_open(w, '[');
	for (node = visit_first(v); node; node = visit_next(v))
		write_summary(w, node, now);
	json_close(w, ']');
	json_key_count(w, "frames", counts->frames);
	json_key_count(w, "bytes", counts->bytes);
	json_key(w, "dropped");
	json_dropped(w, counts);
	json_key(w, "store");
	json_store(w, stats);
	json_close(w, '}');
}

void json_loss(struct document *w, const struct node *node)
{
	int i;

	json_open(w, '{');
	json_key_count(w, "received", node->received);
	json_key_count(w, "lost", node_lost(node));
	for (i = 0; i < NODE_DROPS; i++)
		json_key_count(w, node_drop_names[i], node->dropped[i]);
	json_key_count(w, "elsewhere", node->elsewhere);
	json_key_count(w, "send_failed", node->send_failed);
	for (i = LOSS_QUEUE; i <= LOSS_KEY; i++)
		json_key_count(w, loss_names[i], node->shed[i - LOSS_QUEUE]);
	json_key_count(w, "unknown_answers", node->unknown);
	json_key(w, "samples");
	json_open(w, '{');
	json_key_count(w, "cpu", node->cpu.lost);
	json_key_count(w, "softirq", node->softirq.lost);
	json_key_count(w, "net", node->net.lost);
	json_close(w, '}');
	json_close(w, '}');
}

static void sender(struct document *w, const struct sender *s, const char *name,
		   bool taken, uint64_t last_seen_ns)
{
	char boot[NODE_ID_TEXT_SIZE];

	node_id_format(s->boot, boot);
	json_key_text(w, "boot_id", boot);
	json_key_text(w, "address", s->address);
	json_key_text(w, "name", name);
	json_key_count(w, "session_ns", s->session);
	json_key_bool(w, "taken", taken);
	json_key_count(w, "last_seen_ns", last_seen_ns);
}

void json_senders(struct document *w, const struct node *node)
{
	const struct rival *r;

	json_open(w, '[');
	json_open(w, '{');
	sender(w, &node->from, node->name, true, node->last_seen.real_ns);
	json_key_count(w, "refused", 0);
	json_close(w, '}');
	for (r = node->rivals; r; r = r->next) {
		if (!r->proven)
			continue;
		json_open(w, '{');
		sender(w, &r->who, r->name, false, r->last.real_ns);
		json_key_count(w, "refused", r->frames);
		json_close(w, '}');
	}
	json_close(w, ']');
}

/* From where on a session is here whose beginning is not: frames about there may
 * be in another collector's history, too.
 */
void json_shared(struct document *w, const struct node *node)
{
	if (!node->shared) {
		json_none(w);
		return;
	}
	json_open(w, '{');
	json_key_count(w, "session_ns", node->shared);
	json_key_count(w, "from_sequence", node->shared_from);
	json_close(w, '}');
}
