/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_LIB_BASE_NEAREST_H
#define KTACH_LIB_BASE_NEAREST_H

/* Letters to insert, remove or change until one word is the other. */
unsigned int word_distance(const char *a, const char *b);

/* How far a word may be from what was meant by it. */
unsigned int word_distance_max(const char *word);

#endif /* KTACH_LIB_BASE_NEAREST_H */
