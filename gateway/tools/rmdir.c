/* SPDX-License-Identifier: Apache-2.0 */
/* rmdir of coreutils 9.1: empty directories, with -p also those above. */
#include "base/path.h"
#include "tools/file_call.h"
#include <dirent.h>
#include <string.h>
#include <talloc.h>

static const struct option_spec options[] = {
    F(0, "ignore-fail-on-non-empty"),
    F('p', "parents"),
    FA(0, "path"),
    F('v', "verbose"),
    HELP,
    END,
};

/* What would be empty once `gone` has been taken out of it? */
static bool
holds_only(struct file_call *c, const char *dir, const char *gone)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	bool only = d != NULL;

	(void)c;
	while (only && (ent = readdir(d)))
		only = !strcmp(ent->d_name, ".") ||
		       !strcmp(ent->d_name, "..") || !strcmp(ent->d_name, gone);
	if (d)
		closedir(d);
	return only;
}

/* a/b/c, then a/b, then a: as written. */
static void
parents(struct file_call *c, const char *given, const struct operand *o)
{
	char *name = file_text(c, "%s", given), *slash;
	const char *gone = o->last;

	for (;;) {
		struct operand above;

		for (slash = name + strlen(name);
		     slash > name && slash[-1] == '/';)
			*--slash = '\0';
		slash = strrchr(name, '/');
		if (!slash || slash == name)
			return;
		*slash = '\0';
		operand_look(&c->os, name, &above);
		if (above.link || above.dots || !above.there ||
		    !holds_only(c, above.path, gone))
			return;
		file_act(c, ACT_REMOVE, &above, false);
		gone = above.last;
	}
}

static int
mean(struct file_call *c, struct err *e)
{
	bool plain = true;

	if (!c->opt.noperands)
		return err_set(e, ERR_SYNTAX, "missing operand");
	for (size_t i = 0; i < c->opt.noperands; i++) {
		struct operand o;

		operand_look(&c->os, c->opt.operands[i], &o);
		file_see(c, &o);
		plain = plain && !o.link && !o.dots;
		if (!o.there || o.link || o.dots || !S_ISDIR(o.st.st_mode) ||
		    !file_is_empty(o.path)) {
			file_tried(c, &o);
			continue;
		}
		file_act(c, ACT_REMOVE, &o, false);
		if (file_on(c, "parents")) {
			plain = false;
			parents(c, o.given, &o);
		}
	}
	c->cmd->losses.removal = plain;
	return 0;
}

static const struct file_tool tool = {
    .name = "rmdir",
    .options = options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"rmdir", NULL};

const struct tool tool_rmdir = {
    .name = "rmdir",
    .names = names,
    .understand = understand,
};
