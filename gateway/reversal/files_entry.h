/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of files, as undo.c and retention.c meet them: see files.h. */
#ifndef AUTOMODE_REVERSAL_FILES_ENTRY_H
#define AUTOMODE_REVERSAL_FILES_ENTRY_H

#include "reversal/undo.h"

/* Is the entry in that folder one of these? */
bool file_entry_is(const char *dir);
/* A command of this kind that was ended before its record was written. */
bool file_entry_unborn(const char *vault_dir, uint64_t id);
/* As undo_entry(). */
int files_undo(void *ctx, const struct invocation *in, struct channel *monitor,
	       const char *vault_dir, uint64_t id, bool dry_run,
	       void (*progress)(size_t done, size_t total),
	       struct undo_report *out, struct err *e);
/* Removes what an entry keeps, wherever it lies, and its folder. */
int files_drop(const char *vault_dir, uint64_t id, struct err *e);
/* When it was made; stays: the command may still be at work; bytes: what it
 * keeps beside its own folder, on other mounts. */
void files_weigh(const char *vault_dir, uint64_t id, int64_t *made, bool *stays,
		 uint64_t *bytes);

#endif
