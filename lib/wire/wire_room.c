// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "lib/wire/pages.h"
#include "lib/wire/wire.h"

int wire_room_open(struct wire_room *r)
{
	*r = (struct wire_room){ .cells_max = WIRE_CELLS_MAX,
				 .text_max = WIRE_FRAME_MAX };
	r->cells = malloc(WIRE_CELLS_MAX * sizeof(*r->cells));
	r->text = malloc(WIRE_FRAME_MAX * sizeof(*r->text));
	r->stamps = malloc(WIRE_SAMPLES_MAX * sizeof(*r->stamps));
	if (r->cells && r->text && r->stamps)
		return 0;
	wire_room_close(r);
	return -ENOMEM;
}

void wire_room_close(struct wire_room *r)
{
	free(r->cells);
	free(r->text);
	free(r->stamps);
	*r = (struct wire_room){ 0 };
}

void wire_room_empty(struct wire_room *r)
{
	pages_give_back(r->cells, r->cells_max * sizeof(*r->cells));
	pages_give_back(r->text, r->text_max * sizeof(*r->text));
}
