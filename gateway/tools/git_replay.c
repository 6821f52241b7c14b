/* SPDX-License-Identifier: Apache-2.0 */
/* rebase, cherry-pick, revert: commits made again somewhere else. */
#include "tools/git_local.h"

#define RANGE_TREES 16 /* commits of a range whose trees are looked at */

struct rebase {
	const char *upstream, *onto, *branch;
	git_oid base, tip;
	bool known;	       /* base and tip are */
	size_t commits;	       /* get new ids */
	const char *published; /* where the oldest of them already is */
};

/* How many commits get new ids, and do others have any of those? */
static void
count_rewritten(struct git_call *g, struct rebase *r)
{
	git_repository *repo = local_repo(g);
	git_revwalk *walk = NULL;
	git_oid oid, last;

	if (!repo || git_revwalk_new(&walk, repo) != 0)
		return;
	if (git_revwalk_push(walk, &r->tip) == 0 &&
	    (r->upstream == NULL || git_revwalk_hide(walk, &r->base) == 0)) {
		git_revwalk_sorting(walk,
				    GIT_SORT_TOPOLOGICAL | GIT_SORT_REVERSE);
		while (r->commits < 1000 && git_revwalk_next(&oid, walk) == 0)
			if (r->commits++ == 0)
				last = oid;
		/* The oldest is published if any is. */
		if (r->commits)
			r->published = local_published(g, &last);
	}
	git_revwalk_free(walk);
}

static void
rebased_branch(struct git_call *g, struct rebase *r)
{
	const char *head =
	    r->branch ? git_full_ref(g, r->branch) : local_head(g);
	struct effect *fx;

	local_journal(g, LOSS_REFS);
	r->known = git_resolves(g, r->branch ? r->branch : "HEAD", &r->tip) &&
		   (!r->upstream || git_resolves(g, r->upstream, &r->base));
	if (r->known)
		count_rewritten(g, r);
	/* Nothing of one's own: the branch only goes forward. */
	if (r->known && r->upstream && !r->commits && !r->onto) {
		local_note(g, EFFECT_REF_MOVE, head ? head : "HEAD");
		return;
	}
	fx =
	    local_ref(g, EFFECT_HISTORY_REWRITE, head ? head : "HEAD", NULL, 0);
	if (r->published) {
		fx->why =
		    git_text(g, "the oldest of %zu commits is already on %s",
			     r->commits, r->published);
		if (r->onto || r->upstream)
			fx->instead = git_text(g, "git merge %s",
					       r->onto ? r->onto : r->upstream);
	} else if (fx->scope == SCOPE_PROTECTED && r->upstream) {
		fx->instead = git_text(g, "git merge %s", r->upstream);
	}
}

/* --update-refs moves the branches whose tips lie in the range. */
static void
updates_refs(struct git_call *g, const struct rebase *r)
{
	git_branch_iterator *it = NULL;
	git_reference *ref;
	git_branch_t type;

	if (!options_on(&g->opt, "update-refs") &&
	    (options_off(&g->opt, "update-refs") ||
	     !git_setting_bool(g, "rebase.updaterefs", false)))
		return;
	if (!r->known || git_branch_iterator_new(&it, local_repo(g),
						 GIT_BRANCH_LOCAL) != 0) {
		local_ref(g, EFFECT_HISTORY_REWRITE, NULL,
			  "branches in the range", 0);
		return;
	}
	while (git_branch_next(&ref, &type, it) == 0) {
		const git_oid *tip = git_reference_target(ref);
		const char *name = git_reference_name(ref);

		if (tip && !git_oid_equal(tip, &r->tip) &&
		    local_contains(g, &r->tip, tip) &&
		    !(r->upstream && local_contains(g, &r->base, tip)))
			local_ref(g, EFFECT_HISTORY_REWRITE, name, NULL, 0);
		git_reference_free(ref);
	}
	git_branch_iterator_free(it);
}

static void
rebase_start(struct git_call *g)
{
	static const char *const hooks[] = {"pre-rebase", NULL};
	const struct options *o = &g->opt;
	bool root = options_on(o, "root");
	struct rebase r = {.onto = options_value(o, "onto")};
	const char *cmd;

	r.upstream = root ? NULL : local_rev(g, 0);
	r.branch = local_operand(g, root ? 0 : 1);
	if (!r.upstream && !root)
		r.upstream = "@{upstream}";
	local_skips_hooks(g, hooks);
	local_unsigned(g);
	for (size_t i = 0; (cmd = options_nth(o, "exec", i)); i++)
		git_runs(g, cmd);
	rebased_branch(g, &r);
	if (local_autostash(g, "rebase.autostash"))
		g->cmd->losses.what |= LOSS_STAGED;
	updates_refs(g, &r);
	if (r.upstream)
		local_tree(g, r.upstream);
	if (r.onto)
		local_tree(g, r.onto);
	local_tree(g, r.branch ? r.branch : "HEAD");
	local_shifts(g);
	local_lose(g, EFFECT_UNTRACKED_DELETE, NULL, LOSS_IN_THE_WAY);
	if (options_on(o, "interactive"))
		g->cmd->need.runs_code = true;
}

GIT_DO(rebase)
{
	const struct options *o = &g->opt;
	const char *head = local_head(g);

	(void)e;
	if (options_on(o, "show-current-patch"))
		return local_reads(g);
	if (options_on(o, "abort") || options_on(o, "skip")) {
		local_abort(g, "the rebase in progress");
	} else if (options_on(o, "quit")) {
		/* The autostash goes to the list of stashes. */
		local_journal(g, LOSS_STATE | LOSS_REFS);
	} else if (options_on(o, "continue") || options_on(o, "edit-todo")) {
		local_unsigned(g);
		local_note(g, EFFECT_REF_MOVE, head ? head : "HEAD");
		local_journal(g, LOSS_STATE | LOSS_REFS);
	} else {
		rebase_start(g);
	}
	return 0;
}

/* The tree that a commit brings, or for revert the one before it. */
static void
picked_tree(struct git_call *g, const git_oid *oid, bool revert)
{
	const char *mainline = options_value(&g->opt, "mainline");
	char hex[GIT_OID_HEXSZ + 1];

	git_oid_tostr(hex, sizeof(hex), oid);
	if (revert)
		local_tree(g,
			   git_text(g, "%s^%s", hex, mainline ? mainline : ""));
	else
		local_tree(g, hex);
}

static void
picked(struct git_call *g, const char *expr, bool revert)
{
	git_repository *repo = local_repo(g);
	git_revwalk *walk = NULL;
	git_oid oid;
	int n = 0, rc = -1;

	if (git_resolves(g, expr, &oid)) {
		picked_tree(g, &oid, revert);
		return;
	}
	if (repo && strstr(expr, "..") && !strstr(expr, "...") &&
	    git_revwalk_new(&walk, repo) == 0) {
		if (git_revwalk_push_range(walk, expr) == 0)
			while ((rc = git_revwalk_next(&oid, walk)) == 0 &&
			       n++ < RANGE_TREES)
				picked_tree(g, &oid, revert);
		git_revwalk_free(walk);
		if (rc == GIT_ITEROVER)
			return;
	}
	local_tree(g, expr);
}

static int
pick(struct git_call *g, bool revert)
{
	const struct options *o = &g->opt;
	const char *what =
	    revert ? "the revert in progress" : "the cherry-pick in progress";

	if (options_on(o, "abort") || options_on(o, "skip")) {
		local_abort(g, what);
	} else if (options_on(o, "quit")) {
		local_journal(g, LOSS_STATE);
	} else if (options_on(o, "continue")) {
		local_unsigned(g);
		local_advance(g);
	} else {
		local_unsigned(g);
		/* --stdin, --all and the like */
		if (!o->noperands)
			g->cmd->losses.trees_unknown = true;
		for (size_t i = 0; i < o->noperands; i++)
			picked(g, local_rev(g, i), revert);
		local_shifts(g);
		local_lose(g, EFFECT_UNTRACKED_DELETE, NULL, LOSS_IN_THE_WAY);
		local_advance(g);
	}
	return 0;
}

GIT_DO(cherry_pick)
{
	(void)e;
	return pick(g, false);
}

GIT_DO(revert)
{
	(void)e;
	return pick(g, true);
}
