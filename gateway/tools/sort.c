/* SPDX-License-Identifier: Apache-2.0 */
/* sort of coreutils 9.1.  It writes with -o only. */
#include "base/path.h"
#include "tools/file_list.h"
#include <string.h>

static const struct option_spec options[] = {
    F('b', "ignore-leading-blanks"),
    O(0, "check"),
    F('c', NULL),
    F('C', NULL),
    A(0, "compress-program"),
    F(0, "debug"),
    F('d', "dictionary-order"),
    F('f', "ignore-case"),
    A(0, "files0-from"),
    F('g', "general-numeric-sort"),
    F('i', "ignore-nonprinting"),
    A('k', "key"),
    F('m', "merge"),
    F('M', "month-sort"),
    F('n', "numeric-sort"),
    F('h', "human-numeric-sort"),
    F('V', "version-sort"),
    F('R', "random-sort"),
    A(0, "random-source"),
    A(0, "sort"),
    A('o', "output"),
    F('r', "reverse"),
    F('s', "stable"),
    A(0, "batch-size"),
    A('S', "buffer-size"),
    A('t', "field-separator"),
    A('T', "temporary-directory"),
    F('u', "unique"),
    F('z', "zero-terminated"),
    A(0, "parallel"),
    A('y', NULL),
    HELP,
    END,
};

static void
read_all(struct file_call *c)
{
	const char *list = file_value(c, "files0-from");
	const char *source = file_value(c, "random-source");

	for (size_t i = 0; i < c->opt.noperands; i++)
		if (strcmp(c->opt.operands[i], "-") != 0)
			file_read_from(c, c->opt.operands[i]);
	if (list && strcmp(list, "-") != 0 && path_descriptor(list) < 0)
		file_read_from(c, list);
	if (source)
		file_read_from(c, source);
}

/* A list from a pipe is read where something is written. */
static int
read_listed(struct file_call *c, struct err *e)
{
	const char *list = file_value(c, "files0-from"), **v;
	struct err why = {0};
	size_t n = 0;

	if (!list)
		return 0;
	v = file_list_names(c, list, '\0', &n, &why);
	if (!v && why.code < 0)
		return err_set(e, ERR_UNKNOWN, "--files0-from: %s", why.msg);
	for (size_t i = 0; v && i < n; i++)
		if (strcmp(v[i], "-") != 0)
			file_read_from(c, v[i]);
	return 0;
}

static int
mean(struct file_call *c, struct err *e)
{
	const char *output = file_value(c, "output");
	const char *program = file_value(c, "compress-program");
	struct operand o;

	if (program)
		return err_set(e, ERR_UNKNOWN,
			       "--compress-program runs a program of the "
			       "caller's choice; leave it out");
	read_all(c);
	if (!output) {
		if (!c->fx->n)
			file_hand_over(c);
		c->cmd->argv = (const char **)(uintptr_t)c->in->argv;
		return 0;
	}
	if (read_listed(c, e) < 0)
		return e->code;
	operand_look(&c->os, output, &o);
	file_see(c, &o);
	if (!o.folder)
		file_act(c, o.leads ? ACT_REWRITE : ACT_MAKE, &o, true);
	file_argv(c, c->in->argv + 1, c->in->argc - 1);
	return 0;
}

static const struct file_tool tool = {
    .name = "sort",
    .options = options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"sort", NULL};

const struct tool tool_sort = {
    .name = "sort",
    .names = names,
    .understand = understand,
};
