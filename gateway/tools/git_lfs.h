/* SPDX-License-Identifier: Apache-2.0 */
/* git lfs, shared by git_lfs.c and git_lfs_beside.c. */
#ifndef AUTOMODE_TOOLS_GIT_LFS_H
#define AUTOMODE_TOOLS_GIT_LFS_H

#include "parse/cobra.h"
#include "tools/git_remotes.h"

struct lfs_call {
	struct git_call *g;
	struct cobra_line line;
	struct git_remote remote;
};

/* The command speaks to that remote (name or address; NULL: the usual one):
 * box, effect, and what it needs. */
int lfs_contact(struct lfs_call *l, const char *name, bool push, struct err *e);

#endif
