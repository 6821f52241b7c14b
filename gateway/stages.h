/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of pipeline.c that join more than one stage. */
#ifndef AUTOMODE_STAGES_H
#define AUTOMODE_STAGES_H

#include "request.h"

/* Policy and tool: what the arguments mean.  A line that the tool itself
 * would refuse is left to the tool, in its read-only box. */
int stage_understand(void *ctx, struct request *rq, struct err *e);
/* Runs a command of ours in its box, with its permits, and takes what it
 * prints.  Where its status is not 0, e->msg may say what the transport knows
 * of it. */
int stage_collect(void *ctx, struct request *rq, struct command *cmd,
		  char **output, int *status, struct err *e);
/* Box and bwrap; unless check_only, bwrap is started and sets up its mounts
 * while the verdict is found, holding the command back. */
int stage_box(void *ctx, struct request *rq, bool check_only, struct err *e);
/* The same for a removal that keeps nothing, as git has it: its box is set up
 * while the decision is recorded. */
int stage_box_after_all(void *ctx, struct request *rq, bool check_only,
			struct err *e);
/* Into the vault goes what it would destroy; what it may not change is
 * remembered. */
int stage_keep(void *ctx, struct request *rq, struct err *e);
/* Lets the command go, with the hosts it may speak to, and waits for it. */
int stage_run(struct request *rq, bool *ran, struct err *e);
/* Nothing is carried any more; what was asked for in vain, or NULL. */
char *stage_transport_end(void *ctx, struct request *rq);
/* What to say when a hook reached for the network; NULL: nothing. */
char *stage_network_hint(void *ctx, const struct request *rq);

/* The policy's verdict, and what the user's words make of it. */
void stage_judge(void *ctx, struct request *rq);
/* Whatever is said of it holds no credential. */
void stage_hide(void *ctx, struct request *rq);
/* What a request has come to is forgotten: it is judged once more. */
void stage_forget(struct request *rq);

#endif
