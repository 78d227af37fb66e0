// SPDX-License-Identifier: GPL-2.0-or-later
#include <langinfo.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ktach/show/paper.h"
#include "lib/base/clean.h"

enum {
	TEXT_MAX = 512, /* bytes that one paper_put() makes */
};

/* SGR parameters; the sixteen colours that every terminal lets its user choose. */
static const char *const sgr[STYLES] = {
	[STYLE_PLAIN] = "",    [STYLE_TITLE] = "1",   [STYLE_DIM] = "2",
	[STYLE_GOOD] = "32",   [STYLE_WARN] = "33",   [STYLE_BAD] = "1;31",
	[STYLE_USER] = "32",   [STYLE_SYSTEM] = "31", [STYLE_IRQ] = "35",
	[STYLE_IOWAIT] = "34", [STYLE_STEAL] = "33",  [STYLE_MARK] = "7",
};

/* A part of a bar must be told from its neighbour without colours, too. */
static const char *const bar_cells[STYLES][2] = {
	[STYLE_USER] = { "#", "█" },  [STYLE_SYSTEM] = { "=", "▓" },
	[STYLE_IRQ] = { "%", "▒" },   [STYLE_IOWAIT] = { "~", "░" },
	[STYLE_STEAL] = { "x", "▞" },
};

static const char *const heats[PAPER_HEATS][2] = {
	{ " ", " " }, { ".", "▁" }, { ":", "▂" }, { "-", "▃" }, { "=", "▄" },
	{ "+", "▅" }, { "*", "▆" }, { "#", "▇" }, { "@", "█" },
};

static void stream_write(struct paper *p, enum style style, const char *text)
{
	if (p->colour && *sgr[style])
		fprintf(p->to, "\033[%sm%s\033[0m", sgr[style], text);
	else
		fputs(text, p->to);
}

static void stream_newline(struct paper *p)
{
	fputc('\n', p->to);
}

static int stream_columns(FILE *out)
{
	struct winsize size;

	if (isatty(fileno(out)) && !ioctl(fileno(out), TIOCGWINSZ, &size) &&
	    size.ws_col)
		return size.ws_col;
	return 0;
}

void paper_stream(struct paper *p, FILE *out)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
	bool dumb = !term || !strcmp(term, "dumb");
	int columns = stream_columns(out);

	*p = (struct paper){
		.write = stream_write,
		.newline = stream_newline,
		/* A file has no width: nothing is cut there. */
		.columns = columns ? columns : INT_MAX,
		.rows = INT_MAX,
		.utf8 = !dumb && !strcmp(nl_langinfo(CODESET), "UTF-8"),
		.colour = isatty(fileno(out)) && !dumb &&
			  !(no_color && *no_color),
		.to = out,
	};
}

int paper_width(const struct paper *p)
{
	return p->columns < INT_MAX ? p->columns : PAPER_COLUMNS;
}

static bool begins_character(char byte)
{
	return ((unsigned char)byte & 0xc0) != 0x80;
}

int text_columns(const char *text)
{
	int columns = 0;

	for (; *text; text++)
		columns += begins_character(*text);
	return columns;
}

/* Cut @text after @columns characters; returns how many are left. */
static int cut(char *text, int columns)
{
	int n = 0;

	for (; *text; text++) {
		if (!begins_character(*text))
			continue;
		if (n == columns)
			break;
		n++;
	}
	*text = '\0';
	return n;
}

static void put_text(struct paper *p, enum style style, char *text)
{
	int n = cut(text, p->columns - p->column);

	if (!n || p->rows <= 0)
		return;
	p->write(p, style, text);
	p->column += n;
}

void paper_put(struct paper *p, enum style style, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	clean_string(text); /* names are others' to choose */
	put_text(p, style, text);
}

bool paper_pair(struct paper *p, const char *name, const char *value)
{
	if (text_columns(name) + text_columns(value) + 3 >
	    p->columns - p->column)
		return false;
	paper_put(p, STYLE_DIM, "  %s", name);
	paper_put(p, STYLE_PLAIN, " %s", value);
	return true;
}

void paper_pad(struct paper *p, int column)
{
	if (column > p->column)
		paper_put(p, STYLE_PLAIN, "%*s", column - p->column, "");
}

void paper_cell(struct paper *p, enum style style, int width, const char *text,
		size_t size)
{
	int room = abs(width), columns;
	char cell[TEXT_MAX];

	snprintf(cell, sizeof(cell), "%.*s", (int)size, text);
	columns = text_columns(cell);
	if (columns > room) {
		cut(cell, room - 1);
		strcat(cell, p->utf8 ? "…" : "~");
		columns = room;
	}
	paper_put(p, style, "%*s%s", width < 0 ? room - columns : 0, "", cell);
}

void paper_line(struct paper *p)
{
	p->column = 0;
	if (p->rows <= 0)
		return;
	p->rows--;
	p->line++;
	p->newline(p);
}

/* Bytes of @text that go on a line of @columns: up to its last blank there. */
static int wrap_at(const char *text, int columns)
{
	int i, blank = 0;

	for (i = 0; text[i] && i < columns; i++)
		if (text[i] == ' ')
			blank = i;
	return text[i] && blank ? blank : i;
}

void paper_wrap(struct paper *p, enum style style, int indent, const char *text)
{
	while (*text) {
		int n = wrap_at(text, p->columns - p->column);

		if (n <= 0)
			break;
		paper_put(p, style, "%.*s", n, text);
		text += n + strspn(text + n, " ");
		if (!*text)
			break;
		paper_line(p);
		paper_pad(p, indent);
	}
	paper_line(p);
}

/* Cells of one style are one write, or few. */
static void repeat(struct paper *p, enum style style, const char *cell,
		   int count)
{
	size_t size = strlen(cell), used = 0;
	char text[TEXT_MAX];

	for (; count > 0; count--) {
		memcpy(text + used, cell, size + 1);
		used += size;
		if (count == 1 || used + size >= sizeof(text)) {
			put_text(p, style, text);
			used = 0;
		}
	}
}

void paper_bar(struct paper *p, int width, const struct bar_part *parts,
	       int count)
{
	int end = p->column + width, drawn = 0, i;
	uint64_t sum = 0;

	for (i = 0; i < count; i++) {
		enum style style = parts[i].style;
		int upto;

		sum += parts[i].share;
		upto = (int)((sum * (uint64_t)width + 5000) / 10000);
		if (upto > width)
			upto = width;
		repeat(p, style, bar_cells[style][p->utf8], upto - drawn);
		drawn = upto > drawn ? upto : drawn;
	}
	paper_pad(p, end);
}

static uint64_t square_root(uint64_t v)
{
	uint64_t root = 0, bit;

	for (bit = 1ULL << 31; bit; bit >>= 1)
		if ((root + bit) * (root + bit) <= v)
			root += bit;
	return root;
}

int heat_level(uint64_t value, uint64_t max)
{
	uint64_t part;

	if (!value || !max)
		return 0;
	if (value > max)
		value = max;
	part = (uint64_t)((unsigned __int128)value * 10000 / max);
	return 1 + (int)(square_root(part) * (PAPER_HEATS - 2) / 100);
}

void paper_heat(struct paper *p, uint64_t value, uint64_t max)
{
	static const enum style styles[PAPER_HEATS] = {
		STYLE_DIM,  STYLE_DIM,	STYLE_GOOD, STYLE_GOOD, STYLE_GOOD,
		STYLE_WARN, STYLE_WARN, STYLE_WARN, STYLE_BAD,
	};
	int level = heat_level(value, max);

	paper_put(p, styles[level], "%s", heats[level][p->utf8]);
}

_Static_assert(PAPER_HEATS == 9, "heats are eighths of a cell, and none");

void paper_fill(struct paper *p, enum style style, int eighths)
{
	paper_put(p, style, "%s", heats[eighths][p->utf8]);
}
