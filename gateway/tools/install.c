/* SPDX-License-Identifier: Apache-2.0 */
/* install of coreutils 9.1: a new file in the place of the old one. */
#include "base/path.h"
#include "tools/file_target.h"
#include <errno.h>
#include <string.h>
#include <talloc.h>

static const struct option_spec options[] = {
    O(0, "backup"),
    FA('b', NULL),
    F('c', NULL),
    F('C', "compare"),
    O(0, "context"),
    F('Z', NULL),
    F('d', "directory"),
    F('D', NULL),
    A('g', "group"),
    A('m', "mode"),
    F('T', "no-target-directory"),
    A('o', "owner"),
    F('p', "preserve-timestamps"),
    F(0, "preserve-context"),
    F('s', "strip"),
    A(0, "strip-program"),
    A('S', "suffix"),
    A('t', "target-directory"),
    F('v', "verbose"),
    HELP,
    END,
};

/* The first folder on the way that has to be made, else the last. */
static void
folder(struct file_call *c, const char *given)
{
	struct operand o;

	operand_look(&c->os, given, &o);
	file_see(c, &o);
	if (o.there) {
		if (o.folder && file_on(c, "directory"))
			file_act(c, ACT_MODE, &o, true);
		return;
	}
	while (!path_exists(path_parent(c->ctx, o.path)))
		operand_at(&c->os, path_parent(c->ctx, o.path), &o);
	file_act(c, ACT_FOLDER, &o, false);
}

static void
one(struct file_call *c, const struct file_target *t, const char *given)
{
	const char *name = file_target_name(c, t, given, false);
	const char *mode = file_value(c, "mode");
	struct operand from, to;

	operand_look(&c->os, given, &from);
	operand_look(&c->os, name, &to);
	file_see(c, &to);
	file_copied(c, &from, to.path);
	/* without a mode it is 755 */
	if (!mode || chmod_lets_run(mode))
		file_judge_fetched(c, &from, given);
	if (!from.leads || from.folder || to.folder)
		return;
	if (file_on(c, "D") && to.error == ENOENT) {
		folder(c, name);
		file_arrives(c, &to);
	} else if (!to.there)
		file_act(c, ACT_MAKE, &to, false);
	else if (!file_target_same(&from, &to)) {
		file_target_backup(c, &to);
		file_act(c, ACT_REPLACE, &to, false);
	}
}

static int
targets(struct file_call *c, struct file_target *t, struct err *e)
{
	const char *dir = file_value(c, "target-directory");

	/* -D makes the folder that -t names */
	if (file_on(c, "D") && dir && c->opt.noperands) {
		folder(c, dir);
		*t = (struct file_target){c->opt.operands, c->opt.noperands,
					  dir, NULL};
		return 0;
	}
	return file_target_find(c, false, t, e);
}

static int
mean(struct file_call *c, struct err *e)
{
	const char *program = file_value(c, "strip-program");
	struct file_target t;

	need_read(c->ctx, &c->cmd->need, "/etc/passwd");
	need_read(c->ctx, &c->cmd->need, "/etc/group");
	if (program && file_on(c, "strip"))
		file_effect(c, EFFECT_EXEC_UNKNOWN, SCOPE_OUTSIDE, program,
			    "install runs it")
		    ->instead = "leave "
				"--strip-program out";
	file_judge_mode(c, file_value(c, "mode"));
	if (file_value(c, "group") || file_value(c, "owner"))
		file_ids(c);
	if (file_on(c, "directory")) {
		if (!c->opt.noperands)
			return err_set(e, ERR_SYNTAX, "missing operand");
		for (size_t i = 0; i < c->opt.noperands; i++)
			folder(c, c->opt.operands[i]);
		return 0;
	}
	if (targets(c, &t, e) < 0)
		return e->code;
	for (size_t i = 0; i < t.nsources; i++)
		one(c, &t, t.sources[i]);
	return 0;
}

static const struct file_tool tool = {
    .name = "install",
    .options = options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"install", NULL};

const struct tool tool_install = {
    .name = "install",
    .names = names,
    .understand = understand,
};
