/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What most word functions need: effects in the repository's own scope, names
 * of refs, paths, hooks.
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/git_words.h"
#include <stdarg.h>
#include <unistd.h>

char *
git_text(struct git_call *g, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = talloc_vasprintf(g->ctx, fmt, ap);
	va_end(ap);
	if (!s)
		BUG("out of memory");
	return s;
}

struct effect *
git_effect(struct git_call *g, enum effect_kind kind, const char *object)
{
	return effects_add(g->fx, kind, g->scope, object);
}

void
git_loses(struct git_call *g, struct effect *fx, unsigned losses)
{
	if (fx)
		fx->losses |= losses;
	g->cmd->losses.what |= losses;
}

const char *
git_path(struct git_call *g, const char *operand)
{
	return path_join(g->ctx, g->dir, operand);
}

static bool
ref_there(struct git_call *g, const char *name)
{
	git_reference *ref = NULL;

	if (git_reference_lookup(&ref, g->repo->git, name) < 0)
		return false;
	git_reference_free(ref);
	return true;
}

const char *
git_full_ref(struct git_call *g, const char *shorthand)
{
	const char *const forms[] = {
	    git_text(g, "refs/heads/%s", shorthand),
	    !strncmp(shorthand, "refs/", 5) ? shorthand : NULL,
	    !strncmp(shorthand, "heads/", 6) ? git_text(g, "refs/%s", shorthand)
					     : NULL};
	git_reference *ref = NULL;
	git_object *object = NULL;
	const char *name = NULL;
	size_t i;

	if (!g->repo)
		return NULL;
	repository_open(g->ctx, g->repo);
	if (!g->repo->git)
		return NULL;
	for (i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (forms[i] && ref_there(g, forms[i]))
			return forms[i];
	/* "@{-1}", "@{upstream}", "-" */
	if (!strcmp(shorthand, "-"))
		shorthand = "@{-1}";
	if (git_revparse_ext(&object, &ref, g->repo->git, shorthand) == 0 &&
	    ref)
		name = git_text(g, "%s", git_reference_name(ref));
	git_reference_free(ref);
	git_object_free(object);
	return name;
}

bool
git_resolves(struct git_call *g, const char *expr, git_oid *oid)
{
	git_object *object = NULL, *commit = NULL;
	bool ok;

	if (!g->repo)
		return false;
	repository_open(g->ctx, g->repo);
	if (!g->repo->git)
		return false;
	if (!strcmp(expr, "-"))
		expr = "@{-1}";
	ok = git_revparse_single(&object, g->repo->git, expr) == 0 &&
	     git_object_peel(&commit, object, GIT_OBJECT_COMMIT) == 0;
	if (ok)
		git_oid_cpy(oid, git_object_id(commit));
	git_object_free(commit);
	git_object_free(object);
	return ok;
}

const char *
git_worktree_elsewhere(struct git_call *g)
{
	const struct repository *r = g->repo;

	/* both made in this session: a test's; or the folder alone, into
	 * which something is brought */
	if (!r || !r->worktree || !r->odd_worktree ||
	    g->scope == SCOPE_SCRATCH ||
	    scope_of_path(g->in, g->t->rules, NULL, r->worktree) ==
		SCOPE_SCRATCH)
		return NULL;
	return git_text(g,
			"the work tree of this command is %s, which is not "
			"that of the repository %s; what lies there is not "
			"its own",
			text_safe(g->ctx, r->worktree),
			text_safe(g->ctx, r->gitdir));
}

/* Without the settings of the command line, if own is set: what would run if
 * the caller had not asked for something else. */
static const char *
hooks_dir(struct git_call *g, bool own)
{
	const char *value = NULL;
	size_t i;

	if (git_settings_load(g, NULL) == 0)
		for (i = 0; i < g->settings->n; i++)
			if (!strcmp(g->settings->v[i].key, "core.hookspath") &&
			    !(own &&
			      g->settings->v[i].level == SETTING_COMMAND))
				value = g->settings->v[i].value;
	if (value)
		return git_setting_path(g, value);
	return g->repo ? git_text(g, "%s/hooks", g->repo->commondir) : NULL;
}

static bool
hook_in(struct git_call *g, const char *dir, const char *name)
{
	return dir && access(git_text(g, "%s/%s", dir, name), X_OK) == 0;
}

const char *
git_hooks_dir(struct git_call *g)
{
	return hooks_dir(g, false);
}

bool
git_has_hook(struct git_call *g, const char *name)
{
	return hook_in(g, hooks_dir(g, false), name);
}

bool
git_had_hook(struct git_call *g, const char *name)
{
	return hook_in(g, hooks_dir(g, true), name);
}

struct effect *
git_runs(struct git_call *g, const char *what)
{
	struct effect *fx = git_effect(g, EFFECT_EXEC_CONFIG, what);

	/* What it only moves or adds is not kept: nothing of that is lost. */
	git_loses(g, fx, LOSS_ANYTHING);
	g->cmd->need.runs_code = true;
	return fx;
}

void
git_argv(struct git_call *g, const char *const *args, size_t n)
{
	const char **v = talloc_array(g->ctx, const char *, n + 1);
	size_t i;

	if (!v)
		BUG("out of memory");
	for (i = 0; i < n && args[i]; i++)
		v[i] = args[i];
	v[i] = NULL;
	g->opt.canonical = v;
	g->opt.ncanonical = i;
}

void
git_sees_file(struct git_call *g, const char *absolute)
{
	const char *rest;
	char *real;

	if (!git_is_file_name(absolute))
		return;
	rest = g->repo ? path_below(absolute, g->repo->commondir) : NULL;
	real = rest ? path_resolve_in(g->ctx, g->repo->commondir, rest)
		    : path_resolve(g->ctx, "/", absolute);
	if (g->repo &&
	    (path_is_under(real, g->repo->commondir) ||
	     path_is_under(real, g->repo->gitdir) ||
	     (g->repo->worktree && path_is_under(real, g->repo->worktree))))
		return;
	if (scope_of_path(g->in, g->t->rules, g->repo, real) == SCOPE_SECRET)
		return;
	need_read(g->ctx, &g->cmd->need, absolute);
	if (strcmp(real, absolute))
		need_read(g->ctx, &g->cmd->need, real);
}

const char *
git_standing_dir(struct git_call *g, const char *path)
{
	char *dir = path_resolve(g->ctx, g->dir, path);

	while (!path_exists(dir) && strcmp(dir, "/"))
		dir = path_parent(g->ctx, dir);
	return dir;
}
