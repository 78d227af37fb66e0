/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What systemd is asked to do with agents because somebody wants it. */
#ifndef KTACH_AGENTD_AGENTS_ERRAND_H
#define KTACH_AGENTD_AGENTS_ERRAND_H

#include "agentd/agents/model.h"

/**
 * struct errand_verb - what can be asked for
 * @name: "start" ...
 * @method: of systemd's manager
 */
struct errand_verb {
	const char *name;
	const char *method;
};

/* NULL: there is none of this name. */
const struct errand_verb *errand_verb(const char *name);

/**
 * errand_run() - have it done
 * @l: all agents
 * @verb: what
 * @name: the agent; NULL: all, but for starts and restarts those that are enabled
 * @done: called once all is done, or has failed, as @problems say ("" if not); may
 *        be called before this returns
 * @owner: handed to it
 *
 * Return: 0, or -ENOMEM: then nothing is done, and @done not called.
 */
int errand_run(struct agents *l, const struct errand_verb *verb,
	       const char *name,
	       void (*done)(void *owner, const char *problems), void *owner);

#endif /* KTACH_AGENTD_AGENTS_ERRAND_H */
