/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The groups of a caller beside the first one, and access lists: a box of who
 * is not root has no number for any of them (user_namespaces(7): EINVAL), so
 * a tool that gives them to a file works outside of it.
 */
#include "base/path.h"
#include "tools/file_call.h"
#include <dirent.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_GROUPS 65536 /* NGROUPS_MAX of Linux */
#define MAX_LOOKED 20000 /* entries of a tree */

static bool
is_other(const struct file_call *c, gid_t gid)
{
	gid_t *v;
	int n;
	bool found = false;

	if (gid == c->in->gid)
		return false;
	v = talloc_array(c->ctx, gid_t, MAX_GROUPS);
	n = v ? getgroups(MAX_GROUPS, v) : -1;
	for (int i = 0; i < n && !found; i++)
		found = v[i] == gid;
	talloc_free(v);
	return found;
}

void
file_gives_group(struct file_call *c, const char *name)
{
	const struct group *g;
	char *end;
	unsigned long gid;

	if (!name || !*name || !c->in->uid)
		return;
	g = getgrnam(name);
	gid = g ? g->gr_gid : strtoul(name, &end, 10);
	if (g || !*end)
		c->other_group |= is_other(c, (gid_t)gid);
}

static void
look(struct file_call *c, const char *path, bool below, size_t *left)
{
	struct dirent *ent;
	struct stat st;
	DIR *d;

	if (c->other_group || !*left || lstat(path, &st) < 0)
		return;
	--*left;
	c->other_group |=
	    (st.st_gid != c->in->gid && is_other(c, st.st_gid)) ||
	    (!S_ISLNK(st.st_mode) &&
	     lgetxattr(path, "system.posix_acl_access", NULL, 0) > 0);
	d = below && S_ISDIR(st.st_mode) ? opendir(path) : NULL;
	while (d && !c->other_group && (ent = readdir(d)))
		if (strcmp(ent->d_name, ".") && strcmp(ent->d_name, ".."))
			look(c, path_join(c->ctx, path, ent->d_name), true,
			     left);
	if (d)
		closedir(d);
}

void
file_carries_group(struct file_call *c, const struct operand *o, bool below)
{
	size_t left = MAX_LOOKED;

	if (c->in->uid && o->leads)
		look(c, o->target, below, &left);
}
