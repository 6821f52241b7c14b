/* SPDX-License-Identifier: Apache-2.0 */
/* What the writer and the reader of manifests share. */
#ifndef AUTOMODE_REVERSAL_MANIFEST_FORM_H
#define AUTOMODE_REVERSAL_MANIFEST_FORM_H

#include "reversal/manifest.h"

/* 500,000 entries of the link tier with long names */
#define MANIFEST_MAX   (240u << 20)
#define MANIFEST_KINDS 6
extern const char *const manifest_kinds[MANIFEST_KINDS];

/* manifest_add() without copying the name; *made: it was not there yet. */
struct item *manifest_add_here(struct manifest *m, enum item_kind kind,
			       const char *name, bool *made);

#endif
