/* SPDX-License-Identifier: ISC
 *
 * The one place where the user interface waits, and how often it draws.
 */
#ifndef UI_LOOP_H
#define UI_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#define LOOP_DRAW_MS 40 /* at most 25 pictures a second */
#define LOOP_TICK_MS 200 /* how often elapsed times move on */

struct loop_ready {
	bool input; /* the descriptor has bytes, or its end */
	bool news; /* the session has work */
	bool signal; /* a signal is pending */
};

/* Waits until one of them is ready or timeout_ms passed (-1: for ever). A
 * descriptor of -1 is left out. */
struct loop_ready loop_wait(
    int input_fd, int news_fd, int signal_fd, int timeout_ms);

/* Is there input right now? */
bool loop_has_input(int input_fd);

/* When to draw next. */
struct loop_pace {
	bool due; /* something changed since the last picture */
	int64_t drawn_ms; /* monotonic */
};
/* May a picture that is due be drawn now? An answer to a key may at once. */
bool loop_may_draw(const struct loop_pace *p, int64_t now_ms);
/* How long to wait at most; `is_live`: elapsed times are shown. */
int loop_timeout(const struct loop_pace *p, int64_t now_ms, bool is_live);

#endif
