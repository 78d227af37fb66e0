// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ncurses.h>

#include "ktach/pace.h"
#include "ktach/top.h"
#include "lib/base/clock.h"

enum {
	ESCAPE_MS =
		50, /* until a key is Escape, and not the begin of another */
	IDLE_MS = 500, /* a signal that came just before poll() is seen then */
};

/* Colour pairs are numbered as the styles are. */
static const struct {
	short colour;
	attr_t attributes;
} looks[STYLES] = {
	[STYLE_PLAIN] = { -1, A_NORMAL },
	[STYLE_TITLE] = { -1, A_BOLD },
	[STYLE_DIM] = { -1, A_DIM },
	[STYLE_GOOD] = { COLOR_GREEN, A_NORMAL },
	[STYLE_WARN] = { COLOR_YELLOW, A_NORMAL },
	[STYLE_BAD] = { COLOR_RED, A_BOLD },
	[STYLE_USER] = { COLOR_GREEN, A_NORMAL },
	[STYLE_SYSTEM] = { COLOR_RED, A_NORMAL },
	[STYLE_IRQ] = { COLOR_MAGENTA, A_NORMAL },
	[STYLE_IOWAIT] = { COLOR_BLUE, A_NORMAL },
	[STYLE_STEAL] = { COLOR_YELLOW, A_NORMAL },
	[STYLE_MARK] = { -1, A_REVERSE },
};

static bool colours;

static void screen_write(struct paper *p, enum style style, const char *text)
{
	attr_t look = looks[style].attributes;

	if (p->colour && looks[style].colour >= 0)
		look |= (attr_t)COLOR_PAIR(style);
	attrset((int)look);
	addstr(text);
}

/* Not from where the cursor is: a line that is full has moved it down. */
static void screen_newline(struct paper *p)
{
	move(p->line, 0);
}

static struct paper screen_paper(void)
{
	return (struct paper){
		.write = screen_write,
		.newline = screen_newline,
		.columns = COLS,
		.rows = LINES,
		.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8"),
		.colour = colours,
	};
}

static void draw(struct top *t)
{
	struct paper p = screen_paper();

	erase();
	move(0, 0);
	top_draw(t, &p);
	refresh();
}

static void set_colours(void)
{
	const char *no_color = getenv("NO_COLOR");
	short i;

	if ((no_color && *no_color) || start_color() == ERR)
		return;
	use_default_colors();
	colours = has_colors();
	for (i = 0; i < STYLES; i++)
		if (looks[i].colour >= 0)
			init_pair(i, looks[i].colour, -1);
}

/* A terminal that can move its cursor, with a keyboard. */
static SCREEN *screen_open(void)
{
	const char *term = getenv("TERM");
	SCREEN *screen;

	if (!term || !strcmp(term, "dumb") || !isatty(STDIN_FILENO) ||
	    !isatty(STDOUT_FILENO))
		return NULL;
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return NULL;
	if (!tigetstr("cup") || tigetstr("cup") == (char *)-1) {
		endwin();
		delscreen(screen);
		return NULL;
	}
	set_colours();
	cbreak();
	noecho();
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	return screen;
}

/* All keys that wait; false when the keyboard is gone. */
static bool take_keys(struct top *t)
{
	int key = getch();

	if (key == ERR)
		return false;
	for (; key != ERR; key = getch())
		if (key != KEY_RESIZE)
			top_key(t, key);
	return true;
}

static int until_ms(uint64_t at_ns)
{
	uint64_t now_ns = clock_mono_ns(), left_ns;

	if (at_ns <= now_ns)
		return 0;
	left_ns = at_ns - now_ns;
	return left_ns > 60000000000 ? 60000 : (int)(left_ns / 1000000) + 1;
}

/* Wait for a key, a change of size or the next sample. A resize ends poll() by
 * its signal. False when the terminal is gone.
 */
static bool wait_input(struct top *t, uint64_t at_ns)
{
	struct pollfd keyboard = { .fd = STDIN_FILENO, .events = POLLIN };
	bool idle = t->paused || t->ended;
	int ready = poll(&keyboard, 1, idle ? IDLE_MS : until_ms(at_ns));

	if (ready < 0)
		take_keys(t);
	if (ready <= 0)
		return true;
	return !(keyboard.revents & (POLLHUP | POLLERR | POLLNVAL)) &&
	       take_keys(t);
}

static uint64_t next_ns(const struct top *t, uint64_t last_ns)
{
	return t->feed->live ? pace_next(last_ns, t->interval_ns) :
			       clock_mono_ns() + t->feed->wait_ns;
}

static int run_screen(struct top *t)
{
	uint64_t at_ns = clock_mono_ns(), interval_ns, n = 0;
	uint64_t count = t->settings->count;
	int err = 0;

	if (t->feed->live)
		at_ns += t->interval_ns;
	draw(t);
	while (!err && !t->quit && !pace_ended()) {
		interval_ns = t->interval_ns;
		if (!wait_input(t, at_ns))
			break;
		if (t->interval_ns != interval_ns)
			at_ns = clock_mono_ns() + t->interval_ns;
		if (!t->paused && !t->ended && clock_mono_ns() >= at_ns) {
			err = top_step(t);
			at_ns = next_ns(t, at_ns);
			if (count && ++n > count)
				break;
		}
		draw(t);
	}
	return err;
}

int top_screen(struct top *t)
{
	SCREEN *screen = screen_open();
	int err;

	if (!screen)
		return -ENOTTY;
	err = run_screen(t);
	endwin();
	delscreen(screen);
	return err;
}
