/* SPDX-License-Identifier: Apache-2.0 */
/* tee of coreutils 9.1.  Without a file it only passes on. */
#include "tools/file_call.h"
#include <string.h>

static const struct option_spec options[] = {
    F('a', "append"),
    F('i', "ignore-interrupts"),
    O(0, "output-error"),
    FA('p', NULL),
    HELP,
    END,
};

static int
mean(struct file_call *c, struct err *e)
{
	(void)e;
	if (!c->opt.noperands) {
		file_hand_over(c);
		return 0;
	}
	for (size_t i = 0; i < c->opt.noperands; i++) {
		struct operand o;

		/* "-" is a file of that name */
		operand_look(&c->os, c->opt.operands[i], &o);
		file_see(c, &o);
		if (o.folder)
			continue;
		file_act(c, o.leads ? ACT_REWRITE : ACT_MAKE, &o, true);
		file_arrives_at(c, o.path);
	}
	c->cmd->passes_on = true;
	return 0;
}

static const struct file_tool tool = {
    .name = "tee",
    .options = options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"tee", NULL};

const struct tool tool_tee = {
    .name = "tee",
    .names = names,
    .understand = understand,
};
