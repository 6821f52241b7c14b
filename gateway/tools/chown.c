/* SPDX-License-Identifier: Apache-2.0 */
/* chown of coreutils 9.1. */
#include "tools/file_owner.h"

static const struct option_spec options[] = {
    F('R', "recursive"),
    F('c', "changes"),
    F(0, "dereference"),
    A(0, "from"),
    F('h', "no-dereference"),
    F(0, "no-preserve-root"),
    F(0, "preserve-root"),
    F('f', "quiet"),
    FA(0, "silent"),
    A(0, "reference"),
    F('v', "verbose"),
    F('H', NULL),
    F('L', NULL),
    F('P', NULL),
    HELP,
    END,
};

static const struct file_tool tool = {
    .name = "chown",
    .options = options,
    .mean = file_owner,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"chown", NULL};

const struct tool tool_chown = {
    .name = "chown",
    .names = names,
    .understand = understand,
};
