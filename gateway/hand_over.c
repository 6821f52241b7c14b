/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells the shim which program to become.  The decision is on record by then;
 * how the program ends is not seen here.
 */
#include "hand_over.h"
#include "answer.h"
#include "base/limits.h"
#include "base/text.h"
#include "wire/frame.h"

static int
input_of(const struct invocation *in, const struct command *cmd)
{
	for (size_t i = 0; i < in->npassed; i++)
		if (in->passed[i].number == cmd->hand_number)
			return in->passed[i].fd;
	return in->stdio[0];
}

int
hand_over(void *ctx, struct request *rq, uint64_t decision)
{
	struct frame_out f;
	struct err e = {0};
	uint64_t n = 0;
	int fd = input_of(&rq->in, &rq->cmd);

	rq->status = 0;
	answer_line(rq, reversal_leave(rq->reversal, &rq->monitor));
	/* first: the shim is gone as soon as it has read the frame */
	if (!rq->cmd.unseen)
		(void)channel_record_last(
		    &rq->monitor, "outcome", rq->in.session->id,
		    answer_outcome(ctx, rq, decision, true, "handed over"), &e);
	while (rq->cmd.argv[n])
		n++;
	frame_out_init(ctx, &f, FRAME_HAND_OVER);
	frame_out_str(&f, rq->cmd.program);
	frame_out_u64(&f, (uint64_t)rq->cmd.hand_number);
	frame_out_u64(&f, n);
	for (uint64_t i = 0; i < n; i++)
		frame_out_str(&f, rq->cmd.argv[i]);
	if (frame_send(rq->client, &f, &fd, rq->cmd.hand_input ? 1 : 0,
		       LIMIT_REQUEST_MS, &e) < 0) {
		answer_line(rq, e.msg);
		return EXIT_NO_GATEWAY;
	}
	return 0;
}
