/* SPDX-License-Identifier: Apache-2.0 */
/*
 * .gitmodules of a repository on another machine, before it is cloned with its
 * submodules: which hosts they lie on has to be judged first.  The newest
 * commit comes into a folder of ours without its files, then that one file.
 */
#include "tools/git_remotes.h"
#include "tools/git_words.h"

static bool
ask(struct git_call *g, const struct transport_permit *permit, const char *dir,
    const char *const *argv, char **output)
{
	const struct need *n = &g->cmd->need;
	struct command like = *g->cmd; /* its lists grow while it runs */
	struct err unsaid = {0};       /* git says it when it clones */
	int status = 0;

	like.repo = NULL;
	like.need = (struct need){.box = GIT_BOX_READ};
	need_looks(g->ctx, &like.need, n);
	need_permit(g->ctx, &like.need, permit);
	need_bind(g->ctx, &like.need, dir, dir, true);
	return g->t->oracle(g->ctx, g->t, &like, argv, output, &status,
			    &unsaid) == 0 &&
	       status == 0;
}

char *
git_far_modules(struct git_call *g, const struct git_url *u, const char *ref)
{
	struct transport_permit *permit = git_permit(g, u, false, NULL);
	struct err unsaid = {0};
	git_repository *git = NULL;
	char *dir = NULL, *text = NULL;
	const char *url = git_text(g, "remote.o.url=%s", u->text);
	const char *const fetch[] = {
	    "git",
	    NULL,
	    "-c",
	    "core.hooksPath=/dev/null",
	    "-c",
	    url,
	    "-c",
	    "remote.o.promisor=true",
	    "-c",
	    "remote.o.partialCloneFilter=blob:none",
	    "fetch",
	    "-q",
	    "--depth=1",
	    "--no-tags",
	    "--no-write-fetch-head",
	    "--no-auto-maintenance",
	    "--no-recurse-submodules",
	    "--filter=blob:none",
	    "--",
	    "o",
	    git_text(g, "+%s:refs/heads/o", ref ? ref : "HEAD"),
	    NULL};
	const char *argv[sizeof(fetch) / sizeof(*fetch)];
	const char *const show[] = {"cat-file", "blob",
				    "refs/heads/o:.gitmodules", NULL};

	if (!permit || !g->t->oracle || !g->t->folder ||
	    g->t->folder(g->ctx, g->t, &dir, &unsaid) < 0 ||
	    git_repository_init(&git, dir, true) < 0)
		return NULL;
	git_repository_free(git);
	memcpy(argv, fetch, sizeof(fetch));
	argv[1] = git_text(g, "--git-dir=%s", dir);
	if (!ask(g, permit, dir, argv, &text))
		return NULL;
	memcpy(argv + 10, show, sizeof(show));
	return ask(g, permit, dir, argv, &text) ? text : NULL;
}
