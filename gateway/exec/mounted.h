/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is mounted where, from the first look at a command's operands until it
 * runs: a mount that has come over, below or above one of them meanwhile was
 * not judged, and the box may show it or not.
 */
#ifndef AUTOMODE_EXEC_MOUNTED_H
#define AUTOMODE_EXEC_MOUNTED_H

#include "base/err.h"
#include "exec/exec.h"
#include "tools/tool.h"

struct mounted; /* opaque */

/* Before anything of the command is looked at. */
struct mounted *mounted_note(void *ctx);
/* Right before it runs, in that box, which sees no later mounts from then on.
 * Negative when what is mounted around losses.files has changed. */
int mounted_same(struct mounted *m, const struct command *cmd,
		 struct running *r, struct err *e);

#endif
