/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rm of coreutils 9.1.  What it would take away is what the operands name;
 * the removal itself may be the gateway's (exec/removal.h).
 */
#include "base/path.h"
#include "tools/file_call.h"
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <talloc.h>

static const struct option_spec options[] = {
    F('f', "force"),
    F('i', NULL),
    F('I', NULL),
    O(0, "interactive"),
    F(0, "one-file-system"),
    F(0, "no-preserve-root"),
    O(0, "preserve-root"),
    F(0, "-presume-input-tty"),
    F('r', "recursive"),
    FA('R', NULL),
    F('d', "dir"),
    F('v', "verbose"),
    HELP,
    END,
};

struct rm {
	bool recursive, dirs;
	bool plain; /* every operand can go by a rename */
};

/* "link/" with -r: rm empties the directory that it leads to, then cannot
 * remove the link (seen with coreutils 9.1). */
static void
through_link(struct file_call *c, const struct operand *o)
{
	DIR *d = opendir(o->target);
	struct dirent *ent;

	while (d && (ent = readdir(d))) {
		struct operand child;

		if (!strcmp(ent->d_name, ".") || !strcmp(ent->d_name, ".."))
			continue;
		operand_at(&c->os, path_join(c->ctx, o->target, ent->d_name),
			   &child);
		file_act(
		    c, S_ISDIR(child.st.st_mode) ? ACT_REMOVE_ALL : ACT_REMOVE,
		    &child, false);
	}
	if (d)
		closedir(d);
}

/* Back through a folder, which may be gone when it is the operand's turn: what
 * that leads to, too, is then found no more and stays. */
static bool
goes_back(const char *given)
{
	bool within = false;

	for (; *(given += strspn(given, "/")); given += strcspn(given, "/")) {
		size_t len = strcspn(given, "/");
		bool up = len == 2 && !strncmp(given, "..", 2);

		if (up && within)
			return true;
		within |= !up && !(len == 1 && *given == '.');
	}
	return false;
}

static void
operand(struct file_call *c, struct rm *rm, const char *given)
{
	struct operand o;

	operand_look(&c->os, given, &o);
	/* rm refuses "." and ".." in whatever form */
	if (o.dots || !o.there) {
		file_see(c, &o);
		return;
	}
	if (o.link && o.slash && o.folder) {
		rm->plain = false;
		file_tried(c, &o);
		if (rm->recursive)
			through_link(c, &o);
		return;
	}
	/* rm tries, and it is no directory */
	if (o.slash && !S_ISDIR(o.st.st_mode)) {
		rm->plain = rm->plain && !rm->dirs;
		file_tried(c, &o);
		return;
	}
	if (S_ISDIR(o.st.st_mode) && !rm->recursive &&
	    (!rm->dirs || !file_is_empty(o.path))) {
		rm->plain = rm->plain && !rm->dirs;
		file_see(c, &o);
		return;
	}
	rm->plain = rm->plain && !(rm->recursive && goes_back(given));
	file_act(c,
		 S_ISDIR(o.st.st_mode) && rm->recursive ? ACT_REMOVE_ALL
							: ACT_REMOVE,
		 &o, false);
}

/* The last of -f -i -I --interactive counts. */
static bool
asks(const struct file_call *c, bool *force)
{
	bool asking = false;

	*force = false;
	for (size_t i = 0; i < c->opt.n; i++) {
		const struct option *o = &c->opt.v[i];

		if (!strcmp(o->name, "force")) {
			asking = false;
			*force = true;
		} else if (!strcmp(o->name, "i") || !strcmp(o->name, "I")) {
			asking = true;
			*force = false;
		} else if (!strcmp(o->name, "interactive")) {
			/* "never", "no", "none" and what begins so */
			asking = !o->value || *o->value != 'n';
			*force = *force && asking == false;
		}
	}
	return asking;
}

/* Until --no-preserve-root was accepted only as a whole word, a slip of the
 * finger was enough. */
static int
check_root(struct file_call *c, struct err *e)
{
	for (size_t i = 0; i < c->opt.n; i++)
		if (!strcmp(c->opt.v[i].name, "no-preserve-root") &&
		    strcmp(c->in->argv[1 + c->opt.v[i].at],
			   "--no-preserve-root") != 0)
			return err_set(e, ERR_SYNTAX,
				       "--no-preserve-root may not be "
				       "abbreviated");
	return 0;
}

static int
mean(struct file_call *c, struct err *e)
{
	const char *const *ops = c->opt.operands;
	struct rm rm = {
	    .recursive = file_on(c, "recursive"),
	    .dirs = file_on(c, "dir"),
	    .plain = true,
	};
	bool asking, force;

	if (check_root(c, e) < 0)
		return e->code;
	asking = asks(c, &force);
	if (!c->opt.noperands && !force)
		return err_set(e, ERR_SYNTAX, "missing operand");
	if (file_on(c, "no-preserve-root"))
		file_effect(c, EFFECT_GUARD_WEAKEN, SCOPE_SYSTEM,
			    "--no-preserve-root",
			    "nothing but the whole system is removed by it")
		    ->instead = "leave the option out";
	for (size_t i = 0; i < c->opt.noperands; i++)
		operand(c, &rm, ops[i]);
	file_judge_set(c, ops, c->opt.noperands);
	c->cmd->losses.removal = rm.plain && !asking;
	return 0;
}

static const struct file_tool tool = {
    .name = "rm",
    .options = options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"rm", NULL};

const struct tool tool_rm = {
    .name = "rm",
    .names = names,
    .understand = understand,
};
