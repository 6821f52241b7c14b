/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came from hosts that nothing here trusts, seen by the tools that work
 * on files: it is made a program, or unpacked.
 */
#include "base/path.h"
#include "base/text.h"
#include "effects/origin.h"
#include "effects/origin_code.h"
#include "tools/file_call.h"
#include <sys/stat.h>
#include <talloc.h>

/* Between the programs of one pipeline, which end one after the other. */
#define CLOSE_MS 2000

const char *
file_origin(struct file_call *c, const char *given)
{
	return origin_of_file(c->ctx, c->t->origins,
			      path_join(c->ctx, c->os.base_dir, given));
}

const char *
file_origin_stdin(struct file_call *c, int fd)
{
	const char *host = origin_of_fd(c->ctx, c->t->origins, fd);
	struct stat st;

	/* curl ... | gunzip | tar x */
	if (!host && fd >= 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode) &&
	    !S_ISCHR(st.st_mode))
		host =
		    origin_of_sibling(c->ctx, c->t->origins, c->in, CLOSE_MS);
	return host;
}

void
file_arrives_at(struct file_call *c, const char *path)
{
	struct command *cmd = c->cmd;

	cmd->arrives = talloc_realloc(c->ctx, cmd->arrives, const char *,
				      (unsigned)cmd->narrives + 1);
	if (!cmd->arrives)
		BUG("out of memory");
	cmd->arrives[cmd->narrives++] = path_join(c->ctx, c->os.base_dir, path);
}

void
file_arrives_in(struct file_call *c, const char *dir)
{
	struct command *cmd = c->cmd;

	cmd->arrives_in = talloc_realloc(c->ctx, cmd->arrives_in, const char *,
					 (unsigned)cmd->narrives_in + 1);
	if (!cmd->arrives_in)
		BUG("out of memory");
	cmd->arrives_in[cmd->narrives_in++] =
	    path_join(c->ctx, c->os.base_dir, dir);
}

void
file_judge_fetched(struct file_call *c, const struct operand *o,
		   const char *given)
{
	const char *host =
	    o->leads && !o->folder
		? origin_of_code_file(c->ctx, c->t->origins, o->target)
		: NULL;

	if (host)
		file_effect(c, EFFECT_EXEC_FETCHED, SCOPE_FOREIGN, given,
			    file_text(c, "it came from %s in this session",
				      text_safe(c->ctx, host)))
		    ->instead = "read it, and tell the user what it would do";
}
