/* SPDX-License-Identifier: Apache-2.0 */
/* What the box must show for a path that is read, written or named. */
#include "base/path.h"
#include "tools/file_call.h"
#include <string.h>
#include <talloc.h>

/* The work tree as one mount where that holds it, so that a rename stays one;
 * else the folder around. */
const char *
file_mount_for(struct file_call *c, const char *path)
{
	const struct operand_place *p = operand_place(&c->os, path);
	const char *dir = path_parent(c->ctx, path);

	if (p && p->ours && p->repo->worktree &&
	    path_is_under(path, p->repo->worktree) &&
	    strcmp(path, p->repo->worktree) != 0)
		return p->repo->worktree;
	if (c->os.start && path_is_under(dir, c->os.start) && (!p || p->ours))
		return c->os.start;
	while (!path_exists(dir))
		dir = path_parent(c->ctx, dir);
	return dir;
}

void
file_needs_write(struct file_call *c, const char *path)
{
	const char *dir;

	c->writes = true;
	if (need_is_special(path))
		return;
	dir = file_mount_for(c, path);
	if (strcmp(dir, "/") == 0)
		return;
	need_write(c->ctx, &c->cmd->need, dir);
	need_real(c->ctx, &c->cmd->need, dir);
}

void
file_needs_real(struct file_call *c, const char *path)
{
	need_read(c->ctx, &c->cmd->need, path);
	need_real(c->ctx, &c->cmd->need, path);
}

/* The folder and not the file: a file by itself would come as a copy. */
void
file_needs_read(struct file_call *c, const struct operand *o)
{
	const char *dir = file_mount_for(c, o->target);

	if (c->reads_all || need_is_special(o->target) ||
	    !strcmp(o->target, "/"))
		return;
	if (!strcmp(dir, "/"))
		dir = o->target;
	file_needs_real(c, dir);
	if (o->link)
		file_needs_read(c, &(struct operand){.target = o->path});
}

/* What is named is read, wherever it lies, if the verdict is so; of a folder
 * (with the dot) not the stores that lie in it. */
void
file_needs_shown(struct file_call *c, const struct operand *o)
{
	if (o->leads)
		need_judged(c->ctx, &c->cmd->need,
			    o->folder ? file_text(c, "%s/.", o->target)
				      : o->target);
}

/* By the name that was typed: links on its way are made again in the box, and
 * what it goes back through with "..". */
void
file_needs_name(struct file_call *c, const char *given)
{
	char *dir = *given == '/'
			? talloc_strdup(c->ctx, given)
			: file_text(c, "%s/%s", c->os.base_dir, given);
	size_t len = strlen(dir);

	while (len > 1 && dir[len - 1] == '/')
		len--;
	while (len > 1 && dir[len - 1] != '/')
		len--;
	if (strcspn(dir + len, "/") != 2 || strncmp(dir + len, "..", 2) != 0)
		dir[len > 1 ? len - 1 : len] = '\0';
	if (!need_is_special(dir))
		need_folder(c->ctx, &c->cmd->need, dir);
}
