/* SPDX-License-Identifier: Apache-2.0 */
/* What chown and chgrp have in common: all but their options. */
#include "tools/file_owner.h"

static void
change(struct file_call *c, const char *given, bool recursive)
{
	bool itself = file_on(c, "no-dereference") || recursive;
	/* whichever of -H, -L and -P comes last */
	bool either = recursive && (file_on(c, "H") || file_on(c, "L"));
	struct operand o;

	operand_look(&c->os, given, &o);
	file_see(c, &o);
	if (o.slash)
		itself = either = false;
	if (itself && o.there)
		file_act(c, recursive && o.folder ? ACT_MODE_ALL : ACT_MODE, &o,
			 false);
	if ((!itself || (either && o.link)) && o.leads)
		file_act(c,
			 recursive && S_ISDIR(o.to.st_mode) ? ACT_MODE_ALL
							    : ACT_MODE,
			 &o, true);
}

int
file_owner(struct file_call *c, struct err *e)
{
	const char *reference = file_value(c, "reference");
	size_t first = reference ? 0 : 1;

	if (c->opt.noperands <= first)
		return err_set(e, ERR_SYNTAX, "missing operand");
	need_read(c->ctx, &c->cmd->need, "/etc/passwd");
	need_read(c->ctx, &c->cmd->need, "/etc/group");
	file_ids(c);
	if (reference)
		file_read_from(c, reference);
	if (file_on(c, "recursive") && file_on(c, "L"))
		file_effect(c, EFFECT_FILE_MODE, SCOPE_OUTSIDE, "-RL",
			    "links lead out of the tree, and what they lead to "
			    "is changed as well")
		    ->instead = "leave -L out";
	for (size_t i = first; i < c->opt.noperands; i++)
		change(c, c->opt.operands[i], file_on(c, "recursive"));
	file_judge_set(c, c->opt.operands + first, c->opt.noperands - first);
	return 0;
}
