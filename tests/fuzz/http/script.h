/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client of connections.c sends, and what it may get for it. */
#ifndef KTACH_TESTS_FUZZ_HTTP_SCRIPT_H
#define KTACH_TESTS_FUZZ_HTTP_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

enum script_limits {
	SCRIPT_MAX = 65536,
	SCRIPT_REQUESTS = 32,
};

/**
 * struct script - one connection
 * @data: @size bytes
 * @good: requests that have to be answered, those before a bad one
 * @bad: 1: one that may be answered, and is the last then
 * @head: which of them are HEAD: their answers have no body
 * @socket: the last one becomes a WebSocket: what follows are frames
 * @piece: bytes at once, 0: all
 * @cut: it ends here, without reading; 0: it does not
 * @half: it closes its half after that
 * @deaf: it reads nothing
 */
struct script {
	char data[SCRIPT_MAX];
	size_t size;
	size_t good;
	size_t bad;
	bool head[SCRIPT_REQUESTS];
	bool socket;
	size_t piece;
	size_t cut;
	bool half;
	bool deaf;
};

void script_make(struct script *s, unsigned int seed);

/* Whole answers in what came, and behind them at most a part of one, or frames of a
 * WebSocket; -1: something else.
 */
int answers_count(const struct script *s, const char *got, size_t size);

#endif /* KTACH_TESTS_FUZZ_HTTP_SCRIPT_H */
