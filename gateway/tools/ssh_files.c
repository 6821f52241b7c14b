/* SPDX-License-Identifier: Apache-2.0 */
/* Files of this machine that scp and sftp send, or write what they get into,
 * and what of the environment goes along. */
#include "base/path.h"
#include "tools/ssh_line.h"
#include <glob.h>
#include <string.h>
#include <talloc.h>

#define MOST_NAMES 1000

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

static void
into_folder(struct ssh_line *l, const struct operand *o)
{
	struct path_class k;

	/* by links that are in there, too */
	l->c->cmd->loose |= l->recursive;
	path_classify(&l->c->os, o, o->target, &k);
	file_effect(l->c, EFFECT_FILE_OVERWRITE, k.scope, o->given,
		    "it comes from another machine, and what is in that folder "
		    "is not kept; copy it to a new name")
	    ->losses = 0;
}

/* A pattern: whatever has such a name in the folder may be written over. */
static void
many_come_down(struct ssh_line *l, const char *pattern,
	       const struct operand *to)
{
	char *all = talloc_size(l->c->ctx, strlen(to->target) * 2 + 2);
	char *end = all;
	glob_t found = {0};
	int rc;

	for (const char *p = to->target; all && *p; *end++ = *p++)
		if (strchr("*?[]{}\\~", *p))
			*end++ = '\\';
	if (!all)
		BUG("out of memory");
	*end = '\0';
	rc = glob(path_join(l->c->ctx, all, pattern), GLOB_BRACE, NULL, &found);
	for (size_t i = 0; rc == 0 && i < found.gl_pathc; i++) {
		struct operand o;

		operand_look(&l->c->os,
			     path_join(l->c->ctx, to->given,
				       path_base(found.gl_pathv[i])),
			     &o);
		file_confine(l->c, &o);
		if (i < MOST_NAMES && o.folder && l->recursive)
			into_folder(l, &o);
		else if (i < MOST_NAMES && !o.folder)
			file_act(l->c, o.leads ? ACT_REWRITE : ACT_MAKE, &o,
				 true);
	}
	if ((rc != 0 && rc != GLOB_NOMATCH) || found.gl_pathc > MOST_NAMES ||
	    strchr(pattern, '/'))
		into_folder(l, to);
	globfree(&found);
}

/* One name of the other machine, or what a pattern there stands for. */
void
ssh_comes_down(struct ssh_line *l, const char *path, const char *target)
{
	const char *name = path_base(path);
	struct operand o;

	operand_look(&l->c->os, target, &o);
	file_arrives_in(l->c, target);
	file_confine(l->c, &o);
	if (o.folder && strpbrk(path, "*?[{")) {
		const char *brace = strchr(path, '{');

		/* a slash between braces divides no names */
		many_come_down(l, brace && brace < name ? path : name, &o);
		return;
	}
	if (o.folder && *name && strcmp(name, ".") && strcmp(name, ".."))
		operand_look(&l->c->os, path_join(l->c->ctx, target, name), &o);
	file_confine(l->c, &o);
	sender_arrives(&l->s, o.path);
	if (o.leads && o.folder)
		into_folder(l, &o);
	else
		file_act(l->c, o.leads ? ACT_REWRITE : ACT_MAKE, &o, true);
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
