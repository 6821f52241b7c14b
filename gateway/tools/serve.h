/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small web servers that interpreters and busybox bring along: whoever
 * connects gets what lies in a folder.  On this machine alone that is nobody
 * else; at other addresses it must hold no files of credentials.
 */
#ifndef AUTOMODE_TOOLS_SERVE_H
#define AUTOMODE_TOOLS_SERVE_H

#include "tools/file_call.h"

/* Of an interpreter's line in which interpreter_serves() finds one. */
int serve_understand(void *ctx, const struct tool_context *t,
		     struct command *cmd, struct effects *fx, struct err *e);
/* busybox's; argv past its name. */
int serve_httpd(struct file_call *c, const char *const *argv, struct err *e);

#endif
