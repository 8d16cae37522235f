/* SPDX-License-Identifier: ISC
 *
 * What is it that speaks? Judged from the first bytes a port sends. Pure.
 */
#ifndef SMTP_FIRST_BYTES_H
#define SMTP_FIRST_BYTES_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum first_kind {
	FIRST_NOTHING,
	FIRST_SMTP, /* three digits as in a reply; nothing more is known */
	FIRST_IMAP,
	FIRST_POP3,
	FIRST_HTTP,
	FIRST_TLS, /* a TLS record: it wants TLS at once */
	FIRST_OTHER,
};

enum first_kind first_bytes_judge(const char *data, size_t len);

/* The reply code at the beginning of such bytes, 0 without one. */
int first_bytes_code(const char *data, size_t len);

/* "an SSH server", "something unknown": for sentences. */
const char *first_bytes_words(const char *data, size_t len);

/* A greeting that a firewall has written over ("220 ****2***0*"). */
bool greeting_is_masked(const struct strs *lines);

/*
 * "an FTP server" when a 220 greeting and the refusals of EHLO and HELO are
 * those of something that is not SMTP; NULL when they may be SMTP's.
 */
const char *words_of_replies(const struct strs *greeting,
    const struct strs *ehlo, const struct strs *helo);

/* An HTTP answer: a sign-in page or a redirect in the server's place? */
bool http_is_portal(const char *answer, size_t len, const char *host);

#endif
