/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of pipeline.c that join more than one stage. */
#ifndef AUTOMODE_STAGES_H
#define AUTOMODE_STAGES_H

#include "request.h"

/* Policy and tool: what the arguments mean.  A line that the tool itself
 * would refuse is left to the tool, in its read-only box. */
int stage_understand(void *ctx, struct request *rq, struct err *e);
/* Box and bwrap; unless check_only, bwrap is started and sets up its mounts
 * while the verdict is found, holding the command back. */
int stage_box(void *ctx, struct request *rq, bool check_only, struct err *e);
/* What to say when a hook reached for the network; NULL: nothing. */
char *stage_network_hint(void *ctx, const struct request *rq);

#endif
