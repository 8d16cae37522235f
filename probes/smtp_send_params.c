/* SPDX-License-Identifier: ISC
 *
 * What is to be sent: the probe's parameters, checked before anything is
 * connected.
 */
#include "smtp_send.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/date.h"
#include "base/mem.h"
#include "names.h"

/* The domain as A-labels; NULL when it is none. The caller frees. */
static char *
tidy_address(const char *text)
{
	char *copy = mem_dup(text);
	char *s = str_trim(copy);
	char *at = strrchr(s, '@');
	char *domain = at ? name_to_ascii(at + 1) : NULL;
	char *address = NULL;

	if (domain)
		address = mem_printf("%.*s@%s", (int)(at - s), s, domain);
	mem_free(domain);
	mem_free(copy);
	return address;
}

static bool
take_addresses(struct sending *s, struct err *err)
{
	const char *to = probe_param(s->ctx, "to");
	const char *sender = probe_param(s->ctx, "from");
	struct strs list = {0};
	bool ok = true;

	s->from = sender ? tidy_address(sender) : NULL;
	s->spec.from = s->from;
	if (!s->from)
		return err_set(err, ERR_USAGE,
		    "The sender needs an address to send from.");
	strs_split(&list, to ? to : "", ",");
	for (size_t i = 0; i < list.n && ok; i++) {
		char *address = tidy_address(list.v[i]);

		if (!address)
			ok = err_set(err, ERR_USAGE,
			    "\"%.200s\" is not an address to send to.",
			    list.v[i]);
		else if (!strs_has(&s->to, address))
			strs_add(&s->to, address);
		mem_free(address);
	}
	strs_done(&list);
	return ok;
}

static bool
take_kind(struct sending *s, struct err *err)
{
	const char *kind = probe_param(s->ctx, "kind");
	const char *size = probe_param(s->ctx, "size");

	if (!message_kind_find(kind ? kind : "small", &s->spec.kind))
		return err_set(err, ERR_USAGE,
		    "\"%.40s\" is no kind of test message.", kind);
	if (s->spec.kind == MESSAGE_SIZE &&
	    (!size || !str_number(size, 1, MESSAGE_MAX_SIZE, &s->spec.size)))
		return err_set(err, ERR_LIMIT,
		    "A test message has 1 to %d bytes, not \"%.40s\".",
		    MESSAGE_MAX_SIZE, size ? size : "");
	return true;
}

/* "20261123140211.1f2e3d4c5b6a7980": never the same twice. */
static bool
make_unique(struct sending *s, struct err *err)
{
	struct date d = date_from_ms(s->spec.now_ms);
	unsigned char r[8];

	if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
		return err_set(err, ERR_LIMIT,
		    "This system has no random numbers to give.");
	snprintf(s->unique, sizeof(s->unique),
	    "%04d%02d%02d%02d%02d%02d.%02x%02x%02x%02x%02x%02x%02x%02x",
	    d.year % 10000, d.month % 100, d.day % 100, d.hour % 100,
	    d.minute % 100, d.second % 100, r[0], r[1], r[2], r[3], r[4], r[5],
	    r[6], r[7]);
	s->spec.unique = s->unique;
	return true;
}

bool
send_take_params(struct sending *s, struct err *err)
{
	const char *target = probe_param(s->ctx, "target");

	s->host = probe_param(s->ctx, "host");
	s->user = probe_param(s->ctx, "username");
	if (!s->host || !target || !probe_target_parse(target, &s->target))
		return err_set(
		    err, ERR_USAGE, "smtp_send needs a host and a target.");
	if ((s->ctx->password || s->ctx->token) && !s->user)
		return err_set(
		    err, ERR_USAGE, "smtp_send needs a user name to sign in.");
	return take_addresses(s, err) && take_kind(s, err) &&
	       make_unique(s, err);
}
