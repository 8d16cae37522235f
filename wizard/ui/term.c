/* SPDX-License-Identifier: ISC
 *
 * Curses: setting up, drawing a canvas, reading keys. A bracketed paste
 * comes as one input, so that a newline in it is text and no key.
 */
#define NCURSES_WIDECHAR 1
#include "term.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h> /* setupterm; its macros are too common words */
#undef columns
#undef lines
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "../../probes/base/bug.h"
#include "../../probes/base/clock.h"
#include "../../probes/base/mem.h"
#include "../../probes/base/secret.h"
#include "loop.h"

#define PASTE_MAX (64 << 10)
#define PASTE_WAIT_MS 1000 /* a paste whose end never comes ends then */
#define CODE_PASTE_BEGIN (KEY_MAX + 1)
#define CODE_PASTE_END (KEY_MAX + 2)

static const char paste_on[] = "\033[?2004h", paste_off[] = "\033[?2004l";
static SCREEN *screen;
static bool is_open, has_color, is_utf8;
static struct termios saved_tty;
static bool has_saved_tty;
/* May hold a password: one place, wiped after each. */
static char paste[PASTE_MAX + 1];
static size_t paste_len;
static bool in_paste;
static struct canvas drawn; /* what stands on the screen */

static const struct code {
	int code;
	enum press press;
} codes[] = {
    {KEY_ENTER, PRESS_ENTER},
    {KEY_BTAB, PRESS_BACKTAB},
    {KEY_UP, PRESS_UP},
    {KEY_DOWN, PRESS_DOWN},
    {KEY_LEFT, PRESS_LEFT},
    {KEY_RIGHT, PRESS_RIGHT},
    {KEY_HOME, PRESS_HOME},
    {KEY_END, PRESS_END},
    {KEY_PPAGE, PRESS_PGUP},
    {KEY_NPAGE, PRESS_PGDN},
    {KEY_BACKSPACE, PRESS_BACKSPACE},
    {KEY_DC, PRESS_DELETE},
    {KEY_F(1), PRESS_F1},
    {KEY_F(2), PRESS_F2},
    {KEY_F(3), PRESS_F3},
    {KEY_F(4), PRESS_F4},
    {KEY_F(5), PRESS_F5},
    {KEY_F(6), PRESS_F6},
    {KEY_F(7), PRESS_F7},
    {KEY_F(8), PRESS_F8},
};

static const struct code controls[] = {
    {'\r', PRESS_ENTER},
    {'\n', PRESS_ENTER},
    {'\t', PRESS_TAB},
    {033, PRESS_ESC},
    {0177, PRESS_BACKSPACE},
    {'\b', PRESS_BACKSPACE},
    {'A' & 31, PRESS_CTRL_A},
    {'C' & 31, PRESS_CTRL_C},
    {'D' & 31, PRESS_DELETE},
    {'E' & 31, PRESS_CTRL_E},
    {'K' & 31, PRESS_CTRL_K},
    {'L' & 31, PRESS_CTRL_L},
    {'Q' & 31, PRESS_CTRL_Q},
    {'U' & 31, PRESS_CTRL_U},
    {'W' & 31, PRESS_CTRL_W},
    {'Z' & 31, PRESS_CTRL_Z},
};

/* ---- setting up and putting back -------------------------------------- */

bool
term_possible(void)
{
	const char *name = getenv("TERM");
	int status;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || !name ||
	    !*name || strcmp(name, "dumb") == 0)
		return false;
	if (setupterm(name, STDOUT_FILENO, &status) != OK)
		return false;
	bool can_draw = cursor_address != NULL;
	(void)del_curterm(cur_term);
	return can_draw;
}

static void
say(const char *sequence)
{
	ssize_t n = write(STDOUT_FILENO, sequence, strlen(sequence));

	(void)n;
}

/* After a crash: only what is safe in a signal handler. */
static void
crash(int sig)
{
	if (is_open) {
		say(paste_off);
		say("\033[0m\033[?1l\033>\033[?1049l\033[?25h\r\n");
		if (has_saved_tty)
			(void)tcsetattr(STDIN_FILENO, TCSANOW, &saved_tty);
	}
	signal(sig, SIG_DFL);
	raise(sig);
}

static void
watch_crashes(void)
{
	static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
	struct sigaction old, ours = {.sa_handler = crash};

	sigemptyset(&ours.sa_mask);
	ours.sa_flags = (int)SA_RESETHAND | SA_NODEFER;
	for (size_t i = 0; i < sizeof(fatal) / sizeof(*fatal); i++) {
		if (sigaction(fatal[i], NULL, &old) == 0 &&
		    old.sa_handler == SIG_DFL)
			(void)sigaction(fatal[i], &ours, NULL);
	}
}

static void
set_modes(void)
{
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(25);
	define_key("\033[200~", CODE_PASTE_BEGIN);
	define_key("\033[201~", CODE_PASTE_END);
	define_key("\033[Z", KEY_BTAB);
}

static void
set_colors(bool no_color)
{
	const char *wish = getenv("NO_COLOR");

	has_color = !no_color && !(wish && *wish) && has_colors();
	if (!has_color)
		return;
	start_color();
	use_default_colors();
	init_pair(1, COLOR_GREEN, -1);
	init_pair(2, COLOR_RED, -1);
	init_pair(3, COLOR_YELLOW, -1);
}

bool
term_open(bool no_color)
{
	static bool was_registered;

	setlocale(LC_CTYPE, "");
	is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	has_saved_tty = tcgetattr(STDIN_FILENO, &saved_tty) == 0;
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return false;
	set_term(screen);
	is_open = true;
	set_modes();
	set_colors(no_color);
	bug_set_hook(term_close);
	if (!was_registered)
		atexit(term_close);
	was_registered = true;
	watch_crashes();
	say(paste_on);
	return true;
}

void
term_close(void)
{
	if (!is_open)
		return;
	is_open = false;
	bug_set_hook(NULL);
	say(paste_off);
	endwin();
	delscreen(screen);
	screen = NULL;
	canvas_done(&drawn);
}

int
term_fd(void)
{
	return STDIN_FILENO;
}

void
term_leave(void)
{
	say(paste_off);
	endwin();
}

void
term_return(void)
{
	set_modes();
	refresh();
	say(paste_on);
	term_redraw();
}

void
term_suspend(void)
{
	term_leave();
	(void)kill(getpid(), SIGSTOP);
	term_return();
}

/* ---- drawing ---------------------------------------------------------- */

void
term_size(int *rows, int *columns)
{
	struct winsize w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row && w.ws_col &&
	    (w.ws_row != LINES || w.ws_col != COLS))
		resizeterm(w.ws_row, w.ws_col);
	*rows = LINES;
	*columns = COLS;
}

void
term_redraw(void)
{
	clearok(curscr, TRUE);
}

static attr_t
attributes(enum look look)
{
	switch (look) {
	case LOOK_PLAIN:
	case LOOK_DIM:
		return A_NORMAL;
	case LOOK_BOLD:
		return A_BOLD;
	case LOOK_BAR:
		return A_BOLD;
	case LOOK_GOOD:
		return has_color ? (attr_t)COLOR_PAIR(1) : A_NORMAL;
	case LOOK_BAD:
		return (has_color ? (attr_t)COLOR_PAIR(2) : A_NORMAL) | A_BOLD;
	case LOOK_WAIT:
		return has_color ? (attr_t)COLOR_PAIR(3) : A_NORMAL;
	}
	return A_NORMAL;
}

static void
draw_row(const struct canvas *c, int row)
{
	for (int x = 0; x < c->columns; x++) {
		const struct glyph *g = &c->cells[row * c->columns + x];
		const char *text = g->text[0] ? g->text : " ";
		if (g->width == 0)
			continue;
		if (!is_utf8 && (unsigned char)text[0] >= 0x80)
			text = g->width == 2 ? "??" : "?";
		attrset(attributes((enum look)g->look));
		mvaddstr(row, x, text);
	}
	attrset(A_NORMAL);
}

/* Rows are written, never moved by scrolling a part of the screen: small
 * terminals get that wrong, and screen readers read out what moved. */
static void
write_changed_rows(const struct canvas *c)
{
	struct canvas now;

	for (int row = 0; row < c->rows; row++) {
		if (!canvas_same_row(c, &drawn, row))
			wredrawln(stdscr, row, 1);
	}
	canvas_init(&now, c->rows, c->columns);
	canvas_copy(&now, 0, c, 0, c->rows);
	canvas_done(&drawn);
	drawn = now;
}

void
term_draw(const struct canvas *c)
{
	erase();
	for (int row = 0; row < c->rows; row++)
		draw_row(c, row);
	write_changed_rows(c);
	if (c->cursor_row >= 0) {
		curs_set(1);
		move(c->cursor_row, c->cursor_column);
	} else {
		curs_set(0);
	}
	refresh();
}

/* ---- keys ------------------------------------------------------------- */

static enum press
lookup(const struct code *table, size_t n, int code)
{
	for (size_t i = 0; i < n; i++) {
		if (table[i].code == code)
			return table[i].press;
	}
	return PRESS_NONE;
}

static void
to_utf8(wint_t wide, char out[8])
{
	unsigned long u = (unsigned long)wide;
	size_t n = 0;

	if (u < 0x80) {
		out[n++] = (char)u;
	} else if (u < 0x800) {
		out[n++] = (char)(0xc0 | (u >> 6));
	} else if (u < 0x10000) {
		out[n++] = (char)(0xe0 | (u >> 12));
		out[n++] = (char)(0x80 | (u >> 6 & 0x3f));
	} else {
		out[n++] = (char)(0xf0 | (u >> 18 & 7));
		out[n++] = (char)(0x80 | (u >> 12 & 0x3f));
		out[n++] = (char)(0x80 | (u >> 6 & 0x3f));
	}
	if (u >= 0x80)
		out[n++] = (char)(0x80 | (u & 0x3f));
	out[n] = '\0';
}

static void
end_paste(struct input *in)
{
	in_paste = false;
	in->press = PRESS_PASTE;
	in->paste = mem_dupn(paste, paste_len);
	secret_wipe(paste, paste_len);
	paste_len = 0;
}

static void
paste_add(const char *text)
{
	size_t len = strlen(text);

	if (len > PASTE_MAX - paste_len)
		return;
	memcpy(paste + paste_len, text, len);
	paste_len += len;
}

/* A character inside a paste: everything is text. */
static void
paste_char(int kind, wint_t wide)
{
	char text[8];

	if (kind == KEY_CODE_YES) {
		if (wide == KEY_ENTER)
			paste_add("\n");
		return;
	}
	to_utf8(wide == '\r' ? '\n' : wide, text);
	if (wide != 0)
		paste_add(text);
}

/* Reads the whole paste, in case with short waits for its next bytes. */
static void
read_paste(struct input *in)
{
	wint_t wide;

	while (in_paste) {
		int kind = get_wch(&wide);
		if (kind == KEY_CODE_YES && wide == CODE_PASTE_END)
			break;
		if (kind != ERR)
			paste_char(kind, wide);
		else if (!loop_wait(STDIN_FILENO, -1, -1, PASTE_WAIT_MS).input)
			break;
	}
	end_paste(in);
}

bool
term_read(struct input *in)
{
	wint_t wide;
	int kind = get_wch(&wide);

	*in = (struct input){0};
	if (kind == ERR)
		return false;
	if (kind == KEY_CODE_YES && wide == CODE_PASTE_BEGIN) {
		in_paste = true;
		read_paste(in);
	} else if (kind == KEY_CODE_YES) {
		in->press =
		    lookup(codes, sizeof(codes) / sizeof(*codes), (int)wide);
	} else if (wide < 32 || wide == 0177) {
		in->press = lookup(
		    controls, sizeof(controls) / sizeof(*controls), (int)wide);
	} else {
		in->press = PRESS_TEXT;
		to_utf8(wide, in->text);
	}
	return true;
}
