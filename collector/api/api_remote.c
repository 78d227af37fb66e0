// SPDX-License-Identifier: GPL-2.0-or-later
/* Prometheus reads the history: a POST. */
#include <errno.h>

#include "collector/api/api.h"
#include "collector/remote/read.h"
#include "lib/base/clock.h"

static void refuse(struct reply *r, int err, const char *problem)
{
	if (err == -ENOMEM)
		reply_json(r, 503, NULL);
	else
		reply_refuse(r, err == -EIO ? 500 : 400, problem);
}

/* The body is no parameter: those are in the address. */
void api_get_remote(const struct api *api, const struct request *request,
		    struct reply *r)
{
	char job[PARAMETER_TEXT_SIZE] = "", problem[PARAMETER_PROBLEM_SIZE];
	const struct parameter specs[] = { { "job", PARAMETER_TEXT, job },
					   { 0 } };
	struct remote_read read = { .history = api->history,
				    .visit = api->visit,
				    .job = job,
				    .body = request->body,
				    .size = request->body_size,
				    .now_ns = clock_real_ns() };
	struct remote_answer answer;
	int err;

	if (!request->body) {
		reply_refuse(
			r, 400,
			"a POST of Prometheus' remote read is expected here");
		return;
	}
	if (parameter_parse(specs, request->query, read.now_ns, problem)) {
		reply_refuse(r, 400, problem);
		return;
	}
	if (!api->history) {
		reply_refuse(r, 503, "there is no history here");
		return;
	}
	err = remote_read(&read, &answer, problem);
	if (err) {
		refuse(r, err, problem);
		return;
	}
	reply_text(
		r,
		answer.streamed ?
			"application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse" :
			"application/x-protobuf",
		answer.text);
	r->encoding = answer.streamed ? NULL : "snappy";
}
