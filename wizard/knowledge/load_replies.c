/* SPDX-License-Identifier: ISC
 *
 * errors.yaml: what servers answer (`replies`), why TLS fails (`tls`), the
 * numbers that Outlook shows (`codes`), what follows from the class of an
 * app's error (`classes`), and how a server gives itself away (`marks`).
 */
#include "load.h"

#include <stddef.h>
#include <string.h>

#include "../../probes/base/mem.h"

#define STAGES "connect|ehlo|tls|auth|mail|rcpt|data|content"
#define FIXERS "you|admin|provider|network|nobody"

/* Is it the id of a provider, its kind, or "zoho*" for several ids? */
static bool
names_provider(const struct knowledge *k, const char *pattern)
{
	size_t len = strlen(pattern);
	bool is_prefix = len > 1 && pattern[len - 1] == '*';

	for (size_t i = 0; i < k->n_providers; i++) {
		const struct provider *p = &k->providers[i];

		if (str_eq(p->id, pattern) || str_eq(p->kind, pattern) ||
		    (is_prefix && strncmp(p->id, pattern, len - 1) == 0))
			return true;
	}
	return false;
}

static bool
read_words(struct load *l, const struct yaml *y, struct strs *out)
{
	size_t n = y->kind == YAML_LIST ? y->n : 1;

	for (size_t i = 0; i < n; i++) {
		char *text = load_text(
		    l, y->kind == YAML_LIST ? y->items[i] : y, "an item");

		if (!text)
			return false;
		strs_take(out, text);
	}
	return true;
}

static bool
read_providers(struct load *l, const struct yaml *y, void *object)
{
	struct reply_text *r = object;

	if (yaml_text(y) && str_eq(y->text, "any"))
		return true;
	if (!read_words(l, y, &r->providers))
		return false;
	for (size_t i = 0; i < r->providers.n; i++)
		if (!names_provider(l->k, r->providers.v[i]))
			return load_bad(l, y,
			    "there is no provider `%.40s` in providers.yaml, "
			    "expected an id, a kind or `any`; correct it",
			    r->providers.v[i]);
	return true;
}

static bool
read_stages(struct load *l, const struct yaml *y, void *object)
{
	struct reply_text *r = object;

	if (yaml_text(y) && str_eq(y->text, "any"))
		return true;
	if (!read_words(l, y, &r->stages))
		return false;
	for (size_t i = 0; i < r->stages.n; i++)
		if (!str_in_set(r->stages.v[i], STAGES))
			return load_bad(l, y,
			    "\"%.40s\" is no stage, expected one of %s; "
			    "choose one",
			    r->stages.v[i], STAGES);
	return true;
}

/* Digits and dots, perhaps a star at the end or a range in the last part. */
static bool
is_pattern(const char *text)
{
	size_t len = strspn(text, "0123456789.");

	if (len == 0 || text[len] == '\0')
		return len > 0;
	if (text[len] == '*')
		return text[len + 1] == '\0';
	return text[len] == '-' && text[len + 1] != '\0' &&
	       text[len + 1 + strspn(text + len + 1, "0123456789")] == '\0';
}

static bool
read_patterns(struct load *l, const struct yaml *y, struct strs *out)
{
	if (!read_words(l, y, out))
		return false;
	for (size_t i = 0; i < out->n; i++)
		if (!is_pattern(out->v[i]))
			return load_bad(l, y,
			    "\"%.40s\" is no pattern of a code, expected one "
			    "like 535, 4*, 5.7.139, 5.7.* or 5.7.606-649; "
			    "write it so",
			    out->v[i]);
	return true;
}

static bool
read_codes(struct load *l, const struct yaml *y, void *object)
{
	return read_patterns(l, y, &((struct reply_text *)object)->codes);
}

static bool
read_enhanced(struct load *l, const struct yaml *y, void *object)
{
	return read_patterns(l, y, &((struct reply_text *)object)->enhanced);
}

static bool
read_cause(struct load *l, const struct yaml *y, void *object)
{
	struct reply_text *r = object;
	const char *id = yaml_text(y);

	if (!id ||
	    (!str_in_set(id, "none|unknown") && !knowledge_cause(l->k, id)))
		return load_bad(l, y,
		    "\"%.40s\" is no cause, expected one of causes.yaml, none "
		    "or unknown; correct it",
		    id ? id : "");
	r->cause = mem_dup(id);
	return true;
}

#define WHAT_IT_SAYS                                                    \
	{.key = "cause",                                                \
	    .kind = LOAD_OWN,                                           \
	    .required = true,                                           \
	    .read = read_cause},                                        \
	    {LOAD_FIELD(struct reply_text, title, LOAD_TEXT, true)},    \
	    {LOAD_FIELD(struct reply_text, meaning, LOAD_TEXT, true)},  \
	    {LOAD_FIELD(struct reply_text, who, LOAD_WORD, true),       \
		.set = FIXERS},                                         \
	    {LOAD_FIELD(struct reply_text, fix, LOAD_STRS, true)},      \
	    {LOAD_FIELD(struct reply_text, source, LOAD_TEXT, true)},   \
	{                                                               \
		LOAD_FIELD(struct reply_text, checked, LOAD_DATE, true) \
	}

static const struct load_key reply_keys[] = {
    {.key = "provider", .kind = LOAD_OWN, .read = read_providers},
    {.key = "stage", .kind = LOAD_OWN, .read = read_stages},
    {.key = "code", .kind = LOAD_OWN, .read = read_codes},
    {.key = "enhanced", .kind = LOAD_OWN, .read = read_enhanced},
    {LOAD_FIELD(struct reply_text, match, LOAD_STRS, false)},
    {LOAD_FIELD(struct reply_text, ask_provider, LOAD_YES, false)},
    {LOAD_FIELD(struct reply_text, weak, LOAD_YES, false)},
    {LOAD_FIELD(struct reply_text, class, LOAD_YES, false)},
    WHAT_IT_SAYS,
    {.key = NULL},
};

static const struct load_key tls_keys[] = {
    {.key = "verify", .kind = LOAD_OWN, .read = read_codes},
    {LOAD_FIELD(struct reply_text, names, LOAD_STRS, false)},
    {LOAD_FIELD(struct reply_text, match, LOAD_STRS, false)},
    WHAT_IT_SAYS,
    {.key = NULL},
};

static const struct load_key code_keys[] = {
    {.key = "codes",
	.kind = LOAD_STRS,
	.required = true,
	.offset = offsetof(struct reply_text, codes)},
    {LOAD_FIELD(struct reply_text, names, LOAD_STRS, false)},
    WHAT_IT_SAYS,
    {.key = NULL},
};

static const struct load_key class_keys[] = {
    {.key = "class",
	.kind = LOAD_STRS,
	.required = true,
	.offset = offsetof(struct reply_text, names)},
    WHAT_IT_SAYS,
    {.key = NULL},
};

bool
load_replies(struct load *l, const struct yaml *y)
{
	struct knowledge *k = l->k;

	if (!load_is_list(l, y, "replies"))
		return false;
	for (size_t i = 0; i < y->n; i++) {
		struct reply_text *r =
		    MEM_PUSH(&k->replies, &k->n_replies, &k->cap_replies);

		if (!load_map(l, y->items[i], "a reply", reply_keys, r))
			return false;
		if (r->codes.n + r->enhanced.n + r->match.n == 0)
			return load_bad(l, y->items[i],
			    "this reply fits everything, expected a code, "
			    "enhanced or match; add one");
	}
	return true;
}

bool
load_tls(struct load *l, const struct yaml *y)
{
	struct knowledge *k = l->k;

	if (!load_is_list(l, y, "tls"))
		return false;
	for (size_t i = 0; i < y->n; i++) {
		struct reply_text *r =
		    MEM_PUSH(&k->tls, &k->n_tls, &k->cap_tls);

		if (!load_map(l, y->items[i], "a TLS result", tls_keys, r))
			return false;
	}
	return true;
}

bool
load_codes(struct load *l, const struct yaml *y)
{
	struct knowledge *k = l->k;

	if (!load_is_list(l, y, "codes"))
		return false;
	for (size_t i = 0; i < y->n; i++) {
		struct reply_text *r =
		    MEM_PUSH(&k->codes, &k->n_codes, &k->cap_codes);

		if (!load_map(l, y->items[i], "a code", code_keys, r))
			return false;
	}
	return true;
}

bool
load_classes(struct load *l, const struct yaml *y)
{
	struct knowledge *k = l->k;

	if (!load_is_list(l, y, "classes"))
		return false;
	for (size_t i = 0; i < y->n; i++) {
		struct reply_text *r =
		    MEM_PUSH(&k->classes, &k->n_classes, &k->cap_classes);

		if (!load_map(l, y->items[i], "a class", class_keys, r))
			return false;
		r->class = true;
	}
	return true;
}

static const struct load_key mark_keys[] = {
    {LOAD_FIELD(struct mark, texts, LOAD_STRS, true)},
    {LOAD_FIELD(struct mark, provider, LOAD_TEXT, true)},
    {LOAD_FIELD(struct mark, source, LOAD_TEXT, true)},
    {LOAD_FIELD(struct mark, checked, LOAD_DATE, true)},
    {.key = NULL},
};

bool
load_marks(struct load *l, const struct yaml *y)
{
	struct knowledge *k = l->k;

	if (!load_is_list(l, y, "marks"))
		return false;
	for (size_t i = 0; i < y->n; i++) {
		struct mark *m =
		    MEM_PUSH(&k->marks, &k->n_marks, &k->cap_marks);

		if (!load_map(l, y->items[i], "a mark", mark_keys, m))
			return false;
		if (!names_provider(k, m->provider))
			return load_bad(l, y->items[i],
			    "there is no provider `%.40s` in providers.yaml; "
			    "correct it",
			    m->provider);
	}
	return true;
}

void
reply_texts_done(struct reply_text *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct reply_text *r = &v[i];

		strs_done(&r->providers);
		strs_done(&r->stages);
		strs_done(&r->codes);
		strs_done(&r->enhanced);
		strs_done(&r->match);
		strs_done(&r->names);
		mem_free(r->cause);
		mem_free(r->title);
		mem_free(r->meaning);
		mem_free(r->who);
		strs_done(&r->fix);
		mem_free(r->source);
		mem_free(r->checked);
	}
	mem_free(v);
}

void
marks_done(struct mark *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		strs_done(&v[i].texts);
		mem_free(v[i].provider);
		mem_free(v[i].source);
		mem_free(v[i].checked);
	}
	mem_free(v);
}
