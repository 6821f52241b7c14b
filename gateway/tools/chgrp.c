/* SPDX-License-Identifier: Apache-2.0 */
/* chgrp of coreutils 9.1. */
#include "tools/file_call.h"
#include <string.h>

static const struct option_spec options[] = {
    F('R', "recursive"),
    F('c', "changes"),
    F(0, "dereference"),
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

static void
change(struct file_call *c, const char *given, bool recursive)
{
	bool itself = file_on(c, "no-dereference") || recursive;
	struct operand o;

	operand_look(&c->os, given, &o);
	file_see(c, &o);
	if (!(itself ? o.there : o.leads))
		return;
	file_act(c, recursive && o.folder ? ACT_MODE_ALL : ACT_MODE, &o,
		 !itself);
}

static int
mean(struct file_call *c, struct err *e)
{
	const char *reference = file_value(c, "reference");
	size_t first = reference ? 0 : 1;

	if (c->opt.noperands <= first)
		return err_set(e, ERR_SYNTAX, "missing operand");
	need_read(c->ctx, &c->cmd->need, "/etc/passwd");
	need_read(c->ctx, &c->cmd->need, "/etc/group");
	if (reference)
		file_read_from(c, reference);
	if (file_on(c, "recursive") && file_on(c, "L"))
		file_effect(c, EFFECT_FILE_MODE, SCOPE_OUTSIDE, "-RL",
			    "links lead out of the tree, and what they lead to "
			    "is changed as well")
		    ->instead = "leave -L out";
	for (size_t i = first; i < c->opt.noperands; i++)
		change(c, c->opt.operands[i], file_on(c, "recursive"));
	file_judge_set(c, c->opt.operands + first, c->opt.noperands - first);
	return 0;
}

static const struct file_tool tool = {
    .name = "chgrp",
    .options = options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"chgrp", NULL};

const struct tool tool_chgrp = {
    .name = "chgrp",
    .names = names,
    .understand = understand,
};
