/* SPDX-License-Identifier: ISC
 *
 * poll() over the terminal, the session and the signals. Signals come as a
 * descriptor, so an interrupted call is only tried again.
 */
#include "loop.h"

#include <errno.h>
#include <poll.h>

#include "../../probes/base/bug.h"

struct loop_ready
loop_wait(int input_fd, int news_fd, int signal_fd, int timeout_ms)
{
	struct pollfd fds[] = {
	    {.fd = input_fd, .events = POLLIN},
	    {.fd = news_fd, .events = POLLIN},
	    {.fd = signal_fd, .events = POLLIN},
	};
	int n = poll(fds, 3, timeout_ms);

	if (n < 0 && errno != EINTR && errno != EAGAIN)
		BUG("poll: errno %d", errno);
	if (n <= 0)
		return (struct loop_ready){0};
	return (struct loop_ready){
	    .input = fds[0].revents != 0,
	    .news = fds[1].revents != 0,
	    .signal = fds[2].revents != 0,
	};
}

bool
loop_has_input(int input_fd)
{
	return loop_wait(input_fd, -1, -1, 0).input;
}

bool
loop_may_draw(const struct loop_pace *p, int64_t now_ms)
{
	return p->due && now_ms - p->drawn_ms >= LOOP_DRAW_MS;
}

int
loop_timeout(const struct loop_pace *p, int64_t now_ms, bool is_live)
{
	int64_t wait;

	if (!p->due)
		return is_live ? LOOP_TICK_MS : -1;
	wait = p->drawn_ms + LOOP_DRAW_MS - now_ms;
	return wait < 0 ? 0 : wait > LOOP_DRAW_MS ? LOOP_DRAW_MS : (int)wait;
}
