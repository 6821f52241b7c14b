/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTOMODE_SANDBOX_BOX_ENVIRON_H
#define AUTOMODE_SANDBOX_BOX_ENVIRON_H

#include "sandbox/box.h"
#include "sandbox/mounts.h"

/* NULL-terminated; m has been settled. */
const char **
box_environ(void *ctx, const struct box *box, const struct invocation *in,
	    const struct command *cmd, const struct mounts *m);

#endif
