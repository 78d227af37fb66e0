/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ktach-agentd is asked, and what it says of agents. */
#ifndef KTACH_KTACH_AGENT_AGENT_ASK_H
#define KTACH_KTACH_AGENT_AGENT_ASK_H

#include <stddef.h>

/**
 * struct agent_answer - what came
 * @text: all of it, cut into lines
 * @first: the first agent's first line; NULL: there is none
 * @end: behind the last line
 */
struct agent_answer {
	char *text;
	const char *first;
	const char *end;
};

/**
 * agent_ask() - ask, and wait for the answer
 * @a: filled in, to be freed by agent_answer_free()
 * @run: folder of ktach-agentd's socket
 * @verb: list, orders, start, stop, restart or reload
 * @name: an agent, "--all", or "" for all of list
 *
 * Return: 0, or -errno after a message.
 */
int agent_ask(struct agent_answer *a, const char *run, const char *verb,
	      const char *name);
void agent_answer_free(struct agent_answer *a);

/* The agent behind this one; NULL: it was the last. */
const char *agent_next(const struct agent_answer *a, const char *agent);

/* What is said of an agent; "": nothing. */
const char *agent_value(const struct agent_answer *a, const char *agent,
			const char *key);

/* Its next line, from @agent on: "KEY VALUE"; NULL: it was the last. */
const char *agent_line(const struct agent_answer *a, const char *line);

#endif /* KTACH_KTACH_AGENT_AGENT_ASK_H */
