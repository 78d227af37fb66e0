/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this version knows of each kind of table (tables/tables.def). */
#ifndef KTACH_LIB_WIRE_WIRE_SCHEMA_H
#define KTACH_LIB_WIRE_WIRE_SCHEMA_H

#include <stdint.h>

#include <ktach/wire.h>

/**
 * struct wire_schema - a kind of table
 * @name: lower case
 * @schema: its version
 * @required: columns that each table has
 * @columns: columns that are known
 * @texts: texts that are known; all of them are required
 * @types: enum wire_type of each known column
 */
struct wire_schema {
	const char *name;
	uint32_t schema;
	uint32_t required;
	uint32_t columns;
	uint32_t texts;
	uint8_t types[WIRE_COLUMNS_MAX];
};

/* NULL if the kind is not known. */
const struct wire_schema *wire_schema(uint64_t kind);

#endif /* KTACH_LIB_WIRE_WIRE_SCHEMA_H */
