/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that read the repository and may write, or read, a file beside it.
 */
#include "base/path.h"
#include "invocation/git_config_text.h"
#include "tools/git_remotes.h"
#include "tools/git_words.h"
#include <unistd.h>

static void
reads_option(struct git_call *g, const char *name)
{
	const char *value;
	size_t i;

	for (i = 0; (value = options_nth(&g->opt, name, i)); i++)
		git_reads_file(g, value);
}

static void
writes_option(struct git_call *g, const char *name)
{
	const char *value;
	size_t i;

	for (i = 0; (value = options_nth(&g->opt, name, i)); i++)
		git_writes_file(g, value);
}

static const char *
operand(struct git_call *g, size_t i)
{
	return i < g->opt.noperands ? g->opt.operands[i] : NULL;
}

/* Operands that name something outside the repository, where the command
 * compares or searches plain files. */
static void
reads_operands(struct git_call *g)
{
	const char *s;
	size_t i;

	for (i = 0; i < g->opt.noperands; i++) {
		s = g->opt.operands[i];
		if (!g->repo || *s == '/' || !strncmp(s, "../", 3) ||
		    !strcmp(s, "..") || options_on(&g->opt, "no-index"))
			git_reads_file(g, s);
	}
}

/* diff, log, show and everything else with diff options */
int
git_do_output(struct git_call *g, struct err *e)
{
	(void)e;
	const char *merges = options_value(&g->opt, "diff-merges");

	writes_option(g, "output");
	/* the merge made again goes to a folder in the object store */
	if (options_on(&g->opt, "remerge-diff") ||
	    (merges && (!strcmp(merges, "r") || !strcmp(merges, "remerge"))))
		g->cmd->need.box = GIT_BOX_WRITE;
	/* gpg and its like look for their agent */
	if (options_on(&g->opt, "show-signature"))
		g->cmd->need.runs_code = true;
	reads_option(g, "O");
	if (!strcmp(g->word, "diff") || !strcmp(g->word, "difftool"))
		reads_operands(g);
	return 0;
}

static bool
compares_files(const struct git_call *g)
{
	const struct options *o = &g->opt;

	if (!strcmp(g->word, "diff"))
		return !options_on(o, "no-index") && !options_on(o, "cached") &&
		       !options_on(o, "staged");
	return !strcmp(g->word, "status") ||
	       (!strcmp(g->word, "describe") &&
		(options_count(o, "dirty") || options_count(o, "broken")));
}

/* These look at objects and refs alone. */
void
git_treeless(struct git_call *g)
{
	static const char *const words[] = {
	    "branch",	"cat-file",   "cherry",	      "count-objects",
	    "describe", "diff-tree",  "for-each-ref", "log",
	    "ls-tree",	"merge-base", "name-rev",     "reflog",
	    "rev-list", "rev-parse",  "shortlog",     "show",
	    "show-ref", "tag",	      "var",	      "whatchanged"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(g->word, words[i]))
			g->cmd->need.treeless = !compares_files(g);
}

/* What these find unchanged they write down in the index, so that plumbing
 * after them (diff-files, apply --index) finds it, too.  Not where somebody
 * else's program runs in the same box. */
void
git_refreshes(struct git_call *g)
{
	const struct repository *r = g->repo;
	const char *locks = invocation_env(g->in, "GIT_OPTIONAL_LOCKS");
	const char *hooks = git_hooks_dir(g);

	if (!r || !r->worktree || !compares_files(g) ||
	    strcmp(g->cmd->need.box, GIT_BOX_READ) != 0 ||
	    g->cmd->need.runs_code || g->cmd->need.nwrite > 0 ||
	    (g->scope != SCOPE_WORKSPACE && g->scope != SCOPE_SCRATCH) ||
	    (locks && git_config_truth(locks) == 0) ||
	    (r->index_file &&
	     strcmp(r->index_file, git_text(g, "%s/index", r->gitdir)) != 0) ||
	    (hooks &&
	     access(git_text(g, "%s/post-index-change", hooks), X_OK) == 0))
		return;
	g->cmd->need.box = GIT_BOX_REFRESH;
}

int
git_do_blame(struct git_call *g, struct err *e)
{
	reads_option(g, "contents");
	reads_option(g, "ignore-revs-file");
	reads_option(g, "S");
	return git_do_output(g, e);
}

int
git_do_grep(struct git_call *g, struct err *e)
{
	size_t i;

	(void)e;
	reads_option(g, "f");
	if (options_on(&g->opt, "open-files-in-pager"))
		g->cmd->need.runs_code = true;
	if (g->repo && !options_on(&g->opt, "no-index"))
		return 0;
	/* plain files; the first operand may be the pattern, and then names
	 * no file most of the time */
	reads_operands(g);
	i = options_count(&g->opt, "e") || options_count(&g->opt, "f") ? 0 : 1;
	if (g->opt.noperands <= i)
		git_reads_file(g, ".");
	return 0;
}

int
git_do_format_patch(struct git_call *g, struct err *e)
{
	const char *dir = options_value(&g->opt, "output-directory"),
		   *suffix = options_value(&g->opt, "suffix");

	reads_option(g, "signature-file");
	reads_option(g, "description-file");
	if (options_value(&g->opt, "output") || options_on(&g->opt, "stdout"))
		return git_do_output(g, e);
	if (!dir)
		dir = git_setting(g, "format.outputdirectory");
	if (!suffix)
		suffix = git_setting(g, "format.suffix");
	git_writes_files(g, dir ? dir : ".", suffix ? suffix : ".patch");
	return 0;
}

int
git_do_archive(struct git_call *g, struct err *e)
{
	const char *remote = options_value(&g->opt, "remote");
	struct git_remote r;
	int rc;

	writes_option(g, "output");
	reads_option(g, "add-file");
	if (!remote)
		return 0;
	rc = git_remote_look(g, remote, &r, e);
	return rc < 0 ? rc : git_contact(g, &r, e);
}

int
git_do_bugreport(struct git_call *g, struct err *e)
{
	const char *dir = options_value(&g->opt, "output-directory");

	(void)e;
	git_writes_files(g, dir ? dir : ".",
			 !strcmp(g->word, "diagnose") ? ".zip" : ".txt");
	if (g->repo)
		g->cmd->need.runs_code = true; /* an editor, for bugreport */
	return 0;
}

/* Through another file beside it, FILE.lock or a temporary one. */
static void
replaces_file(struct git_call *g, const char *file)
{
	git_writes_file(g, file);
	if (g->repo && g->repo->worktree &&
	    path_is_under(path_resolve(g->ctx, g->dir, file),
			  g->repo->worktree))
		g->cmd->need.box = GIT_BOX_WRITE;
}

int
git_do_bundle(struct git_call *g, struct err *e)
{
	const char *sub = g->opt.subcommand, *file = operand(g, 0);

	(void)e;
	if (!sub || !file)
		return 0;
	if (!strcmp(sub, "create")) {
		replaces_file(g, file);
		return 0;
	}
	git_reads_file(g, file);
	if (!strcmp(sub, "unbundle") && g->repo)
		g->cmd->need.box = GIT_BOX_WRITE;
	return 0;
}

int
git_do_fast_export(struct git_call *g, struct err *e)
{
	reads_option(g, "import-marks");
	reads_option(g, "import-marks-if-exists");
	reads_option(g, "anonymize-map");
	writes_option(g, "export-marks");
	return git_do_output(g, e);
}

int
git_do_fsck(struct git_call *g, struct err *e)
{
	(void)e;
	if (options_on(&g->opt, "lost-found"))
		g->cmd->need.box = GIT_BOX_WRITE;
	return 0;
}

int
git_do_hash_object(struct git_call *g, struct err *e)
{
	size_t i;

	(void)e;
	if (options_on(&g->opt, "w") && g->repo)
		g->cmd->need.box = GIT_BOX_WRITE;
	for (i = 0; i < g->opt.noperands; i++)
		git_reads_file(g, g->opt.operands[i]);
	return 0;
}

int
git_do_index_pack(struct git_call *g, struct err *e)
{
	const char *pack = operand(g, 0), *out = options_value(&g->opt, "o");

	(void)e;
	if (!g->repo)
		g->cmd->need.box = GIT_BOX_READ;
	if (out)
		git_writes_file(g, out);
	if (!pack)
		return 0;
	git_reads_file(g, pack);
	/* pack-x.idx and .rev beside the pack */
	if (!out && !options_on(&g->opt, "verify"))
		git_writes_files(g, path_parent(g->ctx, git_path(g, pack)),
				 ".idx");
	return 0;
}

int
git_do_interpret_trailers(struct git_call *g, struct err *e)
{
	size_t i;

	(void)e;
	for (i = 0; i < g->opt.noperands; i++)
		if (options_on(&g->opt, "in-place"))
			replaces_file(g, g->opt.operands[i]);
		else
			git_reads_file(g, g->opt.operands[i]);
	return 0;
}

int
git_do_mailinfo(struct git_call *g, struct err *e)
{
	(void)e;
	git_writes_file(g, operand(g, 0));
	git_writes_file(g, operand(g, 1));
	return 0;
}

int
git_do_mailsplit(struct git_call *g, struct err *e)
{
	const char *dir = options_value(&g->opt, "o");
	size_t i;

	(void)e;
	if (dir)
		git_writes_dir(g, dir);
	for (i = 0; i < g->opt.noperands; i++)
		git_reads_file(g, g->opt.operands[i]);
	return 0;
}

int
git_do_merge_file(struct git_call *g, struct err *e)
{
	size_t i;

	(void)e;
	/* The first file is overwritten in place. */
	for (i = 0; i < g->opt.noperands; i++)
		if (i == 0 && !options_on(&g->opt, "stdout"))
			git_writes_file(g, g->opt.operands[i]);
		else
			git_reads_file(g, g->opt.operands[i]);
	return 0;
}

int
git_do_pack_objects(struct git_call *g, struct err *e)
{
	const char *base = operand(g, 0);

	(void)e;
	/* base-<hash>.pack: named by content, so nothing is written over */
	if (!base || options_on(&g->opt, "stdout"))
		return 0;
	/* made in .git, then renamed */
	g->cmd->need.moves_repository = true;
	need_write(g->ctx, &g->cmd->need,
		   path_parent(g->ctx, path_resolve(g->ctx, g->dir, base)));
	effects_add(g->fx, EFFECT_FILE_WRITE,
		    scope_of_path(g->in, g->t->rules, g->repo,
				  path_resolve(g->ctx, g->dir, base)),
		    base)
	    ->undo = UNDO_YES;
	return 0;
}

int
git_do_rev_parse(struct git_call *g, struct err *e)
{
	struct repository_hints h = {.ceilings = g->hints.ceilings};
	struct repository *around = NULL;

	(void)e;
	if (!options_on(&g->opt, "show-superproject-working-tree") ||
	    !g->repo->worktree)
		return 0;
	/* git asks the index of the repository around this one */
	h.cwd = path_parent(g->ctx, g->repo->worktree);
	if (repository_find(g->ctx, &h, g->in->uid, &around, NULL) < 0 ||
	    !around || !around->worktree)
		return 0;
	need_read(g->ctx, &g->cmd->need, around->commondir);
	need_read(g->ctx, &g->cmd->need, around->gitdir);
	git_sees_file(g, git_text(g, "%s/.git", around->worktree));
	return 0;
}

int
git_do_unpack_file(struct git_call *g, struct err *e)
{
	/* .merge_file_XXXXXX in the top folder, a new name */
	(void)g;
	(void)e;
	return 0;
}
