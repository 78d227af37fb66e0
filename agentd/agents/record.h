/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is kept of an agent over restarts of ktach-agentd and of the host. */
#ifndef KTACH_AGENTD_AGENTS_RECORD_H
#define KTACH_AGENTD_AGENTS_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "agentd/agent/definition.h"
#include "agentd/bus/unit_watch.h"

enum record_sizes {
	RECORD_TEXT_SIZE = 160,
	BOOT_ID_SIZE = 64,
};

/**
 * struct record - an agent's
 * @name: the agent
 * @version: that its file had when it was started last
 * @starts: of its program, in all
 * @restarts: of these, that were not the first one after a boot
 * @health_restarts: of these, because its health failed
 * @started_us: us since 1970, as the others
 * @exit_us: when it ended last; 0: it has not
 * @exit: how it ended: "exited with 1", ...
 * @reason: why: "exit-code", "asked", "health check failed: ...", ...
 * @beat_us: its last heartbeat
 * @failed: it was given up, as @failure says
 * @failure: why
 * @boot: the boot that these are of:
 * @invocation: its last start
 * @n_restarts: what systemd counted by then
 */
struct record {
	char name[AGENT_NAME_SIZE];
	char version[64];
	uint64_t starts;
	uint64_t restarts;
	uint64_t health_restarts;
	uint64_t started_us;
	uint64_t exit_us;
	char exit[RECORD_TEXT_SIZE];
	char reason[RECORD_TEXT_SIZE];
	uint64_t beat_us;
	bool failed;
	char failure[RECORD_TEXT_SIZE];
	char boot[BOOT_ID_SIZE];
	uint8_t invocation[INVOCATION_SIZE];
	uint32_t n_restarts;
};

#endif /* KTACH_AGENTD_AGENTS_RECORD_H */
