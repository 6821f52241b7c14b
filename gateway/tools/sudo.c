/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sudo and doas: whatever runs behind them runs as somebody else, with a PATH
 * on which there are no shims.  A person says yes, or it does not run.
 */
#include "tools/file_call.h"
#include <string.h>

static int
mean(struct file_call *c, struct err *e)
{
	struct effect *fx;

	(void)e;
	file_hand_over(c);
	if (c->in->argc < 2 || !strcmp(c->in->argv[1], "--help") ||
	    !strcmp(c->in->argv[1], "--version"))
		return 0;
	fx = file_effect(c, EFFECT_PRIVILEGE, SCOPE_SYSTEM, c->in->argv[0],
			 "it runs as another user, and nothing is kept");
	fx->instead = "the same command without it";
	return 0;
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	const char *name = strcmp(t->in->tool, "doas") ? "sudo" : "doas";

	return file_understand_raw(name, mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"sudo", "doas", NULL};

const struct tool tool_sudo = {
    .name = "sudo",
    .names = names,
    .understand = understand,
};
