/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checkout, switch, restore, reset: which of them only moves HEAD, which
 * takes paths, and what lies on disk or in the index that would be replaced.
 */
#include "base/path.h"
#include "tools/git_local.h"

#define MAX_HOLDERS 1000 /* refs that are asked for a commit */

/* How `checkout` and `reset` divide their operands. */
struct division {
	const char *tree; /* NULL: none given */
	size_t paths;	  /* index of the first path operand */
	bool has_paths;
	bool unknown; /* it may be either: both are to be assumed */
};

static bool
is_treeish(struct git_call *g, const char *expr, bool *commit)
{
	git_repository *r = local_repo(g);
	git_object *found;
	git_oid oid;

	*commit = git_resolves(g, expr, &oid);
	if (*commit)
		return true;
	/* The merge base of two; libgit2 does not read it as one revision. */
	if (strstr(expr, "...")) {
		*commit = true;
		return true;
	}
	if (!r || git_revparse_single(&found, r, expr) != 0)
		return false;
	git_object_free(found);
	return true;
}

static void
divide(struct git_call *g, struct division *d)
{
	const struct options *o = &g->opt;
	bool commit;

	*d = (struct division){0};
	d->has_paths =
	    options_on(o, "patch") || options_value(o, "pathspec-from-file");
	if (o->dashdash != SIZE_MAX) {
		d->paths = o->dashdash;
		if (o->dashdash > 0)
			d->tree = local_rev(g, 0);
	} else if (o->noperands) {
		const char *first = local_rev(g, 0);

		if (is_treeish(g, first, &commit)) {
			d->tree = first;
			d->paths = 1;
		} else if (!local_repo(g) ||
			   (strstr(first, "@{") &&
			    !path_exists(git_path(g, first)))) {
			d->tree = first;
			d->unknown = true;
		}
	}
	if (d->paths < o->noperands)
		d->has_paths = true;
}

/* Paths of the index or a tree onto the disk. */
static void
take_paths(struct git_call *g, const char *tree, size_t from, bool disk,
	   bool index)
{
	const char *shown = local_paths_text(g, from);
	enum scope scope = local_paths_scope(g, from);
	struct effect *fx;

	local_pathspec_file(g);
	if (disk) {
		unsigned more = local_recurse(g);

		if (!tree) {
			local_tree(g, "HEAD");
			more |= LOSS_IN_THE_WAY;
		}
		fx = local_lose(g, EFFECT_WORKTREE_DISCARD, shown,
				LOSS_TRACKED | more);
		if (scope == SCOPE_PROTECTED)
			fx->scope = scope;
		fx->instead = "git stash push";
		if (tree)
			local_in_the_way(g, tree);
	}
	if (index) {
		fx = local_lose(g, EFFECT_INDEX_DISCARD, shown, LOSS_INDEX);
		if (!disk)
			fx->instead = "git stash push --staged";
	}
}

/* What the fetch refspecs of a remote make of its branch of that name. */
static const char *
tracking(struct git_call *g, git_repository *r, const char *remote,
	 const char *name)
{
	const char *branch = git_text(g, "refs/heads/%s", name), *ref = NULL;
	git_buf to = GIT_BUF_INIT;
	git_remote *there = NULL;

	if (git_remote_lookup(&there, r, remote) < 0)
		return NULL;
	for (size_t i = 0; !ref && i < git_remote_refspec_count(there); i++) {
		const git_refspec *spec = git_remote_get_refspec(there, i);

		if (git_refspec_direction(spec) == GIT_DIRECTION_FETCH &&
		    git_refspec_src_matches(spec, branch) &&
		    git_refspec_transform(&to, spec, branch) == 0)
			ref = git_text(g, "%s", to.ptr);
	}
	git_buf_dispose(&to);
	git_remote_free(there);
	return ref;
}

/* The remote-tracking branch that `checkout NAME` would make NAME from;
 * several: all of their trees may come. */
static bool
guess(struct git_call *g, const char *name)
{
	const char *preferred = git_setting(g, "checkout.defaultremote");
	git_repository *r = local_repo(g);
	git_strarray remotes = {0};
	bool any = false;

	if (!r || options_off(&g->opt, "guess") ||
	    options_off(&g->opt, "track") ||
	    !git_setting_bool(g, "checkout.guess", true) ||
	    git_remote_list(&remotes, r) != 0)
		return false;
	for (size_t i = 0; i < remotes.count; i++) {
		const char *ref = tracking(g, r, remotes.strings[i], name);

		if (!ref || !local_ref_exists(g, ref))
			continue;
		any = true;
		local_tree(g, ref);
		if (preferred && !strcmp(preferred, remotes.strings[i]))
			break;
	}
	git_strarray_dispose(&remotes);
	return any;
}

static void
new_branch(struct git_call *g, const char *name, const char *start, bool force)
{
	const char *ref = git_text(g, "refs/heads/%s", name);

	if (force)
		local_set_ref(g, ref, start ? start : "HEAD",
			      EFFECT_REF_OVERWRITE);
	else
		local_note(g, EFFECT_REF_CREATE, ref);
	if (local_tracks(g, start))
		local_branch_keys(g, name);
}

/* `checkout -t [refs/[remotes/]]origin/x` makes x. */
static const char *
name_of_remote(const char *target)
{
	const char *slash;

	if (!strncmp(target, "refs/", 5))
		target += 5;
	if (!strncmp(target, "remotes/", 8))
		target += 8;
	slash = strchr(target, '/');
	return slash && slash[1] ? slash + 1 : target;
}

/* One branch in two work trees: commits in one appear as reverts in the
 * other. */
static void
shared_branch(struct git_call *g, const char *name)
{
	git_repository *r = local_repo(g);
	git_reference *ref = NULL;
	struct effect *fx;
	int out = 0;

	if (!name || !options_on(&g->opt, "ignore-other-worktrees"))
		return;
	if (r && git_branch_lookup(&ref, r, name, GIT_BRANCH_LOCAL) == 0) {
		const char *head = local_head(g);

		out = git_branch_is_checked_out(ref) == 1 &&
		      !(head && !strcmp(head, git_reference_name(ref)));
		git_reference_free(ref);
	}
	if (!out)
		return;
	fx = local_note(g, EFFECT_GUARD_WEAKEN, name);
	fx->why = "the branch is checked out in another work tree, whose "
		  "next commit would undo what is committed here";
	fx->instead = git_text(g, "git switch --detach %s", name);
}

/* Does a branch, a tag or a remote hold the commit of a detached HEAD? */
static bool
head_is_held(struct git_call *g)
{
	git_repository *r = local_repo(g);
	git_reference_iterator *it = NULL;
	git_oid head, *tips = talloc_array(g->ctx, git_oid, MAX_HOLDERS);
	git_reference *ref;
	bool held = false;
	size_t n = 0;

	if (!tips)
		BUG("out of memory");
	if (!r || !git_resolves(g, "HEAD", &head) ||
	    git_reference_iterator_new(&it, r) < 0)
		return false;
	while (!held && n < MAX_HOLDERS && git_reference_next(&ref, it) == 0) {
		git_object *o = NULL;
		bool lasts = git_reference_is_branch(ref) ||
			     git_reference_is_remote(ref) ||
			     git_reference_is_tag(ref);

		if (lasts &&
		    git_reference_peel(&o, ref, GIT_OBJECT_COMMIT) == 0) {
			tips[n] = *git_object_id(o);
			held = git_oid_equal(&tips[n++], &head);
		}
		git_object_free(o);
		git_reference_free(ref);
	}
	git_reference_iterator_free(it);
	return held || git_graph_reachable_from_any(r, &head, tips, n) == 1;
}

/* HEAD goes to another commit. */
static void
move_head(struct git_call *g, const char *target, bool force)
{
	const struct options *o = &g->opt;

	if (force) {
		unsigned with_head = 0;

		if (!target) {
			local_tree(g, "HEAD");
			with_head = LOSS_IN_THE_WAY;
		}
		local_discard(g, LOSS_TRACKED | with_head,
			      LOSS_INDEX | LOSS_STATE);
	} else if (options_on(o, "merge") || options_value(o, "conflict")) {
		local_discard(g, LOSS_TRACKED, LOSS_INDEX);
	}
	if (target && (force || !options_off(o, "overwrite-ignore")))
		local_in_the_way(g, target);
	if (target && local_head_detached(g) && !head_is_held(g))
		local_journal(g, LOSS_REFS);
}

static void
checkout_branch(struct git_call *g, const char *target)
{
	const struct options *o = &g->opt;
	const char *b = options_value(o, "b"), *force_b = options_value(o, "B");
	const char *orphan = options_value(o, "orphan");
	const char *name = force_b ? force_b : b;

	if (!name && options_on(o, "track") && target) {
		new_branch(g, name_of_remote(target), target, false);
	} else if (name) {
		new_branch(g, name, target, force_b != NULL);
	} else if (orphan) {
		local_note(g, EFFECT_REF_CREATE,
			   git_text(g, "refs/heads/%s", orphan));
	}
	shared_branch(g, target);
	move_head(g, target, options_on(o, "force"));
}

GIT_DO(checkout)
{
	const struct options *o = &g->opt;
	const char *first = local_operand(g, 0);
	bool sides = options_on(o, "ours") || options_on(o, "theirs");
	struct division d;
	bool commit;

	(void)e;
	if (options_value(o, "b") || options_value(o, "B") ||
	    options_value(o, "orphan") || options_on(o, "detach") ||
	    options_on(o, "track")) {
		checkout_branch(g, local_rev(g, 0));
		return 0;
	}
	divide(g, &d);
	if (!d.tree && o->noperands == 1 && d.has_paths && !sides &&
	    !options_on(o, "patch") && o->dashdash == SIZE_MAX &&
	    !path_exists(git_path(g, first)) && guess(g, first)) {
		new_branch(g, first, NULL, false);
		local_branch_keys(g, first);
		if (options_on(o, "force"))
			local_discard(g, LOSS_TRACKED, LOSS_INDEX | LOSS_STATE);
		local_lose(g, EFFECT_UNTRACKED_DELETE, NULL, LOSS_IN_THE_WAY);
		return 0;
	}
	/* `checkout NAME --`: guessing is allowed there as well. */
	if (d.tree && !d.has_paths && o->dashdash == 1 &&
	    !is_treeish(g, d.tree, &commit) && guess(g, d.tree)) {
		new_branch(g, d.tree, NULL, false);
		local_branch_keys(g, d.tree);
	}
	if (d.has_paths)
		take_paths(g, d.tree, d.paths, true,
			   d.tree || options_on(o, "merge") ||
			       options_value(o, "conflict"));
	if (!d.has_paths || d.unknown)
		checkout_branch(g, d.tree);
	return 0;
}

GIT_DO(switch)
{
	const struct options *o = &g->opt;
	const char *target = local_rev(g, 0);
	const char *c = options_value(o, "create");
	const char *force_c = options_value(o, "force-create");
	const char *orphan = options_value(o, "orphan");
	bool force = options_on(o, "force") || options_on(o, "discard-changes");
	bool commit;

	(void)e;
	if (c || force_c) {
		new_branch(g, force_c ? force_c : c, target, force_c != NULL);
	} else if (orphan) {
		local_note(g, EFFECT_REF_CREATE,
			   git_text(g, "refs/heads/%s", orphan));
	} else if (options_on(o, "track") && target) {
		new_branch(g, name_of_remote(target), target, false);
	} else if (target && !options_on(o, "detach") &&
		   !is_treeish(g, target, &commit) && guess(g, target)) {
		new_branch(g, target, NULL, false);
		local_branch_keys(g, target);
		if (force)
			local_discard(g, LOSS_TRACKED, LOSS_INDEX | LOSS_STATE);
		local_lose(g, EFFECT_UNTRACKED_DELETE, NULL, LOSS_IN_THE_WAY);
		return 0;
	}
	shared_branch(g, target);
	move_head(g, target, force);
	return 0;
}

GIT_DO(restore)
{
	const struct options *o = &g->opt;
	const char *source = options_value(o, "source");
	bool staged = options_on(o, "staged");
	bool disk = options_on(o, "worktree") ||
		    (!staged && !options_off(o, "worktree"));

	(void)e;
	if (source && !strcmp(source, "-"))
		source = "@{-1}";
	/* With --staged and no source it is HEAD for both, and what HEAD does
	 * not have goes from the disk too. */
	if (staged && !source)
		source = "HEAD";
	take_paths(g, source, 0, disk,
		   staged || options_on(o, "merge") ||
		       options_value(o, "conflict"));
	return 0;
}

static void
reset_head(struct git_call *g, const char *mode, const char *target)
{
	const char *head = local_head(g);
	git_oid was, will;
	bool moves =
	    strcmp(target, "HEAD") != 0 &&
	    !(git_resolves(g, "HEAD", &was) && git_resolves(g, target, &will) &&
	      git_oid_equal(&was, &will));
	bool hard = !strcmp(mode, "hard");

	if (hard || !strcmp(mode, "merge")) {
		struct effect *fx;
		unsigned with_head = 0;

		if (!moves) {
			local_tree(g, "HEAD");
			with_head = LOSS_IN_THE_WAY;
		}
		fx = local_lose(g, EFFECT_WORKTREE_DISCARD, NULL,
				LOSS_TRACKED | with_head | local_recurse(g));
		fx->instead = "git stash push";
	}
	if (strcmp(mode, "soft") != 0)
		local_lose(g, EFFECT_INDEX_DISCARD, NULL,
			   LOSS_INDEX | LOSS_STATE);
	else
		g->cmd->losses.what |= LOSS_STATE;
	g->cmd->losses.what |= LOSS_REFS;
	if (!moves)
		return;
	if (strcmp(mode, "soft") != 0 && strcmp(mode, "mixed") != 0)
		local_in_the_way(g, target);
	g->cmd->losses.journal = true;
	if (head)
		local_set_ref(g, head, target, EFFECT_REF_MOVE);
	else
		local_ref(g,
			  local_head_detached(g) ? EFFECT_REF_MOVE
						 : EFFECT_REF_OVERWRITE,
			  "HEAD", NULL, LOSS_REFS);
}

GIT_DO(reset)
{
	static const char *const modes[] = {"soft",  "mixed", "hard",
					    "merge", "keep",  NULL};
	const struct options *o = &g->opt;
	const char *mode = local_last(o, modes);
	struct division d;

	(void)e;
	divide(g, &d);
	/* These take no paths: what is not a revision is an error. */
	if (mode && strcmp(mode, "mixed") != 0) {
		reset_head(g, mode, o->noperands ? local_rev(g, 0) : "HEAD");
		return 0;
	}
	if (d.has_paths)
		take_paths(g, d.tree ? d.tree : "HEAD", d.paths, false, true);
	if (!d.has_paths || d.unknown)
		reset_head(g, mode ? mode : "mixed", d.tree ? d.tree : "HEAD");
	return 0;
}
