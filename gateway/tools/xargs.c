/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xargs of findutils 4.9.  What it runs is found by its name and meets the
 * shim there, with the words that xargs has put together: nothing has to be
 * foreseen from stdin, and a batch is judged as a whole.
 */
#include "parse/wrapper.h"
#include "tools/file_list.h"
#include <string.h>

static const struct option_spec options[] = {
    F('0', "null"),
    A('a', "arg-file"),
    A('d', "delimiter"),
    O('e', "eof"),
    A('E', NULL),
    O('i', "replace"),
    A('I', NULL),
    O('l', "max-lines"),
    A('L', NULL),
    A('n', "max-args"),
    F('o', "open-tty"),
    F('p', "interactive"),
    F('r', "no-run-if-empty"),
    A('s', "max-chars"),
    F('t', "verbose"),
    F(0, "show-limits"),
    F('x', "exit"),
    A('P', "max-procs"),
    A(0, "process-slot-var"),
    HELP,
    END,
};

static int
mean(struct file_call *c, struct err *e)
{
	const char *file = file_value(c, "arg-file"), *inner, **v;

	(void)e;
	if (file && strcmp(file, "-") != 0)
		file_read_from(c, file);
	for (v = c->cmd->argv; c->opt.noperands && *v; v++)
		if (*v == c->opt.operands[0])
			break;
	if (c->opt.noperands && *v)
		v += wrapper_inner(v);
	inner = c->opt.noperands && *v ? file_inner_word(c, *v, false) : NULL;
	if (inner)
		*v = inner;
	file_hand_over(c);
	return 0;
}

static const struct file_tool tool = {
    .name = "xargs",
    .options = options,
    .grammar = GETOPT_STOP,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"xargs", NULL};

const struct tool tool_xargs = {
    .name = "xargs",
    .names = names,
    .understand = understand,
};
