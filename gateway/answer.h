/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What automode says: to the caller on stderr, as JSON to `check`, and to
 * the record.  All text is safe to print.
 */
#ifndef AUTOMODE_ANSWER_H
#define AUTOMODE_ANSWER_H

#include "request.h"

/* One line on the caller's stderr: "automode: text".  Does nothing when
 * text is NULL or stderr was closed. */
void answer_line(const struct request *rq, const char *text);
/* The denial: reason, a safer command, and how a person can approve.  Returns
 * the status: denied, or what a shell says where there is no such program. */
int answer_denied(const struct request *rq);
/* `check --json`: the object DESIGN.md and automode(1) describe. */
char *answer_check(void *ctx, const struct request *rq);
/* The decision and the outcome as they are recorded. */
char *answer_decision(void *ctx, const struct request *rq);
char *answer_outcome(void *ctx, const struct request *rq, uint64_t decision,
		     bool ran, const char *said);

/* "allow", "ask" or "deny" */
const char *answer_verdict(const struct request *rq);

#endif
