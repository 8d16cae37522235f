/* SPDX-License-Identifier: ISC
 *
 * Which copy of a playbook is used, and what is said about bad ones.
 */
#include "books.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../probes/base/buf.h"
#include "../probes/base/mem.h"
#include "../probes/base/yaml.h"
#include "commands.h"
#include "engine/facts.h"
#include "paths.h"

/* The text of a playbook and where it came from. */
struct source {
	char *name; /* owned: for messages */
	char *text; /* owned */
	size_t len;
	char *version; /* owned; "" when the file says none */
};

static void
source_done(struct source *s)
{
	mem_free(s->name);
	mem_free(s->text);
	mem_free(s->version);
	memset(s, 0, sizeof(*s));
}

/* The version line alone: whether the rest is good shows when it is used. */
static void
find_version(struct source *s)
{
	struct err err = {0};
	struct yaml *y = yaml_parse(s->name, s->text, s->len, &err);

	s->version = mem_dup(yaml_get_text(y, "version"));
	if (!s->version)
		s->version = mem_dup("");
	yaml_free(y);
}

static bool
read_stream(FILE *f, struct buf *b)
{
	char part[4096];
	size_t n = sizeof(part);

	while (n > 0 && !b->full) {
		n = fread(part, 1, sizeof(part), f);
		buf_add(b, part, n);
	}
	return !ferror(f);
}

static bool
read_file(struct source *s, const char *path, struct err *err)
{
	FILE *f = fopen(path, "rbe");
	struct buf b;
	bool ok;

	if (!f)
		return err_sys(err, ERR_FILE, errno,
		    "The playbook %s could not be opened", path);
	buf_init(&b, YAML_MAX_BYTES);
	ok = read_stream(f, &b);
	if (!ok)
		err_sys(err, ERR_FILE, errno,
		    "The playbook %s could not be read", path);
	else if (b.full)
		ok = err_set(err, ERR_LIMIT,
		    "The playbook %s is longer than %u bytes.", path,
		    YAML_MAX_BYTES);
	fclose(f);
	s->name = mem_dup(path);
	s->len = b.len;
	s->text = buf_take(&b);
	if (ok)
		find_version(s);
	return ok;
}

static bool
read_builtin(struct source *s, const char *name)
{
	char *file = mem_printf("%s.yaml", name);
	const char *text = knowledge_builtin(file, &s->len);

	mem_free(file);
	if (!text)
		return false;
	s->name = mem_dup("built in");
	s->text = mem_dupn(text, s->len);
	find_version(s);
	return true;
}

static void
note_older(const char *copy)
{
	note("%s is not newer than the built-in copy and was not used.", copy);
}

#define MAX_NAMES 200

static bool
no_such_playbook(const char *name, struct err *err)
{
	char texts[MAX_NAMES][64];
	const char *names[MAX_NAMES + 1] = {NULL};
	char near[NEAR_TEXT];
	size_t n = 0;
	const char *file;

	for (size_t i = 0; n < MAX_NAMES; i++) {
		file = knowledge_builtin_name(i);
		if (!file)
			break;
		if (strchr(file, '/'))
			continue;
		snprintf(texts[n], sizeof(texts[n]), "%.*s",
		    (int)strcspn(file, "."), file);
		names[n] = texts[n];
		n++;
	}
	options_near(name, names, near);
	return err_set(err, ERR_USAGE, "There is no playbook \"%.60s\"%s", name,
	    *near ? near : ".");
}

/* The built-in copy, or a newer one of the user's. */
static bool
find_named(struct books *b, struct source *s, const char *name, struct err *err)
{
	struct source user = {0};
	char *dir = paths_playbooks();
	char *path = dir ? mem_printf("%s/%s.yaml", dir, name) : NULL;
	bool has_builtin = read_builtin(s, name);
	bool has_user = path && access(path, F_OK) == 0;
	bool ok = true;

	if (has_user)
		ok = read_file(&user, path, err);
	if (ok && has_user &&
	    (!has_builtin || strcmp(user.version, s->version) > 0)) {
		struct source other = *s;

		*s = user;
		user = other;
	} else if (ok && has_user) {
		b->older = mem_printf("%s (version %s)", path,
		    *user.version ? user.version : "unknown");
		note_older(b->older);
	} else if (ok && !has_builtin) {
		ok = no_such_playbook(name, err);
	}
	source_done(&user);
	mem_free(path);
	mem_free(dir);
	return ok;
}

static void
print_complaints(const char *file, const struct complaints *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (!c->v[i].is_warning)
			fprintf(stderr, "%s:%d:%d: %s [%s]\n", file,
			    c->v[i].at.line, c->v[i].at.column, c->v[i].text,
			    c->v[i].id);
}

/* Beside the knowledge files, so that the report names its origin too. */
static void
add_origin(struct books *b)
{
	struct knowledge *k = b->knowledge;
	struct origin *o =
	    MEM_PUSH(&k->origins, &k->n_origins, &k->cap_origins);

	o->name = mem_printf("%s.yaml", b->playbook->id);
	o->version = mem_dup(b->playbook->version);
	o->file = mem_dup(b->playbook->file);
	o->older = b->older;
	b->older = NULL;
}

static bool
parse(struct books *b, const struct source *s)
{
	struct playbook_world world = {
	    .facts = engine_facts_table,
	    .causes = b->knowledge->cause_ids,
	};
	struct complaints complaints = {0};

	b->playbook =
	    playbook_parse(s->name, s->text, s->len, &world, &complaints);
	if (!b->playbook) {
		print_complaints(s->name, &complaints);
		complain_usage("The playbook %s cannot be used.", s->name);
	}
	complaints_done(&complaints);
	if (b->playbook)
		add_origin(b);
	return b->playbook != NULL;
}

static bool
load_knowledge(struct books *b)
{
	char *dir = paths_playbooks();
	struct err err = {0};

	b->knowledge = knowledge_load(dir, &err);
	mem_free(dir);
	if (!b->knowledge) {
		complain_usage("%s", err.msg);
		return false;
	}
	for (size_t i = 0; i < b->knowledge->n_origins; i++)
		if (b->knowledge->origins[i].older)
			note_older(b->knowledge->origins[i].older);
	return true;
}

bool
books_load(struct books *b, const char *playbook)
{
	bool is_path = strchr(playbook, '/') || str_ends(playbook, ".yaml");
	struct source source = {0};
	struct err err = {0};
	bool ok;

	memset(b, 0, sizeof(*b));
	if (!load_knowledge(b))
		return false;
	ok = is_path ? read_file(&source, playbook, &err)
		     : find_named(b, &source, playbook, &err);
	if (!ok)
		complain_usage("%s", err.msg);
	ok = ok && parse(b, &source);
	source_done(&source);
	return ok;
}

void
books_done(struct books *b)
{
	playbook_free(b->playbook);
	knowledge_free(b->knowledge);
	mem_free(b->older);
	memset(b, 0, sizeof(*b));
}
