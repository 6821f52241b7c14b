/* SPDX-License-Identifier: Apache-2.0 */
/* chmod of coreutils 9.1.  The mode may look like an option (-w, -rwx). */
#include "base/text.h"
#include "tools/file_call.h"
#include <stdlib.h>
#include <string.h>

static const struct option_spec options[] = {
    F('c', "changes"),
    F('R', "recursive"),
    F(0, "no-preserve-root"),
    F(0, "preserve-root"),
    F('f', "quiet"),
    FA(0, "silent"),
    A(0, "reference"),
    F('v', "verbose"),
    /* a mode with a dash */
    O('r', NULL),
    O('w', NULL),
    O('x', NULL),
    O('X', NULL),
    O('s', NULL),
    O('t', NULL),
    O('u', NULL),
    O('g', NULL),
    O('o', NULL),
    O('a', NULL),
    O(',', NULL),
    O('+', NULL),
    O('=', NULL),
    O('0', NULL),
    O('1', NULL),
    O('2', NULL),
    O('3', NULL),
    O('4', NULL),
    O('5', NULL),
    O('6', NULL),
    O('7', NULL),
    HELP,
    END,
};

/* Does the mode let somebody run it? */
bool
chmod_lets_run(const char *mode)
{
	bool gives = false;

	if (!mode)
		return false;
	if (*mode >= '0' && *mode <= '7')
		return (strtoul(mode, NULL, 8) & 0111) != 0;
	for (; *mode; mode++) {
		if (strchr("+=-,", *mode))
			gives = *mode == '+' || *mode == '=';
		else if (gives && (*mode == 'x' || *mode == 'X'))
			return true;
	}
	return false;
}

/* Of what is secret: nobody but its owner gets at it by then. */
static bool
closes(const char *mode)
{
	static const char *const words[] = {"go-rwx", "og-rwx",
					    "go=", "u=rw,go=", "u=rwx,go="};
	size_t len = mode ? strlen(mode) : 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (mode && !strcmp(mode, words[i]))
			return true;
	return mode && (len == 3 || (len == 4 && *mode == '0')) &&
	       mode[len - 3] >= '4' && mode[len - 3] <= '7' &&
	       !strcmp(mode + len - 2, "00");
}

static void
change(struct file_call *c, const char *given, const char *mode, bool recursive)
{
	struct operand o;

	operand_look(&c->os, given, &o);
	file_see(c, &o);
	if (!o.leads)
		return;
	if (chmod_lets_run(mode))
		file_judge_fetched(c, &o, given);
	if (!recursive && closes(mode)) {
		struct path_class k;

		path_classify(&c->os, &o, o.target, &k);
		if (k.kind == PATH_SECRET) {
			need_judged(c->ctx, &c->cmd->need, o.target);
			file_needs_write(c, o.target);
			return;
		}
	}
	file_act(c, recursive && o.folder ? ACT_MODE_ALL : ACT_MODE, &o, true);
}

/* The whole word of the first letter that belongs to a mode. */
static const char *
mode_option(const struct file_call *c)
{
	for (size_t i = 0; i < c->opt.n; i++)
		if (c->opt.v[i].spec->kind == OPTION_OPTIONAL)
			return c->in->argv[1 + c->opt.v[i].at];
	return NULL;
}

static int
mean(struct file_call *c, struct err *e)
{
	const char *reference = file_value(c, "reference");
	const char *mode = mode_option(c);
	size_t first = mode || reference ? 0 : 1;

	if (mode && reference)
		return err_set(e, ERR_SYNTAX, "a mode and --reference");
	if (c->opt.noperands <= first)
		return err_set(e, ERR_SYNTAX, "missing operand");
	if (first)
		mode = c->opt.operands[0];
	if (reference)
		file_read_from(c, reference);
	file_judge_mode(c, mode);
	for (size_t i = first; i < c->opt.noperands; i++)
		change(c, c->opt.operands[i], mode, file_on(c, "recursive"));
	file_judge_set(c, c->opt.operands + first, c->opt.noperands - first);
	/* as it was written: the mode may stand among the options */
	file_argv(c, c->in->argv + 1, c->in->argc - 1);
	return 0;
}

static const struct file_tool tool = {
    .name = "chmod",
    .options = options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"chmod", NULL};

const struct tool tool_chmod = {
    .name = "chmod",
    .names = names,
    .understand = understand,
};
