/* SPDX-License-Identifier: Apache-2.0 */
/* The git binary, asked for facts: no hook, filter, monitor or transport of a
 * repository's configuration can start on the way. */
#ifndef AUTOMODE_REVERSAL_BY_GIT_RUN_H
#define AUTOMODE_REVERSAL_BY_GIT_RUN_H

#include "base/err.h"
#include <stddef.h>

struct by_git {
	const char *const *argv;			 /* without "git" */
	const char *gitdir, *worktree, *index, *objects; /* but gitdir: NULL */
	const char *input;
};

/* Runs it; a failure of git's own is in *status, with its words in e. */
int by_git_run(void *ctx, const struct by_git *b, char **out, size_t *len,
	       int *status, struct err *e);

#endif
