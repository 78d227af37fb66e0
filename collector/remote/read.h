/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prometheus' remote read over the history:
 *
 *   body -- snappy --> remote.proto: queries --> matchers.h --> search.h --> found.h
 *   answer <-- snappy <-- remote.proto: results <------------------------------'
 *   or:    <------------- stream.h: chunks <-----------------------------------'
 */
#ifndef KTACH_COLLECTOR_REMOTE_READ_H
#define KTACH_COLLECTOR_REMOTE_READ_H

#include <stdbool.h>

#include "collector/base/text.h"
#include "collector/history/history.h"
#include "collector/nodes/visit.h"

enum remote_limits {
	REMOTE_QUERIES_MAX = 16,
	REMOTE_PROBLEM_SIZE = 256,
};

/**
 * struct remote_read - a request
 * @history: that is read
 * @visit: of all nodes
 * @job: value of a label "job" that series get; "": none
 * @body: as it came
 * @size: of @body, bytes
 * @now_ns: real time
 */
struct remote_read {
	struct history *history;
	struct visit *visit;
	const char *job;
	const void *body;
	size_t size;
	uint64_t now_ns;
};

/* What it is answered with: @streamed as collector/remote/stream.h has it, else compressed. */
struct remote_answer {
	struct text *text;
	bool streamed;
};

/**
 * remote_read() - answer it
 * @r: the request
 * @answer: set after 0: as it goes
 * @problem: REMOTE_PROBLEM_SIZE bytes, set otherwise
 *
 * Return: 0; -EINVAL, -E2BIG or -ETIME if the request asks for what is not to be had; -EIO or
 * -ENOMEM.
 */
int remote_read(const struct remote_read *r, struct remote_answer *answer,
		char *problem);

#endif /* KTACH_COLLECTOR_REMOTE_READ_H */
