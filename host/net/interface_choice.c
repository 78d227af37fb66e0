// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/globs.h"
#include "host/net/interface_choice.h"

bool interface_chosen(const struct interface_choice *c, const char *name,
		      bool loopback)
{
	return (c->with_lo || !loopback) &&
	       globs_choose(c->include, c->exclude, name);
}
