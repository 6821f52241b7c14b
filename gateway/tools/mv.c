/* SPDX-License-Identifier: Apache-2.0 */
/* mv of coreutils 9.1. */
#include "base/path.h"
#include "tools/file_target.h"
#include <string.h>
#include <talloc.h>

static const struct option_spec options[] = {
    O(0, "backup"),
    FA('b', NULL),
    F('Z', "context"),
    F('f', "force"),
    F('i', "interactive"),
    F('n', "no-clobber"),
    F('T', "no-target-directory"),
    F(0, "strip-trailing-slashes"),
    A('S', "suffix"),
    A('t', "target-directory"),
    F('u', "update"),
    F('v', "verbose"),
    HELP,
    END,
};

/* The last of -f -i -n counts. */
static bool
never_replaces(const struct file_call *c)
{
	bool never = false;

	for (size_t i = 0; i < c->opt.n; i++) {
		const char *name = c->opt.v[i].name;

		if (!strcmp(name, "no-clobber"))
			never = true;
		else if (!strcmp(name, "force") || !strcmp(name, "interactive"))
			never = false;
	}
	return never;
}

/* Two names of one thing: mv refuses, unless the other is kept aside. */
static void
same_thing(struct file_call *c, const struct operand *from,
	   const struct operand *to)
{
	if (!strcmp(from->path, to->path) || never_replaces(c) ||
	    !file_target_backup(c, to))
		return;
	file_act(c, ACT_REPLACE, to, false);
	file_act(c, ACT_REMOVE, from, false);
}

static void
move(struct file_call *c, const struct file_target *t, const char *given)
{
	struct operand from, to;
	struct stat around;

	operand_look(&c->os, given, &from);
	operand_look(&c->os, file_target_name(c, t, given, false), &to);
	file_see(c, &from);
	file_see(c, &to);
	if (!from.there || from.dots)
		return;
	if (file_target_same(&from, &to)) {
		same_thing(c, &from, &to);
		return;
	}
	if (path_is_under(to.path, from.path) && from.folder && !from.link) {
		file_tried(c, &from);
		file_tried(c, &to);
		file_one_mount(c, from.path, to.path);
		return; /* a folder into itself */
	}
	if (from.link && from.slash && !file_on(c, "strip-trailing-slashes")) {
		file_tried(c, &from);
		file_tried(c, &to);
		file_one_mount(c, from.path, to.path);
		return;
	}
	if (to.there) {
		bool both = S_ISDIR(from.st.st_mode) == S_ISDIR(to.st.st_mode);

		if (never_replaces(c))
			return;
		/* a folder gives way only to a folder, when it is empty */
		if (file_target_backup(c, &to))
			file_act(c, ACT_REPLACE, &to, false);
		else if (!both ||
			 (S_ISDIR(to.st.st_mode) && !file_is_empty(to.path))) {
			file_tried(c, &from);
			file_tried(c, &to);
			file_one_mount(c, from.path, to.path);
			return;
		} else
			file_act(c, ACT_REPLACE, &to, false);
	}
	file_copied(c, &from, to.path);
	/* else it is the same file that has another name */
	if (lstat(to.parent, &around) < 0 || around.st_dev != from.st.st_dev)
		file_ids_given(c, &from, true);
	file_move(c, &from, to.path);
}

static int
mean(struct file_call *c, struct err *e)
{
	struct file_target t;

	if (file_target_find(c, false, &t, e) < 0)
		return e->code;
	for (size_t i = 0; i < t.nsources; i++)
		move(c, &t, t.sources[i]);
	file_judge_set(c, t.sources, t.nsources);
	return 0;
}

static const struct file_tool tool = {
    .name = "mv",
    .options = options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"mv", NULL};

const struct tool tool_mv = {
    .name = "mv",
    .names = names,
    .understand = understand,
};
