/* SPDX-License-Identifier: ISC
 *
 * Fuzz target: published settings. What comes out is bounded, printable, and
 * every server in it has a plain name, a port and an encryption.
 */
#include <string.h>

#include "probes/base/bug.h"
#include "probes/base/str.h"
#include "probes/net/autoconfig.h"
#include "tests/fuzz/target.h"

static void
check_printable(const char *text, size_t size)
{
	if (strnlen(text, size) == size)
		BUG("no end within %zu bytes", size);
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			BUG("byte %d came out", *text);
}

static void
check_server(const struct autoconfig_server *s)
{
	check_printable(s->host, sizeof(s->host));
	check_printable(s->auth, sizeof(s->auth));
	check_printable(s->username, sizeof(s->username));
	if (!*s->host || strspn(s->host, "abcdefghijklmnopqrstuvwxyz"
					 "0123456789-_.") != strlen(s->host))
		BUG("a host named \"%s\"", s->host);
	if (s->port < 1 || s->port > 65535)
		BUG("port %d", s->port);
	if (!str_in_set(s->security, "implicit-tls|starttls|none"))
		BUG("security %s", s->security);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct autoconfig a;
	enum autoconfig_status status = autoconfig_parse(
	    (const char *)data, size, "anna", "lab.example", &a);

	if (a.n > AUTOCONFIG_MAX)
		BUG("%zu servers", a.n);
	if ((status == AUTOCONFIG_OK) != (a.n > 0))
		BUG("status %d with %zu servers", (int)status, a.n);
	check_printable(a.name, sizeof(a.name));
	for (size_t i = 0; i < a.n; i++)
		check_server(&a.v[i]);
	return 0;
}
