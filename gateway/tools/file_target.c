/* SPDX-License-Identifier: Apache-2.0 */
/* The last operand, as cp.c, mv.c, ln.c of coreutils 9.1 take it. */
#include "tools/file_target.h"
#include "base/path.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static bool
is_folder(struct file_call *c, const char *given, bool no_follow)
{
	struct operand o;

	operand_look(&c->os, given, &o);
	return o.folder && !(no_follow && o.link && !o.slash);
}

/* The tool says so itself, of what it sees there. */
static int
no_folder(struct file_call *c, const char *given, struct err *e)
{
	struct operand o;

	operand_look(&c->os, given, &o);
	file_see(c, &o);
	return err_set(e, ERR_SYNTAX, "target: no directory");
}

int
file_target_find(struct file_call *c, bool no_follow, struct file_target *t,
		 struct err *e)
{
	const char *const *v = c->opt.operands;
	const char *dir = file_value(c, "target-directory");
	size_t n = c->opt.noperands;
	bool whole = file_on(c, "no-target-directory");

	*t = (struct file_target){.sources = v, .nsources = n};
	if (!n || (n == 1 && !dir))
		return err_set(e, ERR_SYNTAX, "missing operand");
	if (options_count(&c->opt, "target-directory") > 1 || (dir && whole))
		return err_set(e, ERR_SYNTAX,
			       "targets that exclude each other");
	if (dir) {
		if (!is_folder(c, dir, false))
			return no_folder(c, dir, e);
		t->dir = dir;
		return 0;
	}
	if (whole && n > 2)
		return err_set(e, ERR_SYNTAX, "extra operand");
	t->nsources = n - 1;
	if (!whole && is_folder(c, v[n - 1], no_follow))
		t->dir = v[n - 1];
	else if (n > 2)
		return no_folder(c, v[n - 1], e);
	else
		t->to = v[n - 1];
	return 0;
}

const char *
file_target_name(struct file_call *c, const struct file_target *t,
		 const char *source, bool with_parents)
{
	size_t len = strlen(source), begin;

	if (!t->dir)
		return t->to;
	while (len > 1 && source[len - 1] == '/')
		len--;
	begin = len;
	while (begin && source[begin - 1] != '/')
		begin--;
	if (with_parents)
		begin = 0;
	/* cp -r .. dir: the contents arrive in dir itself */
	if (len - begin == 2 && !strncmp(source + begin, "..", 2))
		return t->dir;
	return file_text(c, "%s/%.*s", t->dir, (int)(len - begin),
			 source + begin);
}

bool
file_target_same(const struct operand *a, const struct operand *b)
{
	return a->there && b->there && a->st.st_dev == b->st.st_dev &&
	       a->st.st_ino == b->st.st_ino;
}

/* The highest N of NAME.~N~; 0: none. */
static unsigned long
highest_backup(const struct operand *o)
{
	size_t len = strlen(o->last);
	unsigned long highest = 0;
	DIR *d = opendir(o->parent);
	struct dirent *ent;

	while (d && (ent = readdir(d))) {
		char *end;
		unsigned long n;

		if (strncmp(ent->d_name, o->last, len) != 0 ||
		    strncmp(ent->d_name + len, ".~", 2) != 0)
			continue;
		n = strtoul(ent->d_name + len + 2, &end, 10);
		if (!strcmp(end, "~") && n > highest)
			highest = n;
	}
	if (d)
		closedir(d);
	return highest;
}

void
file_target_saved(struct file_call *c, const char *path)
{
	struct operand o;

	operand_at(&c->os, path, &o);
	file_act(c, o.there ? ACT_REPLACE : ACT_MAKE, &o, false);
}

bool
file_target_backup(struct file_call *c, const struct operand *there)
{
	const char *kind = file_value(c, "backup");
	const char *suffix = file_value(c, "suffix");
	unsigned long highest;
	bool numbered;

	if (!file_on(c, "backup") && !suffix)
		return false;
	if (!kind)
		kind = invocation_env(c->in, "VERSION_CONTROL");
	if (!kind || !*kind)
		kind = "existing";
	if (!strncmp(kind, "of", 2) || !strncmp(kind, "no", 2))
		return false; /* off, none */
	if (!suffix)
		suffix = invocation_env(c->in, "SIMPLE_BACKUP_SUFFIX");
	if (!suffix || !*suffix || strchr(suffix, '/'))
		suffix = "~";
	highest = highest_backup(there);
	numbered = *kind == 't' || !strncmp(kind, "nu", 2) ||
		   ((*kind == 'e' || !strncmp(kind, "ni", 2)) && highest);
	file_target_saved(
	    c, numbered ? file_text(c, "%s.~%lu~", there->path, highest + 1)
			: file_text(c, "%s%s", there->path, suffix));
	return true;
}
