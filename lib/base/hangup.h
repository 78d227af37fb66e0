/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIGHUP has a service read its configuration again. */
#ifndef KTACH_LIB_BASE_HANGUP_H
#define KTACH_LIB_BASE_HANGUP_H

#include <signal.h>

/* The first thing that main() does: a SIGHUP that comes while the service starts waits
 * until the service hears signals, rather than ending it.
 */
static inline void hangup_hold(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

#endif /* KTACH_LIB_BASE_HANGUP_H */
