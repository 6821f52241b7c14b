/* SPDX-License-Identifier: Apache-2.0 */
/* stash: what moves into refs/stash, and what drops out of it. */
#include "base/text.h"
#include "tools/git_local.h"

/* "stash@{2}" for nothing, "2", "stash@{2}" or an expression. */
static const char *
entry(struct git_call *g, size_t at)
{
	const char *s = local_operand(g, at);

	if (!s)
		return "stash@{0}";
	if (s[strspn(s, "0123456789")])
		return s;
	return git_text(g, "stash@{%s}", s);
}

static void
push(struct git_call *g)
{
	const struct options *o = &g->opt;
	unsigned files = 0;

	local_pathspec_file(g);
	/* The entry keeps blobs after filters and without files marked
	 * assume-unchanged; the reset that follows replaces those too. */
	local_discard(g, LOSS_TRACKED, 0);
	if (!options_on(o, "keep-index"))
		local_discard(g, 0, LOSS_INDEX);
	if (options_on(o, "all"))
		files = LOSS_UNTRACKED | LOSS_IGNORED;
	else if (options_on(o, "include-untracked"))
		files = LOSS_UNTRACKED;
	if (files)
		local_lose(g, EFFECT_UNTRACKED_DELETE, NULL, files);
	local_note(g, EFFECT_REF_MOVE, "refs/stash");
	local_journal(g, LOSS_REFS);
}

/* Merges an entry into the work tree; the third parent holds untracked
 * files. */
static void
apply(struct git_call *g, const char *name)
{
	git_oid oid;
	const char *third = git_text(g, "%s^3", name);

	if (git_resolves(g, third, &oid))
		local_tree(g, third);
	local_in_the_way(g, name);
	if (options_on(&g->opt, "index"))
		local_lose(g, EFFECT_INDEX_DISCARD, NULL, LOSS_INDEX);
}

static void
drop(struct git_call *g, const char *name)
{
	struct effect *fx = local_lose(g, EFFECT_STASH_DROP, name, LOSS_REFS);

	fx->instead = git_text(g, "git branch stash-kept %s", name);
	g->cmd->losses.journal = true;
}

static int
other(struct git_call *g, const char *sub, size_t at)
{
	if (!strcmp(sub, "pop")) {
		apply(g, entry(g, at));
		drop(g, entry(g, at));
	} else if (!strcmp(sub, "apply")) {
		apply(g, entry(g, at));
	} else if (!strcmp(sub, "drop")) {
		drop(g, entry(g, at));
	} else if (!strcmp(sub, "clear")) {
		drop(g, "stash@{0}");
		g->fx->v[g->fx->n - 1].object = "all entries";
	} else if (!strcmp(sub, "branch")) {
		const char *name = local_operand(g, at);
		const char *from = entry(g, at + 1);

		if (name)
			local_note(g, EFFECT_REF_CREATE,
				   git_text(g, "refs/heads/%s", name));
		local_tree(g, git_text(g, "%s^", from));
		apply(g, from);
		drop(g, from);
	} else if (!strcmp(sub, "store") || !strcmp(sub, "import")) {
		local_note(g, EFFECT_REF_MOVE, "refs/stash");
		local_journal(g, LOSS_REFS);
	} else if (!strcmp(sub, "export")) {
		const char *to = options_value(&g->opt, "to-ref");

		if (to)
			local_set_ref(g, to, "refs/stash",
				      EFFECT_REF_OVERWRITE);
	} else if (strcmp(sub, "create") != 0) {
		return -1;
	}
	return 0;
}

GIT_DO(stash)
{
	const char *sub = g->opt.subcommand;

	if (!sub || !strcmp(sub, "push") || !strcmp(sub, "save")) {
		push(g);
		return 0;
	}
	if (!strcmp(sub, "list") || !strcmp(sub, "show")) {
		local_reads(g);
		return git_do_output(g, e);
	}
	if (other(g, sub, 0) < 0)
		return err_set(e, ERR_UNKNOWN, "git stash %s is not known",
			       text_safe(g->ctx, sub));
	return 0;
}
