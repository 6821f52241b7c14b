/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After a writing command: hooks, config and protected paths are as they
 * were, or as the command was allowed to change them.  What is not is put
 * back and reported.
 */
#ifndef AUTOMODE_EXEC_POSTCHECK_H
#define AUTOMODE_EXEC_POSTCHECK_H

#include "effects/scope.h"
#include "tools/tool.h"

struct postcheck;
/* Remembers config files (bytes) and hooks (names, stat data, bytes) of
 * cmd->repo, and stat data of what protect.path matches (at most 10,000
 * files).  NULL *out for commands in read-only boxes. */
int postcheck_before(void *ctx, const struct command *cmd,
		     const struct scope_rules *rules, struct postcheck **out,
		     struct err *e);
/* Compares key by key (config_keys may change) and puts back; *report: lines
 * for stderr, or NULL. */
int postcheck_after(struct postcheck *p, char **report, struct err *e);

#endif
