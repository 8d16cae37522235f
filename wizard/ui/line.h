/* SPDX-License-Identifier: ISC
 *
 * What the files of line mode share: the lines typed, the commands among
 * them, and what has been printed.
 */
#ifndef UI_LINE_H
#define UI_LINE_H

#include "../../probes/base/buf.h"
#include "phrases.h"

#define LINE_COLUMNS 78
#define LINE_MAX_BYTES (64 << 10) /* of one line typed */

enum line_end { LINE_GOT, LINE_EOF, LINE_SIGNAL };

enum said { /* what a line at a prompt turned out to be */
	SAID_ANSWER,
	SAID_DONE, /* a command that was carried out: ask again */
	SAID_MOVED, /* a command led elsewhere: see the engine's state */
	SAID_BACK,
	SAID_AGAIN,
	SAID_STOP,
	SAID_EOF,
	SAID_SIGNAL,
};

struct line_ui {
	struct session *s;
	FILE *out;
	struct buf input; /* bytes read, not yet taken */
	bool is_eof;
	struct strs told; /* progress lines printed */
	char *step; /* owned: step heading printed last */
	const struct field *field; /* being asked; NULL: none */
	bool is_inside; /* past the first field: back stays in the form */
};

struct engine *line_engine(const struct line_ui *u);
void line_doc(struct line_ui *u, struct doc *d); /* prints and frees */
/* Prints every test that has ended since the last time. */
void line_progress(struct line_ui *u);

/* The next line typed; results that come in meanwhile are taken. */
enum line_end line_next(struct line_ui *u, char **line);
/* True when a signal asks to end. */
bool line_signals_end(void);

/* Prompts until a line is no command; an answer comes back in *line (owned
 * by the caller). Short commands count at a choice only. */
enum said line_prompt(
    struct line_ui *u, const char *text, bool at_choice, char **line);
enum said line_why(struct line_ui *u);
enum said line_details(struct line_ui *u);
enum said line_save(struct line_ui *u);

/* line_ask.c: a question; a text to read. */
enum said line_ask(struct line_ui *u);
enum said line_read(struct line_ui *u);

/* line_consent.c: before something signs in or sends. */
enum said line_consent(struct line_ui *u);

#endif
