/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pull: a fetch, and then a merge or rebase of what is not here yet; what
 * would be in its way is found by comparing with the other repository.
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/git_local.h"
#include "tools/git_remotes.h"

struct coming {
	struct git_call *g;
	const char *worktree;
};

/* A path that the incoming tree adds: is something of ours there? */
static int
on_added(const git_diff_delta *d, float progress, void *data)
{
	struct coming *c = data;
	char *path = git_text(c->g, "%s/%s", c->worktree, d->new_file.path),
	     *slash;

	(void)progress;
	if (d->status != GIT_DELTA_ADDED)
		return 0;
	if (path_exists(path)) {
		losses_add_path(c->g->ctx, &c->g->cmd->losses, path);
		return 0;
	}
	/* a file where the tree wants a folder */
	while ((slash = strrchr(path, '/')) &&
	       (size_t)(slash - path) > strlen(c->worktree)) {
		*slash = '\0';
		if (path_exists(path)) {
			if (!path_exists(git_text(c->g, "%s/.", path)))
				losses_add_path(c->g->ctx, &c->g->cmd->losses,
						path);
			break;
		}
	}
	return 0;
}

/* Compares our HEAD with the other repository's ref, in the other repository
 * with our objects beside its own. */
static bool
tree_comes(struct git_call *g, struct repository *there, const char *ref)
{
	struct coming c = {g, g->repo->worktree};
	git_object *theirs = NULL, *ours = NULL;
	git_commit *head = NULL;
	git_diff *diff = NULL;
	git_odb *odb = NULL;
	git_oid oid;
	bool ok;

	ok = git_resolves(g, "HEAD", &oid) &&
	     git_repository_odb(&odb, there->git) == 0 &&
	     git_odb_add_disk_alternate(
		 odb, git_text(g, "%s/objects", g->repo->commondir)) == 0 &&
	     git_revparse_single(&theirs, there->git,
				 git_text(g, "%s^{tree}", ref)) == 0 &&
	     git_commit_lookup(&head, there->git, &oid) == 0 &&
	     git_commit_tree((git_tree **)&ours, head) == 0 &&
	     git_diff_tree_to_tree(&diff, there->git, (git_tree *)ours,
				   (git_tree *)theirs, NULL) == 0 &&
	     git_diff_foreach(diff, on_added, NULL, NULL, NULL, &c) == 0;
	git_diff_free(diff);
	git_commit_free(head);
	git_object_free(ours);
	git_object_free(theirs);
	git_odb_free(odb);
	return ok;
}

/* Which refs of the remote are merged. */
static bool
trees_come(struct git_call *g, const struct git_remote *r, size_t first)
{
	struct repository *there = NULL;
	const char *branch = git_current_branch(g), *ref;
	size_t i;

	if (!r->nfetch || !g->repo->worktree)
		return false;
	if (r->fetch[0].transport == GIT_URL_SELF)
		there = g->repo;
	else if (r->fetch[0].transport != GIT_URL_PATH ||
		 repository_at(g->ctx, r->fetch[0].path, g->in->uid, &there,
			       NULL) < 0 ||
		 !there)
		return false;
	repository_open(g->ctx, there);
	if (!there->git)
		return false;
	if (g->opt.noperands > first) {
		for (i = first; i < g->opt.noperands; i++) {
			ref = g->opt.operands[i];
			ref = git_text(g, "%.*s",
				       (int)strcspn(ref + (*ref == '+'), ":"),
				       ref + (*ref == '+'));
			if (!tree_comes(g, there, *ref ? ref : "HEAD"))
				return false;
		}
		return true;
	}
	ref = branch ? git_setting(g, git_text(g, "branch.%s.merge", branch))
		     : NULL;
	return tree_comes(g, there, ref ? ref : "HEAD");
}

static bool
pull_rebases(struct git_call *g)
{
	const char *branch = git_current_branch(g), *value = NULL;

	if (options_count(&g->opt, "rebase"))
		return options_on(&g->opt, "rebase") &&
		       !(options_value(&g->opt, "rebase") &&
			 !strcmp(options_value(&g->opt, "rebase"), "false"));
	if (branch)
		value = git_setting(g, git_text(g, "branch.%s.rebase", branch));
	if (!value)
		value = git_setting(g, "pull.rebase");
	return value && git_config_value_signs(value);
}

static int
pull_one(struct git_call *g, const struct git_remote *r, size_t first,
	 struct err *e)
{
	bool rebase = pull_rebases(g);
	int rc = git_fetch_one(g, r, first, e);

	if (rc < 0)
		return rc;
	if (!trees_come(g, r, first))
		g->cmd->losses.trees_unknown = true;
	local_lose(g, EFFECT_UNTRACKED_DELETE, NULL,
		   LOSS_IN_THE_WAY | (g->cmd->losses.npaths ? LOSS_PATHS : 0));
	local_journal(g, LOSS_REFS);
	if (local_autostash(g, rebase ? "rebase.autostash" : "merge.autostash"))
		local_discard(g, LOSS_TRACKED, LOSS_INDEX);
	if (rebase)
		git_loses(g, git_effect(g, EFFECT_HISTORY_REWRITE, "HEAD"),
			  LOSS_REFS);
	else
		local_advance(g);
	if (git_setting_bool(g, "submodule.recurse", false) ||
	    options_on(&g->opt, "recurse-submodules")) {
		local_lose(g, EFFECT_WORKTREE_DISCARD, "submodules",
			   LOSS_SUBMODULES);
		/* git submodule update, which writes core.worktree of each */
		g->cmd->need.box = GIT_BOX_CONFIG;
		git_config_glob(g, "submodule.**");
	}
	return 0;
}

int
git_do_pull(struct git_call *g, struct err *e)
{
	if (options_on(&g->opt, "dry-run"))
		return git_do_fetch(g, e);
	git_binds_submodules(g);
	return git_every_remote(g, pull_one, options_on(&g->opt, "all"), false,
				e);
}
