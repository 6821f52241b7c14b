/* SPDX-License-Identifier: Apache-2.0 */
/* git clone: another repository that is to stand beside this one. */
#include "base/path.h"
#include "tools/git_keys.h"
#include "tools/git_local.h"
#include "tools/git_remotes.h"
#include <string.h>

/* The name that git makes of a URL, for the message only: the folder above is
 * what the box needs. */
static const char *
destination(struct git_call *g)
{
	const char *url = g->opt.operands[0];
	char *name;

	if (g->opt.noperands > 1)
		return g->opt.operands[1];
	name = path_clean(g->ctx, url);
	if (!strcmp(path_base(name), ".git"))
		name = path_parent(g->ctx, name);
	name = git_text(g, "%s", path_base(name));
	if (strlen(name) > 4 && !strcmp(name + strlen(name) - 4, ".git"))
		name[strlen(name) - 4] = '\0';
	if (options_on(&g->opt, "bare") || options_on(&g->opt, "mirror"))
		name = git_text(g, "%s.git", name);
	return name;
}

/* Paths may be linked into the new repository; between two mounts of a box
 * that fails, and git then copies, unless --local insists. */
static void
drop_local(struct git_call *g)
{
	bool options = true;
	size_t i, n = 0;

	for (i = 0; i < g->opt.ncanonical; i++) {
		if (!strcmp(g->opt.canonical[i], "--"))
			options = false;
		if (options && (!strcmp(g->opt.canonical[i], "--local") ||
				!strcmp(g->opt.canonical[i], "-l")))
			continue;
		g->opt.canonical[n++] = g->opt.canonical[i];
	}
	g->opt.canonical[n] = NULL;
	g->opt.ncanonical = n;
}

/* clone -c KEY=VALUE, which the checkout at the end obeys already. */
static void
clone_settings(struct git_call *g)
{
	const char *text, *equals;
	size_t i;

	for (i = 0; (text = options_nth(&g->opt, "config", i)); i++) {
		equals = strchrnul(text, '=');
		if (git_key_does(
			git_lower_key(
			    g, git_text(g, "%.*s", (int)(equals - text), text)),
			*equals ? equals + 1 : NULL) != GIT_KEY_RUNS)
			continue;
		g->cmd->need.runs_code = true;
		if (*equals)
			git_sees_program(g, equals + 1);
		if (g->cmd->repo)
			git_runs(g, text);
	}
}

static void
clone_needs(struct git_call *g, const char *real)
{
	static const char *const refs[] = {"reference", "reference-if-able"};
	const char *apart = options_value(&g->opt, "separate-git-dir"), *value;
	const char *tree = invocation_env(g->in, "GIT_WORK_TREE");
	size_t i, k;

	if (!g->cmd->repo)
		need_write(g->ctx, &g->cmd->need, real);
	if (tree && *tree) {
		tree = path_resolve(g->ctx, g->dir, tree);
		effects_add(g->fx, EFFECT_FILE_WRITE,
			    scope_of_path(g->in, g->t->rules, NULL, tree), tree)
		    ->undo = UNDO_YES; /* git takes none that is there */
		need_write(g->ctx, &g->cmd->need, tree);
	}
	if (apart)
		need_write(g->ctx, &g->cmd->need,
			   path_resolve(g->ctx, g->dir, apart));
	for (i = 0; i < 2; i++)
		for (k = 0; (value = options_nth(&g->opt, refs[i], k)); k++)
			git_reads_file(g, value);
	git_uses_template(g);
	clone_settings(g);
}

int
git_do_clone(struct git_call *g, struct err *e)
{
	struct git_remote r;
	struct effect *fx;
	const char *real = NULL, *bundle = options_value(&g->opt, "bundle-uri");
	int rc;

	/* A repository around the current directory plays no part, but its
	 * box does when the clone goes into it: .git stays guarded. */
	if (g->opt.noperands)
		real = path_resolve(g->ctx, g->dir, destination(g));
	if (!real || !g->repo || !g->repo->worktree ||
	    !path_is_under(real, g->repo->worktree))
		g->cmd->repo = NULL;
	g->repo = NULL;
	talloc_free(g->settings);
	g->settings = NULL;
	rc = git_settings_load(g, e);
	if (rc < 0 || !g->opt.noperands)
		return rc;
	if (bundle)
		return err_set(e, ERR_UNKNOWN,
			       "git clone --bundle-uri downloads from a second "
			       "place, which is not supported");
	/* "." is this folder here, and the repository itself elsewhere */
	rc = git_remote_look(
	    g, !strcmp(g->opt.operands[0], ".") ? g->dir : g->opt.operands[0],
	    &r, e);
	if (rc == 0)
		rc = git_contact(g, &r, e);
	if (rc < 0)
		return rc;
	fx = effects_add(g->fx, EFFECT_FILE_WRITE,
			 scope_of_path(g->in, g->t->rules, NULL,
				       git_text(g, "%s/.git", real)),
			 destination(g));
	fx->undo = UNDO_YES;
	clone_needs(g, real);
	if (options_count(&g->opt, "recurse-submodules") ||
	    options_count(&g->opt, "recursive"))
		git_binds_of_clone(g, &r.fetch[0],
				   options_value(&g->opt, "branch"));
	drop_local(g);
	return 0;
}
