/* SPDX-License-Identifier: Apache-2.0 */
/* Files of this machine that scp and sftp send, or write what they get into,
 * and what of the environment goes along. */
#include "base/path.h"
#include "tools/ssh_line.h"
#include <string.h>
#include <talloc.h>

int
ssh_goes_up(struct ssh_line *l, const char *word, struct err *e)
{
	struct operand o;

	operand_look(&l->c->os, word, &o);
	if (!o.folder)
		return sender_file(&l->s, word, e);
	file_copied(l->c, &o, NULL);
	sender_folder(&l->s, o.target);
	l->s.content = word;
	return 0;
}

/* One name of the other machine, or what a pattern there stands for. */
void
ssh_comes_down(struct ssh_line *l, const char *path, const char *target)
{
	struct path_class k;
	struct operand o;
	const char *name;

	operand_look(&l->c->os, target, &o);
	file_arrives_in(l->c, target);
	if (o.folder && strpbrk(path, "*?[{"))
		return;
	name = path_base(path);
	if (o.folder && *name && strcmp(name, ".") && strcmp(name, ".."))
		operand_look(&l->c->os, path_join(l->c->ctx, target, name), &o);
	sender_arrives(&l->s, o.path);
	if (!o.leads || !o.folder) {
		file_act(l->c, o.leads ? ACT_REWRITE : ACT_MAKE, &o, true);
		return;
	}
	path_classify(&l->c->os, &o, o.target, &k);
	file_effect(l->c, EFFECT_FILE_OVERWRITE, k.scope, o.given,
		    "it comes from another machine, and what is in that folder "
		    "is not kept; copy it to a new name")
	    ->losses = 0;
}

/* Debian's own configuration sends LANG and LC_*, whose names are anybody's
 * choice. */
void
ssh_environment(struct ssh_line *l)
{
	const struct invocation *in = l->c->in;

	for (size_t i = 0; i < in->envc; i++)
		if (!strncmp(in->env[i], "LC_", 3) ||
		    !strncmp(in->env[i], "LANG=", 5) ||
		    !strncmp(in->env[i], "GIT_PROTOCOL=", 13))
			sender_says(&l->s, strchr(in->env[i], '='),
				    "the environment");
}
