/* SPDX-License-Identifier: Apache-2.0 */
/* The line of a tool that works on files: read, understood, made to run. */
#include "tools/file_call.h"
#include "base/path.h"
#include "base/text.h"
#include "invocation/program.h"
#include "tools/db.h"
#include "tools/redirect.h"
#include <stdarg.h>
#include <string.h>
#include <talloc.h>

char *
file_text(struct file_call *c, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = talloc_vasprintf(c->ctx, fmt, ap);
	va_end(ap);
	if (!s)
		BUG("out of memory");
	return s;
}

bool
file_on(const struct file_call *c, const char *option)
{
	return options_on(&c->opt, option);
}

const char *
file_value(const struct file_call *c, const char *option)
{
	return options_value(&c->opt, option);
}

void
file_hand_over(struct file_call *c)
{
	c->cmd->hand_over = true;
	c->cmd->need.box = FILE_BOX_READ;
	c->cmd->losses = (struct losses){0};
}

void
file_hand_over_kept(struct file_call *c)
{
	const struct losses *l = &c->cmd->losses;
	bool keeps = false;

	c->cmd->hand_over = true;
	c->cmd->need.box = FILE_BOX_READ;
	for (size_t i = 0; i < l->nfiles; i++)
		keeps |= l->files[i].kind != FILE_MADE;
	if (!keeps)
		c->cmd->losses.what &= ~(unsigned)LOSS_FILES;
	for (size_t i = 0; i < c->fx->n && !keeps; i++)
		c->fx->v[i].losses &= ~(unsigned)LOSS_FILES;
}

void
file_argv(struct file_call *c, const char *const *args, size_t n)
{
	const char **v = talloc_array(c->ctx, const char *, (unsigned)n + 2);

	if (!v)
		BUG("out of memory");
	v[0] = strrchr(c->in->argv[0], '/') ? c->name : c->in->argv[0];
	memcpy(v + 1, args, n * sizeof(*v));
	v[n + 1] = NULL;
	c->cmd->argv = v;
}

int
file_ask(struct file_call *c, const char *const *argv, char **output,
	 int *status, struct err *e)
{
	struct command like = *c->cmd;

	if (!c->t->oracle)
		return err_set(e, ERR_SYSTEM, "no listing here");
	like.need.box = FILE_BOX_READ;
	for (size_t i = 0; i < like.need.nwrite; i++)
		need_read(c->ctx, &like.need, like.need.write[i]);
	like.need.nwrite = 0;
	return c->t->oracle(c->ctx, c->t, &like, argv, output, status, e);
}

/* The repository in which the changes lie, unless one of them takes it away;
 * then none stands behind the command. */
static void
choose_repository(struct file_call *c)
{
	const struct losses *l = &c->cmd->losses;
	const struct operand_place *p;

	p = operand_place(&c->os, l->nfiles
				      ? l->files[0].path
				      : path_join(c->ctx, c->in->cwd, "x"));
	if (!p || !p->repo || !p->repo->worktree)
		return;
	for (size_t i = 0; i < l->nfiles; i++) {
		const struct file_change *f = &l->files[i];

		if (path_is_under(f->path, p->repo->gitdir) ||
		    path_is_under(f->path, p->repo->commondir))
			return;
		if (f->kind != FILE_MADE && f->kind != FILE_ATTRIBUTES &&
		    (path_is_under(p->repo->commondir, f->path) ||
		     path_is_under(p->repo->gitdir, f->path) ||
		     path_is_under(p->repo->worktree, f->path)))
			return;
	}
	c->cmd->repo = p->repo;
}

static void
begin(struct file_call *c, const char *name, void *ctx,
      const struct tool_context *t, struct command *cmd, struct effects *fx)
{
	*c = (struct file_call){.ctx = ctx,
				.t = t,
				.in = t->in,
				.cmd = cmd,
				.fx = fx,
				.name = name};
	cmd->need.box = FILE_BOX_READ;
	cmd->summary = text_command(ctx, t->in->argv, 200);
	cmd->argv = (const char **)(uintptr_t)t->in->argv;
}

/* The profile of the work tree around the caller, before any scope is asked
 * for. */
static int
read_profile(struct file_call *c, struct err *e)
{
	const struct operand_place *p;

	operands_init(&c->os, c->ctx, c->t);
	p = operand_place(&c->os, path_join(c->ctx, c->os.base_dir, "x"));
	if (!p || !p->repo || !p->repo->worktree || !c->t->profile)
		return 0;
	return c->t->profile(c->t, p->repo->worktree, e);
}

static bool
repeats_stdin(const char *name)
{
	static const char *const names[] = {"dd",    "openssl", "patch", "sed",
					    "sort",  "split",	"tar",	 "tee",
					    "xargs", NULL};

	for (size_t i = 0; names[i]; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static int
finish(struct file_call *c, int rc)
{
	struct need *need = &c->cmd->need;

	if (rc < 0) {
		/* the tool is to complain by itself, and to change nothing;
		 * ssh asks who runs it before it does */
		need->nwrite = 0;
		need_read(c->ctx, need, "/etc/passwd");
		need->box = FILE_BOX_READ;
		c->cmd->hand_over = false;
		need->by_name =
		    c->in->argv[0] &&
		    !strcmp(c->in->argv[0], path_base(c->cmd->program));
		return rc;
	}
	need->owners = c->in->uid == 0;
	if (repeats_stdin(c->name))
		redirect_judge(c->ctx, c->t, c->fx);
	db_said_before(c);
	file_count_objects(c);
	if (c->cmd->hand_over)
		return 0;
	/* PATH without the shims leads to the same: program_find() */
	need->by_name = !strcmp(c->cmd->argv[0], path_base(c->cmd->program));
	need->box = c->writes ? FILE_BOX_WRITE : FILE_BOX_READ;
	choose_repository(c);
	return 0;
}

static bool
only_help(const struct file_call *c)
{
	return file_on(c, "help") || file_on(c, "version");
}

int
file_understand(const struct file_tool *tool, void *ctx,
		const struct tool_context *t, struct command *cmd,
		struct effects *fx, struct err *e)
{
	struct file_call c;
	unsigned flags = tool->grammar;
	int rc;

	begin(&c, tool->name, ctx, t, cmd, fx);
	rc = program_find(ctx, t->in, tool->name, &cmd->program, e);
	if (rc < 0)
		return rc;
	if (invocation_env(t->in, "POSIXLY_CORRECT"))
		flags |= GETOPT_STOP;
	rc = getopt_read(ctx, tool->options, flags, t->in->argv + 1, &c.opt, e);
	if (rc < 0)
		return finish(&c, rc);
	if (only_help(&c)) {
		file_hand_over(&c);
		return 0;
	}
	rc = read_profile(&c, e);
	if (rc < 0)
		return rc;
	file_argv(&c, c.opt.canonical, c.opt.ncanonical);
	return finish(&c, tool->mean(&c, e));
}

int
file_understand_raw(const char *name,
		    int (*mean)(struct file_call *c, struct err *e), void *ctx,
		    const struct tool_context *t, struct command *cmd,
		    struct effects *fx, struct err *e)
{
	struct file_call c;
	int rc;

	begin(&c, name, ctx, t, cmd, fx);
	rc = program_find(ctx, t->in, name, &cmd->program, e);
	if (rc < 0)
		return rc;
	rc = read_profile(&c, e);
	if (rc < 0)
		return rc;
	file_argv(&c, t->in->argv + 1, t->in->argc - 1);
	return finish(&c, mean(&c, e));
}
