/* SPDX-License-Identifier: Apache-2.0 */
/* The whole way of one command, as straight-line calls: start reading here.
 * Whatever fails on the way ends in a refusal; nothing runs before its
 * decision is on record and what it would destroy is in the vault. */
#include "pipeline.h"
#include "answer.h"
#include "approval.h"
#include "fetched.h"
#include "hand_over.h"
#include "stages.h"

/* Up to the verdict; nothing has been changed anywhere. */
static void
judge(void *ctx, struct request *rq, bool check_only)
{
	struct err e = {0};

	if (stage_understand(ctx, rq, &e) < 0)
		verdict_refuse(ctx, &rq->verdict, "%s", e.msg);
	else if (stage_box(ctx, rq, check_only, &e) < 0)
		verdict_refuse(ctx, &rq->verdict, "cannot be boxed: %s", e.msg);
	else if (reversal_assess(ctx, &rq->in, &rq->cmd, &rq->effects,
				 check_only, &rq->reversal, &e) < 0)
		verdict_refuse(ctx, &rq->verdict,
			       "cannot tell what would be lost: %s", e.msg);
	else if (stage_box_after_all(ctx, rq, check_only, &e) < 0)
		verdict_refuse(ctx, &rq->verdict, "cannot be boxed: %s", e.msg);
	else
		stage_judge(ctx, rq);
	stage_hide(ctx, rq);
}

char *
pipeline_check(void *ctx, struct request *rq)
{
	judge(ctx, rq, true);
	return answer_check(ctx, rq);
}

static int
not_run(void *ctx, struct request *rq)
{
	if (rq->running)
		exec_abort(rq->running);
	stage_transport_end(rq, rq);
	if (rq->reversal)
		reversal_abandon(rq->reversal, &rq->monitor);
	if (rq->verdict.kind == VERDICT_ASK && approval_wait(ctx, rq))
		return pipeline_run(ctx, rq);
	return answer_denied(rq);
}

int
pipeline_run(void *ctx, struct request *rq)
{
	struct err e = {0};
	uint64_t decision = 0;
	char *notice = NULL, *report = NULL;
	bool ran = false;

	judge(ctx, rq, false);
	if (rq->cmd.unseen && rq->verdict.kind == VERDICT_ALLOW)
		return hand_over(ctx, rq, 0);
	approval_seek(ctx, rq);
	if (channel_decision(&rq->monitor, rq->in.session->id,
			     answer_decision(ctx, rq), answer_verdict(rq),
			     &decision, &e) < 0)
		verdict_refuse(ctx, &rq->verdict, "not recorded: %s", e.msg);
	if (rq->verdict.kind != VERDICT_ALLOW)
		return not_run(ctx, rq);
	if (stage_keep(ctx, rq, &e) < 0) {
		verdict_refuse(ctx, &rq->verdict, "%s", e.msg);
		return not_run(ctx, rq);
	}
	fetched_begin(rq);
	if (rq->cmd.hand_over)
		return hand_over(ctx, rq, decision);
	answer_line(rq, rq->cmd.notice);
	if (stage_run(rq, &ran, &e) < 0) {
		answer_line(rq, e.msg);
		rq->status = EXIT_NO_GATEWAY;
	}
	answer_line(rq, stage_transport_end(ctx, rq));
	fetched_learn(rq);
	if (postcheck_after(rq->postcheck, &report, &e) < 0)
		report = talloc_strdup(ctx, e.msg);
	if (reversal_finish(rq->reversal, &rq->monitor, &notice, &e) < 0)
		notice = talloc_strdup(ctx, e.msg);
	answer_line(rq, stage_network_hint(ctx, rq));
	answer_line(rq, report);
	answer_line(rq, notice);
	/* the command is over: a record that fails now cannot stop it, and
	 * the monitor logs why */
	(void)channel_record_last(
	    &rq->monitor, "outcome", rq->in.session->id,
	    answer_outcome(ctx, rq, decision, ran, report ? report : notice),
	    &e);
	return rq->status;
}
