// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/json.h"

static void set(json_t *o, const char *key, uint64_t value)
{
	json_object_set_new(o, key, json_integer((json_int_t)value));
}

static const char *state_name(enum node_state state)
{
	switch (state) {
	case NODE_FRESH:
		return "fresh";
	case NODE_LAGGING:
		return "late";
	default:
		return "gone";
	}
}

static size_t cpus_online(const struct samples *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->count; i++)
		if (samples_current(s, s->rows[i]) &&
		    s->rows[i]->cells[WIRE_CPU_FLAGS] & WIRE_CPU_ONLINE)
			n++;
	return n;
}

json_t *json_summary(const struct node *node, const struct node_time *now)
{
	json_t *o = json_object();

	json_object_set_new(o, "name", json_string(node->name));
	json_object_set_new(o, "id", json_string(node->id_text));
	json_object_set_new(
		o, "state",
		json_string(state_name(node_state(node, now->mono_ns))));
	set(o, "first_seen_ns", node->first_seen.real_ns);
	set(o, "last_seen_ns", node->last_seen.real_ns);
	set(o, "age_ns", now->mono_ns - node->last_seen.mono_ns);
	set(o, "period_ns", node->period_ns);
	json_object_set_new(o, "version", json_string(node->version));
	set(o, "received", node->received);
	set(o, "lost", node_lost(node));
	set(o, "cpus", cpus_online(&node->cpu));
	json_object_set_new(o, "cpu_busy", json_busy_share(&node->cpu));
	json_object_set_new(o, "rx_bytes_per_s",
			    json_net_sum(&node->net, WIRE_NET_RX_BYTES_PER_S));
	json_object_set_new(o, "tx_bytes_per_s",
			    json_net_sum(&node->net, WIRE_NET_TX_BYTES_PER_S));
	return o;
}

static json_t *dropped(const struct ingest *in)
{
	json_t *o = json_object();
	unsigned int reason;

	for (reason = WIRE_OK + 1; reason < DROP_REASONS; reason++)
		set(o, ingest_reason_name(reason), in->dropped[reason]);
	return o;
}

static json_t *store(const struct store_stats *stats)
{
	json_t *o = json_object();

	set(o, "queued", stats->queued);
	set(o, "queued_bytes", stats->queued_bytes);
	set(o, "written", stats->written);
	set(o, "dropped", stats->dropped);
	set(o, "expired", stats->expired);
	json_object_set_new(o, "failing", json_boolean(stats->failing));
	return o;
}

json_t *json_nodes(const struct ingest *in, const struct store_stats *stats,
		   const struct node_time *now)
{
	json_t *o = json_object(), *list = json_array();
	size_t i;

	for (i = 0; i < in->nodes->count; i++)
		json_array_append_new(list,
				      json_summary(in->nodes->list[i], now));
	set(o, "now_ns", now->real_ns);
	json_object_set_new(o, "version", json_string(KTACH_VERSION));
	json_object_set_new(o, "nodes", list);
	set(o, "frames", in->frames);
	set(o, "bytes", in->bytes);
	json_object_set_new(o, "dropped", dropped(in));
	json_object_set_new(o, "store", store(stats));
	return o;
}

static json_t *loss(const struct node *node)
{
	json_t *o = json_object();

	set(o, "received", node->received);
	set(o, "lost", node_lost(node));
	set(o, "duplicate", node->duplicates);
	set(o, "late", node->late);
	set(o, "straggler", node->stragglers);
	set(o, "send_failed", node->send_failed);
	return o;
}

json_t *json_node(const struct node *node, const struct node_time *now)
{
	json_t *o = json_summary(node, now);

	set(o, "now_ns", now->real_ns);
	set(o, "session_ns", node->session);
	set(o, "sessions", node->sessions);
	set(o, "sequence", node->sequence.newest & INT64_MAX);
	json_object_set_new(o, "loss", loss(node));
	json_object_set_new(o, "cpu", json_cpu(&node->cpu));
	json_object_set_new(o, "softirq", json_softirq(&node->softirq));
	json_object_set_new(o, "net", json_net(&node->net));
	return o;
}
