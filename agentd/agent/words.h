/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments and variables of an agent: words with spaces between them. Quotes ('...'
 * or "...") keep spaces, a backslash keeps the character behind it, but within '...'.
 * Nothing is expanded.
 */
#ifndef KTACH_AGENTD_AGENT_WORDS_H
#define KTACH_AGENTD_AGENT_WORDS_H

#include <stddef.h>
#include <stdio.h>

/**
 * words_next() - take a word off a text
 * @text: what is left of it; moved behind the word
 * @word: set to it, without quotes
 * @size: room there
 *
 * Return: 1; 0 where there is none; -EINVAL where a quote is not closed, -E2BIG
 * where there is no room.
 */
int words_next(const char **text, char *word, size_t size);

/**
 * words_write() - write a word in quotes, as a unit file has it
 * @out: where to
 * @before: what stands before it, within the quotes
 * @word: systemd reads the same again
 * @doubled: what systemd would expand there, which is written twice
 */
void words_write(FILE *out, const char *before, const char *word,
		 const char *doubled);

#endif /* KTACH_AGENTD_AGENT_WORDS_H */
