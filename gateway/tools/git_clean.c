/* SPDX-License-Identifier: Apache-2.0 */
/* clean, rm, mv: files that go away or are replaced. */
#include "base/path.h"
#include "tools/git_local.h"
#include "tools/git_remotes.h"
#include <sys/stat.h>

static bool
un_ignores(const struct options *o)
{
	const char *pattern;

	for (size_t i = 0; (pattern = options_nth(o, "exclude", i)); i++)
		if (pattern[0] == '!')
			return true;
	return false;
}

/* Where clean works: the current directory downwards, or the pathspecs that
 * are plain names.  A pathspec with magic or a wildcard can reach anything
 * below the work tree. */
static void
clean_within(struct git_call *g)
{
	struct losses *l = &g->cmd->losses;
	const char *prefix = g->repo ? g->repo->prefix : NULL;

	for (size_t i = 0; i < g->opt.noperands; i++)
		if (!local_plain_path(g, g->opt.operands[i]))
			return;
	if (!g->repo || !g->repo->worktree)
		return;
	if (!g->opt.noperands && prefix && *prefix)
		losses_add_within(g->ctx, l, path_clean(g->ctx, prefix));
	for (size_t i = 0; i < g->opt.noperands; i++) {
		const char *path = git_path(g, g->opt.operands[i]);
		const char *below = path_below(path, g->repo->worktree);

		if (!below || !*below) {
			l->within = NULL;
			l->nwithin = 0;
			return;
		}
		losses_add_within(g->ctx, l, below);
	}
}

GIT_DO(clean)
{
	const struct options *o = &g->opt;
	size_t force = local_times(o, "force");
	bool all = options_on(o, "x"), only = options_on(o, "X");
	unsigned sets = LOSS_UNTRACKED;
	struct effect *fx;

	(void)e;
	if (options_on(o, "dry-run"))
		return local_reads(g);
	if (!force && !options_on(o, "interactive") &&
	    git_setting_bool(g, "clean.requireforce", true))
		return local_reads(g);
	/* -e adds to the ignored, and "!pattern" takes away from them. */
	if (only)
		sets = LOSS_IGNORED |
		       (options_count(o, "exclude") ? LOSS_UNTRACKED : 0);
	else if (all || un_ignores(o))
		sets |= LOSS_IGNORED;
	if (force > 1)
		sets |= LOSS_NESTED;
	clean_within(g);
	fx = local_lose(g, EFFECT_UNTRACKED_DELETE, local_paths_text(g, 0),
			sets);
	if (local_paths_scope(g, 0) == SCOPE_PROTECTED)
		fx->scope = SCOPE_PROTECTED;
	fx->instead = force > 1		    ? "git clean -f -d"
		      : sets & LOSS_IGNORED ? "git stash push --all"
					    : "git stash push "
					      "--include-untracked";
	return 0;
}

GIT_DO(rm)
{
	const struct options *o = &g->opt;
	bool force = options_on(o, "force"), cached = options_on(o, "cached");
	const char *shown = local_paths_text(g, 0);
	struct effect *fx;

	(void)e;
	local_pathspec_file(g);
	if (options_on(o, "dry-run"))
		return 0; /* takes index.lock all the same */
	/* What it takes out of the index is in HEAD; a clean that follows
	 * would take it for untracked. */
	local_journal(g, LOSS_INDEX);
	if (!cached) {
		git_moves_modules(g);
		/* rm compares with the index's flags in mind: a file marked
		 * assume-unchanged goes although it was edited. */
		fx = local_lose(g, EFFECT_FILE_DELETE, shown,
				LOSS_TRACKED | LOSS_SUBMODULES);
		fx->scope =
		    fx->scope == g->scope ? local_paths_scope(g, 0) : fx->scope;
		fx->instead = "git stash push";
	}
	if (force)
		local_lose(g, EFFECT_INDEX_DISCARD, shown, LOSS_INDEX);
	return 0;
}

GIT_DO(mv)
{
	const struct options *o = &g->opt;
	const char *target;
	struct stat st;

	(void)e;
	if (options_on(o, "dry-run") || o->noperands < 2)
		return 0;
	git_moves_modules(g); /* and core.worktree of one that moves */
	if (local_paths_scope(g, 0) == SCOPE_PROTECTED)
		local_note(g, EFFECT_FILE_DELETE, local_paths_text(g, 0))
		    ->scope = SCOPE_PROTECTED;
	if (!options_on(o, "force"))
		return 0;
	target = git_path(g, o->operands[o->noperands - 1]);
	if (lstat(target, &st) != 0)
		return 0;
	for (size_t i = 0; i + 1 < o->noperands; i++) {
		const char *hit = target;

		if (S_ISDIR(st.st_mode))
			hit = path_join(g->ctx, target,
					path_base(git_path(g, o->operands[i])));
		if (!path_exists(hit))
			continue;
		losses_add_path(g->ctx, &g->cmd->losses, hit);
		local_lose(g, EFFECT_FILE_OVERWRITE, hit,
			   LOSS_PATHS | LOSS_INDEX)
		    ->instead = local_without(g, "force");
	}
	return 0;
}
