/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sed 4.9.  A script that neither writes nor runs anything is held to that by
 * sed's own --sandbox, so that a misread script harms nobody.
 */
#include "base/file.h"
#include "base/path.h"
#include "parse/sed_script.h"
#include "tools/file_call.h"
#include <fcntl.h>
#include <string.h>
#include <talloc.h>

static const struct option_spec options[] = {
    F('b', "binary"),
    F('E', "regexp-extended"),
    FA('r', NULL),
    F(0, "debug"),
    A('e', "expression"),
    A('f', "file"),
    O('i', "in-place"),
    A('l', "line-length"),
    F('z', "null-data"),
    FA(0, "zero-terminated"),
    F('n', "quiet"),
    FA(0, "silent"),
    F(0, "posix"),
    F(0, "sandbox"),
    F('s', "separate"),
    F('u', "unbuffered"),
    F(0, "follow-symlinks"),
    HELP,
    END,
};

/* All pieces of the script, a line each.  NULL: one cannot be read here. */
static char *
script_of(struct file_call *c, size_t *first)
{
	char *all = NULL;

	*first = 0;
	for (size_t i = 0; i < c->opt.n; i++) {
		const struct option *o = &c->opt.v[i];
		const char *piece = NULL;
		char *text;
		size_t len;

		if (!strcmp(o->name, "expression")) {
			piece = o->value;
		} else if (!strcmp(o->name, "file")) {
			if (!strcmp(o->value, "-") ||
			    file_read(
				c->ctx, AT_FDCWD,
				path_join(c->ctx, c->os.base_dir, o->value),
				1 << 20, &text, &len, NULL) != 0)
				return NULL;
			piece = text;
		} else {
			continue;
		}
		all = all ? file_text(c, "%s\n%s", all, piece)
			  : file_text(c, "%s", piece);
	}
	if (all)
		return all;
	*first = 1;
	return file_text(c, "%s", c->opt.operands[0]);
}

/* Each * is the name; a suffix with a slash leads to another folder, from the
 * current one and with the name as it is given. */
static const char *
backup_of(struct file_call *c, const char *given, const struct operand *o,
	  const char *suffix)
{
	bool apart = strchr(suffix, '/');
	const char *name = apart ? given : o->last, *star;
	const char *text = "";

	if (!strchr(suffix, '*'))
		return file_text(c, "%s%s", o->path, suffix);
	while ((star = strchr(suffix, '*'))) {
		text = file_text(c, "%s%.*s%s", text, (int)(star - suffix),
				 suffix, name);
		suffix = star + 1;
	}
	text = file_text(c, "%s%s", text, suffix);
	return path_clean(
	    c->ctx,
	    path_join(c->ctx, apart ? c->os.base_dir : o->parent, text));
}

static void
in_place(struct file_call *c, const char *given, const char *suffix)
{
	bool follow = file_on(c, "follow-symlinks");
	struct operand o, backup;

	operand_look(&c->os, given, &o);
	file_see(c, &o);
	if (!o.leads || !S_ISREG(o.to.st_mode))
		return;
	file_act(c, ACT_REPLACE, &o, follow);
	file_ids_given(c, &o, false);
	if (!suffix || !*suffix)
		return;
	operand_look(&c->os, backup_of(c, given, &o, suffix), &backup);
	file_act(c, backup.there ? ACT_REPLACE : ACT_MAKE, &backup, false);
}

static void
add_sandbox(struct file_call *c)
{
	const char **v = c->cmd->argv;
	size_t n = 0;

	while (v[n])
		n++;
	v = talloc_array(c->ctx, const char *, (unsigned)n + 2);
	if (!v)
		BUG("out of memory");
	v[0] = c->cmd->argv[0];
	v[1] = "--sandbox";
	memcpy(v + 2, c->cmd->argv + 1, n * sizeof(*v));
	c->cmd->argv = v;
}

static int
mean(struct file_call *c, struct err *e)
{
	struct sed_script s = {0};
	bool known, harmless;
	const char *script;
	size_t first;

	if (!c->opt.noperands && !file_on(c, "expression") &&
	    !file_on(c, "file"))
		return err_set(e, ERR_SYNTAX, "no script");
	script = script_of(c, &first);
	known = script && sed_script_read(c->ctx, script, &s);
	if (known && s.runs && !file_on(c, "sandbox"))
		return err_set(e, ERR_UNKNOWN,
			       "the script runs commands (e); let it print "
			       "them and run what they say by itself");
	harmless = !known || (!s.nwrites && !s.reads);
	if (harmless && !file_on(c, "sandbox"))
		add_sandbox(c);
	for (size_t i = first; i < c->opt.noperands; i++)
		if (strcmp(c->opt.operands[i], "-") != 0)
			file_read_from(c, c->opt.operands[i]);
	for (size_t i = 0; known && i < s.nwrites; i++)
		if (strcmp(s.writes[i], "/dev/stdout") != 0 &&
		    strcmp(s.writes[i], "/dev/stderr") != 0)
			file_write_to(c, s.writes[i]);
	for (size_t i = first; file_on(c, "in-place") && i < c->opt.noperands;
	     i++)
		in_place(c, c->opt.operands[i], file_value(c, "in-place"));
	/* in place there may be something to write by the time it looks */
	if (!c->writes && !c->fx->n && !s.nwrites && !file_on(c, "in-place"))
		file_hand_over(c);
	return 0;
}

static const struct file_tool tool = {
    .name = "sed",
    .options = options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"sed", NULL};

const struct tool tool_sed = {
    .name = "sed",
    .names = names,
    .understand = understand,
};
