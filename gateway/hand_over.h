/* SPDX-License-Identifier: Apache-2.0 */
/* A command that changes nothing goes back to the shim, which becomes it. */
#ifndef AUTOMODE_HAND_OVER_H
#define AUTOMODE_HAND_OVER_H

#include "request.h"

/* Returns the status for a shim that did not take it. */
int hand_over(void *ctx, struct request *rq, uint64_t decision);

#endif
