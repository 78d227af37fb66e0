/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a node has said of its agents, or why it has not, as an answer of the API. */
#ifndef KTACH_COLLECTOR_API_AGENTS_ANSWER_H
#define KTACH_COLLECTOR_API_AGENTS_ANSWER_H

#include "collector/agents/relay.h"
#include "collector/api/agents_about.h"
#include "collector/api/reply.h"

enum {
	AGENTS_RESULT_SIZE = 256,
};

/* @r: is over; its answer is cut into lines. @result: how it ended, for the record. */
void agents_answer(const struct agents_about *about, struct relay_request *r,
		   struct reply *reply, char result[AGENTS_RESULT_SIZE]);

#endif /* KTACH_COLLECTOR_API_AGENTS_ANSWER_H */
