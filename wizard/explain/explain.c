/* SPDX-License-Identifier: ISC
 *
 * Finds out what kind of text it is, asks the knowledge, and puts what is
 * known together. The surest finding comes first; the others are named.
 */
#include "explain.h"

#include <stdlib.h>
#include <string.h>

#include "../../probes/base/buf.h"
#include "../../probes/base/mem.h"
#include "bounce.h"
#include "explain_in.h"

#define MATCHED_MAX 600 /* bytes of the words that are shown */
#define REPLY_MAX 4096 /* bytes of one reply in a text */
#define WORD_MAX 160 /* longer ones are no words */
#define CANDIDATES 4

const char *
explain_kind_name(enum explain_kind kind)
{
	static const char *const names[] = {[EXPLAIN_NOTHING] = "nothing",
	    [EXPLAIN_REPLY] = "reply",
	    [EXPLAIN_CODE] = "code",
	    [EXPLAIN_APP] = "app",
	    [EXPLAIN_TLS] = "tls",
	    [EXPLAIN_TOKEN] = "token",
	    [EXPLAIN_BOUNCE] = "bounce"};

	return names[kind];
}

const char *
explain_certainty_name(enum explain_certainty certainty)
{
	static const char *const names[] = {[EXPLAIN_UNKNOWN] = "unknown",
	    [EXPLAIN_CLASS] = "class",
	    [EXPLAIN_LIKELY] = "likely",
	    [EXPLAIN_EXACT] = "exact"};

	return names[certainty];
}

static bool
is_space(char c)
{
	return strchr(" \t\r\n", c) != NULL;
}

/* Words for the screen: one line, bounded, without tokens and the like. */
static char *
show_words(const char *text, size_t len)
{
	struct buf b;
	char *raw, *shown;

	buf_init(&b, MATCHED_MAX);
	for (size_t i = 0; i < len && !b.full;) {
		size_t word = 0;

		while (i + word < len && !is_space(text[i + word]))
			word++;
		if (word > 0) {
			bool hide =
			    word > WORD_MAX || explain_token_in(text + i, word);

			if (b.len > 0)
				buf_addc(&b, ' ');
			if (hide)
				buf_adds(&b, "[left out]");
			else
				buf_add(&b, text + i, word);
		}
		i += word + 1;
	}
	raw = buf_take(&b);
	shown = str_printable(raw, strlen(raw));
	mem_free(raw);
	return shown;
}

struct explanation *
explanations_add(struct explanations *out, enum explain_kind kind)
{
	struct explanation *e = MEM_PUSH(&out->v, &out->n, &out->cap);

	e->kind = kind;
	return e;
}

static void
fill(struct explanation *e, const struct reply_text *r, const char *words,
    size_t len)
{
	e->certainty = r->class  ? EXPLAIN_CLASS
		       : r->weak ? EXPLAIN_LIKELY
				 : EXPLAIN_EXACT;
	e->cause = mem_dup(r->cause);
	e->title = mem_dup(r->title);
	e->meaning = mem_dup(r->meaning);
	e->who = mem_dup(r->who);
	strs_copy(&e->fix, &r->fix);
	e->source = mem_dup(r->source);
	e->checked = mem_dup(r->checked);
	if (words)
		e->matched = show_words(words, len);
}

static void
add_other(struct explanation *e, const char *title, const char *cause)
{
	char *text;

	if (e->others.n == CANDIDATES || str_eq(e->title, title) ||
	    str_eq(e->cause, cause))
		return;
	text = str_in_set(cause, "none|unknown")
		   ? mem_dup(title)
		   : mem_printf("%s (%s)", title, cause);
	if (strs_has(&e->others, text))
		mem_free(text);
	else
		strs_take(&e->others, text);
}

static void
add_others(
    struct explanation *e, const struct reply_text *const *best, size_t n)
{
	/* Words that fit leave no doubt. */
	if (n > 0 && best[0]->match.n > 0 && e->certainty == EXPLAIN_EXACT)
		return;
	for (size_t i = 0; i < n; i++)
		if (!best[i]->class)
			add_other(e, best[i]->title, best[i]->cause);
}

/* A host's owner, in the form that the entries are compared by. */
static const char *
owner_of(const struct knowledge *k, const char *host)
{
	const struct provider *p;
	char *name;
	size_t len;

	if (!host)
		return NULL;
	len = strcspn(host, " ([");
	name = mem_dupn(host, len);
	p = knowledge_by_host(k, name);
	if (!p)
		p = knowledge_by_mx(k, name);
	mem_free(name);
	return p ? p->id : NULL;
}

/* The end of a reply in a text: an empty line, or enough. */
static size_t
reply_len(const char *at)
{
	size_t len = 0;

	while (at[len] && len < REPLY_MAX) {
		if (at[len] == '\n' &&
		    (at[len + 1] == '\n' || str_starts(at + len, "\n\r\n")))
			break;
		len++;
	}
	return len;
}

struct asked { /* what a text says, and what is known of it */
	const struct reply_text *best[CANDIDATES];
	size_t n;
	const char *at; /* where the reply begins; NULL: words only */
	size_t len;
};

static void
ask_reply(const struct knowledge *k, const char *provider, const char *stage,
    const char *status, const char *text, struct asked *a)
{
	char enhanced[16], *segment;
	int code;

	memset(a, 0, sizeof(*a));
	a->at = explain_find_reply(text, &code, enhanced);
	if (!provider)
		provider = knowledge_speaker(k, text);
	if (!a->at) {
		a->n = knowledge_replies(
		    k, provider, stage, 0, status, text, a->best, CANDIDATES);
		return;
	}
	a->len = reply_len(a->at);
	segment = mem_dupn(a->at, a->len);
	a->n = knowledge_replies(k, provider, stage, code,
	    *enhanced ? enhanced : status, segment, a->best, CANDIDATES);
	mem_free(segment);
	if (a->n == 0 || !a->best[0]->class)
		return;
	/* Perhaps the words in front of the code say more. */
	a->n = knowledge_replies(
	    k, provider, stage, code, enhanced, text, a->best, CANDIDATES);
}

/* "verify error:num=20", "Verify return code: 21", "X509_V_ERR_...", "20". */
static const struct reply_text *
find_verify(const struct knowledge *k, const char *text)
{
	static const char *const signs[] = {
	    "error:num=", "return code:", "verify result", "verify error",
	    "verify code", "X509_V_ERR", "verification error"};
	size_t digits = strspn(text, "0123456789");

	if (digits > 0 && digits < 3 && !text[digits])
		return knowledge_verify(k, (int)strtol(text, NULL, 10));
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		const char *at = str_find_nocase(text, signs[i]);

		if (!at)
			continue;
		at += strlen(signs[i]);
		at += strspn(at, " :=(#");
		digits = strspn(at, "0123456789");
		if (digits > 0 && digits < 4)
			return knowledge_verify(k, (int)strtol(at, NULL, 10));
	}
	return NULL;
}

/* What the program's own sentence says, by its class. */
static void
fill_app(struct explanation *e, const struct knowledge *k,
    const struct error_text *shown, const char *text)
{
	const struct reply_text *class = knowledge_class(k, shown->class);
	char *words = strs_join(&shown->match, " ... ");

	if (class)
		fill(e, class, words, strlen(words));
	mem_free(e->meaning);
	e->meaning = mem_dup(shown->meaning);
	mem_free(e->source);
	e->source = mem_dup(shown->source);
	mem_free(e->checked);
	e->checked = mem_dup(shown->checked);
	e->certainty = shown->weak || !class || str_eq(shown->class, "other")
			   ? EXPLAIN_CLASS
			   : EXPLAIN_LIKELY;
	mem_free(words);
	(void)text;
}

/* Two numbers together, as 0x800CCC0E with 10061, say more than one. */
static void
add_detail(struct explanation *e, const struct error_text *shown)
{
	char *longer;

	if (!shown || shown->match.n < 2)
		return;
	longer = mem_printf("%s %s", e->meaning, shown->meaning);
	mem_free(e->meaning);
	e->meaning = longer;
}

static void
fill_nothing(struct explanation *e, const char *text)
{
	e->kind = EXPLAIN_NOTHING;
	e->certainty = EXPLAIN_UNKNOWN;
	e->cause = mem_dup("unknown");
	e->title = mem_dup("Nothing in this text is known");
	e->meaning = mem_dup("No code, reply or sentence in it is among those "
			     "that this program knows.");
	e->who = mem_dup("you");
	strs_add(&e->fix,
	    "Give the whole text of the error, with every number in it; in "
	    "Outlook it stands under Send/Receive, Show Progress, Errors.");
	strs_add(&e->fix, "Run smtpwiz without a text: it tests the way to "
			  "the server from here.");
	e->matched = show_words(text, strlen(text));
}

/* Everything that is known of the text; the surest first. */
static void
explain_plain(
    const struct knowledge *k, const char *text, struct explanations *out)
{
	const struct reply_text *verify = find_verify(k, text);
	const struct reply_text *code = knowledge_code(k, text);
	const struct reply_text *tls = knowledge_tls(k, text);
	const struct error_text *shown = knowledge_error(k, text);
	struct explanation *e = explanations_add(out, EXPLAIN_NOTHING);
	struct asked a;
	bool is_sure;

	ask_reply(k, NULL, NULL, NULL, text, &a);
	is_sure = a.n > 0 && !a.best[0]->class;
	if (verify || (tls && !(is_sure && a.at))) {
		e->kind = EXPLAIN_TLS;
		fill(e, verify ? verify : tls, text, strlen(text));
	} else if (is_sure && (a.at || !code)) {
		e->kind = EXPLAIN_REPLY;
		fill(e, a.best[0], a.at ? a.at : text,
		    a.at ? a.len : strlen(text));
	} else if (code) {
		e->kind = EXPLAIN_CODE;
		fill(e, code, text, strlen(text));
		add_detail(e, shown);
	} else if (shown && (!shown->weak || a.n == 0)) {
		e->kind = EXPLAIN_APP;
		fill_app(e, k, shown, text);
	} else if (a.n > 0) {
		e->kind = EXPLAIN_REPLY;
		fill(e, a.best[0], a.at ? a.at : text,
		    a.at ? a.len : strlen(text));
	} else {
		fill_nothing(e, text);
	}
	add_others(e, a.best, a.n);
	if (code)
		add_other(e, code->title, code->cause);
	if (tls)
		add_other(e, tls->title, tls->cause);
}

static void
explain_bounce(
    const struct knowledge *k, const struct bounce *b, struct explanations *out)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct bounce_recipient *r = &b->v[i];
		struct explanation *e = explanations_add(out, EXPLAIN_BOUNCE);
		const char *words = r->diagnostic ? r->diagnostic
				    : r->status   ? r->status
						  : "";
		const char *provider = knowledge_speaker(k, words);
		struct asked a;

		if (!provider)
			provider = owner_of(k, r->remote);
		ask_reply(k, provider, r->stage, r->status, words, &a);
		if (a.n > 0)
			fill(e, a.best[0], a.at ? a.at : words,
			    a.at ? a.len : strlen(words));
		else
			fill_nothing(e, words);
		e->kind = EXPLAIN_BOUNCE;
		add_others(e, a.best, a.n);
		e->recipient = mem_dup(r->address);
		e->action = mem_dup(r->action);
		e->status = mem_dup(r->status);
		e->remote = mem_dup(r->remote);
	}
	out->cut |= b->cut;
}

/* The text with base64 challenges written out behind it. */
static char *
with_challenges(const char *text)
{
	struct buf b;

	buf_init(&b, EXPLAIN_MAX * 2);
	buf_adds(&b, text);
	for (const char *at = text; *at;) {
		size_t len = strcspn(at, " \t\r\n");
		char *json = str_starts(at, "eyJ") || str_starts(at, "eyA") ||
				     str_starts(at, "ewo")
				 ? explain_challenge(at, len)
				 : NULL;

		if (json) {
			buf_addc(&b, ' ');
			buf_adds(&b, json);
			mem_free(json);
		}
		at += len + (at[len] ? 1 : 0);
	}
	return buf_take(&b);
}

void
explain_text(const struct knowledge *k, const char *text, size_t len,
    int64_t now_ms, struct explanations *out)
{
	struct bounce b = {0};
	char *copy, *full, *trimmed;

	memset(out, 0, sizeof(*out));
	if (len > EXPLAIN_MAX) {
		len = EXPLAIN_MAX;
		out->cut = true;
	}
	copy = mem_alloc(len + 1);
	for (size_t i = 0; i < len; i++)
		copy[i] = text[i] ? text[i] : ' ';
	trimmed = str_trim(copy);
	if (explain_token(trimmed, strlen(trimmed), now_ms, out))
		goto out;
	if (bounce_read(trimmed, strlen(trimmed), &b)) {
		explain_bounce(k, &b, out);
		goto out;
	}
	full = with_challenges(trimmed);
	explain_plain(k, full, out);
	mem_free(full);
out:
	bounce_done(&b);
	mem_free(copy);
}

void
explanations_done(struct explanations *e)
{
	for (size_t i = 0; i < e->n; i++) {
		struct explanation *x = &e->v[i];

		mem_free(x->cause);
		mem_free(x->title);
		mem_free(x->meaning);
		mem_free(x->who);
		strs_done(&x->fix);
		mem_free(x->matched);
		mem_free(x->source);
		mem_free(x->checked);
		strs_done(&x->others);
		mem_free(x->recipient);
		mem_free(x->action);
		mem_free(x->status);
		mem_free(x->remote);
	}
	mem_free(e->v);
	memset(e, 0, sizeof(*e));
}
