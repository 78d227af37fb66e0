// SPDX-License-Identifier: GPL-2.0-or-later
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
};

enum {
	REFUSAL_TEXTS = sizeof(refusals) / sizeof(refusals[0]),
};

const char *refused_text(uint8_t why)
{
	return why < REFUSAL_TEXTS && refusals[why] ? refusals[why] :
						      refusals[0];
}
