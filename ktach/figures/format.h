/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quantities as people read them. Each writes to @text and returns it. */
#ifndef KTACH_KTACH_FIGURES_FORMAT_H
#define KTACH_KTACH_FIGURES_FORMAT_H

#include <stdint.h>

enum {
	FORMAT_SIZE = 32,	/* room that every text has */
};

/* All digits. */
char *format_plain(char text[FORMAT_SIZE], uint64_t number);

/* A load average, in 1/1000: "0.31". */
char *format_load(char text[FORMAT_SIZE], uint64_t load);

/* "0", "950", "1.25k", "12.5M": three digits and a decimal prefix. */
char *format_count(char text[FORMAT_SIZE], uint64_t count);

/* A rate in thousandths: "0.3", "12.5", "1.25k". */
char *format_rate(char text[FORMAT_SIZE], uint64_t thousandths);

/* Bytes of memory: "512 B", "1.50 GiB". */
char *format_memory(char text[FORMAT_SIZE], uint64_t bytes);

/* The same in columns: "512", "1.50Gi". */
char *format_bytes(char text[FORMAT_SIZE], uint64_t bytes);

/* A share of 1/10000 in per cent: "0.0", "12.3", "100.0". */
char *format_share(char text[FORMAT_SIZE], uint64_t share);

/* "12 s", "4 min", "3 h 12 min", "12 d 3 h". */
char *format_uptime(char text[FORMAT_SIZE], uint64_t seconds);

/* Local time: "2026-11-21 13:05:09". */
char *format_time(char text[FORMAT_SIZE], uint64_t real_ns);

#endif /* KTACH_KTACH_FIGURES_FORMAT_H */
