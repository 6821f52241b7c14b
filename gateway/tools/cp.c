/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cp of coreutils 9.1.  What is there already is rewritten in place, through
 * links; a directory that is there is merged into.
 */
#include "base/path.h"
#include "tools/file_target.h"
#include <dirent.h>
#include <string.h>
#include <talloc.h>

#define MAX_MERGED 200000 /* entries of a tree that is copied over another */

static const struct option_spec options[] = {
    F('a', "archive"),
    F(0, "attributes-only"),
    O(0, "backup"),
    FA('b', NULL),
    F(0, "copy-contents"),
    F('d', NULL),
    F('L', "dereference"),
    F('f', "force"),
    F('H', NULL),
    F('i', "interactive"),
    F('l', "link"),
    F('n', "no-clobber"),
    F('P', "no-dereference"),
    A(0, "no-preserve"),
    F('T', "no-target-directory"),
    F('x', "one-file-system"),
    F(0, "parents"),
    FA(0, "path"),
    O(0, "preserve"),
    FA('p', NULL),
    F('R', "recursive"),
    FA('r', NULL),
    F(0, "remove-destination"),
    A(0, "sparse"),
    O(0, "reflink"),
    F(0, "strip-trailing-slashes"),
    A('S', "suffix"),
    F('s', "symbolic-link"),
    A('t', "target-directory"),
    F('u', "update"),
    F('v', "verbose"),
    O(0, "context"),
    F('Z', NULL),
    HELP,
    END,
};

struct copying {
	struct file_call *c;
	bool owners; /* preserves them */
	bool recursive, replaces, keeps, links_on, links_kept, as_they_are;
	size_t entries;
	struct err *e;
};

static bool
never_overwrites(const struct file_call *c)
{
	bool never = false;

	for (size_t i = 0; i < c->opt.n; i++) {
		const char *name = c->opt.v[i].name;

		if (!strcmp(name, "no-clobber"))
			never = true;
		else if (!strcmp(name, "interactive"))
			never = false;
	}
	return never;
}

/* cp unlinks it first: links and special files are made anew, and names of
 * one file are told apart where links are preserved. */
static bool
unlinked_first(const struct copying *k, const struct operand *from,
	       const struct operand *to)
{
	return (k->as_they_are &&
		(from->link || (from->leads && !S_ISREG(from->to.st_mode)))) ||
	       (k->links_kept && !to->link && to->to.st_nlink > 1);
}

static bool
preserves_links(const struct file_call *c)
{
	for (size_t i = 0; i < c->opt.n; i++) {
		const char *name = c->opt.v[i].name, *value = c->opt.v[i].value;

		if (!strcmp(name, "archive") || !strcmp(name, "d") ||
		    (!strcmp(name, "preserve") && value &&
		     (strstr(value, "links") || strstr(value, "all"))))
			return true;
	}
	return false;
}

static bool
preserves_owners(const struct file_call *c)
{
	for (size_t i = 0; i < c->opt.n; i++) {
		const char *name = c->opt.v[i].name, *value = c->opt.v[i].value;

		/* "ownership", "all", and "mode", of which access lists are a
		 * part; each may be cut short */
		if (!strcmp(name, "archive") ||
		    (!strcmp(name, "preserve") &&
		     (!value || strpbrk(value, "oam"))))
			return true;
	}
	return false;
}

/* One file over what may be there. */
static void
onto(struct copying *k, const struct operand *from, const struct operand *to)
{
	struct file_call *c = k->c;

	if (!to->there) {
		file_act(c, ACT_MAKE, to, false);
		return;
	}
	if (k->keeps || (file_target_same(from, to) && !k->replaces &&
			 !file_on(c, "backup") && !file_value(c, "suffix")))
		return;
	if (file_target_backup(c, to) || unlinked_first(k, from, to)) {
		file_act(c, ACT_REPLACE, to, false);
		return;
	}
	if (to->link)
		file_act(c, ACT_REPLACE, to, false);
	if (k->replaces && !to->link)
		file_act(c, ACT_REPLACE, to, false);
	else if (to->leads)
		file_act(c, ACT_REWRITE, to, true);
	else if (!k->replaces)
		file_act(c, ACT_MAKE, to, true);
}

static int merge(struct copying *k, const char *from, const char *to);

static int
one_entry(struct copying *k, const char *from, const char *to)
{
	struct operand a, b;

	operand_at(&k->c->os, from, &a);
	operand_at(&k->c->os, to, &b);
	if (++k->entries > MAX_MERGED)
		return err_set(k->e, ERR_LIMIT,
			       "more than %d files are copied over others",
			       MAX_MERGED);
	if (a.folder && (!a.link || k->links_on) && b.folder)
		return merge(k, from, b.target);
	if (b.folder && !(b.link && unlinked_first(k, &a, &b)))
		return 0; /* cp refuses */
	onto(k, &a, &b);
	return 0;
}

static int
merge(struct copying *k, const char *from, const char *to)
{
	DIR *d = opendir(from);
	struct dirent *ent;
	int rc = 0;

	while (d && rc == 0 && (ent = readdir(d))) {
		if (!strcmp(ent->d_name, ".") || !strcmp(ent->d_name, ".."))
			continue;
		rc = one_entry(k, path_join(k->c->ctx, from, ent->d_name),
			       path_join(k->c->ctx, to, ent->d_name));
	}
	if (d)
		closedir(d);
	return rc;
}

static int
copy(struct copying *k, const struct file_target *t, const char *given)
{
	struct file_call *c = k->c;
	struct operand from, to;

	operand_look(&c->os, given, &from);
	operand_look(&c->os,
		     file_target_name(c, t, given, file_on(c, "parents")), &to);
	file_see(c, &to);
	file_copied(c, &from, to.path);
	if (k->owners && file_on(c, "parents"))
		file_ids(c);
	if (k->owners)
		file_ids_given(c, &from, k->recursive);
	if (!from.there || (from.folder && !k->recursive &&
			    !(from.link && file_on(c, "no-dereference"))))
		return 0;
	if (file_on(c, "link"))
		file_one_mount(c, from.target, to.path);
	if (from.folder && to.folder && !(from.link && k->as_they_are)) {
		if (file_on(c, "archive") || file_on(c, "preserve"))
			file_act(c, ACT_MODE, &to, true);
		return merge(k, from.target, to.target);
	}
	if (to.folder && !(to.link && unlinked_first(k, &from, &to)))
		return 0;
	onto(k, &from, &to);
	return 0;
}

static int
mean(struct file_call *c, struct err *e)
{
	struct copying k = {
	    .c = c,
	    .recursive = file_on(c, "recursive") || file_on(c, "archive"),
	    .replaces = file_on(c, "remove-destination") ||
			file_on(c, "link") || file_on(c, "symbolic-link"),
	    .keeps = never_overwrites(c),
	    .links_on = file_on(c, "dereference"),
	    .links_kept = preserves_links(c),
	    .as_they_are = !file_on(c, "dereference") &&
			   (file_on(c, "recursive") || file_on(c, "archive") ||
			    file_on(c, "no-dereference") || file_on(c, "d")),
	    .owners = preserves_owners(c),
	    .e = e,
	};
	struct file_target t;

	if (file_target_find(c, false, &t, e) < 0)
		return e->code;
	for (size_t i = 0; i < t.nsources; i++)
		if (copy(&k, &t, t.sources[i]) < 0)
			return e->code;
	return 0;
}

static const struct file_tool tool = {
    .name = "cp",
    .options = options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand(&tool, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"cp", NULL};

const struct tool tool_cp = {
    .name = "cp",
    .names = names,
    .understand = understand,
};
