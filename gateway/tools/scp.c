/* SPDX-License-Identifier: Apache-2.0 */
/* scp of OpenSSH 9.2: up, down, between two others, or here (as cp). */
#include "base/path.h"
#include "base/text.h"
#include "tools/ssh_line.h"
#include <string.h>
#include <talloc.h>

#define FLAGS  "346ABCOpqRrTvN"
#define VALUES "cDFiJloPSX"

/* As cp does it. */
static int
here(struct ssh_line *l, size_t i, size_t n)
{
	struct file_call *c = l->c;
	const char *const *argv = c->in->argv;
	struct operand to, from;

	/* it asks for the name of its own user before anything else */
	need_read(c->ctx, &c->cmd->need, "/etc/passwd");
	operand_look(&c->os, argv[n - 1], &to);
	for (; i < n - 1; i++) {
		operand_look(&c->os, argv[i], &from);
		file_copied(c, &from, to.path);
		file_write_to(c, to.folder
				     ? path_join(c->ctx, to.target, from.last)
				     : argv[n - 1]);
	}
	return 0;
}

static int
mean(struct file_call *c, struct err *e)
{
	struct ssh_line l = {.c = c};
	const char *const *argv = c->in->argv;
	const char *host, *path, *target;
	size_t i, n = c->in->argc;
	bool up, far;

	c->cmd->argv = (const char **)(uintptr_t)argv;
	if (sender_begin(&l.s, c, e) < 0 ||
	    ssh_read(&l, FLAGS, VALUES, 1, &i, e) < 0 || ssh_control(&l, e) < 0)
		return e->code;
	if (i + 2 > n)
		return err_set(e, ERR_SYNTAX, "no target");
	/* or a value with that letter */
	for (size_t k = 1; k < i; k++)
		l.recursive |= *argv[k] == '-' && strchr(argv[k], 'r');
	target = argv[n - 1];
	up = far = ssh_is_remote(&l, target, &host, &path);
	if (up)
		ssh_host(&l, host);
	for (size_t k = i; k < n - 1; k++) {
		if (!ssh_is_remote(&l, argv[k], &host, &path)) {
			if (up && ssh_goes_up(&l, argv[k], e) < 0)
				return e->code;
			continue;
		}
		far = true;
		ssh_host(&l, host);
		if (up && !l.s.content)
			l.s.content =
			    file_text(c, "%s", text_safe(c->ctx, argv[k]));
		if (!up)
			ssh_comes_down(&l, path, target);
	}
	if (!far)
		return here(&l, i, n);
	for (size_t k = i; k < n; k++)
		sender_says(&l.s, argv[k], "its words");
	ssh_environment(&l);
	l.s.smuggled = NULL;
	sender_judge(&l.s);
	file_hand_over_kept(c);
	return 0;
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand_raw("scp", mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"scp", NULL};

const struct tool tool_scp = {
    .name = "scp",
    .names = names,
    .understand = understand,
};
