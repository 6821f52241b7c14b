/* SPDX-License-Identifier: Apache-2.0 */
/* What joins the stages: policy to tool, tool to box, box to process. */
#include "stages.h"
#include "base/path.h"
#include "base/text.h"

static int
read_profile(const struct tool_context *t, const char *worktree, struct err *e)
{
	struct request *rq = t->profile_data;
	struct policy *p;

	if (!path_exists(path_join(rq->policy, worktree, ".automode")))
		return 0;
	if (policy_load(rq->policy, rq->house->policy, rq->house->home,
			worktree, &p, e) < 0)
		return err_wrap(e, "the profile of this repository");
	/* in place: the tool holds a pointer to the rules */
	*rq->policy = *p;
	return 0;
}

/* A read of the tool's own, boxed like the command. */
static int
run_oracle(void *ctx, const struct tool_context *t, const struct command *like,
	   const char *const *argv, char **output, int *status, struct err *e)
{
	struct request *rq = t->oracle_data;
	struct command cmd = *like;
	struct bwrap_plan plan = {0};
	const struct box *box = boxes_find(&rq->house->boxes, cmd.need.box);
	size_t n = 0, len;

	if (!box)
		return err_set(e, ERR_UNKNOWN, "no box %s", cmd.need.box);
	while (argv[n])
		n++;
	cmd.argv = talloc_memdup(ctx, argv, (n + 1) * sizeof(*argv));
	cmd.need.runs_code = false;
	if (bwrap_compose(ctx, box, &rq->in, &cmd, &plan, e) < 0)
		return e->code;
	return exec_collect(ctx, &rq->in, &cmd, &plan, 1 << 20, 60000, output,
			    &len, status, e);
}

int
stage_understand(void *ctx, struct request *rq, struct err *e)
{
	struct tool_context *t = talloc_zero(ctx, struct tool_context);

	if (rq->house->policy_error)
		return err_set(e, ERR_SYNTAX, "%s", rq->house->policy_error);
	effects_init(ctx, &rq->effects);
	rq->tool = toolbox_find(rq->in.tool);
	if (!rq->tool)
		return err_set(e, ERR_UNKNOWN, "automode knows no tool %s",
			       text_safe(ctx, rq->in.tool));
	if (policy_load(ctx, rq->house->policy, rq->house->home, NULL,
			&rq->policy, e) < 0)
		return e->code;
	*t = (struct tool_context){.in = &rq->in,
				   .rules = &rq->policy->rules,
				   .oracle = run_oracle,
				   .oracle_data = rq,
				   .profile = read_profile,
				   .profile_data = rq};
	if (rq->tool->understand(ctx, t, &rq->cmd, &rq->effects, e) == 0)
		return 0;
	if (e->code != ERR_SYNTAX || !rq->cmd.program || !rq->cmd.need.box)
		return err_wrap(e, "%s", text_safe(ctx, rq->in.tool));
	/* the tool would refuse the line: let it say so in its own words */
	effects_init(ctx, &rq->effects);
	rq->cmd.losses = (struct losses){0};
	rq->cmd.argv =
	    talloc_memdup(ctx, rq->in.argv, (rq->in.argc + 1) * sizeof(char *));
	return 0;
}

/* Remotes and default branches as they are before anything of this session
 * has run here: what changes later is not evidence. */
static void
note_facts(void *ctx, struct request *rq)
{
	const struct repository *repo = rq->cmd.repo;
	struct err e = {0};

	if (!repo || !repo->id || session_facts(rq->in.session, repo->id))
		return;
	/* a failure is logged by the monitor; trust then begins later */
	(void)channel_facts(&rq->monitor, rq->in.session->id, repo->id,
			    reversal_project_facts(ctx, repo), &e);
}

int
stage_box(void *ctx, struct request *rq, bool check_only, struct err *e)
{
	const struct box *box =
	    boxes_find(&rq->house->boxes,
		       rq->cmd.need.box ? rq->cmd.need.box : "git-read");

	if (check_only)
		return 0;
	note_facts(ctx, rq);
	if (!rq->house->probe.works)
		return err_set(e, ERR_SYSTEM, "%s", rq->house->probe.text);
	if (!box)
		return err_set(e, ERR_UNKNOWN, "no box %s", rq->cmd.need.box);
	rq->cmd.need.network =
	    rq->policy->hooks_network && rq->cmd.need.runs_code;
	if (bwrap_compose(ctx, box, &rq->in, &rq->cmd, &rq->plan, e) < 0)
		return e->code;
	return exec_prepare(ctx, &rq->in, &rq->cmd, &rq->plan, &rq->running, e);
}

char *
stage_network_hint(void *ctx, const struct request *rq)
{
	const char *who = exec_network_attempts(rq->running);

	if (!who)
		return NULL;
	return talloc_asprintf(
	    ctx,
	    "automode: %s; hooks and helpers run without network. The owner "
	    "allows it with [hooks] network = true in "
	    "~/.config/automode/policy",
	    who);
}
