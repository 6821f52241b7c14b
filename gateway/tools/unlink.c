/* SPDX-License-Identifier: Apache-2.0 */
/* unlink of coreutils 9.1: one name, and no questions. */
#include "tools/file_call.h"
#include <string.h>

static const struct option_spec options[] = {
    HELP,
    END,
};

static int
mean(struct file_call *c, struct err *e)
{
	struct operand o;

	if (c->opt.noperands != 1)
		return err_set(e, ERR_SYNTAX, "not one operand");
	operand_look(&c->os, c->opt.operands[0], &o);
	file_see(c, &o);
	if (o.there && !S_ISDIR(o.st.st_mode) && !o.slash)
		file_act(c, ACT_REMOVE, &o, false);
	else
		file_tried(c, &o);
	c->cmd->losses.removal = true;
	return 0;
}

static const struct file_tool tool = {
    .name = "unlink",
    .options = options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"unlink", NULL};

const struct tool tool_unlink = {
    .name = "unlink",
    .names = names,
    .understand = understand,
};
