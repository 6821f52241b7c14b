/* SPDX-License-Identifier: Apache-2.0 */
/* What a command wants to see beside its box, and what its repository does. */
#ifndef AUTOMODE_SANDBOX_NEEDS_H
#define AUTOMODE_SANDBOX_NEEDS_H

#include "sandbox/mounts.h"

/* cmd->need.read and .write.  New and changed files outside what is bound
 * become stages of the plan. */
void needs_add(struct mounts *m, const struct invocation *in,
	       const struct command *cmd, struct bwrap_plan *plan);
/* Alternates, linked worktrees, submodules; writes: the box may write into the
 * repository. */
void
needs_of_repository(struct mounts *m, const struct command *cmd, bool writes);
/* The folder of the program, when /usr does not hold it. */
void needs_of_program(struct mounts *m, const char *program);

#endif
