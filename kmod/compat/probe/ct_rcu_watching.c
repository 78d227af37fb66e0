// SPDX-License-Identifier: GPL-2.0-only
#include <linux/context_tracking_state.h>

int probe(void);

int probe(void)
{
	return CT_RCU_WATCHING;
}
