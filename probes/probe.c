/* SPDX-License-Identifier: ISC
 *
 * The table of probes and what every probe uses to report: facts checked
 * against their declaration, findings, notes. Knows nothing of networks.
 */
#include "probe.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "base/mem.h"
#include "net/tcp.h"

/* No fact, finding or note is longer; all that is of use is shorter. */
#define PROBE_TEXT_MAX 8192

#define PROBE(name) extern const struct probe probe_##name;
#include "probes.def"
#undef PROBE

const struct probe *const probes_all[] = {
#define PROBE(name) &probe_##name,
#include "probes.def"
#undef PROBE
    NULL,
};

const struct probe *
probe_find(const char *name)
{
	for (size_t i = 0; probes_all[i]; i++)
		if (str_eq(probes_all[i]->name, name))
			return probes_all[i];
	return NULL;
}

static const struct probe_fact *
find_fact(const char *name)
{
	for (size_t i = 0; probes_all[i]; i++)
		for (const struct probe_fact *f = probes_all[i]->facts; f->name;
		     f++)
			if (str_eq(f->name, name))
				return f;
	return NULL;
}

/* A copy cut off at PROBE_TEXT_MAX, never inside a UTF-8 character. */
static char *
bounded(const char *text)
{
	size_t len = strlen(text);

	if (len > PROBE_TEXT_MAX) {
		len = PROBE_TEXT_MAX;
		while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	return mem_dupn(text, len);
}

void
probe_fact(struct probe_ctx *ctx, const char *name, const char *value)
{
	const struct probe_fact *f = find_fact(name);

	if (!f)
		BUG("fact %s is not declared", name);
	if (f->values && !str_in_set(value, f->values))
		BUG("fact %s cannot be \"%s\"", name, value);
	char *text = bounded(value);
	kvs_set(&ctx->result->facts, name, text);
	mem_free(text);
}

static char *vprint(const char *fmt, va_list ap)
    __attribute__((format(printf, 1, 0)));

static char *
vprint(const char *fmt, va_list ap)
{
	char *text = mem_alloc(PROBE_TEXT_MAX + 1);

	vsnprintf(text, PROBE_TEXT_MAX + 1, fmt, ap);
	return text;
}

void
probe_factf(struct probe_ctx *ctx, const char *name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *text = vprint(fmt, ap);
	va_end(ap);
	probe_fact(ctx, name, text);
	mem_free(text);
}

void
probe_unknowns(struct probe_ctx *ctx, const struct probe_fact *facts)
{
	for (const struct probe_fact *f = facts; f->name; f++)
		if (f->values && !kvs_get(&ctx->result->facts, f->name))
			probe_fact(ctx, f->name, "unknown");
}

void
probe_finding(struct probe_ctx *ctx, enum finding_grade grade, const char *id,
    const char *fmt, ...)
{
	struct probe_result *r = ctx->result;
	va_list ap;

	va_start(ap, fmt);
	char *text = vprint(fmt, ap);
	va_end(ap);
	struct finding *f =
	    MEM_PUSH(&r->findings, &r->n_findings, &r->cap_findings);
	f->grade = grade;
	f->id = mem_dup(id);
	f->text = str_printable(text, strlen(text));
	mem_free(text);
}

void
probe_note(struct probe_ctx *ctx, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *text = vprint(fmt, ap);
	va_end(ap);
	char *shown = str_printable(text, strlen(text));
	strs_addf(&ctx->result->transcript, "* %s", shown);
	mem_free(shown);
	mem_free(text);
}

void
probe_stage(struct probe_ctx *ctx, const char *stage)
{
	if (ctx->progress)
		ctx->progress(ctx->progress_arg, stage);
}

const char *
probe_param(const struct probe_ctx *ctx, const char *name)
{
	const char *value = kvs_get(ctx->params, name);

	return value && *value ? value : NULL;
}

void
probe_result_done(struct probe_result *r)
{
	kvs_done(&r->facts);
	for (size_t i = 0; i < r->n_findings; i++) {
		mem_free(r->findings[i].id);
		mem_free(r->findings[i].text);
	}
	mem_free(r->findings);
	strs_done(&r->transcript);
	memset(r, 0, sizeof(*r));
}

/* The address part: up to the last colon, without brackets. */
static bool
parse_address(const char *text, size_t len, char out[46])
{
	bool bracketed = len > 2 && text[0] == '[' && text[len - 1] == ']';

	if (bracketed) {
		text++;
		len -= 2;
	}
	if (!len || len > 45)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return tcp_family(out) == (bracketed ? 6 : 4);
}

bool
probe_target_parse(const char *text, struct probe_target *out)
{
	struct probe_target t = {.port = 0};
	const char *slash = strrchr(text, '/');
	char port_text[8];
	int64_t port;

	if (!slash || !str_in_set(slash + 1, "starttls|implicit-tls|none|auto"))
		return false;
	snprintf(t.security, sizeof(t.security), "%s", slash + 1);
	const char *colon = slash;
	while (colon > text && *colon != ':')
		colon--;
	size_t port_len = (size_t)(slash - colon);
	if (colon == text || port_len < 2 || port_len > sizeof(port_text))
		return false;
	memcpy(port_text, colon + 1, port_len - 1);
	port_text[port_len - 1] = '\0';
	if (!str_number(port_text, 1, 65535, &port) ||
	    !parse_address(text, (size_t)(colon - text), t.address))
		return false;
	t.port = (int)port;
	*out = t;
	return true;
}
