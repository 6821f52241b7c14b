/* SPDX-License-Identifier: Apache-2.0 */
/* What the repository and the file system say of the objects of deeds. */
#ifndef AUTOMODE_JUDGE_FACTS_H
#define AUTOMODE_JUDGE_FACTS_H

#include "judge/deed.h"

/* Fills has_local, mine, merged and age_s of what can be found out. */
void facts_find(void *ctx, const struct command *cmd, struct deeds *deeds);

#endif
