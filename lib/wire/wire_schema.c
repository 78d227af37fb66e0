// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>

#include "lib/wire/wire_schema.h"

static const struct wire_schema schemas[WIRE_KINDS] = {
/* clang-format off */
#define TABLE(T, number, table, version, ...)        \
	[WIRE_##T] = {                               \
		.name = #table,                      \
		.schema = version,                   \
		.required = WIRE_##T##_REQUIRED,     \
		.columns = WIRE_##T##_COLUMNS,       \
		.texts = WIRE_##T##_TEXTS,           \
		.types = {
#define COLUMN(T, C, name, TYPE, ...) [WIRE_##T##_##C] = WIRE_##TYPE,
#define TABLE_END(T) } },
#include "tables/tables.def"
	/* clang-format on */
};

_Static_assert((int)WIRE_NET_COLUMNS <= (int)WIRE_COLUMNS_MAX,
	       "columns of a table");

const struct wire_schema *wire_schema(uint64_t kind)
{
	return kind < WIRE_KINDS && schemas[kind].name ? &schemas[kind] : NULL;
}
