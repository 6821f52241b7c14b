/* SPDX-License-Identifier: Apache-2.0 */
/* What a wrapper's command would be judged as, for questions without a run. */
#ifndef AUTOMODE_PEEL_H
#define AUTOMODE_PEEL_H

#include "request.h"

/* The invocation is the one behind nice, timeout, env ... from now on. */
void peel(void *ctx, struct request *rq);

#endif
