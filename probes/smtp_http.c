/* SPDX-License-Identifier: ISC
 *
 * Asks for a web page where a web server was suspected in the mail server's
 * place: hotels and trains answer every port with their sign-in page.
 */
#include "smtp_port.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "smtp_first_bytes.h"

#define HTTP_ANSWER_MAX (16u << 10) /* a form stands further up */
#define HTTP_WAIT_MS 3000 /* for the first byte */
#define HTTP_IDLE_MS 500 /* for more of them */

static bool
send_get(struct port_look *l, struct port_line *line)
{
	bool v6 = strchr(l->host, ':') != NULL && l->host[0] != '[';
	char *request = mem_printf("GET / HTTP/1.1\r\nHost: %s%s%s:%d\r\n"
				   "User-Agent: smtpwiz\r\nAccept: */*\r\n"
				   "Connection: close\r\n\r\n",
	    v6 ? "[" : "", l->host, v6 ? "]" : "", l->target.port);

	probe_note(l->ctx, "asking for a web page: GET / HTTP/1.1");
	enum stream_status status = stream_write(
	    line->smtp.stream, request, strlen(request), HTTP_WAIT_MS);
	mem_free(request);
	return status == STREAM_OK;
}

static enum stream_status
read_answer(struct port_look *l, struct port_line *line, struct buf *answer)
{
	int64_t end = clock_mono_ms() + 2 * HTTP_WAIT_MS;
	int wait_ms = l->reply_ms < HTTP_WAIT_MS ? l->reply_ms : HTTP_WAIT_MS;
	enum stream_status status;

	do {
		char chunk[1024];
		size_t got = 0;
		status = stream_read(line->smtp.stream, chunk, sizeof(chunk),
		    &got, answer->len ? HTTP_IDLE_MS : wait_ms);
		if (status == STREAM_OK && !buf_add(answer, chunk, got))
			break;
	} while (status == STREAM_OK && clock_mono_ms() < end);
	return status;
}

/* The first lines are the evidence. */
static void
keep_head(struct port_look *l, const struct buf *answer)
{
	struct strs lines = {0};

	strs_split(&lines, answer->data, "\r\n");
	for (size_t i = 0; i < lines.n && i < 4; i++) {
		size_t len = strlen(lines.v[i]);
		char *shown = str_printable(lines.v[i], len < 200 ? len : 200);
		probe_note(l->ctx, "answer: %s", shown);
		if (i == 0 || str_starts_nocase(shown, "Location:"))
			strs_add(&l->seen.said, shown);
		mem_free(shown);
	}
	strs_done(&lines);
}

static bool
begin_tls(struct port_look *l, struct port_line *line)
{
	struct tls_result t;
	bool begun;

	tls_look(line->smtp.stream, l->host, l->handshake_ms, &t);
	begun = t.outcome == TLS_DONE;
	tls_result_done(&t);
	return begun;
}

bool
port_ask_http(struct port_look *l, int yield_fd, bool in_tls)
{
	struct port_line line;
	struct buf answer;
	bool found = false;

	l->http_asked = true;
	if (!port_open(l, &line, yield_fd))
		return false;
	buf_init(&answer, HTTP_ANSWER_MAX);
	if ((!in_tls || begin_tls(l, &line)) && send_get(l, &line)) {
		enum stream_status status = read_answer(l, &line, &answer);
		l->seen.cancelled |= status == STREAM_CANCELLED && yield_fd < 0;
	}
	if (first_bytes_judge(answer.data, answer.len) == FIRST_HTTP) {
		l->seen.speaks =
		    http_is_portal(answer.data, answer.len, l->host) ? "portal"
								     : "http";
		l->http_seen = true;
		keep_head(l, &answer);
		found = true;
	} else if (first_bytes_judge(answer.data, answer.len) == FIRST_OTHER ||
		   str_starts(answer.data, "-ERR"))
		port_keep_stranger(l, answer.data, answer.len);
	buf_done(&answer);
	port_close(&line);
	return found;
}
