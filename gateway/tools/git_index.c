/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What works on the index: add, read-tree, checkout-index, update-index,
 * sparse-checkout.
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/git_local.h"
#include "tools/path_class.h"

/* Staging loses nothing that was on disk; in a repository that is not the
 * caller's own it is still a change. */
static void
stages(struct git_call *g)
{
	if (g->scope != SCOPE_WORKSPACE && g->scope != SCOPE_SCRATCH && g->repo)
		local_note(g, EFFECT_FILE_WRITE, g->repo->gitdir);
}

/* What is staged is in the repository, and goes wherever that goes.  By name:
 * what "." takes along is for .gitignore to say, unless -f overrides it. */
static void
stages_secrets(struct git_call *g)
{
	bool force = options_on(&g->opt, "force"), home;
	struct operands os;

	if (!g->opt.noperands)
		return;
	operands_init(&os, g->ctx, g->t);
	for (size_t i = 0; i < g->opt.noperands; i++) {
		const char *path = g->opt.operands[i], *real;
		struct effect *fx;

		if (*path == ':' || strpbrk(path, "*?["))
			continue;
		real = path_resolve(g->ctx, g->dir, path);
		if (!path_exists(real) ||
		    !((path_is_credential(&os, real, &home) &&
		       (home || force)) ||
		      (force && path_holds_credentials(&os, real))))
			continue;
		fx = effects_add(g->fx, EFFECT_SECRET_READ, SCOPE_SECRET, path);
		fx->undo = UNDO_NO;
		fx->why = git_text(g,
				   "%s holds credentials, and would be a "
				   "part of the repository",
				   text_safe(g->ctx, real));
	}
}

GIT_DO(add)
{
	(void)e;
	stages_secrets(g);
	/* -n takes index.lock as well, so the box stays the same. */
	if (!options_on(&g->opt, "dry-run")) {
		stages(g);
		g->cmd->losses.what |= LOSS_STAGED;
	}
	local_pathspec_file(g);
	if (options_on(&g->opt, "edit"))
		g->cmd->need.runs_code = true;
	return 0;
}

GIT_DO(read_tree)
{
	const struct options *o = &g->opt;
	const char *output = options_value(o, "index-output");
	bool reset = options_on(o, "reset"), disk = options_on(o, "u");

	(void)e;
	if (options_on(o, "dry-run"))
		return 0;
	if (output)
		git_writes_file(g, output);
	else
		local_discard(g, 0, LOSS_INDEX);
	if (!disk)
		return 0;
	for (size_t i = 0; i < o->noperands; i++)
		local_tree(g, o->operands[i]);
	/* The tree's paths go below a folder. */
	if (options_value(o, "prefix"))
		g->cmd->losses.trees_unknown = true;
	if (reset)
		local_discard(g, LOSS_TRACKED | LOSS_IN_THE_WAY, 0);
	else
		local_lose(g, EFFECT_UNTRACKED_DELETE, NULL,
			   LOSS_IN_THE_WAY | local_recurse(g));
	return 0;
}

GIT_DO(checkout_index)
{
	const struct options *o = &g->opt;
	const char *prefix = options_value(o, "prefix");
	struct effect *fx;

	(void)e;
	if (options_on(o, "no-create"))
		return 0;
	if (prefix && g->repo && g->repo->worktree) {
		/* Put in front of each name, slash or not; relative to the
		 * top of the work tree. */
		const char *at = path_resolve(g->ctx, g->repo->worktree,
					      git_text(g, "%sx", prefix));
		const char *dir = path_parent(g->ctx, at);

		if (options_on(o, "force"))
			git_writes_dir(g, dir);
		else if (!path_is_under(dir, g->repo->worktree)) {
			fx = local_note(g, EFFECT_FILE_WRITE, dir);
			fx->scope =
			    scope_of_path(g->in, g->t->rules, g->repo, at);
			need_write(g->ctx, &g->cmd->need,
				   git_standing_dir(g, dir));
		}
		return 0;
	}
	if (!options_on(o, "force") || options_on(o, "temp"))
		return 0;
	local_tree(g, "HEAD");
	fx = local_lose(g, EFFECT_WORKTREE_DISCARD, local_paths_text(g, 0),
			LOSS_TRACKED | LOSS_IN_THE_WAY);
	fx->instead = "git stash push";
	return 0;
}

GIT_DO(update_index)
{
	static const char *const replacing[] = {
	    "cacheinfo", "force-remove", "index-info", "unresolve",
	    "again",	 "remove",	 "stdin",      "clear-resolve-undo"};
	static const char *const hiding[] = {
	    "assume-unchanged", "skip-worktree", "fsmonitor-valid"};
	const struct options *o = &g->opt;

	(void)e;
	stages(g);
	if (o->noperands)
		g->cmd->losses.what |= LOSS_STAGED;
	for (size_t i = 0; i < sizeof(replacing) / sizeof(*replacing); i++)
		if (options_count(o, replacing[i])) {
			local_discard(g, 0, LOSS_INDEX);
			break;
		}
	for (size_t i = 0; i < sizeof(hiding) / sizeof(*hiding); i++)
		if (options_count(o, hiding[i]) ||
		    options_count(o, git_text(g, "no-%s", hiding[i])))
			local_journal(g, LOSS_INDEX);
	for (size_t i = 0; i < sizeof(hiding) / sizeof(*hiding); i++)
		if (options_on(o, hiding[i]))
			g->cmd->notice = git_text(
			    g,
			    "automode: --%s: git status no longer shows "
			    "changes of these files",
			    hiding[i]);
	return 0;
}

static void
sparse_keys(struct git_call *g)
{
	static const char *const keys[] = {
	    "core.sparsecheckout",
	    "core.sparsecheckoutcone",
	    "core.repositoryformatversion",
	    "extensions.worktreeconfig",
	    "index.sparse",
	};
	struct need *n = &g->cmd->need;

	local_config_box(g);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		need_config_key(g->ctx, n, keys[i]);
	/* They move to config.worktree when extensions.worktreeConfig is
	 * switched on. */
	if (git_setting(g, "core.bare"))
		need_config_key(g->ctx, n, "core.bare");
	if (git_setting(g, "core.worktree"))
		need_config_key(g->ctx, n, "core.worktree");
}

GIT_DO(sparse_checkout)
{
	const struct options *o = &g->opt;
	size_t at;
	const char *sub = local_subcommand(g, &at);
	unsigned sets = LOSS_IGNORED;
	struct effect *fx;

	if (!sub)
		return local_reads(g);
	if (!strcmp(sub, "list") || !strcmp(sub, "check-rules"))
		return local_reads(g);
	if (!strcmp(sub, "clean")) {
		if (!options_on(o, "force") || options_on(o, "dry-run"))
			return local_reads(g);
		sets |= LOSS_UNTRACKED;
	} else if (strcmp(sub, "set") && strcmp(sub, "add") &&
		   strcmp(sub, "reapply") && strcmp(sub, "disable") &&
		   strcmp(sub, "init")) {
		return err_set(e, ERR_UNKNOWN,
			       "git sparse-checkout %s is not known",
			       text_safe(g->ctx, sub));
	}
	sparse_keys(g);
	/* Leaving directories: their ignored files are deleted.  Coming back:
	 * files may lie where theirs go. */
	local_tree(g, "HEAD");
	fx = local_lose(g, EFFECT_UNTRACKED_DELETE, "outside the cone",
			sets | LOSS_IN_THE_WAY);
	fx->instead = "git stash push --all";
	local_journal(g, LOSS_INDEX | LOSS_STATE | LOSS_CONFIG);
	return 0;
}
