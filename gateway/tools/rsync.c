/* SPDX-License-Identifier: Apache-2.0 */
/* rsync 3.2 and later, between folders of this machine.  What it would delete
 * and overwrite it says itself, by a dry run. */
#include "base/path.h"
#include "tools/file_list.h"
#include "tools/file_target.h"
#include "tools/rsync_far.h"
#include "tools/rsync_options.h"
#include <string.h>
#include <talloc.h>

struct syncing {
	struct file_call *c;
	const char *to;
	struct operand dest;
	bool in_place, inside; /* names count from dest */
	const char **gone;
	size_t ngone;
	const char *made;
	const char *saved; /* the last place of a backup */
};

/* host:path, host::module, rsync://host/module */
static int
check_line(struct file_call *c, struct err *e)
{
	if (file_on(c, "daemon") || file_on(c, "server"))
		return err_set(e, ERR_UNKNOWN, "rsync as a server");
	if (file_on(c, "write-batch") || file_on(c, "only-write-batch") ||
	    file_on(c, "read-batch"))
		return err_set(e, ERR_UNKNOWN, "rsync with a batch file");
	if (rsync_list_is_far(c))
		return err_set(e, ERR_UNKNOWN, "a list on another machine");
	if (!c->opt.noperands)
		return err_set(e, ERR_SYNTAX, "no operand");
	return 0;
}

/* The same line as a dry run whose output is ours. */
static const char **
dry_line(struct syncing *s)
{
	static const char *const drop[] = {"log-file",	      "log-file-format",
					   "out-format",      "progress",
					   "verbose",	      "stats",
					   "itemize-changes", "P",
					   "human-readable",  "info",
					   "debug",	      "quiet"};
	struct file_call *c = s->c;
	const char **v = talloc_zero_array(
	    c->ctx, const char *, (unsigned)(c->opt.n + c->opt.noperands + 9));
	size_t n = 0;

	if (!v)
		BUG("out of memory");
	v[n++] = "rsync";
	v[n++] = "--dry-run";
	v[n++] = "--itemize-changes";
	v[n++] = "--out-format=%i %n";
	/* once, it is silent about what another folder has the same */
	if (file_on(c, "link-dest") || file_on(c, "copy-dest") ||
	    file_on(c, "compare-dest"))
		v[n++] = "--itemize-changes";
	for (size_t i = 0; i < c->opt.n; i++) {
		const struct option *o = &c->opt.v[i];
		bool dropped = false;

		for (size_t k = 0; k < sizeof(drop) / sizeof(*drop); k++)
			dropped |= !strcmp(drop[k], o->name);
		if (dropped)
			continue;
		v[n++] =
		    o->value
			? (o->name[1]
			       ? file_text(c, "--%s=%s", o->name, o->value)
			       : file_text(c, "-%s%s", o->name, o->value))
			: file_text(c, o->name[1] ? "--%s" : "-%s", o->name);
	}
	v[n++] = "--";
	for (size_t i = 0; i < c->opt.noperands; i++)
		v[n++] = c->opt.operands[i];
	return v;
}

/* Where what was at path goes before it is replaced or removed. */
static void
saved(struct syncing *s, const struct operand *o)
{
	struct file_call *c = s->c;
	const char *dir = file_value(c, "backup-dir");
	const char *suffix = file_value(c, "suffix"), *path = o->path;
	const char *top = s->inside ? s->dest.target : s->dest.parent;

	if ((!file_on(c, "backup") && !dir) || (o->folder && !o->link) ||
	    !path_below(path, top))
		return;
	if (!suffix)
		suffix = dir ? "" : "~";
	if (dir)
		path = path_clean(c->ctx,
				  path_join(c->ctx, path_join(c->ctx, top, dir),
					    path_below(path, top)));
	path = file_text(c, "%s%s", path, suffix);
	/* a folder that is made for it, once */
	while (dir && !path_exists(path_parent(c->ctx, path)))
		path = path_parent(c->ctx, path);
	if (s->saved && !strcmp(s->saved, path))
		return;
	s->saved = path;
	file_target_saved(c, path);
}

static void
changed(struct syncing *s, const char *item, char *name)
{
	struct file_call *c = s->c;
	size_t len;
	struct operand o;

	file_unescape(name, true);
	len = strlen(name);
	while (len && name[len - 1] == '/')
		name[--len] = '\0';
	if (!len)
		return;
	operand_at(&c->os,
		   s->inside ? path_join(c->ctx, s->dest.target, name)
			     : s->dest.path,
		   &o);
	if (!strncmp(item, "*deleting", 9)) {
		s->gone = talloc_realloc(c->ctx, s->gone, const char *,
					 (unsigned)s->ngone + 1);
		if (!s->gone)
			BUG("out of memory");
		s->gone[s->ngone++] = o.path;
		saved(s, &o);
		return;
	}
	if (!o.there) {
		if (s->made && path_is_under(o.path, s->made))
			return;
		file_act(c, ACT_MAKE, &o, false);
		s->made = o.path;
		return;
	}
	if (*item != '.')
		saved(s, &o);
	/* a link to a folder is one only where it stays */
	if ((o.folder && (!o.link || *item == '.')) ||
	    (*item == '.' && !file_on(c, "compare-dest")))
		file_act(c, ACT_MODE, &o, false);
	else
		file_act(c, s->in_place ? ACT_REWRITE : ACT_REPLACE, &o, false);
}

static int
dry_run(struct syncing *s, struct err *e)
{
	struct file_call *c = s->c;
	/* what that folder has, too, goes from here unsaid */
	bool drops = file_on(c, "compare-dest");
	char *output = NULL, *next;
	size_t len = 0;
	int status, input = -1;

	if (rsync_list_input(c, &input, e) < 0 ||
	    file_listing(c, c->cmd->program, dry_line(s), input, &output, &len,
			 &status, e) < 0)
		return e->code;
	for (char *line = output; line && *line; line = next) {
		/* a code of eleven letters, or blanks */
		char *name = strlen(line) > 12 ? line + 11 : NULL;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!name || *name != ' ' ||
		    (*line == '.' && line[2] == ' ' && !drops))
			continue;
		*name++ = '\0';
		changed(s, line, name);
	}
	if (s->ngone)
		file_remove_listed(c, s->gone, s->ngone, REMOVE_EMPTIED);
	/* it tries to remove a folder that something stays in */
	if (rsync_deletes(c))
		file_tried(c, &s->dest);
	return 0;
}

static void
sources(struct syncing *s, size_t n)
{
	struct file_call *c = s->c;

	for (size_t i = 0; i < n; i++) {
		struct operand o;

		operand_look(&c->os, c->opt.operands[i], &o);
		file_copied(c, &o, s->dest.path);
		if (file_on(c, "archive") || file_on(c, "group") ||
		    file_on(c, "acls"))
			file_ids_given(c, &o, true);
		if (o.folder)
			file_needs_real(c, o.target);
		if ((file_on(c, "remove-source-files") ||
		     file_on(c, "remove-sent-files")) &&
		    o.there)
			file_act(c, o.folder ? ACT_REMOVE_ALL : ACT_REMOVE, &o,
				 false);
	}
}

/* Does it fill a folder, or make one file? */
static bool
fills(struct syncing *s, size_t n)
{
	struct operand from;

	if (s->dest.folder || s->dest.slash || n != 1 ||
	    file_on(s->c, "relative"))
		return true;
	operand_look(&s->c->os, s->c->opt.operands[0], &from);
	return from.folder;
}

static int
mean(struct file_call *c, struct err *e)
{
	static const char *const writes[] = {"log-file", "backup-dir",
					     "partial-dir", "temp-dir"};
	struct syncing s = {.c = c};
	size_t n;

	if (getopt_read(c->ctx, options, GETOPT_EXACT, c->in->argv + 1, &c->opt,
			e) < 0)
		return e->code;
	if (file_on(c, "version") || file_on(c, "help")) {
		if (!c->opt.noperands) {
			file_hand_over(c);
			return 0;
		}
	}
	if (rsync_no_aliases(c, e) < 0)
		return e->code;
	for (size_t i = 0; i < c->opt.noperands; i++)
		if (rsync_is_far(c->opt.operands[i]))
			return rsync_far(c, e);
	if (check_line(c, e) < 0)
		return e->code;
	n = c->opt.noperands;
	if (n == 1 || file_on(c, "list-only") || file_on(c, "dry-run")) {
		if (file_value(c, "log-file"))
			return err_set(e, ERR_UNKNOWN, "a dry run with a log");
		file_hand_over(c);
		return 0;
	}
	operand_look(&c->os, c->opt.operands[n - 1], &s.dest);
	s.inside = fills(&s, n - 1);
	s.in_place = file_on(c, "inplace") || file_on(c, "append") ||
		     file_on(c, "append-verify") || file_on(c, "write-devices");
	need_read(c->ctx, &c->cmd->need, "/etc/passwd");
	need_read(c->ctx, &c->cmd->need, "/etc/group");
	file_see(c, &s.dest);
	sources(&s, n - 1);
	for (size_t i = 0; i < sizeof(writes) / sizeof(*writes); i++)
		if (file_value(c, writes[i]))
			file_write_to(c, file_value(c, writes[i]));
	if (!s.dest.leads)
		file_act(c, ACT_MAKE, &s.dest, false);
	else
		return dry_run(&s, e);
	return 0;
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand_raw("rsync", mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"rsync", NULL};

const struct tool tool_rsync = {
    .name = "rsync",
    .names = names,
    .understand = understand,
};
