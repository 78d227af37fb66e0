// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "collector/history/frames/frame.h"

const struct kept_frame *frame_next(const uint8_t **at, const uint8_t *end)
{
	const struct kept_frame *f = (const struct kept_frame *)*at;
	size_t left = (size_t)(end - *at);

	if (left < sizeof(*f) || f->size > left - sizeof(*f))
		return NULL;
	*at += sizeof(*f) + f->size;
	return f;
}

void frame_wire(const struct kept_frame *f, struct wire_frame *frame)
{
	memset(frame, 0, sizeof(*frame));
	memcpy(frame->sender.node, f->node, WIRE_ID_SIZE);
	frame->kind = WIRE_SAMPLES;
	frame->time = f->time;
	frame->at = (const uint8_t *)(f + 1);
	frame->end = frame->at + f->size;
}
