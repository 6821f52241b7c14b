/* SPDX-License-Identifier: Apache-2.0 */
/* What comes from, and is known of, other machines beside the command's own
 * transport: for the verdict before it, for undo after it. */
#ifndef AUTOMODE_FETCHED_H
#define AUTOMODE_FETCHED_H

#include "request.h"
#include "reversal/undo.h"

/* tool_context.folder: below the state folder, gone with ctx. */
int fetched_folder(void *ctx, const struct tool_context *t, char **path,
		   struct err *e);
/* Folders that a worker which died has left, older than a day: no command
 * takes that long to be judged. */
void fetched_sweep(const char *state_dir);
/* Before the run: where its output and its files come from. */
void fetched_begin(struct request *rq);
/* After the run: cmd.learned goes into the session's facts, and
 * the files that have come are known by their content. */
void fetched_learn(struct request *rq);
undo_far_run fetched_carry; /* data: the request */

#endif
