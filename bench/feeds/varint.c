// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the columns would take as zigzagged varints: of the first sample less
 * the row above, of the others less the sample before.
 */
#include "bench/feeds/varint.h"
#include "lib/wire/pen.h"
#include "lib/wire/wire_format.h"

static void put_table(struct pen *pen, const struct host_sample *samples,
		      uint32_t count, uint32_t table)
{
	const struct wire_table *t = &samples->tables[table];
	uint32_t i, row, column;

	for (column = 0; column < t->columns; column++) {
		for (row = 0; row < t->rows; row++) {
			size_t at = row * t->columns + column;
			uint64_t last = row ? t->cells[at - t->columns] : 0;

			for (i = 0; i < (column ? count : 1); i++) {
				uint64_t now =
					samples[i].tables[table].cells[at];

				pen_varint(pen, zigzag(now - last));
				last = now;
			}
		}
	}
}

size_t varint_size_of(const struct host_sample *samples, uint32_t count)
{
	static uint8_t room[1 << 20];
	struct pen pen = { room, sizeof(room) };
	uint32_t table;

	for (table = 0; table < HOST_TABLES; table++)
		put_table(&pen, samples, count, table);
	return pen.used;
}
