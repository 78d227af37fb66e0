// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include <ktach/wire.h>

#include "shipper/send/refused.h"

/* Why, and what to do, by enum wire_refusal. */
static const char *const refusals[] = {
	"it refuses frames",
	[WIRE_REFUSAL_UNSEALED] =
		"it takes sealed frames only: give this node a key with --key",
	[WIRE_REFUSAL_FULL] = "it has no room for another node: see its log",
	[WIRE_REFUSAL_CLONE] =
		"it takes another host's frames as this node's: two hosts have one id; remove the file node-id from --state on one, and start it again",
	[WIRE_REFUSAL_VALUE] =
		"it found an impossible number in a frame: is this host's clock right?",
	[WIRE_REFUSAL_MOVED] = "this node is another collector's",
};

enum {
	REFUSAL_TEXTS = sizeof(refusals) / sizeof(refusals[0]),
};

const char *refused_read(const struct wire_frame *f, char *moved_to,
			 size_t room)
{
	uint8_t why = f->at < f->end ? *f->at : 0;
	size_t size = why ? (size_t)(f->end - f->at) - 1 : 0;

	if (why == WIRE_REFUSAL_MOVED && size < room) {
		memcpy(moved_to, f->at + 1, size);
		moved_to[size] = '\0';
	}
	return why < REFUSAL_TEXTS && refusals[why] ? refusals[why] :
						      refusals[0];
}
