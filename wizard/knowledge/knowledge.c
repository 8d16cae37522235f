/* SPDX-License-Identifier: ISC
 *
 * Finds the knowledge files (the built-in copy, or a newer one of the
 * user's), has each read by its loader, and owns the result. Looking things
 * up is in lookup.c.
 */
#include "knowledge.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../../probes/base/mem.h"
#include "builtin.h"
#include "load.h"

/* Which files there are, and the top-level keys of each besides version. */
static const struct file {
	const char *name;
	struct {
		const char *key;
		bool (*read)(struct load *l, const struct yaml *y);
	} parts[6];
} files[] = {
    {"knowledge/providers.yaml",
	{{"providers", load_providers}, {"filters", load_filters}}},
    {"knowledge/discovery.yaml", {{"databases", load_databases}}},
    {"knowledge/interceptors.yaml", {{"interceptors", load_interceptors}}},
    /* Before errors.yaml, whose entries name causes. */
    {"knowledge/causes.yaml", {{"causes", load_causes}}},
    {"knowledge/errors.yaml",
	{{"errors", load_errors}, {"replies", load_replies}, {"tls", load_tls},
	    {"codes", load_codes}, {"classes", load_classes},
	    {"marks", load_marks}}},
    {"knowledge/clients.yaml", {{"clients", load_clients}}},
};
#define N_PARTS 6

const char *
knowledge_builtin(const char *name, size_t *len)
{
	for (const struct builtin *b = builtin_files; b->name; b++) {
		if (!str_eq(b->name, name))
			continue;
		if (len)
			*len = b->len;
		return b->text;
	}
	return NULL;
}

const char *
knowledge_builtin_name(size_t n)
{
	/* The caller may ask for any n, so walk to it. */
	for (const struct builtin *b = builtin_files; b->name; b++)
		if (n-- == 0)
			return b->name;
	return NULL;
}

/* A copy of a file: its tree and where it came from. */
struct copy {
	struct yaml *tree;
	char *file, *version;
};

static void
copy_done(struct copy *c)
{
	yaml_free(c->tree);
	mem_free(c->file);
	mem_free(c->version);
	memset(c, 0, sizeof(*c));
}

static bool
copy_version(struct copy *c, struct err *err)
{
	struct load l = {.file = c->file, .err = err};
	const struct yaml *version = yaml_get(c->tree, "version");

	if (!version)
		return load_bad(&l, c->tree,
		    "this file has no version, expected the day it was last "
		    "changed; add `version: \"2026-11-23\"` at the top");
	c->version = load_date(&l, version, NULL);
	return c->version != NULL;
}

static bool
open_builtin(const struct file *f, struct copy *c, struct err *err)
{
	size_t len = 0;
	const char *text = knowledge_builtin(f->name, &len);

	if (!text)
		return err_set(err, ERR_FILE,
		    "This program was built without %s: build it again.",
		    f->name);
	c->file = mem_printf("playbooks/%s", f->name);
	c->tree = yaml_parse(c->file, text, len, err);
	return c->tree && copy_version(c, err);
}

/* The user's copy; nothing is opened and true returned where there is none. */
static bool
open_user(
    const char *dir, const struct file *f, struct copy *c, struct err *err)
{
	if (!dir)
		return true;
	c->file = mem_printf("%s/%s", dir, f->name);
	if (access(c->file, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
		return true;
	c->tree = yaml_load(c->file, err);
	return c->tree && copy_version(c, err);
}

/* The names of a file's parts, for a message; the caller frees. */
static char *
part_names(const struct file *f)
{
	struct strs names = {0};
	char *joined;

	for (size_t part = 0; part < N_PARTS && f->parts[part].key; part++)
		strs_add(&names, f->parts[part].key);
	joined = strs_join(&names, ", ");
	strs_done(&names);
	return joined;
}

static bool
unknown_part(struct load *l, const struct file *f, const struct yaml *key)
{
	char *names = part_names(f);

	load_bad(l, key,
	    "unknown key `%.40s`, expected version, %s; rename or remove it",
	    key->text, names);
	mem_free(names);
	return false;
}

static bool
read_copy(struct knowledge *k, const struct file *f, const struct copy *c,
    struct err *err)
{
	struct load l = {.k = k, .file = c->file, .err = err};

	for (size_t i = 0; i < c->tree->n; i++) {
		const char *key = c->tree->keys[i]->text;
		size_t part = 0;

		if (str_eq(key, "version"))
			continue;
		while (part < N_PARTS && !str_eq(f->parts[part].key, key))
			part++;
		if (part == N_PARTS)
			return unknown_part(&l, f, c->tree->keys[i]);
		if (!f->parts[part].read(&l, c->tree->items[i]))
			return false;
	}
	for (size_t part = 0; part < N_PARTS && f->parts[part].key; part++)
		if (!yaml_get(c->tree, f->parts[part].key))
			return load_bad(&l, c->tree,
			    "this file has no `%s`, expected it beside "
			    "version; add it",
			    f->parts[part].key);
	return true;
}

static bool
load_file(struct knowledge *k, const struct file *f, const char *user_dir,
    struct err *err)
{
	struct copy builtin = {0}, user = {0};
	bool ok = false, is_newer;
	struct origin *o;

	if (!open_builtin(f, &builtin, err) ||
	    !open_user(user_dir, f, &user, err))
		goto out;
	is_newer = user.tree && strcmp(user.version, builtin.version) > 0;
	if (!read_copy(k, f, is_newer ? &user : &builtin, err))
		goto out;
	o = MEM_PUSH(&k->origins, &k->n_origins, &k->cap_origins);
	o->name = mem_dup(f->name);
	o->version = mem_dup(is_newer ? user.version : builtin.version);
	o->file = mem_dup(is_newer ? user.file : "built in");
	if (user.tree && !is_newer)
		o->older =
		    mem_printf("%s (version %s)", user.file, user.version);
	ok = true;
out:
	copy_done(&builtin);
	copy_done(&user);
	return ok;
}

struct knowledge *
knowledge_load(const char *user_dir, struct err *err)
{
	struct knowledge *k = mem_new(struct knowledge);

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (load_file(k, &files[i], user_dir, err))
			continue;
		knowledge_free(k);
		return NULL;
	}
	k->cause_ids = mem_alloc((k->n_causes + 1) * sizeof(*k->cause_ids));
	for (size_t i = 0; i < k->n_causes; i++)
		k->cause_ids[i] = k->causes[i].id;
	return k;
}

static void
free_interceptors(struct knowledge *k)
{
	for (size_t i = 0; i < k->n_interceptors; i++) {
		struct interceptor *x = &k->interceptors[i];

		mem_free(x->name);
		mem_free(x->kind);
		strs_done(&x->issuers);
		mem_free(x->advice);
		mem_free(x->source);
		mem_free(x->checked);
	}
	mem_free(k->interceptors);
}

static void
free_errors(struct knowledge *k)
{
	for (size_t i = 0; i < k->n_errors; i++) {
		struct error_text *e = &k->errors[i];

		strs_done(&e->match);
		mem_free(e->class);
		mem_free(e->meaning);
		mem_free(e->source);
		mem_free(e->checked);
	}
	mem_free(k->errors);
}

static void
free_origins(struct knowledge *k)
{
	for (size_t i = 0; i < k->n_origins; i++) {
		mem_free(k->origins[i].name);
		mem_free(k->origins[i].version);
		mem_free(k->origins[i].file);
		mem_free(k->origins[i].older);
	}
	mem_free(k->origins);
}

void
knowledge_free(struct knowledge *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->n_providers; i++)
		provider_done(&k->providers[i]);
	mem_free(k->providers);
	for (size_t i = 0; i < k->n_filters; i++) {
		mem_free(k->filters[i].name);
		mem_free(k->filters[i].suffix);
	}
	mem_free(k->filters);
	databases_done(k);
	free_interceptors(k);
	for (size_t i = 0; i < k->n_causes; i++)
		cause_done(&k->causes[i]);
	mem_free(k->causes);
	free_errors(k);
	reply_texts_done(k->replies, k->n_replies);
	reply_texts_done(k->tls, k->n_tls);
	reply_texts_done(k->codes, k->n_codes);
	reply_texts_done(k->classes, k->n_classes);
	marks_done(k->marks, k->n_marks);
	for (size_t i = 0; i < k->n_clients; i++)
		client_done(&k->clients[i]);
	mem_free(k->clients);
	free_origins(k);
	mem_free(k->cause_ids);
	mem_free(k);
}
