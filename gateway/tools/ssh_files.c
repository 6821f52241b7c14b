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

/* What is there already cannot be kept: scp runs outside of a box. */
void
ssh_comes_down(struct ssh_line *l, const char *path, const char *target)
{
	struct path_class k;
	struct operand o;
	const char *name;

	operand_look(&l->c->os, target, &o);
	file_arrives_in(l->c, target);
	name = path_base(path);
	if (o.folder && strpbrk(path, "*?[{"))
		return;
	if (o.folder)
		operand_look(&l->c->os,
			     path_join(l->c->ctx, o.target, *name ? name : "."),
			     &o);
	sender_arrives(&l->s, o.path);
	if (!o.there) {
		file_act(l->c, ACT_MAKE, &o, false);
		return;
	}
	path_classify(&l->c->os, &o, o.target, &k);
	file_effect(l->c, EFFECT_FILE_OVERWRITE, k.scope, target,
		    "it comes from another machine, and what is there is not "
		    "kept; copy it to a new name")
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
