// SPDX-License-Identifier: GPL-2.0-or-later
/* What is shown of rows on paper, and in what order. JSON and CSV have all that the
 * book says.
 */
#include <stdio.h>

#include "ktach/show/subject.h"
#include "lib/base/clock.h"

#define S_NS 1000000000

enum fields_widths {
	WIDE = 100, /* columns of paper that have room for more */
	WIDER = 140,
};

const struct field disk_fields[] = {
	{ "disk", 0, "name" },
	{ "read/s", 7, "reads_per_s" },
	{ "rd B/s", 7, "read_bytes_per_s" },
	{ "rd ms", 7, "read_await_ns" },
	{ "write/s", 8, "writes_per_s" },
	{ "wr B/s", 7, "written_bytes_per_s" },
	{ "wr ms", 7, "write_await_ns" },
	{ "queue", 6, "queue" },
	{ "busy %", 6, "busy", .warn = 0.9 },
	{ "size", 8, "size_bytes", .from = WIDE },
	{ "rmerge/s", 8, "reads_merged_per_s", .from = WIDER },
	{ "wmerge/s", 8, "writes_merged_per_s", .from = WIDER },
	{ "disc/s", 7, "discards_per_s", .from = WIDER },
	{ "flush/s", 7, "flushes_per_s", .from = WIDER },
	{ 0 },
};

static void mount_state(const struct change *c, struct value *v)
{
	uint64_t flags = c->now[WIRE_MOUNT_FLAGS];

	if (flags != WIRE_ABSENT)
		value_text(v, flags & WIRE_MOUNT_HUNG	   ? "hung" :
			      flags & WIRE_MOUNT_FAILED	   ? "error" :
			      flags & WIRE_MOUNT_READ_ONLY ? "ro" :
							     "rw");
}

const struct field mount_fields[] = {
	{ "mounted on", 0, "point" },
	{ "device", 24, "device", .from = WIDE },
	{ "type", 8, "type" },
	{ "state", 5, NULL, UNIT_TEXT, .make = mount_state },
	{ "size", 9, "size_bytes" },
	{ "used", 9, "used_bytes" },
	{ "avail", 9, "available_bytes" },
	{ "used %", 6, "used", .warn = 0.9 },
	{ "inode %", 7, "inodes_used", .warn = 0.9 },
	{ 0 },
};

static void link_state(const struct change *c, struct value *v)
{
	uint64_t flags = c->now[WIRE_LINK_FLAGS];

	if (flags != WIRE_ABSENT)
		value_text(v, !(flags & WIRE_LINK_UP)	   ? "down" :
			      !(flags & WIRE_LINK_CARRIER) ? "no link" :
							     "up");
}

/* Both ways together, of two columns that stand as far apart as bytes do. */
static void both(const struct change *c, int column, struct value *v)
{
	const int apart = WIRE_LINK_TX_BYTES - WIRE_LINK_RX_BYTES;
	uint64_t rx = c->now[column], tx = c->now[column + apart];

	if (rx != WIRE_ABSENT && tx != WIRE_ABSENT)
		value_number(v, (int64_t)(rx + tx));
}

static void errors(const struct change *c, struct value *v)
{
	both(c, WIRE_LINK_RX_ERRORS, v);
}

static void dropped(const struct change *c, struct value *v)
{
	both(c, WIRE_LINK_RX_DROPPED, v);
}

const struct field link_fields[] = {
	{ "interface", 12, "name" },
	{ "state", 7, NULL, UNIT_TEXT, .make = link_state },
	{ "bit/s", 5, "speed_bits_per_s" },
	{ "mtu", 5, "mtu_bytes", UNIT_PLAIN, WIDE },
	{ "rx B/s", 6, "rx_bytes_per_s" },
	{ "pkt/s", 6, "rx_packets_per_s", .from = WIDER },
	{ "tx B/s", 6, "tx_bytes_per_s" },
	{ "pkt/s", 6, "tx_packets_per_s", .from = WIDER },
	{ "errors", 6, NULL, UNIT_COUNT, 0, 1, errors },
	{ "drops", 5, NULL, UNIT_COUNT, 0, 1, dropped },
	{ "q drops", 7, "qdisc_drops", .from = WIDE },
	{ "queued", 6, "qdisc_backlog_bytes", UNIT_BYTES_SHORT, WIDE },
	{ "flaps", 5, "carrier_changes", .from = WIDE },
	{ "mac", 17, "mac", .from = WIDER },
	{ "driver", 10, "driver", .from = WIDER },
	{ "addresses", 0, "addresses" },
	{ 0 },
};

/* "45.0 C"; of energy, the power. */
static void reading(const struct change *c, const char *name, struct value *v)
{
	const uint64_t type = c->now[WIRE_SENSOR_TYPE];
	const char *sign =
		type == WIRE_SENSOR_MICRO_JOULE ? "W" : book_sensor(type)->sign;
	char text[FIELD_SIZE];

	row_member(c, WIRE_SENSOR, name, v);
	if (!v->type)
		return;
	snprintf(text, sizeof(text), "%.*f %s",
		 type == WIRE_SENSOR_RPM	? 0 :
		 type == WIRE_SENSOR_MILLI_VOLT ? 3 :
						  1,
		 v->real, sign);
	value_text(v, text);
}

static bool is_energy(const struct change *c)
{
	return c->now[WIRE_SENSOR_TYPE] == WIRE_SENSOR_MICRO_JOULE;
}

static void reading_now(const struct change *c, struct value *v)
{
	reading(c, is_energy(c) ? "watts" : "value", v);
}

static void reading_max(const struct change *c, struct value *v)
{
	if (!is_energy(c))
		reading(c, "max", v);
}

static void reading_critical(const struct change *c, struct value *v)
{
	if (!is_energy(c))
		reading(c, "critical", v);
}

const struct field sensor_fields[] = {
	{ "chip", 20, "chip" },
	{ "sensor", 0, "label" },
	{ "now", -12, NULL, UNIT_TEXT, .make = reading_now },
	{ "max", -11, NULL, UNIT_TEXT, .make = reading_max },
	{ "critical", -11, NULL, UNIT_TEXT, .make = reading_critical },
	{ 0 },
};

static void age(const struct change *c, struct value *v)
{
	uint64_t now_ns = clock_ns(CLOCK_BOOTTIME);
	uint64_t start_ns = c->now[WIRE_PROCESS_START_NS];

	if (start_ns <= now_ns)
		value_number(v, (int64_t)((now_ns - start_ns) / S_NS));
}

/* Its command line where that was read, else its name. */
static void command(const struct change *c, struct value *v)
{
	row_member(c, WIRE_PROCESS, "command", v);
	if (!v->type)
		row_member(c, WIRE_PROCESS, "name", v);
}

const struct field process_fields[] = {
	{ "pid", 7, "pid", UNIT_PLAIN },
	{ "user", 10, "user" },
	{ "s", 1, "state" },
	{ "cpu %", 6, "cpu_share" },
	{ "memory", 9, "rss_bytes" },
	{ "threads", 7, "threads", UNIT_PLAIN },
	{ "age", 12, NULL, UNIT_S, .make = age },
	{ "cgroup", 32, "cgroup", .from = WIDER },
	{ "command", 0, NULL, UNIT_TEXT, .make = command },
	{ 0 },
};

const struct field core_fields[] = {
	{ "CPU", 5, "cpu", UNIT_PLAIN },
	{ "MHz", 7, "hz" },
	{ "packets/s", 11, "packets_per_s" },
	{ "dropped/s", 10, "dropped_per_s" },
	{ "squeezed/s", 11, "squeezed_per_s" },
	{ "dropped", 10, "dropped", .warn = 1 },
	{ "squeezed", 10, "squeezed" },
	{ 0 },
};

const struct field irq_fields[] = {
	{ "irq", -5, "symbol" },
	{ "/s", 9, "count_per_s" },
	{ "since boot", 12, "count" },
	{ "interrupt", 0, "name" },
	{ 0 },
};

const struct field agent_fields[] = {
	{ "agent", 0, "name" },
	{ "up", 4, "up" },
	{ "cpu %", 7, "cpu_share" },
	{ "memory", 9, "memory_bytes" },
	{ "rd B/s", 8, "read_bytes_per_s" },
	{ "wr B/s", 8, "written_bytes_per_s" },
	{ "procs", 6, "processes" },
	{ "threads", 8, "threads" },
	{ "files", 6, "descriptors" },
	{ "oom", 5, "oom_kills", .warn = 1 },
	{ "restarts", 9, "restarts" },
	{ 0 },
};

const struct field cgroup_fields[] = {
	{ "cpu %", 7, "cpu_share" },
	{ "throttled", 9, "throttled_share" },
	{ "memory", 9, "memory_bytes" },
	{ "work set", 9, "working_set_bytes" },
	{ "limit %", 7, "memory_used", .warn = 0.9 },
	{ "rd B/s", 8, "read_bytes_per_s" },
	{ "wr B/s", 8, "written_bytes_per_s" },
	{ "tasks", 6, "tasks" },
	{ "cpu wait", 8, "cpu_waited" },
	{ "io wait", 8, "io_waited" },
	{ "oom", 5, "oom_kills", .warn = 1 },
	{ "kind", 9, "kind" },
	{ "group", 0, "name" },
	{ 0 },
};

/* Fields of a latency are told in microseconds: those of a CPU are a few. */
const struct field latency_fields[] = {
	{ "waits/s", 8, "waits_per_s" },
	{ "mean us", 9, "mean_ns", UNIT_US },
	{ "50 % us", 9, "p50_ns", UNIT_US },
	{ "90 % us", 9, "p90_ns", UNIT_US },
	{ "99 % us", 9, "p99_ns", UNIT_US },
	{ "max us", 9, "max_ns", UNIT_US },
	{ "missed", 7, "missed_per_s", .from = WIDE },
	{ "wait", 9, "wait" },
	{ "where", 0, "name" },
	{ 0 },
};

const struct field own_fields[] = {
	{ "value", 16, "value", UNIT_PLAIN },
	{ "/s", 10, "per_s" },
	{ "series", 32, "name" },
	{ "labels", 0, "labels" },
	{ 0 },
};
