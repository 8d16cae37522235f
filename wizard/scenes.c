/* SPDX-License-Identifier: ISC
 *
 * Finds and lists scenarios. A path is taken as a file, so that a trainer can
 * play one of his own.
 */
#include "scenes.h"

#include <stdio.h>
#include <string.h>

#include "../probes/base/buf.h"
#include "../probes/base/mem.h"
#include "knowledge/knowledge.h"
#include "options.h"

#define MAX_SCENES 500
#define NAME_MAX_LEN 64

/* "lab/NAME.yaml" -> NAME; false for other files. */
static bool
scene_name(const char *file, char name[NAME_MAX_LEN])
{
	size_t len = strlen(file);

	if (!str_starts(file, "lab/") || !str_ends(file, ".yaml") ||
	    len - 9 >= NAME_MAX_LEN)
		return false;
	snprintf(name, NAME_MAX_LEN, "%.*s", (int)(len - 9), file + 4);
	return true;
}

static struct scenario *
parse_builtin(const char *file, struct err *err)
{
	size_t len = 0;
	const char *text = knowledge_builtin(file, &len);

	return text ? scenario_parse(file, text, len, err) : NULL;
}

static struct scenario *
parse_file(const char *path, struct err *err)
{
	FILE *f = fopen(path, "rbe");
	struct scenario *s = NULL;
	char part[4096];
	size_t n;
	struct buf b;

	if (!f) {
		err_set(
		    err, ERR_FILE, "The scenario %s cannot be opened.", path);
		return NULL;
	}
	buf_init(&b, (size_t)1 << 20);
	do {
		n = fread(part, 1, sizeof(part), f);
		buf_add(&b, part, n);
	} while (n > 0 && !b.full);
	if (b.full || ferror(f))
		err_set(err, ERR_FILE,
		    "The scenario %s cannot be read, or is over 1 MiB.", path);
	else
		s = scenario_parse(path, b.data, b.len, err);
	buf_done(&b);
	fclose(f);
	return s;
}

static void
no_such_scene(const char *name, struct err *err)
{
	static char texts[MAX_SCENES][NAME_MAX_LEN];
	const char *names[MAX_SCENES + 1] = {NULL};
	char near[NEAR_TEXT];
	const char *file;
	size_t n = 0;

	for (size_t i = 0; n < MAX_SCENES; i++) {
		file = knowledge_builtin_name(i);
		if (!file)
			break;
		if (scene_name(file, texts[n])) {
			names[n] = texts[n];
			n++;
		}
	}
	options_near(name, names, near);
	err_set(err, ERR_USAGE,
	    "There is no scenario \"%.60s\"%s `smtpwiz demo` lists them.", name,
	    *near ? near : ".");
}

struct scenario *
scenes_load(const char *name, struct err *err)
{
	char *file;
	struct scenario *s;

	if (strchr(name, '/') || str_ends(name, ".yaml"))
		return parse_file(name, err);
	file = mem_printf("lab/%s.yaml", name);
	s = parse_builtin(file, err);
	mem_free(file);
	if (!s && err->kind == ERR_NONE)
		no_such_scene(name, err);
	return s;
}

/* One line of the list. */
struct scene {
	char name[NAME_MAX_LEN];
	char *topic, *title; /* owned */
};

struct scene_list {
	struct scene *v;
	size_t n, cap;
};

static bool
collect(struct scene_list *list, struct err *err)
{
	const char *file;

	for (size_t i = 0;; i++) {
		char name[NAME_MAX_LEN];
		struct scenario *s;
		struct scene *scene;

		file = knowledge_builtin_name(i);
		if (!file)
			return true;
		if (!scene_name(file, name))
			continue;
		s = parse_builtin(file, err);
		if (!s)
			return false;
		scene = MEM_PUSH(&list->v, &list->n, &list->cap);
		memcpy(scene->name, name, sizeof(name));
		scene->topic = mem_dup(scenario_topic(s));
		scene->title = mem_dup(scenario_title(s));
		scenario_free(s);
	}
}

static void
print_topic(const struct scene_list *list, const char *topic)
{
	printf("\n%s\n", topic);
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->v[i].topic, topic))
			printf(
			    "  %-28s %s\n", list->v[i].name, list->v[i].title);
}

bool
scenes_list(struct err *err)
{
	struct scene_list list = {0};
	struct strs topics = {0};
	bool ok = collect(&list, err);

	for (size_t i = 0; i < list.n; i++)
		if (list.v[i].topic && !strs_has(&topics, list.v[i].topic))
			strs_add(&topics, list.v[i].topic);
	if (ok)
		printf("Faults to practise on, as in: smtpwiz demo "
		       "port-587-blocked\n");
	for (size_t i = 0; ok && i < topics.n; i++)
		print_topic(&list, topics.v[i]);
	for (size_t i = 0; i < list.n; i++) {
		mem_free(list.v[i].topic);
		mem_free(list.v[i].title);
	}
	mem_free(list.v);
	strs_done(&topics);
	return ok;
}
