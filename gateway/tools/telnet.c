/* SPDX-License-Identifier: Apache-2.0 */
/* telnet of inetutils: a host, and stdin to it. */
#include "tools/sender.h"
#include <stdlib.h>
#include <string.h>

static int
mean(struct file_call *c, struct err *e)
{
	const char *const *argv = c->in->argv;
	struct sender s;
	size_t i = 1;

	c->cmd->argv = (const char **)(uintptr_t)argv;
	if (sender_begin(&s, c, e) < 0)
		return e->code;
	for (; argv[i] && argv[i][0] == '-'; i++) {
		if (strspn(argv[i] + 1, "468EKLacdfFrx") != strlen(argv[i] + 1))
			return err_set(e, ERR_UNKNOWN,
				       "options of telnet are not followed; "
				       "leave them out");
	}
	if (!argv[i])
		return err_set(e, ERR_UNKNOWN,
			       "without a host it takes commands of its own; "
			       "name the host");
	sender_to(&s, argv[i],
		  argv[i + 1] ? (unsigned)strtoul(argv[i + 1], NULL, 10) : 23);
	sender_says(&s, argv[i], "the host");
	if (sender_input(&s, e) < 0)
		return e->code;
	return sender_only(&s);
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return sender_understand(t->in->tool, mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"telnet", NULL};

const struct tool tool_telnet = {
    .name = "telnet",
    .names = names,
    .understand = understand,
};
