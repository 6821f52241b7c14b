/* SPDX-License-Identifier: Apache-2.0 */
/* What bwrap.c (what is to be seen) and bwrap_write.c (how bwrap is told)
 * share. */
#ifndef AUTOMODE_SANDBOX_BWRAP_WORK_H
#define AUTOMODE_SANDBOX_BWRAP_WORK_H

#include "sandbox/bwrap.h"
#include "sandbox/mounts.h"

/* One box, while it is put together. */
struct composing {
	void *ctx;
	const struct box *box;
	const struct invocation *in;
	const struct command *cmd;
	struct bwrap_plan *plan;
	struct mounts m;
	const char *home;
	size_t room;
	bool writes; /* the box may write somewhere */
};

bool bwrap_own_network(const struct composing *c);
/* After mounts_settle(): the plan's options and data. */
void bwrap_write(struct composing *c);

#endif
