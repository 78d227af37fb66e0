/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tables of fields are made with. */
#ifndef KTACH_KTACH_FIELDS_H
#define KTACH_KTACH_FIELDS_H

#include "ktach/subject.h"

enum fields_widths {
	WIDE = 100,		/* columns of paper that have room for more */
	WIDER = 140,
};

/* Not on paper. */
#define CELL(name, column) \
	{                                                     \
		name, NULL, 0, UNIT_PLAIN, field_cell, column \
	}
#define RATE(name, column) \
	{                                                     \
		name, NULL, 0, UNIT_COUNT, field_rate, column \
	}

#endif /* KTACH_KTACH_FIELDS_H */
