/* SPDX-License-Identifier: Apache-2.0 */
/* git-lfs by its own name: the same as git lfs. */
#include "tools/git.h"

extern const struct tool tool_git;

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	struct tool_context *own = talloc_memdup(ctx, t, sizeof(*t));
	struct invocation *in = talloc_memdup(ctx, t->in, sizeof(*in));
	const char **argv =
	    talloc_array(ctx, const char *, (unsigned)t->in->argc + 2);
	int rc;

	if (!own || !in || !argv)
		BUG("out of memory");
	argv[0] = "git";
	argv[1] = "lfs";
	for (size_t i = 1; i <= t->in->argc; i++)
		argv[i + 1] = t->in->argv[i];
	in->tool = "git";
	in->argv = argv;
	in->argc = t->in->argc + 1;
	own->in = in;
	rc = tool_git.understand(ctx, own, cmd, fx, e);
	if (rc == ERR_SYNTAX) /* git would read these words otherwise */
		rc = e->code = ERR_UNKNOWN;
	return rc;
}

static const char *const names[] = {"git-lfs", NULL};

const struct tool tool_git_lfs = {
    .name = "git-lfs",
    .names = names,
    .understand = understand,
};
