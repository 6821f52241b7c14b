/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the words of gh or glab to effects: aliases, the table of commands,
 * and what each class of them means.
 */
#include "tools/forge.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"
#include "invocation/program.h"
#include <string.h>

char *
forge_text(struct forge_call *f, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = talloc_vasprintf(f->ctx, fmt, ap);
	va_end(ap);
	if (!s)
		BUG("out of memory");
	return s;
}

struct effect *
forge_effect_on(struct forge_call *f, enum effect_kind kind, const char *object)
{
	struct effect *fx = effects_add(f->fx, kind, f->scope, object);

	fx->undo = UNDO_NO;
	if (kind == EFFECT_NET_FETCH)
		fx->undo = UNDO_YES;
	return fx;
}

/* "acme/widgets issue 7" */
struct effect *
forge_effect(struct forge_call *f, enum effect_kind kind, const char *what)
{
	const char *first = cobra_operand(&f->line, 0);
	char *object = forge_text(f, "%s", f->slug ? f->slug : f->host);

	if (what)
		object = talloc_asprintf_append(object, " %s", what);
	if (first && strcmp(first, "-") != 0 &&
	    (!f->slug || strcmp(first, f->slug) != 0))
		object = talloc_asprintf_append(object, " %s", first);
	return forge_effect_on(f, kind, object);
}

static bool
is_word(const struct forge *kind, const char *word)
{
	for (size_t i = 0; i < kind->nwords; i++) {
		const struct cobra_command *c = &kind->words[i].c;
		const char *list = c->aliases;
		size_t len = strlen(word), n;

		if (!*c->path || strchr(c->path, ' '))
			continue;
		if (strcmp(c->path, word) == 0)
			return true;
		for (; list && *list; list += n) {
			list += strspn(list, " ");
			n = strcspn(list, " ");
			if (n == len && strncmp(list, word, n) == 0)
				return true;
		}
	}
	return strcmp(word, "help") == 0;
}

/* "$1" in the text of an alias stands for the first word behind it; what no
 * such place takes goes to the end (gh's pkg/cmd/alias, glab's likewise). */
static char *
fill_places(struct forge_call *f, const char *text, const char *const *args,
	    size_t nargs, bool *used)
{
	char *out = talloc_strdup(f->ctx, "");

	for (; *text; text++) {
		size_t i = *text == '$' && text[1] >= '1' && text[1] <= '9'
			       ? (size_t)(text[1] - '1')
			       : SIZE_MAX;

		if (i < nargs) {
			out = talloc_asprintf_append(out, "%s", args[i]);
			used[i] = true;
			text++;
		} else {
			out = talloc_asprintf_append(out, "%c", *text);
		}
	}
	return out;
}

static int
expand(struct forge_call *f, const char *text, const char ***argv,
       struct err *e)
{
	const char **old = *argv, **words, **v;
	size_t n, nargs = 0, k = 0;
	bool *used;
	int rc;

	while (old[1 + nargs])
		nargs++;
	used = talloc_zero_array(f->ctx, bool, nargs + 1);
	rc = forge_split(f->ctx, text, &words, &n, e);
	if (rc < 0)
		return rc;
	v = talloc_array(f->ctx, const char *, n + nargs + 1);
	if (!v || !used)
		BUG("out of memory");
	for (size_t i = 0; i < n; i++) {
		v[k++] = fill_places(f, words[i], old + 1, nargs, used);
		if (strchr(v[k - 1], '$') && strchr(words[i], '$') &&
		    strcmp(v[k - 1], words[i]) == 0)
			return err_set(e, ERR_SYNTAX,
				       "not enough arguments for alias");
	}
	for (size_t i = 0; i < nargs; i++)
		if (!used[i])
			v[k++] = old[1 + i];
	v[k] = NULL;
	*argv = v;
	return 0;
}

/* An alias never takes a command's place, and is not looked for in another. */
static int
expand_alias(struct forge_call *f, const char ***argv, struct err *e)
{
	const char *word = (*argv)[0], *text;

	if (!word || *word == '-' || is_word(f->kind, word))
		return 0;
	text = f->kind->alias(f, word);
	if (!text)
		return f->kind->other(f, word, e);
	if (*text == '!')
		return err_set(e, ERR_UNKNOWN,
			       "the alias %s is a shell command (%s); run what "
			       "it stands for as commands of their own",
			       text_safe(f->ctx, word),
			       text_safe(f->ctx, text + 1));
	return expand(f, text, argv, e);
}

static bool
first_on(const struct forge_call *f, const char *const *flags,
	 const char **which)
{
	for (; flags && *flags; flags++)
		if (cobra_on(&f->line, *flags)) {
			*which = *flags;
			return true;
		}
	return false;
}

/* As it was typed: it prints, and can do nothing else where it runs. */
static int
as_it_is(struct forge_call *f)
{
	f->cmd->argv = (const char **)(uintptr_t)f->in->argv;
	f->cmd->need.box = FORGE_BOX;
	return 0;
}

static void
compose(struct forge_call *f)
{
	size_t n = 0;
	const char **v;

	while (f->line.words[n])
		n++;
	v = talloc_array(f->ctx, const char *, n + 2);
	if (!v)
		BUG("out of memory");
	v[0] = f->kind->name;
	memcpy(v + 1, f->line.words, (n + 1) * sizeof(*v));
	f->cmd->argv = v;
}

static int
find_repository(struct forge_call *f, struct err *e)
{
	struct git_call *g = talloc_zero(f->ctx, struct git_call);
	int rc;

	if (!g)
		BUG("out of memory");
	if (invocation_env(f->in, "GIT_DIR") ||
	    invocation_env(f->in, "GIT_WORK_TREE"))
		return err_set(e, ERR_UNKNOWN,
			       "GIT_DIR and GIT_WORK_TREE are not followed "
			       "here; unset them and change to the repository");
	g->ctx = f->ctx;
	g->t = f->t;
	g->in = f->in;
	g->cmd = f->cmd;
	g->fx = f->fx;
	g->dir = f->dir;
	g->word = "";
	g->hints.cwd = f->dir;
	rc = repository_find(f->ctx, &g->hints, f->in->uid, &f->repo, e);
	f->cmd->repo = f->repo;
	if (rc < 0)
		return rc;
	g->repo = f->repo;
	f->git = g;
	if (f->repo && f->repo->worktree && f->t->profile)
		return f->t->profile(f->t, f->repo->worktree, e);
	return 0;
}

static void
judge_class(struct forge_call *f)
{
	static const enum effect_kind kinds[] = {
	    [FORGE_READ] = EFFECT_NET_FETCH,
	    [FORGE_CHANGE] = EFFECT_RESOURCE_CHANGE,
	    [FORGE_DELETE] = EFFECT_RESOURCE_DELETE,
	    [FORGE_PUBLISH] = EFFECT_PUBLISH,
	    [FORGE_SECRET] = EFFECT_SECRET_WRITE,
	    [FORGE_SEND] = EFFECT_NET_SEND,
	    [FORGE_REFUSE] = EFFECT_NONE,
	};
	const struct forge_word *w = f->word;
	struct effect *fx;

	if (w->cls == FORGE_READ) {
		forge_effect_on(f, EFFECT_NET_FETCH, f->host);
		return;
	}
	fx = forge_effect(f, kinds[w->cls], w->what);
	/* whoever has the address of it can read it */
	if (w->cls == FORGE_SEND)
		fx->scope = SCOPE_FOREIGN;
	fx->instead = w->instead;
	fx->why =
	    forge_text(f, "others see it on %s, in the person's name", f->host);
	if (w->cls == FORGE_DELETE)
		fx->why =
		    forge_text(f, "it cannot be brought back from %s", f->host);
}

/* Everything that speaks to the host. */
static int
contact(struct forge_call *f, struct err *e)
{
	const char *flag;
	int rc;

	if (first_on(f, f->kind->web_flags, &flag))
		return err_set(e, ERR_UNKNOWN,
			       "--%s would start a program on the person's "
			       "screen; leave it out",
			       flag);
	rc = find_repository(f, e);
	if (rc == 0)
		rc = forge_find_host(f, e);
	if (rc < 0)
		return rc;
	if (f->word->more)
		rc = f->word->more(f, e);
	if (rc < 0 || rc == FORGE_DONE)
		return rc < 0 ? rc : 0;
	if (f->word->cls != FORGE_NONE && rc != FORGE_SAID)
		judge_class(f);
	forge_files(f);
	rc = forge_secrets(f, e);
	return rc < 0 ? rc : forge_box(f, e);
}

static int
understand_words(struct forge_call *f, struct err *e)
{
	const char **argv = (const char **)(uintptr_t)(f->in->argv + 1);
	int rc;

	rc = expand_alias(f, &argv, e);
	if (rc < 0)
		return rc;
	if (!argv[0] || strcmp(argv[0], "help") == 0 ||
	    strcmp(argv[0], "--version") == 0)
		return as_it_is(f);
	rc = cobra_read(f->ctx, f->kind->words, f->kind->nwords,
			sizeof(*f->kind->words), argv, &f->line, e);
	f->word = (const struct forge_word *)(const void *)f->line.cmd;
	if (rc < 0)
		return rc;
	if (f->line.help || f->word->cls == FORGE_GROUP)
		return as_it_is(f);
	compose(f);
	if (f->word->cls == FORGE_REFUSE)
		return err_set(e, ERR_UNKNOWN, "%s %s %s%s%s", f->kind->name,
			       f->word->c.path, f->word->what,
			       f->word->instead ? "; instead: " : "",
			       f->word->instead ? f->word->instead : "");
	if (f->word->cls != FORGE_LOCAL)
		return contact(f, e);
	rc = f->word->more ? f->word->more(f, e) : 0;
	return rc < 0 ? rc : f->kind->config(f, e);
}

int
forge_understand(void *ctx, const struct tool_context *t,
		 const struct forge *kind, struct command *cmd,
		 struct effects *fx, struct err *e)
{
	struct forge_call *f = talloc_zero(ctx, struct forge_call);
	const char *dir, *home;
	int rc;

	if (!f)
		BUG("out of memory");
	f->ctx = ctx;
	f->t = t;
	f->in = t->in;
	f->cmd = cmd;
	f->fx = fx;
	f->kind = kind;
	f->dir = path_resolve(ctx, "/", t->in->cwd);
	home = invocation_env(t->in, "HOME");
	if (!home || *home != '/')
		home = invocation_home(t->in);
	dir = invocation_env(t->in, kind->dir_env);
	if (dir && *dir)
		f->config_dir = path_join(ctx, f->dir, dir);
	else if ((dir = invocation_env(t->in, "XDG_CONFIG_HOME")) && *dir)
		f->config_dir = forge_text(
		    f, "%s/%s", path_join(ctx, f->dir, dir), kind->dir);
	else
		f->config_dir =
		    forge_text(f, "%s/.config/%s", home ? home : "", kind->dir);
	cmd->need.box = FORGE_BOX;
	cmd->summary = text_command(ctx, t->in->argv, 200);
	cmd->argv = (const char **)(uintptr_t)t->in->argv;
	rc = program_find(ctx, t->in, kind->name, &cmd->program, e);
	if (rc < 0)
		return rc;
	forge_environ(f);
	rc = understand_words(f, e);
	if (rc < 0) {
		cmd->need.negress = cmd->need.nfiles = 0;
		cmd->argv = (const char **)(uintptr_t)t->in->argv;
	}
	return rc;
}
