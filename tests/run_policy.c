/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policy cases: a profile text, then what it makes of an effect.
 *
 *	= text of a profile line
 *	! error prefix                  (reading all = lines must fail so)
 *	ref.delete protected snapshot -> deny
 *	with KEY, without KEY           (was it taken)
 *	print                           (print, load, print gives the same)
 *
 * A line "layer: system|user|repository|trusted" before the = lines of that
 * layer; "---" starts anew.
 */
#include "base/text.h"
#include "policy/decide.h"
#include <talloc.h>

static int count, failures;

static void
report(bool ok, const char *file, int line, const char *what)
{
	printf("%sok %d - %s:%d %s\n", ok ? "" : "not ", ++count, file, line,
	       what);
	failures += !ok;
}

struct state {
	void *ctx;
	const struct policy *base;
	struct policy *p;
	char *text;
	enum layer layer;
	bool read, failed, trusted;
	struct err e;
};

static void
start(struct state *s)
{
	struct err e = {0};

	talloc_free_children(s->ctx);
	s->text = talloc_strdup(s->ctx, "");
	s->layer = LAYER_USER;
	s->read = s->failed = s->trusted = false;
	if (policy_load(s->ctx, s->base, NULL, NULL, &s->p, &e) < 0) {
		fprintf(stderr, "%s\n", e.msg);
		exit(1);
	}
}

static void
read_all(struct state *s)
{
	if (s->read)
		return;
	s->read = true;
	s->failed =
	    s->trusted
		? policy_read_repository(s->p, "repository", s->text,
					 strlen(s->text), true, NULL, &s->e) < 0
		: policy_read_text(s->ctx, s->p, s->text, s->layer, &s->e) < 0;
}

static void
decide_line(struct state *s, const char *file, int line, char *text)
{
	static const char *const kinds[] = {"unset", "allow", "ask", "deny"};
	char effect[64], scope[64], undo[64], want[64], object[128] = "x";
	struct effects fx;
	struct effect *one;
	struct verdict v;

	if (sscanf(text, "%63s %63s %63s %127s -> %63s", effect, scope, undo,
		   object, want) != 5) {
		snprintf(object, sizeof(object), "x");
		if (sscanf(text, "%63s %63s %63s -> %63s", effect, scope, undo,
			   want) != 4) {
			report(false, file, line, "unreadable case");
			return;
		}
	}
	effects_init(s->ctx, &fx);
	one = effects_add(&fx, effect_by_name(effect), scope_by_name(scope),
			  object);
	one->losses = LOSS_REFS;
	one->undo = strcmp(undo, "yes") == 0	    ? UNDO_YES
		    : strcmp(undo, "snapshot") == 0 ? UNDO_SNAPSHOT
						    : UNDO_NO;
	policy_decide(s->ctx, s->p, &fx, &v);
	report(!s->failed && strcmp(kinds[v.kind], want) == 0, file, line,
	       talloc_asprintf(s->ctx, "%s (got %s: %s)", text,
			       s->failed ? s->e.msg : kinds[v.kind], v.reason));
}

/* "with KEY", "without KEY" */
static void
value_line(struct state *s, const char *file, int line, const char *text)
{
	bool found = false, wanted = strncmp(text, "without", 7) != 0;

	for (size_t i = 0; i < s->p->nvalues; i++)
		found |=
		    strcmp(s->p->values[i].key, strchr(text, ' ') + 1) == 0;
	report(!s->failed && found == wanted, file, line,
	       s->failed ? s->e.msg : text);
}

static void
print_line(struct state *s, const char *file, int line)
{
	char *one = policy_print(s->ctx, s->p), *two;
	struct policy *p = talloc_zero(s->ctx, struct policy);
	struct err e = {0};

	if (policy_read_text(s->ctx, p, one, LAYER_USER, &e) < 0) {
		report(false, file, line, e.msg);
		return;
	}
	two = policy_print(s->ctx, p);
	report(strcmp(one, two) == 0, file, line, "print, load, print");
}

/* What stands before belongs to the layer before. */
static void
take_layer(struct state *s, const char *name)
{
	if (*s->text) {
		read_all(s);
		s->text = talloc_strdup(s->ctx, "");
		s->read = s->failed;
	}
	s->trusted = strcmp(name, "trusted") == 0;
	s->layer = strcmp(name, "system") == 0 ? LAYER_SYSTEM
		   : strcmp(name, "user") == 0 ? LAYER_USER
					       : LAYER_REPOSITORY;
}

static void
run_line(struct state *s, const char *file, int n, char *text)
{
	if (!*text || *text == '#')
		return;
	if (strcmp(text, "---") == 0) {
		start(s);
	} else if (strncmp(text, "layer: ", 7) == 0) {
		take_layer(s, text + 7);
	} else if (text[0] == '=') {
		s->text = talloc_asprintf_append(
		    s->text, "%s\n", text + (text[1] == ' ' ? 2 : 1));
	} else if (text[0] == '!') {
		read_all(s);
		report(s->failed &&
			   strncmp(s->e.msg, text + 2, strlen(text + 2)) == 0,
		       file, n,
		       s->failed ? s->e.msg : "was read without complaint");
	} else {
		read_all(s);
		if (strncmp(text, "with", 4) == 0)
			value_line(s, file, n, text);
		else if (strcmp(text, "print") == 0)
			print_line(s, file, n);
		else
			decide_line(s, file, n, text);
	}
}

static void
run_file(struct state *s, const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	int n = 0;

	if (!f) {
		report(false, path, 0, "cannot be read");
		return;
	}
	start(s);
	while (getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = 0;
		run_line(s, path, ++n, line);
	}
	free(line);
	fclose(f);
}

int
main(int argc, char **argv)
{
	void *top = talloc_new(NULL);
	struct state s = {.ctx = talloc_new(top)};
	struct policy *base = talloc_zero(top, struct policy);
	struct err e = {0};

	git_libgit2_init();
	base->sandbox_required = true;
	if (policy_read_file(top, base, "profiles/default.automode",
			     LAYER_BUILTIN, &e) < 0) {
		fprintf(stderr, "%s\n", e.msg);
		return 1;
	}
	s.base = base;
	for (int i = 1; i < argc; i++)
		run_file(&s, argv[i]);
	printf("1..%d\n", count);
	talloc_free(top);
	return failures != 0;
}
