/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A text that grows, and JSON in it. Answers list thousands of nodes: a tree
 * of objects that is serialised afterwards costs many times as much. Memory
 * that runs out is remembered; document_done() then has nothing to give.
 */
#ifndef KTACH_COLLECTOR_BASE_DOCUMENT_H
#define KTACH_COLLECTOR_BASE_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/base/text.h"

/**
 * struct document - a text that is being written; all zeroes is an empty one
 * @text: what is written so far
 * @room: bytes that fit in it
 * @comma: a value stands here: one goes before the next
 * @failed: memory ran out
 */
struct document {
	struct text *text;
	size_t room;
	bool comma;
	bool failed;
};

void write_bytes(struct document *w, const void *data, size_t size);
void write_text(struct document *w, const char *text);
void write_digits(struct document *w, uint64_t value);

/* Six decimals, none from 10^9 on, nine digits from 2^53 on. Finite only. */
void write_real(struct document *w, double value);

/* JSON. @bracket is one of {[ and }]. */
void json_open(struct document *w, char bracket);
void json_close(struct document *w, char bracket);
void json_key(struct document *w, const char *key);
void json_text(struct document *w, const char *text);
void json_count(struct document *w, uint64_t value);
/* null if it is not finite. */
void json_number(struct document *w, double value);
void json_bool(struct document *w, bool value);
void json_none(struct document *w);
/* A document that is text already. Takes NULL for null. */
void json_raw(struct document *w, const struct text *document);

/* A key with its value. */
void json_key_text(struct document *w, const char *key, const char *text);
void json_key_note(struct document *w, const char *key,
		   const char *text); /* NULL: null */
void json_key_count(struct document *w, const char *key, uint64_t value);
void json_key_number(struct document *w, const char *key, double value);
void json_key_bool(struct document *w, const char *key, bool value);

/* The text, whose owner the caller is; NULL if memory ran out. The document is
 * empty again.
 */
struct text *document_done(struct document *w);

#endif /* KTACH_COLLECTOR_BASE_DOCUMENT_H */
