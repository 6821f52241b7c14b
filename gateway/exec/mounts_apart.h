/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A caller with mounts of its own (unshare(1), a box around it): a name may
 * lead to one thing there and to another here, where it is judged and acted
 * on.
 */
#ifndef AUTOMODE_EXEC_MOUNTS_APART_H
#define AUTOMODE_EXEC_MOUNTS_APART_H

#include "base/err.h"
#include "invocation/invocation.h"
#include "tools/tool.h"

/* Negative: something that the command touches is not the same for the caller,
 * or that cannot be told. */
int mounts_apart(const struct invocation *in, const struct command *cmd,
		 struct err *e);

#endif
