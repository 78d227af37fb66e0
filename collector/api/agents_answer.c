// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/agents_answer.h"
#include "lib/base/clean.h"

/* How an order ended. */
enum end {
	END_DONE,
	END_FAILED, /* tried */
	END_REFUSED, /* not tried */
	END_PENDING,
	END_UNKNOWN,
	END_NOT_SENT,
	ENDS
};

static const struct {
	const char *name;
	unsigned int status;
} ends[ENDS] = {
	[END_DONE] = { "done", 200 },
	[END_FAILED] = { "failed", 502 },
	[END_REFUSED] = { "refused", 403 },
	[END_PENDING] = { "pending", 202 },
	[END_UNKNOWN] = { "unknown", 504 },
	[END_NOT_SENT] = { "not sent", 503 },
};

/* Keys whose values are numbers, texts, and yes or no. */
static const char *const numbers[] = {
	"pid",	    "starts",	"restarts",    "health_restarts",
	"checks",   "failures", "said_memory", "refused_heartbeats",
	"said_cpu", "exit_us",	"started_us",  "heartbeat_us",
	"begun_us", "done_us",	"revision",
};
static const char *const texts[] = {
	"state",  "file",    "problem",	    "type",	"version", "user",
	"unit",	  "exit",    "exit_reason", "failure",	"check",   "health",
	"remote", "desired", "differs",	    "operator",
};
static const char *const truths[] = { "enabled", "changed", "again",
				      "systemd" };

static bool is_one_of(const char *const *keys, size_t count, const char *key)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!strcmp(keys[i], key))
			return true;
	return false;
}

#define HAS(keys, key) is_one_of(keys, sizeof(keys) / sizeof((keys)[0]), key)

static void write_member(struct document *w, const char *key, char *value)
{
	char *end;
	double number;

	clean_string(value);
	if (HAS(truths, key)) {
		json_key_bool(w, key, !strcmp(value, "yes"));
	} else if (HAS(numbers, key)) {
		number = strtod(value, &end);
		json_key_number(w, key, *end ? 0 : number);
	} else {
		json_key_text(w, key, value);
	}
}

/* A node may say anything, but nothing here in another one's place. */
static bool is_known(const char *key, bool in_list)
{
	return HAS(texts, key) || HAS(truths, key) || HAS(numbers, key) ||
	       (in_list && !strcmp(key, "agent"));
}

/* The lines "KEY VALUE" up to an empty one, as members. Returns what follows it. */
static char *write_lines(struct document *w, char *at, bool in_list)
{
	while (*at && *at != '\n') {
		char *line = at, *value;
		size_t size = strcspn(at, "\n");

		at += size + (at[size] == '\n');
		line[size] = '\0';
		value = strchr(line, ' ');
		if (value)
			*value++ = '\0';
		if (is_known(line, in_list))
			write_member(w, line, value ? value : line + size);
	}
	return at + (*at == '\n');
}

static void write_list(struct document *w, char *at)
{
	at = write_lines(w, at, false);
	json_key(w, "agents");
	json_open(w, '[');
	while (*at) {
		json_open(w, '{');
		at = write_lines(w, at, true);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static const char *why_none(const struct agents_about *about,
			    enum relay_fate fate)
{
	if (about->kind == AGENTS_DESIRED)
		return "it is kept, and the node is told when it can be asked";
	if (about->kind == AGENTS_FREEZE && fate != RELAY_NOT_SENT)
		return "the node was asked, and has not answered in time";
	switch (fate) {
	case RELAY_NOT_SENT:
		return "the node could not be asked in time: nothing was done, and nothing will be";
	case RELAY_NO_ANSWER:
		return "the node was asked, and has not answered in time: whether it was done is not known; the same order can be sent again, and is not done twice";
	case RELAY_TOO_LARGE:
		return "the node's answer is too large";
	default:
		return "the connection ended before the node's answer came: whether it was done is not known; the same order can be sent again, and is not done twice";
	}
}

/* The first line: "ok", "pending", "error TEXT", "refused TEXT". */
static enum end read_end(char *line, const char **why)
{
	char *text = strchr(line, ' ');

	if (text)
		*text++ = '\0';
	*why = text ? text : "";
	if (text)
		clean_string(text);
	if (!strcmp(line, "ok"))
		return END_DONE;
	if (!strcmp(line, "pending"))
		return END_PENDING;
	if (!strcmp(line, "refused"))
		return END_REFUSED;
	return END_FAILED;
}

static void write_about(struct document *w, const struct agents_about *about,
			enum end end, const char *why)
{
	json_key_text(w, "node", about->node);
	json_key_text(w, "node_id", about->id);
	if (about->kind == AGENTS_ORDER) {
		json_key_text(w, "agent", about->agent);
		json_key_text(w, "verb", about->verb);
	}
	if (about->kind == AGENTS_DESIRED)
		json_key_count(w, "kept", about->revision);
	if (about->kind != AGENTS_LIST)
		json_key_text(w, "result", ends[end].name);
	if (*why)
		json_key_text(w,
			      about->kind == AGENTS_FREEZE && end == END_DONE ?
				      "text" :
				      "error",
			      why);
}

/* A desired state that is kept was taken, though the node does not have it yet. */
static unsigned int status_of(const struct agents_about *about, enum end end)
{
	if (about->kind == AGENTS_DESIRED &&
	    (end == END_NOT_SENT || end == END_UNKNOWN))
		return 202;
	return ends[end].status;
}

void agents_answer(const struct agents_about *about, struct relay_request *r,
		   struct reply *reply, char result[AGENTS_RESULT_SIZE])
{
	enum end end = r->fate == RELAY_NOT_SENT ? END_NOT_SENT : END_UNKNOWN;
	const char *why = why_none(about, r->fate);
	struct document w = { 0 };
	char *rest = NULL;

	if (r->fate == RELAY_ANSWERED && r->answer) {
		rest = r->answer + strcspn(r->answer, "\n");
		if (*rest)
			*rest++ = '\0';
		end = read_end(r->answer, &why);
	}
	json_open(&w, '{');
	write_about(&w, about, end, why);
	if (rest && about->kind == AGENTS_LIST)
		write_list(&w, rest);
	else if (rest)
		write_lines(&w, rest, false);
	json_close(&w, '}');
	reply_json(reply, status_of(about, end), document_done(&w));
	snprintf(result, AGENTS_RESULT_SIZE, "%s%s%s", ends[end].name,
		 *why ? ": " : "", why);
}
