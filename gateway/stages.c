/* SPDX-License-Identifier: Apache-2.0 */
/* What joins the stages: policy to tool, tool to box, box to process. */
#include "stages.h"
#include "approval.h"
#include "base/path.h"
#include "base/text.h"
#include "exec/mounts_apart.h"
#include "exec/removal.h"
#include "fetched.h"
#include "invocation/program.h"
#include "judge/classifier.h"
#include "profile_seen.h"
#include "tools/sender.h"

static int
read_profile(const struct tool_context *t, const char *worktree, struct err *e)
{
	struct request *rq = t->profile_data;
	const char *path = path_join(rq->policy, worktree, ".automode");
	struct policy *p;

	if (!path_exists(path)) {
		profile_seen_apply(rq->policy, rq->in.session, worktree,
				   rq->house->home);
		return 0;
	}
	if (policy_load(rq->policy, rq->house->policy, rq->house->home,
			worktree, &p, e) < 0) {
		rq->profile_error = talloc_strdup(rq, e->msg);
		rq->profile_path = talloc_strdup(rq, path);
		*e = (struct err){0};
		return 0;
	}
	profile_seen_apply(p, rq->in.session, worktree, rq->house->home);
	profile_seen_note(rq, &rq->monitor, rq->in.session, NULL, worktree);
	/* in place: the tool holds a pointer to the rules */
	*rq->policy = *p;
	return 0;
}

static struct transport_setting
transport(const struct request *rq, bool silent)
{
	return (struct transport_setting){.runtime_dir = rq->house->runtime_dir,
					  .boxes = &rq->house->boxes,
					  .policy = rq->policy,
					  .parking = rq->parking,
					  .silent = silent};
}

static int
oracle_started(pid_t first, void *data, struct err *e)
{
	return transport_attend(data, first, e);
}

int
stage_collect(void *ctx, struct request *rq, struct command *cmd, char **output,
	      int *status, struct err *e)
{
	struct bwrap_plan plan = {0};
	const struct box *box = boxes_find(&rq->house->boxes, cmd->need.box);
	struct transport_setting setting;
	struct exec_collecting how = {.max = 1 << 20, .timeout_ms = 60000};
	char *report = NULL;
	size_t len;
	int rc;

	if (!box)
		return err_set(e, ERR_UNKNOWN, "no box %s", cmd->need.box);
	if (!rq->parking && cmd->need.npermits)
		rq->parking = transport_parking(rq);
	setting = transport(rq, true);
	rc = transport_open(ctx, &setting, &rq->in, cmd,
			    (struct attendant **)&how.data, e);
	if (rc < 0)
		return rc;
	how.started = how.data ? oracle_started : NULL;
	rc = bwrap_compose(ctx, box, &rq->in, cmd, &plan, e);
	if (rc == 0)
		rc = exec_collect(ctx, &rq->in, cmd, &plan, &how, output, &len,
				  status, e);
	transport_close(ctx, how.data, &report);
	if (rc == 0 && *status != 0 && report)
		(void)err_set(e, ERR_SYSTEM, "%s", report);
	return rc;
}

/* Not even a question may carry to another machine what must not go there. */
static int
may_ask(void *ctx, struct request *rq, const struct command *like,
	struct err *e)
{
	struct verdict v = {0};
	struct effects said;

	effects_init(ctx, &said);
	for (size_t i = 0; like->need.npermits && i < rq->effects.n; i++) {
		const struct effect *fx = &rq->effects.v[i];

		if (fx->kind == EFFECT_SECRET_SEND)
			*effects_add(&said, fx->kind, fx->scope, fx->object) =
			    *fx;
	}
	if (!said.n)
		return 0;
	policy_decide(ctx, rq->policy, &said, &v);
	return v.kind == VERDICT_ALLOW
		   ? 0
		   : err_set(e, ERR_UNKNOWN, "%s; instead: %s", v.reason,
			     said.v[0].instead ? said.v[0].instead
					       : "leave it out");
}

/* A read of the tool's own, boxed like the command. */
static int
run_oracle(void *ctx, const struct tool_context *t, const struct command *like,
	   const char *const *argv, char **output, int *status, struct err *e)
{
	struct command cmd = *like;
	size_t n = 0;

	if (may_ask(ctx, t->oracle_data, like, e) < 0)
		return e->code;
	while (argv[n])
		n++;
	cmd.argv = talloc_memdup(ctx, argv, (n + 1) * sizeof(*argv));
	cmd.need.runs_code = false;
	return stage_collect(ctx, t->oracle_data, &cmd, output, status, e);
}

/* A profile that nobody can read says nobody knows what: only the way out of
 * that is open, to remove or to replace this very file. */
static bool
mends_profile(void *ctx, const struct request *rq)
{
	bool mends = false;

	for (size_t i = 0; i < rq->effects.n; i++) {
		const struct effect *fx = &rq->effects.v[i];

		switch (fx->kind) {
		case EFFECT_FILE_DELETE:
		case EFFECT_FILE_OVERWRITE:
		case EFFECT_FILE_WRITE:
		case EFFECT_WORKTREE_DISCARD:
		case EFFECT_INDEX_DISCARD:
		case EFFECT_UNTRACKED_DELETE:
			break;
		default:
			return false;
		}
		if (!fx->object)
			return false;
		if (strcmp(path_resolve_parent(ctx, rq->in.cwd, fx->object),
			   rq->profile_path) != 0)
			return false;
		mends = true;
	}
	return mends;
}

/* The tool has understood the line; does a broken profile let it through? */
static int
check_profile(void *ctx, const struct request *rq, struct err *e)
{
	if (!rq->profile_error || mends_profile(ctx, rq))
		return 0;
	return err_set(e, ERR_UNKNOWN,
		       "%s: the profile of this repository: %s; until then "
		       "only what mends or removes it runs (rm .automode, "
		       "git checkout -- .automode)",
		       text_safe(ctx, rq->in.tool), rq->profile_error);
}

int
stage_understand(void *ctx, struct request *rq, struct err *e)
{
	const char *program;
	struct tool_context *t = talloc_zero(ctx, struct tool_context);

	if (rq->house->policy_error)
		return err_set(e, ERR_SYNTAX, "%s", rq->house->policy_error);
	effects_init(ctx, &rq->effects);
	rq->tool = toolbox_find(rq->in.tool);
	if (!rq->tool)
		return err_set(e, ERR_UNKNOWN, "automode knows no tool %s",
			       text_safe(ctx, rq->in.tool));
	if (!rq->tool->no_files)
		rq->mounted = mounted_note(ctx);
	if (policy_load(ctx, rq->house->policy, rq->house->home, NULL,
			&rq->policy, e) < 0)
		return e->code;
	*t = (struct tool_context){.in = &rq->in,
				   .rules = &rq->policy->rules,
				   .oracle = run_oracle,
				   .oracle_data = rq,
				   .folder = fetched_folder,
				   .profile = read_profile,
				   .profile_data = rq,
				   .origins = rq->house->runtime_dir};
	if (rq->tool->understand(ctx, t, &rq->cmd, &rq->effects, e) == 0) {
		if (mounts_apart(&rq->in, &rq->cmd, e) < 0)
			return e->code;
		return check_profile(ctx, rq, e);
	}
	if (rq->profile_error)
		return check_profile(ctx, rq, e);
	rq->absent =
	    program_find(ctx, &rq->in, rq->in.tool, &program, NULL) < 0;
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
	struct repository *repo = rq->cmd.repo;
	struct err e = {0};

	if (!repo || !repo->id || session_facts(rq->in.session, repo->id))
		return;
	repository_open(ctx, repo);
	/* a failure is logged by the monitor; trust then begins later */
	(void)channel_facts(&rq->monitor, rq->in.session->id, repo->id,
			    reversal_project_facts(ctx, repo), &e);
}

static int
make_box(void *ctx, struct request *rq, struct err *e)
{
	const struct box *box =
	    boxes_find(&rq->house->boxes,
		       rq->cmd.need.box ? rq->cmd.need.box : "git-read");
	struct transport_setting setting;

	if (!rq->house->probe.works)
		return err_set(e, ERR_SYSTEM, "%s", rq->house->probe.text);
	if (!box)
		return err_set(e, ERR_UNKNOWN, "no box %s", rq->cmd.need.box);
	rq->cmd.need.network =
	    box->open_network ||
	    (rq->policy->hooks_network && rq->cmd.need.runs_code);
	setting = transport(rq, false);
	if (transport_open(ctx, &setting, &rq->in, &rq->cmd, &rq->attendant,
			   e) < 0 ||
	    direct_open(ctx, &setting, &rq->in, &rq->cmd, &rq->direct, e) < 0 ||
	    bwrap_compose(ctx, box, &rq->in, &rq->cmd, &rq->plan, e) < 0 ||
	    exec_prepare(ctx, &rq->in, &rq->cmd, &rq->plan, &rq->running, e) <
		0)
		return e->code;
	if (!rq->attendant)
		return 0;
	return transport_attend(rq->attendant, exec_first(rq->running), e);
}

int
stage_box(void *ctx, struct request *rq, bool check_only, struct err *e)
{
	if (check_only || rq->cmd.hand_over)
		return 0;
	note_facts(ctx, rq);
	/* what moves into the vault needs no box, unless it cannot move */
	rq->cmd.losses.removal = removal_is_plain(&rq->in, &rq->cmd);
	return rq->cmd.losses.removal ? 0 : make_box(ctx, rq, e);
}

int
stage_box_after_all(void *ctx, struct request *rq, bool check_only,
		    struct err *e)
{
	if (check_only || rq->cmd.hand_over || rq->running ||
	    reversal_moves(rq->reversal))
		return 0;
	return make_box(ctx, rq, e);
}

/* Of files alone: git stays on its own file system by itself. */
static int
check_mounts(struct request *rq, struct err *e)
{
	if (!(rq->cmd.losses.what & LOSS_FILES) || !rq->running ||
	    rq->tool->no_files)
		return 0;
	if (!rq->mounted)
		return err_set(e, ERR_SYSTEM, "mounts were not noted");
	return mounted_same(rq->mounted, &rq->cmd, rq->running, e);
}

int
stage_keep(void *ctx, struct request *rq, struct err *e)
{
	if (sender_same(&rq->cmd, e) < 0)
		return e->code;
	if (rq->cmd.hand_over && !rq->cmd.losses.what)
		return 0;
	if (reversal_keep(rq->reversal, &rq->monitor, e) < 0)
		return err_wrap(e, "what it would destroy could not be kept");
	if (check_mounts(rq, e) < 0)
		return e->code;
	return postcheck_before(ctx, &rq->cmd, &rq->policy->rules,
				&rq->postcheck, e);
}

/* The step before the command, with the caller's descriptors.  *ran stays
 * false when it could not be started. */
static int
run_before(struct request *rq, const struct command *step, bool *ran,
	   struct err *e)
{
	struct transport_setting setting = transport(rq, false);
	struct command cmd = *step;
	struct bwrap_plan plan = {0};
	struct running *running = NULL;
	struct direct *direct = NULL;
	const struct box *box = boxes_find(&rq->house->boxes, cmd.need.box);
	int rc;

	if (!box)
		return err_set(e, ERR_UNKNOWN, "no box %s", cmd.need.box);
	rc = direct_open(rq, &setting, &rq->in, &cmd, &direct, e);
	if (rc == 0)
		rc = bwrap_compose(rq, box, &rq->in, &cmd, &plan, e);
	if (rc == 0)
		rc = exec_prepare(rq, &rq->in, &cmd, &plan, &running, e);
	if (rc == 0 && direct)
		rc = direct_start(direct, exec_first(running), e);
	if (rc == 0)
		rc = exec_release(running, rq->client, &rq->status, ran, e);
	else if (running)
		exec_abort(running);
	direct_close(rq, direct, NULL);
	return rc;
}

int
stage_run(struct request *rq, bool *ran, struct err *e)
{
	if (reversal_moved(rq->reversal)) {
		*ran = true;
		rq->status = 0;
		return 0;
	}
	if (!rq->running &&
	    (make_box(rq, rq, e) < 0 || check_mounts(rq, e) < 0)) {
		if (rq->running)
			exec_abort(rq->running);
		return err_wrap(e, "not run: cannot be boxed");
	}
	if (rq->cmd.before) {
		int rc = run_before(rq, rq->cmd.before, ran, e);

		if (rc < 0 || rq->status != 0) {
			exec_abort(rq->running);
			return rc < 0 ? err_wrap(e, "not run: %s",
						 rq->cmd.before->summary)
				      : 0;
		}
	}
	if (rq->direct &&
	    direct_start(rq->direct, exec_first(rq->running), e) < 0) {
		exec_abort(rq->running);
		return err_wrap(e, "not run");
	}
	return exec_release(rq->running, rq->client, &rq->status, ran, e);
}

char *
stage_transport_end(void *ctx, struct request *rq)
{
	char *report = NULL, *network = NULL;

	transport_close(ctx, rq->attendant, &report);
	direct_close(ctx, rq->direct, &network);
	rq->attendant = NULL;
	rq->direct = NULL;
	/* a command that went well does not care which address was silent */
	if (!report && rq->status != 0)
		report = network;
	if (!report && rq->cmd.unreached &&
	    (rq->status == rq->cmd.unreached_status[0] ||
	     rq->status == rq->cmd.unreached_status[1]))
		report = talloc_strdup(ctx, rq->cmd.unreached);
	if (rq->cmd.not_done && rq->status == 0) {
		rq->status = 1;
		report = talloc_asprintf(ctx, "%s%s%s", report ? report : "",
					 report ? "\n" : "", rq->cmd.not_done);
	}
	return report;
}

char *
stage_network_hint(void *ctx, const struct request *rq)
{
	const char *who =
	    rq->running ? exec_network_attempts(rq->running) : NULL;

	if (!who)
		return NULL;
	return talloc_asprintf(
	    ctx,
	    "automode: %s; hooks and helpers run without network. The owner "
	    "allows it with [hooks] network = true in "
	    "~/.config/automode/policy",
	    who);
}

/* After too many denials rules and words are not asked any more. */
static bool
breaker_open(const struct request *rq)
{
	const struct session *s = rq->in.session;

	return s->denied_row >= rq->policy->breaker_row ||
	       s->denied_total >= rq->policy->breaker_total;
}

void
stage_judge(void *ctx, struct request *rq)
{
	struct classifier_case judged;

	rq->cmd.session = rq->in.session;
	policy_decide(ctx, rq->policy, &rq->effects, &rq->verdict);
	rq->verdict.words_open &= !breaker_open(rq);
	if (rq->verdict.kind == VERDICT_ASK && breaker_open(rq)) {
		rq->verdict.reason = talloc_asprintf(
		    ctx,
		    "%s; after %u denials (%u in a row) only a person "
		    "decides%s: "
		    "stop here and report to the user what you need",
		    rq->verdict.reason, rq->in.session->denied_total,
		    rq->in.session->denied_row,
		    rq->policy->approval_headless ? ", and nobody is there"
						  : "");
		return;
	}
	judge_words(ctx, rq->house->vocabulary, rq->in.session, rq->policy,
		    &rq->cmd, &rq->effects, &rq->verdict);
	if (rq->verdict.kind != VERDICT_ASK || !rq->policy->classifier.url)
		return;
	judged = (struct classifier_case){
	    .in = &rq->in,
	    .cmd = &rq->cmd,
	    .fx = &rq->effects,
	    .p = rq->policy,
	    .fingerprint = approval_fingerprint(ctx, rq),
	    .monitor = &rq->monitor,
	    .prompt = path_join(ctx, program_share_dir(), "classifier.txt")};
	classifier_judge(ctx, &judged, &rq->verdict);
}

/* The work tree around a folder, or NULL. */
static const char *
project_of(void *ctx, const char *dir)
{
	while (strcmp(dir, "/") != 0) {
		if (path_exists(path_join(ctx, dir, ".git")))
			return dir;
		dir = path_parent(ctx, dir);
	}
	return NULL;
}

void
stage_hide(void *ctx, struct request *rq)
{
	struct verdict *v = &rq->verdict;
	struct secrets *s;
	struct err ignored = {0};

	if (v->kind == VERDICT_ALLOW || !rq->policy || !rq->in.cwd ||
	    secrets_begin(ctx, &rq->in, &rq->policy->rules,
			  project_of(ctx, rq->in.cwd), &s, &ignored) < 0)
		return;
	if (v->reason)
		v->reason = secrets_hidden(ctx, s, v->reason);
	if (v->alternative)
		v->alternative = secrets_hidden(ctx, s, v->alternative);
}

void
stage_forget(struct request *rq)
{
	rq->tool = NULL;
	rq->policy = NULL;
	rq->cmd = (struct command){0};
	rq->effects = (struct effects){0};
	rq->plan = (struct bwrap_plan){0};
	rq->mounted = NULL;
	rq->running = NULL;
	rq->attendant = NULL;
	rq->direct = NULL;
	rq->reversal = NULL;
	rq->verdict = (struct verdict){0};
	rq->postcheck = NULL;
	rq->pending = 0;
}
