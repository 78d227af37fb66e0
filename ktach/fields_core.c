// SPDX-License-Identifier: GPL-2.0-or-later
/* CPUs beside their times, and interrupts. */
#include "ktach/fields.h"
#include "lib/irq_symbol.h"

/* Those with a name only have none. */
static void irq_number(const struct change *c, int index, struct value *v)
{
	if (c->now[WIRE_IRQ_KEY] < IRQ_NAMED)
		value_number(v, (int64_t)c->now[WIRE_IRQ_KEY]);
}

static void symbol(const struct change *c, int index, struct value *v)
{
	char text[IRQ_SYMBOL_SIZE];

	value_text(v, irq_symbol(c->now[WIRE_IRQ_KEY], text));
}

const struct field core_fields[] = {
	{ "cpu", "CPU", 5, UNIT_PLAIN, field_cell, WIRE_CORE_KEY },
	{ "hz", "MHz", 7, UNIT_HZ, field_cell, WIRE_CORE_HZ },
	{ "packets_per_s", "packets/s", 11, UNIT_COUNT, field_rate,
	  WIRE_CORE_PACKETS },
	{ "dropped_per_s", "dropped/s", 10, UNIT_COUNT, field_rate,
	  WIRE_CORE_DROPPED },
	{ "squeezed_per_s", "squeezed/s", 11, UNIT_COUNT, field_rate,
	  WIRE_CORE_SQUEEZED },
	CELL("packets", WIRE_CORE_PACKETS),
	{ "dropped", "dropped", 10, UNIT_COUNT, field_cell, WIRE_CORE_DROPPED,
	  0, 1 },
	{ "squeezed", "squeezed", 10, UNIT_COUNT, field_cell,
	  WIRE_CORE_SQUEEZED },
	{ 0 },
};

const struct field irq_fields[] = {
	{ "irq", NULL, 0, UNIT_PLAIN, irq_number },
	{ "symbol", "irq", -5, UNIT_TEXT, symbol },
	{ "per_s", "/s", 9, UNIT_COUNT, field_rate, WIRE_IRQ_COUNT },
	{ "count", "since boot", 12, UNIT_COUNT, field_cell, WIRE_IRQ_COUNT },
	{ "name", "interrupt", 0, UNIT_TEXT, field_text, WIRE_IRQ_NAME },
	{ 0 },
};
