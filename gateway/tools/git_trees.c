/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trees that a command brings into the work tree, and the bundles of effects
 * of what they replace there.
 */
#include "base/path.h"
#include "tools/git_local.h"

/* Where libgit2 does not find such an expression, git does not either; it
 * lacks @{push}, A...B and some dates. */
static bool
plain_expression(const char *expr)
{
	return !strstr(expr, "@{") && !strstr(expr, "..") && !strchr(expr, ':');
}

/* "A...B", which libgit2 does not read as one revision. */
static bool
merge_base(struct git_call *g, const char *expr, git_oid *base)
{
	const char *dots = strstr(expr, "..."), *left, *right;
	git_oid a, b;

	if (!dots || !local_repo(g))
		return false;
	left = dots > expr ? git_text(g, "%.*s", (int)(dots - expr), expr)
			   : "HEAD";
	right = dots[3] ? dots + 3 : "HEAD";
	return git_resolves(g, left, &a) && git_resolves(g, right, &b) &&
	       git_merge_base(base, local_repo(g), &a, &b) == 0;
}

void
local_tree(struct git_call *g, const char *expr)
{
	struct losses *l = &g->cmd->losses;
	char hex[GIT_OID_HEXSZ + 1];
	git_object *found;
	git_oid oid;

	if (git_resolves(g, expr, &oid) || merge_base(g, expr, &oid)) {
		losses_add_tree(g->ctx, l,
				git_oid_tostr(hex, sizeof(hex), &oid));
		return;
	}
	if (!local_repo(g)) {
		losses_add_tree(g->ctx, l, expr);
		return;
	}
	if (git_revparse_single(&found, local_repo(g), expr) == 0) {
		git_object_free(found);
		losses_add_tree(g->ctx, l, expr);
		return;
	}
	/* An unborn HEAD has no tree. */
	if (!plain_expression(expr))
		l->trees_unknown = true;
}

void
local_shifts(struct git_call *g)
{
	const char *s;

	for (size_t i = 0; (s = options_nth(&g->opt, "strategy", i)); i++)
		if (!strcmp(s, "subtree"))
			g->cmd->losses.trees_unknown = true;
	for (size_t i = 0; (s = options_nth(&g->opt, "strategy-option", i));
	     i++)
		if (!strncmp(s, "subtree", 7))
			g->cmd->losses.trees_unknown = true;
}

void
local_in_the_way(struct git_call *g, const char *expr)
{
	local_tree(g, expr);
	local_lose(g, EFFECT_UNTRACKED_DELETE, NULL,
		   LOSS_IN_THE_WAY | local_recurse(g));
}

void
local_discard(struct git_call *g, unsigned tracked, unsigned index)
{
	if (tracked)
		local_lose(g, EFFECT_WORKTREE_DISCARD, NULL,
			   tracked | local_recurse(g));
	if (index)
		local_lose(g, EFFECT_INDEX_DISCARD, NULL, index);
}

void
local_abort(struct git_call *g, const char *what)
{
	struct effect *fx;

	local_tree(g, "HEAD");
	local_tree(g, "ORIG_HEAD");
	fx = local_lose(g, EFFECT_WORKTREE_DISCARD, what,
			LOSS_TRACKED | LOSS_IN_THE_WAY | local_recurse(g));
	fx->instead = "git stash push --include-untracked";
	local_lose(g, EFFECT_INDEX_DISCARD, what, LOSS_INDEX | LOSS_STATE);
	local_journal(g, LOSS_REFS);
}

static bool
goes_into_submodules(struct git_call *g)
{
	const struct options *o = &g->opt;

	if (options_off(o, "recurse-submodules"))
		return false;
	if (options_count(o, "recurse-submodules")) {
		const char *v = options_value(o, "recurse-submodules");

		return !v || local_truth(v);
	}
	return git_setting_bool(g, "submodule.recurse", false);
}

unsigned
local_recurse(struct git_call *g)
{
	if (!g->repo || !goes_into_submodules(g))
		return 0;
	/* git writes core.worktree into the configuration of each of them. */
	if (path_exists(git_text(g, "%s/modules", g->repo->commondir)))
		local_config_box(g);
	return LOSS_SUBMODULES;
}
