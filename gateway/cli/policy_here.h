/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTOMODE_CLI_POLICY_HERE_H
#define AUTOMODE_CLI_POLICY_HERE_H

#include "policy/policy.h"

/* All layers, as they hold for the current directory. */
int policy_here(void *ctx, struct policy **out, struct err *e);

#endif
