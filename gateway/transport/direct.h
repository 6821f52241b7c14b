/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hosts that the command itself speaks to (cmd->need.egress): for programs
 * that are no git transport and are trusted with what their box holds, such as
 * gh with the person's token.  Their box has a network namespace of its own
 * in which exactly these hosts and ports answer (egress.h), under names that
 * its /etc/hosts pins; a process beside the worker, the porter, carries the
 * bytes.
 *
 * Nothing is looked up or contacted before direct_start(), which is called
 * when the verdict stands: a name alone can carry data to whoever answers for
 * it.
 */
#ifndef AUTOMODE_TRANSPORT_DIRECT_H
#define AUTOMODE_TRANSPORT_DIRECT_H

#include "transport/transport.h"

struct direct; /* opaque */

/* Before bwrap_compose().  *out NULL: the command needs none. */
int direct_open(void *ctx, const struct transport_setting *s,
		const struct invocation *in, struct command *cmd,
		struct direct **out, struct err *e);
/* Between exec_prepare() and the command's release; first: pid 1 of the box.
 * A host that cannot be reached is no error: the program says so itself, and
 * direct_close() says why. */
int direct_start(struct direct *d, pid_t first, struct err *e);
/* The command has ended or never ran (also with a NULL).  *report: why hosts
 * could not be reached, or NULL. */
void direct_close(void *ctx, struct direct *d, char **report);

#endif
