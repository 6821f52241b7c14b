/* SPDX-License-Identifier: Apache-2.0 */
/* rsync 3.2 and later, between folders of this machine.  What it would delete
 * and overwrite it says itself, by a dry run. */
#include "base/path.h"
#include "tools/file_list.h"
#include "tools/file_target.h"
#include "tools/rsync_far.h"
#include <string.h>
#include <talloc.h>

static const struct option_spec options[] = {
    F('v', "verbose"),
    A(0, "info"),
    A(0, "debug"),
    A(0, "stderr"),
    F('q', "quiet"),
    F(0, "no-motd"),
    F('c', "checksum"),
    F('a', "archive"),
    F('r', "recursive"),
    F(0, "inc-recursive"),
    F(0, "no-inc-recursive"),
    F(0, "no-i-r"),
    F('R', "relative"),
    F(0, "no-implied-dirs"),
    F('b', "backup"),
    A(0, "backup-dir"),
    A(0, "suffix"),
    F('u', "update"),
    F(0, "inplace"),
    F(0, "append"),
    F(0, "append-verify"),
    F('d', "dirs"),
    F(0, "old-dirs"),
    F(0, "old-d"),
    F(0, "mkpath"),
    F('l', "links"),
    F('L', "copy-links"),
    F(0, "copy-unsafe-links"),
    F(0, "safe-links"),
    F(0, "insecure-links"),
    A(0, "confine-root"),
    F(0, "munge-links"),
    F('k', "copy-dirlinks"),
    F('K', "keep-dirlinks"),
    F('H', "hard-links"),
    F('p', "perms"),
    F('E', "executability"),
    A(0, "chmod"),
    F('A', "acls"),
    F('X', "xattrs"),
    F('o', "owner"),
    F('g', "group"),
    F(0, "devices"),
    F(0, "copy-devices"),
    F(0, "write-devices"),
    F(0, "specials"),
    F(0, "drop-D"),
    F('D', NULL),
    F('t', "times"),
    F('U', "atimes"),
    F(0, "open-noatime"),
    F('N', "crtimes"),
    F('O', "omit-dir-times"),
    F('J', "omit-link-times"),
    F(0, "super"),
    F(0, "fake-super"),
    F('S', "sparse"),
    F(0, "preallocate"),
    F('n', "dry-run"),
    F('W', "whole-file"),
    F(0, "no-whole-file"),
    A(0, "checksum-choice"),
    A(0, "cc"),
    F('x', "one-file-system"),
    A('B', "block-size"),
    A('e', "rsh"),
    A(0, "rsync-path"),
    F(0, "existing"),
    F(0, "ignore-non-existing"),
    F(0, "ignore-existing"),
    F(0, "remove-source-files"),
    F(0, "del"),
    F(0, "delete"),
    F(0, "delete-before"),
    F(0, "delete-during"),
    F(0, "delete-delay"),
    F(0, "delete-after"),
    F(0, "delete-excluded"),
    F(0, "ignore-missing-args"),
    F(0, "delete-missing-args"),
    F(0, "ignore-errors"),
    F(0, "force"),
    A(0, "max-delete"),
    A(0, "max-size"),
    A(0, "min-size"),
    A(0, "max-alloc"),
    F(0, "partial"),
    A(0, "partial-dir"),
    F(0, "delay-updates"),
    F('m', "prune-empty-dirs"),
    F(0, "numeric-ids"),
    A(0, "usermap"),
    A(0, "groupmap"),
    A(0, "chown"),
    A(0, "timeout"),
    A(0, "contimeout"),
    F('I', "ignore-times"),
    F(0, "size-only"),
    A('@', "modify-window"),
    A('T', "temp-dir"),
    F('y', "fuzzy"),
    A(0, "compare-dest"),
    A(0, "copy-dest"),
    A(0, "link-dest"),
    F('z', "compress"),
    A(0, "compress-choice"),
    A(0, "zc"),
    A(0, "compress-level"),
    A(0, "zl"),
    A(0, "compress-threads"),
    A(0, "zt"),
    A(0, "skip-compress"),
    F('C', "cvs-exclude"),
    A('f', "filter"),
    F('F', NULL),
    A(0, "exclude"),
    A(0, "exclude-from"),
    A(0, "include"),
    A(0, "include-from"),
    A(0, "files-from"),
    F('0', "from0"),
    F(0, "old-args"),
    F('s', "secluded-args"),
    F(0, "trust-sender"),
    A(0, "copy-as"),
    A(0, "address"),
    A(0, "port"),
    A(0, "sockopts"),
    F(0, "blocking-io"),
    A(0, "outbuf"),
    F(0, "stats"),
    F('8', "8-bit-output"),
    F('h', "human-readable"),
    F(0, "progress"),
    F('P', NULL),
    F('i', "itemize-changes"),
    A('M', "remote-option"),
    A(0, "out-format"),
    A(0, "log-file"),
    A(0, "log-file-format"),
    A(0, "password-file"),
    A(0, "early-input"),
    F(0, "list-only"),
    A(0, "bwlimit"),
    A(0, "stop-after"),
    A(0, "stop-at"),
    F(0, "fsync"),
    A(0, "write-batch"),
    A(0, "only-write-batch"),
    A(0, "read-batch"),
    A(0, "protocol"),
    A(0, "iconv"),
    A(0, "checksum-seed"),
    F('4', "ipv4"),
    F('6', "ipv6"),
    F('V', "version"),
    F('h', "help"),
    F(0, "no-verbose"),
    F(0, "no-checksum"),
    F(0, "no-recursive"),
    F(0, "no-relative"),
    F(0, "no-backup"),
    F(0, "no-dirs"),
    F(0, "no-links"),
    F(0, "no-hard-links"),
    F(0, "no-perms"),
    F(0, "no-acls"),
    F(0, "no-xattrs"),
    F(0, "no-owner"),
    F(0, "no-group"),
    F(0, "no-devices"),
    F(0, "no-specials"),
    F(0, "no-times"),
    F(0, "no-atimes"),
    F(0, "no-open-noatime"),
    F(0, "no-crtimes"),
    F(0, "no-omit-dir-times"),
    F(0, "no-omit-link-times"),
    F(0, "no-super"),
    F(0, "no-sparse"),
    F(0, "no-one-file-system"),
    F(0, "no-partial"),
    F(0, "no-delay-updates"),
    F(0, "no-prune-empty-dirs"),
    F(0, "no-numeric-ids"),
    F(0, "no-compress"),
    F(0, "no-blocking-io"),
    F(0, "no-8-bit-output"),
    F(0, "no-human-readable"),
    F(0, "no-progress"),
    F(0, "no-itemize-changes"),
    F(0, "no-bwlimit"),
    F(0, "no-from0"),
    F(0, "no-old-args"),
    F(0, "no-secluded-args"),
    F(0, "no-mkpath"),
    F(0, "no-fuzzy"),
    F(0, "no-force"),
    F(0, "no-ignore-errors"),
    F(0, "no-contimeout"),
    F(0, "no-timeout"),
    F(0, "no-append"),
    F(0, "no-inplace"),
    F(0, "no-iconv"),
    F(0, "no-msgs2stderr"),
    F(0, "no-protect-args"),
    F(0, "no-r"),
    F(0, "no-R"),
    F(0, "no-l"),
    F(0, "no-p"),
    F(0, "no-o"),
    F(0, "no-g"),
    F(0, "no-t"),
    F(0, "no-D"),
    F(0, "no-A"),
    F(0, "no-X"),
    F(0, "no-U"),
    F(0, "no-N"),
    F(0, "no-W"),
    F(0, "no-z"),
    F(0, "no-h"),
    F(0, "no-s"),
    F(0, "protect-args"),
    F(0, "daemon"),
    F(0, "server"),
    F(0, "sender"),
    F(0, "i-r"),
    A(0, "log-format"),
    END,
};

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
	if (file_value(c, "files-from") &&
	    rsync_is_far(file_value(c, "files-from")))
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

	if ((!file_on(c, "backup") && !dir) || o->folder ||
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
	if (o.folder || (*item == '.' && !file_on(c, "compare-dest")))
		file_act(c, ACT_MODE, &o, false);
	else
		file_act(c, s->in_place ? ACT_REWRITE : ACT_REPLACE, &o, false);
}

/* A list on stdin is read, and rsync gets the same. */
static int
listed(struct file_call *c, int *input, struct err *e)
{
	for (size_t i = 0; i < c->opt.n; i++) {
		const struct option *o = &c->opt.v[i];
		size_t len = strlen(o->name);

		if (!o->value || strcmp(o->value, "-") != 0 || len < 5 ||
		    strcmp(o->name + len - 5, "-from") != 0)
			continue;
		if (file_take_stdin(c, input, e) == 0)
			return 0;
		return e->code < 0 ? e->code
				   : err_set(e, ERR_UNKNOWN,
					     "--%s=- cannot be read beforehand",
					     o->name);
	}
	return 0;
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

	if (listed(c, &input, e) < 0 ||
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
		if (o.folder)
			need_read(c->ctx, &c->cmd->need, o.target);
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
