// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>

#include "lib/globs.h"
#include "shipper/interface_choice.h"

bool interface_chosen(const struct interface_choice *c, const char *name,
		      bool loopback)
{
	if (loopback && !c->with_lo)
		return false;
	if (c->include && !globs_match(c->include, name, 0))
		return false;
	return !c->exclude || !globs_match(c->exclude, name, 0);
}
