/* SPDX-License-Identifier: ISC
 *
 * The content of a message on its way: written piece by piece, with an eye
 * on what the other end has acknowledged, so that a line that carries
 * nothing any more is told from one that is slow.
 */
#include "smtp_send.h"

#include <poll.h>

#include "base/clock.h"
#include "net/tcp.h"

#define PIECE 4096
#define GLANCE_MS 100 /* between two looks at what is unacknowledged */
#define LAST_WORDS_MS 500 /* for a reply that came before the end */

static bool
is_late(const struct session *s)
{
	return clock_mono_ms() >= s->net.deadline_ms;
}

enum send_end
send_end_of_reply(const struct smtp_reply *r)
{
	switch (r->status) {
	case SMTP_OK:
		if (r->code / 100 == 2)
			return SEND_ACCEPTED;
		if (r->code / 100 == 4)
			return SEND_TEMPORARY;
		return r->code / 100 == 5 ? SEND_REFUSED : SEND_UNKNOWN;
	case SMTP_TIMEOUT:
		return SEND_TIMEOUT;
	case SMTP_CANCELLED:
		return SEND_CANCELLED;
	case SMTP_CLOSED:
	case SMTP_RESET:
	case SMTP_ALERT:
		return SEND_CUT;
	case SMTP_NOT_SMTP:
	case SMTP_NUL:
	case SMTP_MALFORMED:
	case SMTP_TOO_LONG:
		break;
	}
	return SEND_UNKNOWN;
}

/* Writing failed: the server may have said why before it hung up. */
static enum send_end
hear_last_words(struct session *s, struct upload *u)
{
	smtp_read(&s->smtp, &u->reply, LAST_WORDS_MS);
	if (u->reply.status == SMTP_OK && u->reply.code >= 400)
		return send_end_of_reply(&u->reply);
	return SEND_CUT;
}

static enum send_end
write_piece(struct session *s, const char *data, size_t len, int stall_ms,
    struct upload *u)
{
	switch (stream_write(s->smtp.stream, data, len, stall_ms)) {
	case STREAM_OK:
		return SEND_ACCEPTED;
	case STREAM_TIMEOUT:
		return is_late(s) ? SEND_SLOW : SEND_TIMEOUT;
	case STREAM_CANCELLED:
		return SEND_CANCELLED;
	case STREAM_CLOSED:
	case STREAM_RESET:
	case STREAM_ALERT:
	case STREAM_LIMIT:
		break;
	}
	return hear_last_words(s, u);
}

/* After a reset the system does not tell any more: so all along. */
static void
look_at_progress(struct session *s, struct upload *u)
{
	int unsent = tcp_unsent(stream_fd(s->smtp.stream));

	if (unsent >= 0 && u->bytes - unsent > u->passed)
		u->passed = u->bytes - unsent;
}

static enum send_end
write_all(struct session *s, struct message *m, int stall_ms, struct upload *u)
{
	char piece[PIECE];
	enum send_end end = SEND_ACCEPTED;

	for (;;) {
		size_t n = message_read(m, piece, sizeof(piece));

		if (n == 0)
			break;
		end = write_piece(s, piece, n, stall_ms, u);
		if (end != SEND_ACCEPTED)
			return end;
		u->bytes += (int64_t)n;
		look_at_progress(s, u);
	}
	end = write_piece(s, ".\r\n", 3, stall_ms, u);
	u->dot_written = end == SEND_ACCEPTED;
	return end;
}

/*
 * Waits while acknowledgements come. SEND_ACCEPTED: a reply is there, or
 * nothing is on its way any more.
 */
static enum send_end
drain(struct session *s, int stall_ms)
{
	int fd = stream_fd(s->smtp.stream);
	int64_t last_ms = clock_mono_ms();
	int before = tcp_unsent(fd);

	while (before > 0) {
		int now;

		switch (net_wait(&s->net, fd, POLLIN, GLANCE_MS)) {
		case NET_READY:
			return SEND_ACCEPTED;
		case NET_CANCELLED:
			return SEND_CANCELLED;
		case NET_TIMEOUT:
			break;
		}
		now = tcp_unsent(fd);
		if (now < before)
			last_ms = clock_mono_ms();
		before = now;
		if (clock_mono_ms() - last_ms >= stall_ms)
			return SEND_TIMEOUT;
		if (is_late(s))
			return SEND_SLOW;
	}
	return SEND_ACCEPTED;
}

void
upload_send(
    struct session *s, struct message *m, int stall_ms, struct upload *u)
{
	int64_t start = clock_mono_ms();
	int fd = stream_fd(s->smtp.stream);

	*u = (struct upload){0};
	u->end = write_all(s, m, stall_ms, u);
	if (u->end == SEND_ACCEPTED)
		u->end = drain(s, stall_ms);
	if (u->end == SEND_ACCEPTED) {
		smtp_read(&s->smtp, &u->reply, s->reply_ms);
		u->end = send_end_of_reply(&u->reply);
	}
	if (u->end == SEND_TIMEOUT || u->end == SEND_SLOW)
		look_at_progress(s, u);
	/* after silence the dot may still be on its way; then it never comes */
	u->may_have_arrived = u->dot_written && u->reply.code == 0 &&
			      !(u->end == SEND_TIMEOUT && tcp_unsent(fd) > 0);
	u->ms = (int)(clock_mono_ms() - start);
	if (u->reply.code != 0)
		return;
	/* what the system still holds must not be delivered after all */
	s->is_open = false;
	tcp_abort_on_close(fd);
}

void
upload_done(struct upload *u)
{
	smtp_reply_done(&u->reply);
	*u = (struct upload){0};
}
