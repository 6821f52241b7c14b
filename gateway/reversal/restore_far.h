/* SPDX-License-Identifier: Apache-2.0 */
/* Refs on other machines, for undo. */
#ifndef AUTOMODE_REVERSAL_RESTORE_FAR_H
#define AUTOMODE_REVERSAL_RESTORE_FAR_H

#include "reversal/undo.h"
#include "reversal/undo_work.h"

/* Another machine's, and there is a way to it. */
bool restore_is_far(void *ctx, const char *url);
int restore_far_read(struct undo *u, const char *url, const char *ref,
		     struct value *out, struct err *e);
/* now and to: hex, or "" for a ref that is not there; pushed only while it is
 * still at now. */
int restore_far_push(struct undo *u, const char *url, const char *ref,
		     const char *now, const char *to, struct err *e);

#endif
