/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is asked of nodes' agents: a list, an order, a desired state. The node answers, so
 * it takes a while; whoever asks is told within a time in any case.
 */
#ifndef KTACH_COLLECTOR_API_API_AGENTS_H
#define KTACH_COLLECTOR_API_API_AGENTS_H

#include "collector/api/agents_about.h"
#include "collector/api/api.h"

/* What a request is; AGENTS_NONE: something else. */
enum agents_kind agents_kind(const char *verb, const char *path);

/**
 * agents_ask() - begin to ask a node
 * @api: the API
 * @request: its path and query, and what was signed as its body
 * @kind: of it
 * @done: called once with the answer, by any thread; may be called before this returns
 * @owner: handed to it
 * @refused: filled if nothing was begun
 *
 * Return: whether it has begun.
 */
bool agents_ask(const struct api *api, const struct request *request,
		enum agents_kind kind,
		void (*done)(void *owner, struct reply *reply), void *owner,
		struct reply *refused);

#endif /* KTACH_COLLECTOR_API_API_AGENTS_H */
