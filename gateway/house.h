/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the gateway loads at its start so that no worker has to: policy,
 * boxes, seccomp programs, the bwrap probe, libraries.
 */
#ifndef AUTOMODE_HOUSE_H
#define AUTOMODE_HOUSE_H

#include "request.h"

struct housekeeper; /* opaque */

int house_load(void *ctx, const char *runtime, const char *state,
	       const char *home, struct housekeeper **out, struct err *e);
struct house *house_of(struct housekeeper *k);
/* Reads the policy again when a file of it has changed, and looks again for a
 * bwrap that did not work.  Once before each fork: three stat(2). */
void house_refresh(struct housekeeper *k);
/* Counts the changes that house_refresh() made. */
uint64_t house_generation(const struct housekeeper *k);
/* A repository of ours, empty, to warm up with. */
#define HOUSE_WARM "warm"
/* The policy for a worker of another uid (a root gateway). */
void house_for_uid(void *ctx, struct house *h, uid_t uid);

#endif
