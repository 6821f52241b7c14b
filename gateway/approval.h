/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking a person: an action that nothing else could authorise is written
 * down under its fingerprint, and may then be allowed once, from another
 * terminal.
 */
#ifndef AUTOMODE_APPROVAL_H
#define AUTOMODE_APPROVAL_H

#include "request.h"

/* What exactly would be done: argv, cwd, effects with their objects, HEAD. */
char *approval_fingerprint(void *ctx, const struct request *rq);
/* Where the verdict is ask: uses up an approval that was given for this very
 * action (argv, cwd, resolved objects, HEAD) and then allows; else it is
 * pending, rq->pending its number. */
void approval_seek(void *ctx, struct request *rq);
/* Waits as long as the owner set for an answer; nothing of the command may be
 * held meanwhile.  True: approved; what the request has
 * come to is forgotten, and it is judged again. */
bool approval_wait(void *ctx, struct request *rq);
/* May whoever sent this control request answer?  Not from inside the session's
 * own processes.  NULL: yes, else why not. */
char *approval_forbidden(void *ctx, const struct request *rq, pid_t asker);

#endif
