// SPDX-License-Identifier: GPL-2.0-or-later
#include "ktach/fields.h"
#include "lib/clock.h"

#define S_NS 1000000000

static void state(const struct change *c, int index, struct value *v)
{
	const uint64_t letter = c->now[WIRE_PROCESS_STATE];
	const char text[2] = { (char)letter };

	if (letter > ' ' && letter <= '~')
		value_text(v, text);
}

static void age_s(const struct change *c, int index, struct value *v)
{
	uint64_t now_ns = clock_ns(CLOCK_BOOTTIME);
	uint64_t start_ns = c->now[WIRE_PROCESS_START_NS];

	if (start_ns <= now_ns)
		value_number(v, (int64_t)((now_ns - start_ns) / S_NS));
}

/* Its command line where that was read, else its name. */
static void command(const struct change *c, int index, struct value *v)
{
	field_text(c, WIRE_PROCESS_COMMAND, v);
	if (!v->type)
		field_text(c, WIRE_PROCESS_NAME, v);
}

const struct field process_fields[] = {
	{ "pid", "pid", 7, UNIT_PLAIN, field_cell, WIRE_PROCESS_KEY },
	{ "user", "user", 10, UNIT_TEXT, field_text, WIRE_PROCESS_USER },
	{ "state", "s", 1, UNIT_TEXT, state },
	{ "cpu_share", "cpu %", 6, UNIT_SHARE, field_share,
	  WIRE_PROCESS_CPU_SHARE },
	{ "rss_bytes", "memory", 9, UNIT_BYTES, field_cell,
	  WIRE_PROCESS_RSS_BYTES },
	{ "threads", "threads", 7, UNIT_PLAIN, field_cell,
	  WIRE_PROCESS_THREADS },
	{ "age_s", "age", 12, UNIT_S, age_s },
	{ "cgroup", "cgroup", 32, UNIT_TEXT, field_text, WIRE_PROCESS_CGROUP,
	  WIDER },
	{ "name", NULL, 0, UNIT_TEXT, field_text, WIRE_PROCESS_NAME },
	{ "command", "command", 0, UNIT_TEXT, command },
	CELL("parent", WIRE_PROCESS_PARENT),
	CELL("cpu_ns", WIRE_PROCESS_CPU_NS),
	CELL("start_ns", WIRE_PROCESS_START_NS),
	{ 0 },
};
