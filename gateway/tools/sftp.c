/* SPDX-License-Identifier: Apache-2.0 */
/* sftp of OpenSSH 9.2: its commands come from stdin or a batch, and go both
 * ways; what they are is not foreseen. */
#include "tools/ssh_line.h"
#include <string.h>

#define FLAGS  "46AaCfNpqrv"
#define VALUES "BbcDFiJloPRSsX"

static int
mean(struct file_call *c, struct err *e)
{
	struct ssh_line l = {.c = c};
	const char *const *argv = c->in->argv;
	const char *host, *path;
	size_t i;

	c->cmd->argv = (const char **)(uintptr_t)argv;
	if (sender_begin(&l.s, c, e) < 0 ||
	    ssh_read(&l, FLAGS, VALUES, 1, &i, e) < 0)
		return e->code;
	if (!argv[i])
		return err_set(e, ERR_SYNTAX, "no host");
	sender_peek(&l.s);
	if (!ssh_is_remote(&l, argv[i], &host, &path))
		host = argv[i];
	ssh_host(&l, host);
	l.s.content = NULL;
	for (size_t k = 0; k < l.s.nhosts; k++)
		file_effect(c, EFFECT_REMOTE_EXEC, ssh_scope(&l, &l.s.hosts[k]),
			    l.s.hosts[k].host,
			    "its commands send, fetch and delete files; scp "
			    "says beforehand which");
	sender_judge(&l.s);
	file_hand_over(c);
	return 0;
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand_raw("sftp", mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"sftp", NULL};

const struct tool tool_sftp = {
    .name = "sftp",
    .names = names,
    .understand = understand,
};
