/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The person's home folder, as far as boxes are concerned: where credentials
 * lie, and where toolchains do.
 */
#ifndef AUTOMODE_SANDBOX_HOME_H
#define AUTOMODE_SANDBOX_HOME_H

#include "sandbox/box.h"
#include "sandbox/mounts.h"

/* $HOME of the caller if it is a proper one, else that of the password
 * database; never NULL, never "/". */
const char *home_of(void *ctx, const struct invocation *in);
/* Is path a credential store, in one, or a folder that holds one?  $HOME is
 * the caller's to set, so that of the password database counts as well. */
bool home_touches_secret(const struct invocation *in, const char *path);
/* Covers every credential store that the binds collected so far would show
 * and that is neither itself asked for nor what the verdict is about.
 * Nothing in worktree (NULL: none) is covered: git would take it for deleted,
 * and commit that. */
void home_hide_secrets(struct mounts *m, const struct invocation *in,
		       const struct need *need, const char *worktree);
/* toolchains.c: the person's toolchains, read-only, and the project's cache at
 * ~/.cache.  project may be NULL. */
void toolchains_add(struct mounts *m, const struct box *box,
		    const struct invocation *in, const char *project);

#endif
