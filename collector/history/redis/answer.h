/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an answer has to be: whoever uses one looks at no type any more. */
#ifndef KTACH_COLLECTOR_HISTORY_REDIS_ANSWER_H
#define KTACH_COLLECTOR_HISTORY_REDIS_ANSWER_H

#include "collector/history/redis/handle.h"

/* Whether it is one that such a command has, and all within it. No command that is not in
 * the table may be asked: it gets no answer that fits.
 */
bool answer_fits(const struct call *c);

#endif /* KTACH_COLLECTOR_HISTORY_REDIS_ANSWER_H */
