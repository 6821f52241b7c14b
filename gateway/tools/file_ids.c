/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a tool have to do with owners and groups that a box of who is not root
 * does not know?  Then they are told and given from outside (struct need:
 * ids), which costs each such question a way out of the box; so it is looked
 * at first whether there are any.
 */
#include "base/path.h"
#include "tools/file_call.h"
#include <dirent.h>
#include <string.h>
#include <sys/xattr.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_GROUPS 65536  /* NGROUPS_MAX of Linux */
#define MAX_LOOKED 200000 /* entries of a tree; of a larger one, it does */

struct looking {
	struct file_call *c;
	gid_t *groups;
	int ngroups;
	size_t left;
	bool told;
};

void
file_ids(struct file_call *c)
{
	c->cmd->need.ids |= c->in->uid != 0;
}

static bool
is_other(const struct looking *l, const struct stat *st)
{
	if (st->st_gid == l->c->in->gid)
		return l->told && st->st_uid != l->c->in->uid;
	for (int i = 0; i < l->ngroups; i++)
		if (l->groups[i] == st->st_gid)
			return true;
	return l->told;
}

static void
look(struct looking *l, const char *path, bool below)
{
	struct dirent *ent;
	struct stat st;
	DIR *d;

	if (l->c->cmd->need.ids || lstat(path, &st) < 0)
		return;
	if (l->left == 0 || is_other(l, &st) ||
	    (!S_ISLNK(st.st_mode) &&
	     (lgetxattr(path, "system.posix_acl_access", NULL, 0) > 0 ||
	      (S_ISDIR(st.st_mode) &&
	       lgetxattr(path, "system.posix_acl_default", NULL, 0) > 0)))) {
		file_ids(l->c);
		return;
	}
	l->left--;
	d = below && S_ISDIR(st.st_mode) ? opendir(path) : NULL;
	while (d && !l->c->cmd->need.ids && (ent = readdir(d))) {
		char *name;

		if (!strcmp(ent->d_name, ".") || !strcmp(ent->d_name, ".."))
			continue;
		name = talloc_asprintf(l->c->ctx, "%s/%s", path, ent->d_name);
		if (name)
			look(l, name, true);
		talloc_free(name);
	}
	if (d)
		closedir(d);
}

static void
look_at(struct file_call *c, const struct operand *o, bool below, bool told)
{
	struct looking l = {.c = c, .left = MAX_LOOKED, .told = told};

	if (c->in->uid == 0 || c->cmd->need.ids)
		return;
	l.groups = talloc_array(c->ctx, gid_t, MAX_GROUPS);
	if (l.groups)
		l.ngroups = getgroups(MAX_GROUPS, l.groups);
	if (o->there)
		look(&l, o->path, below && !o->link);
	if (o->leads && o->link)
		look(&l, o->target, below);
	talloc_free(l.groups);
}

void
file_ids_given(struct file_call *c, const struct operand *o, bool below)
{
	look_at(c, o, below, false);
}

void
file_ids_told(struct file_call *c, const struct operand *o, bool below)
{
	look_at(c, o, below, true);
}
