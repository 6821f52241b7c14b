/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTOMODE_PIPELINE_H
#define AUTOMODE_PIPELINE_H

#include "request.h"

/* The whole way of one command: understand, assess, decide, record, keep,
 * run, record.  Returns the exit status for the shim; what is to be said to
 * the caller has been written to its stderr. */
int pipeline_run(void *ctx, struct request *rq);
/* The same up to the verdict; nothing is run or written.  The JSON that
 * `automode check --json` prints. */
char *pipeline_check(void *ctx, struct request *rq);

#endif
