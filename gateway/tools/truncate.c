/* SPDX-License-Identifier: Apache-2.0 */
/* truncate of coreutils 9.1. */
#include "tools/file_call.h"
#include <string.h>

static const struct option_spec options[] = {
    F('c', "no-create"),
    F('o', "io-blocks"),
    A('r', "reference"),
    A('s', "size"),
    HELP,
    END,
};

static int
mean(struct file_call *c, struct err *e)
{
	const char *reference = file_value(c, "reference");

	if (!file_on(c, "size") && !reference)
		return err_set(e, ERR_SYNTAX, "no size");
	if (!c->opt.noperands)
		return err_set(e, ERR_SYNTAX, "missing operand");
	if (reference)
		file_read_from(c, reference);
	for (size_t i = 0; i < c->opt.noperands; i++) {
		struct operand o;

		operand_look(&c->os, c->opt.operands[i], &o);
		file_see(c, &o);
		if (o.folder || (!o.leads && file_on(c, "no-create")))
			continue;
		file_act(c, o.leads ? ACT_REWRITE : ACT_MAKE, &o, true);
	}
	return 0;
}

static const struct file_tool tool = {
    .name = "truncate",
    .options = options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"truncate", NULL};

const struct tool tool_truncate = {
    .name = "truncate",
    .names = names,
    .understand = understand,
};
