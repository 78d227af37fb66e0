// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>

#include "lib/wire_schema.h"

enum {
	K = WIRE_KEY,
	C = WIRE_COUNTER,
	G = WIRE_GAUGE,
	S = WIRE_STATE
};

#define TEN(t) t, t, t, t, t, t, t, t, t, t
/* enum wire_net_more: averages and buckets, then classes. */
#define MORE TEN(G), C, TEN(C), C, C, C, C, C, C, C, C

static const struct wire_schema schemas[WIRE_KINDS] = {
	[WIRE_NODE] = { "node",
			2,
			WIRE_NODE_REQUIRED,
			WIRE_NODE_COLUMNS,
			WIRE_NODE_TEXTS,
			{ K, G, C, G, C, G, G, G, G, C, C, C, C, C, C, S } },
	[WIRE_CPU] = { "cpu",
		       1,
		       WIRE_CPU_REQUIRED,
		       WIRE_CPU_COLUMNS,
		       0,
		       { K, S, TEN(C), C, C } },
	[WIRE_SOFTIRQ] = { "softirq",
			   1,
			   WIRE_SOFTIRQ_REQUIRED,
			   WIRE_SOFTIRQ_COLUMNS,
			   0,
			   { K, S, TEN(C), TEN(C), TEN(G), TEN(S) } },
	[WIRE_NET] = { "net",
		       1,
		       WIRE_NET_REQUIRED,
		       WIRE_NET_COLUMNS,
		       WIRE_NET_TEXTS,
		       { K, C, C, G, G, C, C, G, G, MORE, MORE } },
	[WIRE_GAUGES] = { "gauges",
			  1,
			  WIRE_VALUE_COLUMNS,
			  WIRE_VALUE_COLUMNS,
			  0,
			  { K, G } },
	[WIRE_COUNTERS] = { "counters",
			    1,
			    WIRE_VALUE_COLUMNS,
			    WIRE_VALUE_COLUMNS,
			    0,
			    { K, C } },
	[WIRE_FACTS] = { "facts",
			 1,
			 WIRE_FACT_COLUMNS,
			 WIRE_FACT_COLUMNS,
			 WIRE_FACT_TEXTS,
			 { K } },
	[WIRE_DISK] = { "disk",
			2,
			WIRE_DISK_REQUIRED,
			WIRE_DISK_COLUMNS,
			WIRE_DISK_TEXTS,
			{ K, C, C, C, C, C, C, C, C, G, C, C, C, C, C, C, C, G,
			  S } },
	[WIRE_MOUNT] = { "mount",
			 1,
			 WIRE_MOUNT_COLUMNS,
			 WIRE_MOUNT_COLUMNS,
			 WIRE_MOUNT_TEXTS,
			 { K, S, G, G, G, G, G } },
	[WIRE_LINK] = { "link",
			2,
			WIRE_LINK_REQUIRED,
			WIRE_LINK_COLUMNS,
			WIRE_LINK_TEXTS,
			{ K, S, G, G, TEN(C), C, C, G, G } },
	[WIRE_SENSOR] = { "sensor",
			  1,
			  WIRE_SENSOR_COLUMNS,
			  WIRE_SENSOR_COLUMNS,
			  WIRE_SENSOR_TEXTS,
			  { K, S, G, G, G } },
	[WIRE_PROCESS] = { "process",
			   1,
			   WIRE_PROCESS_COLUMNS,
			   WIRE_PROCESS_COLUMNS,
			   WIRE_PROCESS_TEXTS,
			   { K, S, C, G, G, G, S, S } },
	[WIRE_CORE] = { "core",
			1,
			WIRE_CORE_COLUMNS,
			WIRE_CORE_COLUMNS,
			0,
			{ K, G, C, C, C } },
	[WIRE_IRQ] = { "irq",
		       1,
		       WIRE_IRQ_COLUMNS,
		       WIRE_IRQ_COLUMNS,
		       WIRE_IRQ_TEXTS,
		       { K, C } },
};

_Static_assert(WIRE_NET_MORE == 11 + 18, "columns of MORE");
_Static_assert((int)WIRE_NET_COLUMNS <= (int)WIRE_COLUMNS_MAX,
	       "columns of a table");
_Static_assert(WIRE_NODE_COLUMNS == 16 && WIRE_DISK_COLUMNS == 19 &&
		       WIRE_LINK_COLUMNS == 18,
	       "types above");

const struct wire_schema *wire_schema(uint64_t kind)
{
	return kind < WIRE_KINDS && schemas[kind].name ? &schemas[kind] : NULL;
}
