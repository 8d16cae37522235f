/* SPDX-License-Identifier: ISC
 *
 * Explanations as JSON, for programs. Absent texts are null.
 */
#include "explain.h"

#include <jansson.h>

#include <stdlib.h>

#include "../../probes/base/buf.h"

static json_t *
text_or_null(const char *text)
{
	json_t *value = text ? json_string(text) : NULL;

	return value ? value : json_null();
}

static json_t *
list(const struct strs *s)
{
	json_t *out = json_array();

	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(out, text_or_null(s->v[i]));
	return out;
}

static json_t *
one(const struct explanation *e)
{
	json_t *o = json_object();
	const struct {
		const char *name, *text;
	} texts[] = {{"kind", explain_kind_name(e->kind)},
	    {"certainty", explain_certainty_name(e->certainty)},
	    {"cause", e->cause}, {"title", e->title}, {"meaning", e->meaning},
	    {"fixed_by", e->who}, {"matched", e->matched},
	    {"source", e->source}, {"checked", e->checked},
	    {"recipient", e->recipient}, {"action", e->action},
	    {"status", e->status}, {"remote", e->remote}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		json_object_set_new(
		    o, texts[i].name, text_or_null(texts[i].text));
	json_object_set_new(o, "remedy", list(&e->fix));
	json_object_set_new(o, "others", list(&e->others));
	return o;
}

static int
write_json(const char *text, size_t len, void *out)
{
	return buf_add(out, text, len) ? 0 : -1;
}

void
explain_json(const struct explanations *e, struct buf *out)
{
	json_t *o = json_object(), *all = json_array();

	for (size_t i = 0; i < e->n; i++)
		json_array_append_new(all, one(&e->v[i]));
	json_object_set_new(o, "schema", json_string("smtpwiz-explain-1"));
	json_object_set_new(o, "version", json_string(VERSION));
	json_object_set_new(o, "explanations", all);
	json_object_set_new(o, "cut", json_boolean(e->cut));
	json_dump_callback(
	    o, write_json, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	buf_addc(out, '\n');
	json_decref(o);
}
