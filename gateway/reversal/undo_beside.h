/* SPDX-License-Identifier: Apache-2.0 */
/* Names for what is restored beside what somebody changed since. */
#ifndef AUTOMODE_REVERSAL_UNDO_BESIDE_H
#define AUTOMODE_REVERSAL_UNDO_BESIDE_H

#include "reversal/undo_work.h"

/* NAME.automode-restored[-N]; in a git dir automode-restored-ENTRY-NAME. */
const char *undo_beside(struct undo *u, const struct item *it);
/* A path whose parent is no directory any more: the first component that is
 * in the way gets the suffix. */
const char *undo_detour(struct undo *u, const struct item *it);
/* refs/automode/restored/ENTRY/NAME[-N] */
int undo_beside_ref(struct undo *u, struct step *s, struct err *e);

#endif
