/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git words whose arguments do not tell what they change: drivers of tools,
 * merge strategies, scripts; and the few of that kind that change nothing.
 */
#include "tools/git_remotes.h"
#include "tools/git_words.h"
#include <string.h>

/* Strategies, drivers of tools and scripts: what they change is not told by
 * their arguments. */
int
git_do_anything(struct git_call *g, struct err *e)
{
	(void)e;
	git_runs(g, git_text(g, "git %s", g->word));
	return 0;
}

int
git_do_help(struct git_call *g, struct err *e)
{
	(void)e;
	/* man(1) and its pager */
	g->cmd->need.runs_code = true;
	return 0;
}

int
git_do_hook(struct git_call *g, struct err *e)
{
	const char *sub = g->opt.subcommand;

	if (!sub && g->opt.noperands > 0)
		sub = g->opt.operands[0];
	if (sub && !strcmp(sub, "list")) {
		g->cmd->need.box = GIT_BOX_READ;
		return 0;
	}
	return git_do_anything(g, e);
}

int
git_do_difftool(struct git_call *g, struct err *e)
{
	/* The tool runs where nothing can be changed; --dir-diff could not
	 * copy its edits back, so it is judged as a write. */
	if (options_on(&g->opt, "dir-diff")) {
		g->cmd->need.box = GIT_BOX_WRITE;
		return git_do_anything(g, e);
	}
	return git_do_output(g, e);
}

int
git_do_var(struct git_call *g, struct err *e)
{
	(void)g;
	(void)e;
	return 0;
}

/* The repository that git-subtree.sh of git 2.39 fetches from: add and pull
 * by its second operand, when a ref follows; split and merge, for a squashed
 * commit that is not here, by the one after the commit. */
static const char *
subtree_repository(const struct git_call *g, const char *sub)
{
	size_t n = g->opt.noperands;

	if (!sub || n < 3)
		return NULL;
	if (!strcmp(sub, "add") || !strcmp(sub, "pull"))
		return g->opt.operands[1];
	if (!strcmp(sub, "split") || !strcmp(sub, "merge"))
		return g->opt.operands[2];
	return NULL;
}

int
git_do_subtree(struct git_call *g, struct err *e)
{
	const char *sub = g->opt.noperands > 0 ? g->opt.operands[0]
					       : g->opt.subcommand,
		   *far;
	struct git_remote r;

	if (sub && !strcmp(sub, "push"))
		return err_set(e, ERR_UNKNOWN,
			       "git subtree push contacts a remote by itself; "
			       "instead: git subtree split -b NAME, then "
			       "git push");
	far = subtree_repository(g, sub);
	if (far &&
	    (git_remote_look(g, far, &r, e) < 0 || git_contact(g, &r, e) < 0))
		return -1;
	if (far)
		git_fetch_sends(g, &r);
	return git_do_anything(g, e);
}
