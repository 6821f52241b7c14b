/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the command line asks of the gateway itself (REQUEST_CONTROL), by
 * argv:
 *
 *	session-new [ID]              prints the id
 *	word TEXT                     the person's words, for AUTOMODE_SESSION
 *	undo ID VAULT [--dry-run] [--json]
 *	status | ping                 prints JSON
 *	stop
 *
 * Output goes to the caller's own stdout and stderr.
 */
#ifndef AUTOMODE_CONTROL_H
#define AUTOMODE_CONTROL_H

#include "request.h"

/* The exit status. */
int control_run(void *ctx, struct request *rq);

#endif
