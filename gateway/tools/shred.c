/* SPDX-License-Identifier: Apache-2.0 */
/* shred of coreutils 9.1.  Its purpose is that nothing can be had back, so a
 * copy that undo would need defeats it: what this session did not make is asked
 * for. */
#include "tools/file_call.h"
#include <string.h>

static const struct option_spec options[] = {
    F('f', "force"),
    A('n', "iterations"),
    A(0, "random-source"),
    A('s', "size"),
    O(0, "remove"),
    FA('u', NULL),
    F('v', "verbose"),
    F('x', "exact"),
    F('z', "zero"),
    HELP,
    END,
};

static int
mean(struct file_call *c, struct err *e)
{
	const char *source = file_value(c, "random-source");

	if (!c->opt.noperands)
		return err_set(e, ERR_SYNTAX, "missing operand");
	if (source)
		file_read_from(c, source);
	for (size_t i = 0; i < c->opt.noperands; i++) {
		struct operand o;

		if (!strcmp(c->opt.operands[i], "-"))
			continue;
		operand_look(&c->os, c->opt.operands[i], &o);
		file_see(c, &o);
		if (!o.leads || o.folder)
			continue;
		file_act(c, ACT_REWRITE, &o, true);
		if (file_on(c, "remove"))
			file_act(c, ACT_REMOVE, &o, false);
	}
	/* the copy that is kept is what shred is to prevent */
	for (size_t i = 0; i < c->fx->n; i++) {
		struct effect *fx = &c->fx->v[i];

		if (fx->kind != EFFECT_FILE_OVERWRITE)
			continue;
		fx->losses = 0;
		fx->undo = UNDO_NO;
		fx->why = "nothing can be had back after shred, in none of its "
			  "hard links";
		fx->instead = "rm: automode keeps what it removes";
	}
	return 0;
}

static const struct file_tool tool = {
    .name = "shred",
    .options = options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"shred", NULL};

const struct tool tool_shred = {
    .name = "shred",
    .names = names,
    .understand = understand,
};
