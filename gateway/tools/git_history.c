/* SPDX-License-Identifier: Apache-2.0 */
/* commit and merge; and what rewrites history wholesale. */
#include "tools/git_local.h"

static bool
only_shows(const struct options *o)
{
	/* Each of the formats implies --dry-run. */
	static const char *const forms[] = {"dry-run", "short", "porcelain",
					    "long", "null"};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (options_on(o, forms[i]))
			return true;
	return false;
}

static void
amend(struct git_call *g)
{
	const char *head = local_head(g), *where;
	char hex[8];
	git_oid oid;
	struct effect *fx;

	fx =
	    local_ref(g, EFFECT_HISTORY_REWRITE, head ? head : "HEAD", NULL, 0);
	local_journal(g, LOSS_REFS);
	if (!git_resolves(g, "HEAD", &oid))
		return;
	git_oid_tostr(hex, sizeof(hex), &oid);
	where = local_published(g, &oid);
	if (where)
		fx->why = git_text(g, "%s is already on %s", hex, where);
	if (where || fx->scope == SCOPE_PROTECTED)
		fx->instead = git_text(g, "git commit --fixup=%s", hex);
}

static void
reads_message(struct git_call *g)
{
	static const char *const files[] = {"file", "template"};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		const char *name = options_value(&g->opt, files[i]);

		if (name)
			git_reads_file(g, name);
	}
}

/* Files that are staged on the way take the place of what was staged. */
static bool
stages_too(const struct options *o)
{
	static const char *const forms[] = {
	    "all",   "include",	    "only",
	    "patch", "interactive", "pathspec-from-file"};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (options_count(o, forms[i]))
			return true;
	return o->noperands > 0;
}

GIT_DO(commit)
{
	static const char *const hooks[] = {"pre-commit", "commit-msg", NULL};
	const struct options *o = &g->opt;

	(void)e;
	local_pathspec_file(g);
	reads_message(g);
	if (only_shows(o))
		return 0; /* takes index.lock all the same */
	local_skips_hooks(g, hooks);
	local_unsigned(g);
	if (stages_too(o))
		g->cmd->losses.what |= LOSS_STAGED;
	if (options_on(o, "amend"))
		amend(g);
	else
		local_advance(g);
	return 0;
}

/* A strategy that git does not bring along is a program on PATH. */
static bool
foreign_strategy(struct git_call *g)
{
	static const char *const own[] = {"recursive", "ort",  "resolve",
					  "octopus",   "ours", "subtree"};
	const char *s;
	size_t k;

	for (size_t i = 0; (s = options_nth(&g->opt, "strategy", i)); i++) {
		for (k = 0; k < sizeof(own) / sizeof(*own); k++)
			if (!strcmp(s, own[k]))
				break;
		if (k == sizeof(own) / sizeof(*own)) {
			git_runs(g, git_text(g, "git-merge-%s", s));
			return true;
		}
	}
	return false;
}

GIT_DO(merge)
{
	static const char *const hooks[] = {"pre-merge-commit", "commit-msg",
					    NULL};
	const struct options *o = &g->opt;

	(void)e;
	if (options_on(o, "abort")) {
		local_abort(g, "the merge in progress");
		return 0;
	}
	if (options_on(o, "quit")) {
		local_journal(g, LOSS_STATE);
		return 0;
	}
	local_skips_hooks(g, hooks);
	local_unsigned(g);
	foreign_strategy(g);
	reads_message(g);
	local_advance(g);
	if (options_on(o, "continue"))
		return 0;
	if (local_autostash(g, "merge.autostash"))
		g->cmd->losses.what |= LOSS_STAGED;
	if (!o->noperands)
		local_tree(g, "@{upstream}");
	for (size_t i = 0; i < o->noperands; i++)
		local_tree(g, local_rev(g, i));
	local_shifts(g);
	/* --no-overwrite-ignore is honoured by fast-forwards only. */
	local_lose(g, EFFECT_UNTRACKED_DELETE, NULL, LOSS_IN_THE_WAY);
	return 0;
}

/* Any branch may be among those that are rewritten. */
static void
rewrites_all(struct git_call *g, const char *shown)
{
	local_ref(g, EFFECT_HISTORY_REWRITE, NULL, shown, LOSS_REFS)->instead =
	    "git clone --no-local . ../rewrite";
	local_journal(g, LOSS_REFS);
}

GIT_DO(filter_branch)
{
	(void)e;
	git_runs(g, "the filters of git filter-branch");
	rewrites_all(g, "every branch that is named");
	return 0;
}

GIT_DO(fast_import)
{
	static const char *const files[] = {"export-marks",
					    "export-pack-edges"};
	static const char *const inputs[] = {"import-marks",
					     "import-marks-if-exists"};
	const char *name;

	(void)e;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if ((name = options_value(&g->opt, files[i])))
			git_writes_file(g, name);
	for (size_t i = 0; i < sizeof(inputs) / sizeof(*inputs); i++)
		if ((name = options_value(&g->opt, inputs[i])))
			git_reads_file(g, name);
	local_ref(g, EFFECT_REF_OVERWRITE, NULL, "refs from the stream",
		  LOSS_REFS);
	local_journal(g, LOSS_REFS);
	return 0;
}

/* Newer than git 2.39: drop, fixup, reword, split. */
GIT_DO(history)
{
	(void)e;
	if (options_on(&g->opt, "dry-run"))
		return 0;
	rewrites_all(g, "the branches that contain the commit");
	/* The checked-out branch takes its work tree along. */
	local_tree(g, "HEAD");
	local_lose(g, EFFECT_UNTRACKED_DELETE, NULL, LOSS_IN_THE_WAY);
	return 0;
}

GIT_DO(replay)
{
	const char *action = options_value(&g->opt, "ref-action");

	(void)e;
	if (action && !strcmp(action, "print"))
		return 0;
	rewrites_all(g, "the branches in the range");
	return 0;
}
