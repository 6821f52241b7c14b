/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A removal that needs no program: where rm, rmdir or unlink would remove
 * everything they are given without a word, moving it into the vault is the
 * same, and quicker.  Anything else, messages and prompts above all, is left
 * to the tool itself.
 */
#ifndef AUTOMODE_EXEC_REMOVAL_H
#define AUTOMODE_EXEC_REMOVAL_H

#include "invocation/invocation.h"
#include "tools/tool.h"

/* Would the tool, run now with these arguments, remove all of
 * cmd->losses.files, print nothing, ask nothing and return 0? */
bool removal_is_plain(const struct invocation *in, const struct command *cmd);

#endif
