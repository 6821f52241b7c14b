/* SPDX-License-Identifier: Apache-2.0 */
/* Where a command may write that is handed over and makes files all the same:
 * exec/confine.h. */
#include "base/path.h"
#include "tools/file_call.h"
#include <talloc.h>

static void
confined_to(struct file_call *c, const char *dir)
{
	struct command *cmd = c->cmd;

	while (!path_exists(dir))
		dir = path_parent(c->ctx, dir);
	for (size_t i = 0; i < cmd->nconfined; i++)
		if (path_is_under(dir, cmd->confined[i]))
			return;
	cmd->confined = talloc_realloc(c->ctx, cmd->confined, const char *,
				       (unsigned)cmd->nconfined + 1);
	if (!cmd->confined)
		BUG("out of memory");
	cmd->confined[cmd->nconfined++] = talloc_strdup(c->ctx, dir);
}

void
file_confine(struct file_call *c, const struct operand *o)
{
	/* devices, and where a link leads on to what is not there */
	c->cmd->loose |= need_is_special(o->target) || (o->link && !o->leads);
	if (o->leads && o->folder)
		confined_to(c, o->target);
	else
		confined_to(c, path_parent(c->ctx, o->target));
	if (!o->folder)
		confined_to(c, o->parent);
}
