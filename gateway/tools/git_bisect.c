/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bisect: checkouts of commits that only git can name, and `run`, which runs
 * whatever it is given.
 */
#include "base/file.h"
#include "base/text.h"
#include "tools/git_local.h"
#include <fcntl.h>

/* What HEAD was when the search began. */
static const char *
start_of(struct git_call *g)
{
	char *text;
	size_t len;
	struct err e;

	if (!g->repo ||
	    file_read(g->ctx, AT_FDCWD,
		      git_text(g, "%s/BISECT_START", g->repo->gitdir), 4096,
		      &text, &len, &e) != 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return text;
}

/* A step checks out a commit somewhere between. */
static void
step(struct git_call *g)
{
	g->cmd->losses.trees_unknown = true;
	local_lose(g, EFFECT_UNTRACKED_DELETE, NULL, LOSS_IN_THE_WAY);
	g->cmd->losses.what |= LOSS_STATE | LOSS_REFS;
}

static void
reset(struct git_call *g, const char *to)
{
	if (!to)
		to = start_of(g);
	if (to)
		local_in_the_way(g, to);
	local_lose(g, EFFECT_REF_DELETE, "refs/bisect", LOSS_STATE);
	local_journal(g, LOSS_STATE | LOSS_REFS);
}

GIT_DO(bisect)
{
	size_t at;
	const char *sub = local_subcommand(g, &at);
	const char *file;

	(void)e;
	if (!sub || !strcmp(sub, "log") || !strcmp(sub, "terms") ||
	    !strcmp(sub, "visualize") || !strcmp(sub, "view") ||
	    !strcmp(sub, "help"))
		return local_reads(g);
	if (!strcmp(sub, "run")) {
		const char *cmd = local_paths_text(g, at);

		git_runs(g, cmd ? cmd : "nothing");
		step(g);
	} else if (!strcmp(sub, "reset")) {
		reset(g, local_operand(g, at));
	} else if (!strcmp(sub, "start")) {
		size_t n = g->opt.noperands - at;

		/* With fewer than two commits nothing is checked out yet. */
		local_journal(g, LOSS_STATE | LOSS_REFS);
		if (n > 1 && !options_on(&g->opt, "no-checkout"))
			step(g);
	} else {
		if (!strcmp(sub, "replay") && (file = local_operand(g, at)))
			git_reads_file(g, file);
		step(g);
	}
	return 0;
}
