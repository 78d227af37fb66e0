// SPDX-License-Identifier: GPL-2.0-or-later
#include "ktach/fields.h"

static void flag(const struct change *c, int flag, struct value *v)
{
	uint64_t flags = c->now[WIRE_MOUNT_FLAGS];

	if (flags != WIRE_ABSENT)
		value_truth(v, flags & (uint64_t)flag);
}

static void state(const struct change *c, int index, struct value *v)
{
	uint64_t flags = c->now[WIRE_MOUNT_FLAGS];

	if (flags != WIRE_ABSENT)
		value_text(v, flags & WIRE_MOUNT_HUNG	   ? "hung" :
			      flags & WIRE_MOUNT_FAILED	   ? "error" :
			      flags & WIRE_MOUNT_READ_ONLY ? "ro" :
							     "rw");
}

/* @part of @part and @rest. */
static void share(uint64_t part, uint64_t rest, struct value *v)
{
	if (part != WIRE_ABSENT && rest != WIRE_ABSENT && part + rest)
		value_real(v, (double)part / (double)(part + rest));
}

/* As in df(1): of what ordinary users could have. */
static void used_share(const struct change *c, int index, struct value *v)
{
	share(c->now[WIRE_MOUNT_USED_BYTES], c->now[WIRE_MOUNT_AVAILABLE_BYTES],
	      v);
}

static void inodes_used_share(const struct change *c, int index,
			      struct value *v)
{
	uint64_t inodes = c->now[WIRE_MOUNT_INODES];
	uint64_t free = c->now[WIRE_MOUNT_INODES_FREE];

	if (inodes != WIRE_ABSENT && free != WIRE_ABSENT && inodes >= free)
		share(inodes - free, free, v);
}

bool mount_waits(const struct reading *r)
{
	const struct rows *rows = &r->table[WIRE_MOUNT].rows;
	const uint64_t *row = rows->cells;
	uint32_t i;

	for (i = 0; i < rows->count; i++, row += WIRE_MOUNT_COLUMNS)
		if (row[WIRE_MOUNT_SIZE_BYTES] == WIRE_ABSENT &&
		    !(row[WIRE_MOUNT_FLAGS] &
		      (WIRE_MOUNT_HUNG | WIRE_MOUNT_FAILED)))
			return true;
	return false;
}

const struct field mount_fields[] = {
	{ "point", "mounted on", 0, UNIT_TEXT, field_text, WIRE_MOUNT_POINT },
	{ "device", "device", 24, UNIT_TEXT, field_text, WIRE_MOUNT_DEVICE,
	  WIDE },
	{ "type", "type", 8, UNIT_TEXT, field_text, WIRE_MOUNT_TYPE },
	{ "state", "state", 5, UNIT_TEXT, state },
	{ "size_bytes", "size", 9, UNIT_BYTES, field_cell,
	  WIRE_MOUNT_SIZE_BYTES },
	{ "used_bytes", "used", 9, UNIT_BYTES, field_cell,
	  WIRE_MOUNT_USED_BYTES },
	{ "available_bytes", "avail", 9, UNIT_BYTES, field_cell,
	  WIRE_MOUNT_AVAILABLE_BYTES },
	{ "used_share", "used %", 6, UNIT_SHARE, used_share, 0, 0, 0.9 },
	{ "inodes_used_share", "inode %", 7, UNIT_SHARE, inodes_used_share, 0,
	  0, 0.9 },
	CELL("inodes", WIRE_MOUNT_INODES),
	CELL("inodes_free", WIRE_MOUNT_INODES_FREE),
	{ "read_only", NULL, 0, UNIT_TRUTH, flag, WIRE_MOUNT_READ_ONLY },
	{ "hung", NULL, 0, UNIT_TRUTH, flag, WIRE_MOUNT_HUNG },
	{ "failed", NULL, 0, UNIT_TRUTH, flag, WIRE_MOUNT_FAILED },
	{ "stacked", NULL, 0, UNIT_TRUTH, flag, WIRE_MOUNT_SHARED },
	{ 0 },
};
