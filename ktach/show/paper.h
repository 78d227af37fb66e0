/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What views write on: lines of styled text that are cut at the width. A paper
 * is a stream (a terminal, a file) or a full-screen window; views can't tell.
 */
#ifndef KTACH_KTACH_SHOW_PAPER_H
#define KTACH_KTACH_SHOW_PAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum style {
	STYLE_PLAIN,
	STYLE_TITLE,
	STYLE_DIM,
	STYLE_GOOD,
	STYLE_WARN,
	STYLE_BAD,
	STYLE_USER,		/* parts of a bar of CPU time */
	STYLE_SYSTEM,
	STYLE_IRQ,
	STYLE_IOWAIT,
	STYLE_STEAL,
	STYLE_MARK,		/* of several, the one that is chosen */
	STYLES
};

enum paper_limits {
	PAPER_COLUMNS = 80,	/* where the width is not known */
	PAPER_HEATS = 9,	/* levels of paper_heat(), from 0 */
};

/**
 * struct paper - where a view goes
 * @write: puts a text that fits at the end of the line
 * @newline: ends the line
 * @columns: width; INT_MAX for a file, where nothing is cut
 * @rows: lines that are left; more are thrown away
 * @utf8: blocks can be drawn
 * @colour: styles differ to the eye
 * @line: lines that were ended
 * @column: how full the line is
 * @to: the implementation's
 */
struct paper {
	void (*write)(struct paper *p, enum style style, const char *text);
	void (*newline)(struct paper *p);
	int columns;
	int rows;
	bool utf8;
	bool colour;
	int line;
	int column;
	void *to;
};

/* A stream: colours and width as its terminal has them; NO_COLOR is honoured. */
void paper_stream(struct paper *p, FILE *out);

/* Columns to lay something out in. */
int paper_width(const struct paper *p);

/* Append to the line; what exceeds the width is cut. */
void paper_put(struct paper *p, enum style style, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A text of @size bytes in a cell of @width columns, on its right side if that is
 * less than 0; one that is too long ends in an ellipsis.
 */
void paper_cell(struct paper *p, enum style style, int width, const char *text,
		size_t size);

/* "  name value", whole or not at all: false if the line has no room for it. */
bool paper_pair(struct paper *p, const char *name, const char *value);

/* Blanks up to @column. */
void paper_pad(struct paper *p, int column);

void paper_line(struct paper *p);

/* A text of any length from here on, in as many lines as it takes, of which the
 * second and later ones begin at @indent.
 */
void paper_wrap(struct paper *p, enum style style, int indent,
		const char *text);

/* Part of a bar: its share of the whole in 1/10000. */
struct bar_part {
	uint64_t share;
	enum style style;
};

/* A bar of @width columns; parts that don't fit the whole are cut. */
void paper_bar(struct paper *p, int width, const struct bar_part *parts,
	       int count);

/* A cell whose darkness says how much of @max @value is, on a square-root scale
 * so that little is seen beside much; empty for 0 only.
 */
void paper_heat(struct paper *p, uint64_t value, uint64_t max);

/* A cell that is so many eighths full, from below: 0 to 8. */
void paper_fill(struct paper *p, enum style style, int eighths);

/* Level of a heat, 0 to PAPER_HEATS - 1. */
int heat_level(uint64_t value, uint64_t max);

/* Width of a text in columns: its characters, in UTF-8. */
int text_columns(const char *text);

#endif /* KTACH_KTACH_SHOW_PAPER_H */
