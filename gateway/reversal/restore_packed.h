/* SPDX-License-Identifier: Apache-2.0 */
/* packed-refs for restore_refs.c; read once and kept in undo.packed. */
#ifndef AUTOMODE_REVERSAL_RESTORE_PACKED_H
#define AUTOMODE_REVERSAL_RESTORE_PACKED_H

#include "reversal/undo_work.h"

/* Length of the part of an item's name that says which repository: 0 for
 * refs/x, 10 for modules/x/refs/y. */
size_t packed_base(const char *name);
/* *hex NULL: not packed. */
int
packed_find(struct undo *u, const char *name, const char **hex, struct err *e);
/* Is a packed ref below name, or one of its parents a packed ref? */
int packed_in_the_way(struct undo *u, const char *name, bool *blocked,
		      struct err *e);
/* Where that ref is packed: rewrites packed-refs without it and without all
 * others that are to be deleted. */
int packed_drop(struct undo *u, const char *name, struct err *e);
/* restore_refs.c: is this step the deletion of a ref? */
bool restore_is_deletion(const struct step *s);

#endif
