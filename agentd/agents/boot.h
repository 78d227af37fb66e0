/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_AGENTD_AGENTS_BOOT_H
#define KTACH_AGENTD_AGENTS_BOOT_H

#include "agentd/agents/record.h"

/* What tells this boot from any other one, of this host or container. */
void boot_id_read(char id[BOOT_ID_SIZE]);

#endif /* KTACH_AGENTD_AGENTS_BOOT_H */
