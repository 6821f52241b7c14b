/* SPDX-License-Identifier: Apache-2.0 */
/* Standard input that the caller's shell opened on a file of credentials. */
#ifndef AUTOMODE_TOOLS_REDIRECT_H
#define AUTOMODE_TOOLS_REDIRECT_H

#include "effects/effect.h"
#include "tools/tool.h"

/* Its path; NULL: it is none. */
const char *redirect_credential(void *ctx, const struct tool_context *t);
/* Adds secret.read for a tool that may say again, or keep, what it reads. */
void
redirect_judge(void *ctx, const struct tool_context *t, struct effects *fx);

#endif
