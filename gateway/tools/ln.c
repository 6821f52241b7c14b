/* SPDX-License-Identifier: Apache-2.0 */
/* ln of coreutils 9.1.  -f takes away what is there; a link to a credential is
 * as good as a copy of it. */
#include "base/path.h"
#include "tools/file_target.h"
#include <string.h>
#include <talloc.h>

static const struct option_spec options[] = {
    O(0, "backup"),
    FA('b', NULL),
    F('d', "directory"),
    FA('F', NULL),
    F('n', "no-dereference"),
    F('T', "no-target-directory"),
    F('f', "force"),
    F('i', "interactive"),
    A('S', "suffix"),
    A('t', "target-directory"),
    F('L', "logical"),
    F('P', "physical"),
    F('r', "relative"),
    F('s', "symbolic"),
    F('v', "verbose"),
    HELP,
    END,
};

static void
link_to(struct file_call *c, const struct file_target *t, const char *given)
{
	bool symbolic = file_on(c, "symbolic");
	struct operand from, to;

	operand_look(&c->os, file_target_name(c, t, given, false), &to);
	/* a relative text counts from where the link lies */
	if (symbolic && *given != '/' && !file_on(c, "relative"))
		operand_look(&c->os, path_join(c->ctx, to.parent, given),
			     &from);
	else
		operand_look(&c->os, given, &from);
	file_see(c, &to);
	if (symbolic)
		file_see(c, &from);
	/* a symbolic link to a folder copies nothing of what lies in it */
	if (!symbolic || !from.there || !S_ISDIR(from.st.st_mode))
		file_copied(c, &from, to.path);
	if (!symbolic && from.there)
		file_one_mount(c, from.path, to.path);
	if (!to.there) {
		file_act(c, ACT_MAKE, &to, false);
		return;
	}
	if (file_target_same(&from, &to) && !symbolic &&
	    !strcmp(from.path, to.path))
		return;
	if (S_ISDIR(to.st.st_mode))
		return;
	if (file_target_backup(c, &to) || file_on(c, "force") ||
	    file_on(c, "interactive"))
		file_act(c, ACT_REPLACE, &to, false);
}

static int
mean(struct file_call *c, struct err *e)
{
	struct file_target t;

	if (c->opt.noperands == 1 && !file_on(c, "target-directory")) {
		if (file_on(c, "no-target-directory"))
			return err_set(e, ERR_SYNTAX, "missing operand");
		t = (struct file_target){c->opt.operands, 1, ".", NULL};
	} else if (file_target_find(c, file_on(c, "no-dereference"), &t, e) <
		   0) {
		return e->code;
	}
	for (size_t i = 0; i < t.nsources; i++)
		link_to(c, &t, t.sources[i]);
	return 0;
}

static const struct file_tool tool = {
    .name = "ln",
    .options = options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"ln", NULL};

const struct tool tool_ln = {
    .name = "ln",
    .names = names,
    .understand = understand,
};
