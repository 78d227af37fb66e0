// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/feed/drop.h"
#include "lib/base/log.h"

const char *drop_name(unsigned int reason)
{
	switch (reason) {
	case DROP_VALUE:
		return "value";
	case DROP_DUPLICATE:
		return "duplicate";
	case DROP_LATE:
		return "late";
	case DROP_STRAGGLER:
		return "straggler";
	case DROP_CLONE:
		return "clone";
	case DROP_REVOKED:
		return "revoked";
	case DROP_FULL:
		return "full";
	case DROP_BUDGET:
		return "budget";
	case DROP_LEFT:
		return "left";
	case DROP_SOCKET:
		return "socket";
	default:
		return wire_error_name((enum wire_error)reason);
	}
}

enum node_drop drop_of_node(unsigned int reason)
{
	switch (reason) {
	case DROP_DUPLICATE:
		return NODE_DROP_DUPLICATE;
	case DROP_LATE:
		return NODE_DROP_LATE;
	case DROP_STRAGGLER:
		return NODE_DROP_STRAGGLER;
	case DROP_CLONE:
		return NODE_DROP_CLONE;
	case DROP_BUDGET:
		return NODE_DROP_BUDGET;
	case WIRE_E_TABLE:
		return NODE_DROP_TABLE;
	case DROP_VALUE:
		return NODE_DROP_VALUE;
	case DROP_FULL:
		return NODE_DROP_FULL;
	case DROP_LEFT:
		return NODE_DROP_LEFT;
	default:
		return NODE_DROPS;
	}
}

bool drop_is_told(unsigned int reason)
{
	return reason <= DROP_VALUE || reason == DROP_FULL ||
	       reason == DROP_BUDGET || reason == DROP_REVOKED;
}

const char *drop_hint(unsigned int reason)
{
	static const char *const hints[DROP_REASONS] = {
		[WIRE_E_SEALED] = "it is sealed, and there are no --keys",
		[WIRE_E_UNSEALED] = "it is not sealed: give the node a --key",
		[WIRE_E_KEY] =
			"no key of the node has that id: 'ktach-collector key --node' makes one",
		[WIRE_E_FORGED] = "it was forged or damaged",
		[DROP_REVOKED] =
			"its key is revoked: 'ktach-collector key --restore' lets the node in again",
	};

	return hints[reason];
}

void drop_tell(unsigned int reason, const char *from)
{
	log_warn(
		"frame from %s dropped (%s); /api/v1/nodes counts them, the next line comes in a minute at the earliest",
		from, drop_name(reason));
}
