/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a directory is besides its permissions and what is in it, as a text in
 * the manifest.
 */
#ifndef AUTOMODE_REVERSAL_DIR_STATE_H
#define AUTOMODE_REVERSAL_DIR_STATE_H

#include "reversal/place.h"

/* NULL: it cannot be told. */
char *dir_state(void *ctx, struct places *p, const char *path);
/* text may be NULL, and may be anybody's. */
void
dir_state_apply(int parent, const char *name, unsigned mode, const char *text);

#endif
