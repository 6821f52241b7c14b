/* SPDX-License-Identifier: Apache-2.0 */
/* worktree: linked work trees come, move and go. */
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "tools/git_local.h"
#include <dirent.h>
#include <fcntl.h>

static bool
path_ends_in(const char *path, const char *tail)
{
	size_t p = strlen(path), t = strlen(tail);

	return t && t < p && !strcmp(path + p - t, tail) &&
	       path[p - t - 1] == '/';
}

/* The work tree that a record ($GIT_COMMON_DIR/worktrees/NAME) stands for. */
static const char *
recorded(struct git_call *g, const char *record)
{
	char *text;
	size_t len;
	struct err e;

	if (file_read(g->ctx, AT_FDCWD, git_text(g, "%s/gitdir", record),
		      1 << 16, &text, &len, &e) != 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return path_parent(g->ctx, path_join(g->ctx, record, text));
}

/* git takes as much of the end of a work tree's path as is unique, else the
 * path.  NULL: there is no such work tree, git will say so. */
static const char *
find(struct git_call *g, const char *name)
{
	const char *admin = git_text(g, "%s/worktrees", g->repo->commondir);
	const char *exact = path_resolve(g->ctx, g->dir, name);
	const char *tail = path_clean(g->ctx, name);
	const char *by_tail = NULL, *by_path = NULL;
	size_t hits = 0;
	DIR *d = opendir(admin);

	for (struct dirent *e; d && (e = readdir(d));) {
		const char *path;

		if (e->d_name[0] == '.')
			continue;
		path = recorded(g, git_text(g, "%s/%s", admin, e->d_name));
		if (!path)
			continue;
		if (!strcmp(path_resolve(g->ctx, "/", path), exact))
			by_path = path;
		if (path_ends_in(path, tail)) {
			by_tail = path;
			hits++;
		}
	}
	if (d)
		closedir(d);
	return hits == 1 ? by_tail : by_path;
}

/* A new folder: beside the project and below home it is everyday work. */
static void
new_folder(struct git_call *g, const char *path)
{
	enum scope s = scope_of_path(g->in, g->t->rules, g->repo, path);
	struct effect *fx;

	if (!g->repo->worktree || !path_is_under(path, g->repo->worktree))
		need_write(g->ctx, &g->cmd->need, git_standing_dir(g, path));
	if (s == SCOPE_SCRATCH || s == SCOPE_WORKSPACE || s == SCOPE_HOME)
		return;
	if (s == SCOPE_OUTSIDE && g->repo->worktree &&
	    path_is_under(path, path_parent(g->ctx, g->repo->worktree)))
		return;
	fx = local_note(g, EFFECT_FILE_WRITE, path);
	fx->scope = s;
	fx->instead = git_text(g, "git worktree add ../%s", path_base(path));
}

/* A name taken from the folder may exist as a branch already, be guessed
 * from a remote-tracking one, or be new. */
static void
branch_of_folder(struct git_call *g, const char *path)
{
	const char *name = path_base(path);
	const char *ref = git_text(g, "refs/heads/%s", name);

	if (!local_ref_exists(g, ref))
		local_note(g, EFFECT_REF_CREATE, ref);
	if (options_on(&g->opt, "guess-remote") ||
	    git_setting_bool(g, "worktree.guessremote", false) ||
	    local_tracks(g, NULL))
		local_branch_keys(g, name);
}

static void
add(struct git_call *g)
{
	const struct options *o = &g->opt;
	const char *path, *start = local_rev(g, 1);
	const char *b = options_value(o, "b"), *force_b = options_value(o, "B");
	const char *name = force_b ? force_b : b;
	git_oid oid;

	if (!o->noperands || !g->repo)
		return;
	path = path_resolve(g->ctx, g->dir, o->operands[0]);
	new_folder(g, path);
	if (force_b)
		local_set_ref(g, git_text(g, "refs/heads/%s", force_b),
			      start ? start : "HEAD", EFFECT_REF_OVERWRITE);
	else if (b)
		local_note(g, EFFECT_REF_CREATE,
			   git_text(g, "refs/heads/%s", b));
	else if (!start && !options_on(o, "detach"))
		branch_of_folder(g, path);
	if (name && local_tracks(g, start)) {
		local_branch_keys(g, name);
	} else if (start && !name && !options_on(o, "detach") &&
		   !git_resolves(g, start, &oid)) {
		/* As checkout does, it may be guessed from a remote. */
		local_note(g, EFFECT_REF_CREATE,
			   git_text(g, "refs/heads/%s", start));
		local_branch_keys(g, start);
	}
	if (git_setting_bool(g, "extensions.worktreeconfig", false)) {
		local_config_box(g);
		need_config_key(g->ctx, &g->cmd->need, "core.*");
		need_config_key(g->ctx, &g->cmd->need,
				"extensions.worktreeconfig");
	}
	/* -f takes over the record of a folder that is missing. */
	if (options_on(o, "force"))
		local_journal(g, LOSS_WORKTREE_ADMIN | LOSS_REFS);
}

static void
move(struct git_call *g)
{
	const char *from, *to;

	if (g->opt.noperands < 2 || !g->repo)
		return;
	from = find(g, g->opt.operands[0]);
	if (!from)
		return;
	to = path_resolve(g->ctx, g->dir, g->opt.operands[1]);
	/* rename(2) changes both folders around it. */
	need_write(g->ctx, &g->cmd->need, path_parent(g->ctx, from));
	need_write(g->ctx, &g->cmd->need, path_parent(g->ctx, to));
	new_folder(g, to);
	local_journal(g, LOSS_WORKTREE_ADMIN | LOSS_REFS);
}

static void
remove_tree(struct git_call *g)
{
	const char *path;
	struct effect *fx;

	if (!g->opt.noperands || !g->repo)
		return;
	path = find(g, g->opt.operands[0]);
	if (!path)
		return;
	need_write(g->ctx, &g->cmd->need, path_parent(g->ctx, path));
	losses_add_path(g->ctx, &g->cmd->losses, path);
	fx = git_effect(g, EFFECT_TREE_DELETE, path);
	git_loses(g, fx, LOSS_PATHS | LOSS_WORKTREE_ADMIN | LOSS_REFS);
	fx->instead =
	    git_text(g, "git -C %s stash push --all", text_safe(g->ctx, path));
}

static void
repairs(struct git_call *g, const char *dir)
{
	enum scope scope = scope_of_path(g->in, g->t->rules, g->repo, dir);

	if (path_exists(dir) &&
	    (scope == SCOPE_WORKSPACE || scope == SCOPE_SCRATCH))
		need_write(g->ctx, &g->cmd->need, dir);
}

/* It writes .git anew in the work trees that are named, and in all of those
 * that are known here. */
static void
repair_needs(struct git_call *g)
{
	const char *all = git_text(g, "%s/worktrees", g->repo->commondir);
	DIR *d = opendir(all);
	struct dirent *ent;

	for (size_t i = 0; i < g->opt.noperands; i++)
		repairs(g, path_resolve(g->ctx, g->dir, g->opt.operands[i]));
	while (d && (ent = readdir(d))) {
		const char *tree = NULL;

		if (*ent->d_name != '.')
			tree =
			    recorded(g, git_text(g, "%s/%s", all, ent->d_name));
		if (tree)
			repairs(g, path_resolve(g->ctx, "/", tree));
	}
	if (d)
		closedir(d);
}

GIT_DO(worktree)
{
	size_t at;
	const char *sub = local_subcommand(g, &at);

	if (!sub || !strcmp(sub, "list"))
		return local_reads(g);
	if (!strcmp(sub, "add")) {
		add(g);
	} else if (!strcmp(sub, "move")) {
		move(g);
	} else if (!strcmp(sub, "remove")) {
		remove_tree(g);
	} else if (!strcmp(sub, "prune")) {
		if (options_on(&g->opt, "dry-run"))
			return local_reads(g);
		local_lose(g, EFFECT_REFLOG_EXPIRE,
			   "records of missing work trees",
			   LOSS_WORKTREE_ADMIN);
		g->cmd->losses.what |= LOSS_REFS;
	} else if (!strcmp(sub, "repair")) {
		repair_needs(g);
		local_journal(g, LOSS_WORKTREE_ADMIN);
	} else if (strcmp(sub, "lock") && strcmp(sub, "unlock")) {
		return err_set(e, ERR_UNKNOWN, "git worktree %s is not known",
			       text_safe(g->ctx, sub));
	}
	return 0;
}
