/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git's own words in a repository with git-lfs whose remote is a host.  Its
 * filter and its hook run boxed, without network:
 *
 *   smudge    leaves the pointer where the content is not here, instead of
 *	       ending the command; `git lfs pull` brings it
 *   pre-push  the upload is done before the push, by a git-lfs in a box of
 *	       its own (command.before), and the hook is told to skip it
 */
#include "base/file.h"
#include "base/path.h"
#include "tools/git_lfs.h"
#include "tools/git_words.h"
#include <fcntl.h>
#include <string.h>

#define HOOK_MAX (64 * 1024)

static bool
uses_lfs(struct git_call *g)
{
	for (size_t i = 0; g->settings && i < g->settings->n; i++)
		if (!strncmp(g->settings->v[i].key, "filter.lfs.", 11))
			return true;
	return false;
}

static bool
speaks_to_host(struct git_call *g)
{
	struct git_remote r = {0};
	struct err e = {0};

	if (g->cmd->need.npermits)
		return true;
	return g->repo &&
	       git_remote_look(g, git_default_remote(g, false), &r, &e) >= 0 &&
	       r.nfetch && r.fetch->transport == GIT_URL_HOST;
}

static void
set(struct git_call *g, const char *entry)
{
	struct command *cmd = g->cmd;
	size_t n = 0;

	while (cmd->env_set && cmd->env_set[n])
		n++;
	cmd->env_set =
	    talloc_realloc(g->ctx, cmd->env_set, const char *, (unsigned)n + 2);
	if (!cmd->env_set)
		BUG("out of memory");
	cmd->env_set[n] = entry;
	cmd->env_set[n + 1] = NULL;
}

/* The hook that `git lfs install` writes, or one that calls it. */
static bool
hook_uploads(struct git_call *g)
{
	const char *dir = git_hooks_dir(g), *hook;
	char *text = NULL;
	size_t len;

	if (!dir || !git_has_hook(g, "pre-push"))
		return false;
	hook = path_join(g->ctx, dir, "pre-push");
	return file_read(g->ctx, AT_FDCWD, hook, HOOK_MAX, &text, &len, NULL) ==
		   0 &&
	       (strstr(text, "git lfs pre-push") ||
		strstr(text, "git-lfs pre-push"));
}

/* git lfs push REMOTE COMMIT..., of all commits that the push may bring. */
static const char **
words(struct git_call *g, const char *remote, size_t *commits)
{
	const struct need *need = &g->cmd->need;
	const char **v;
	size_t n = 0, room = 6;

	for (size_t i = 0; i < need->npermits; i++)
		room += need->permits[i].nupdates;
	v = talloc_array(g->ctx, const char *, (unsigned)room);
	if (!v)
		BUG("out of memory");
	v[n++] = "git";
	v[n++] = "lfs";
	v[n++] = "push";
	v[n++] = remote;
	for (size_t i = 0; i < need->npermits; i++)
		for (size_t k = 0; k < need->permits[i].nupdates; k++)
			if (need->permits[i].updates[k].will)
				v[n++] = need->permits[i].updates[k].will;
	v[n] = NULL;
	*commits = n - 4;
	return v;
}

static void
upload_before(struct git_call *g)
{
	const char *remote =
	    g->opt.noperands ? g->opt.operands[0] : git_default_remote(g, true);
	struct git_call *own = talloc_memdup(g->ctx, g, sizeof(*g));
	struct command *b = talloc_zero(g->ctx, struct command);
	struct effects *judged = talloc_zero(g->ctx, struct effects);
	struct lfs_call l = {.g = own};
	struct err e = {0};
	size_t commits;

	if (!own || !b || !judged)
		BUG("out of memory");
	b->argv = words(g, remote, &commits);
	if (!commits)
		return;
	/* the push itself is judged: same remote, same commits */
	effects_init(g->ctx, judged);
	own->fx = judged;
	own->cmd = b;
	own->nglobals = 0;
	b->program = g->cmd->program;
	b->repo = g->cmd->repo;
	b->summary = "git lfs push";
	if (lfs_contact(&l, remote, true, &e) < 0 || !b->need.negress)
		return; /* the hook then says what it lacks */
	g->cmd->before = b;
	set(g, "GIT_LFS_SKIP_PUSH=1");
}

void
git_lfs_beside(struct git_call *g)
{
	const char *box = g->cmd->need.box;

	if (!uses_lfs(g) || !box || !strcmp(box, GIT_BOX_READ) ||
	    !speaks_to_host(g))
		return;
	if (!invocation_env(g->in, "GIT_LFS_SKIP_SMUDGE"))
		set(g, "GIT_LFS_SKIP_SMUDGE=1");
	if (!strcmp(g->word, "push") && !options_on(&g->opt, "no-verify") &&
	    !options_on(&g->opt, "dry-run") && hook_uploads(g))
		upload_before(g);
}
