/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Putting back what an entry kept.
 */
#ifndef AUTOMODE_REVERSAL_UNDO_H
#define AUTOMODE_REVERSAL_UNDO_H

#include "invocation/invocation.h"
#include "tools/permit.h"
#include "wire/channel.h"

struct undo_report {
	size_t restored; /* items put back */
	size_t already;	 /* items that were as before already */
	size_t beside;	 /* items restored beside, see lines */
	char *lines;	 /* for people: what was put back, and where beside */
	uint64_t entry;	 /* entry that undoes this undo */
};

/* Undoes the entry whose vault folder and id are given: locks, snapshots the
 * present of the items into a new entry, restores (files beneath the work
 * tree by openat2, refs with libgit2 and lock files, index by index.lock and
 * rename, reflogs as raw files, state files last), verifies each item.
 * progress: called with done and total, may be NULL.  dry_run: only reports.
 * ERR_UNKNOWN: no such entry; ERR_SYNTAX: manifest or object damaged (nothing
 * is changed then). */
int undo_entry(void *ctx, const struct invocation *in, struct channel *monitor,
	       const char *vault_dir, uint64_t id, bool dry_run,
	       void (*progress)(size_t done, size_t total),
	       struct undo_report *out, struct err *e);

/* git with a permit for one place on another machine, and the folders that it
 * reads. */
struct undo_far {
	const char **argv;
	const char *vault, *commondir;
	struct transport_permit permit;
};
/* How undo reaches refs on other machines: git in its box; negative when it
 * failed, with the reason.  Not called: they are only listed.  Once a
 * process, before undo_entry(). */
typedef int undo_far_run(void *data, void *ctx, const struct undo_far *git,
			 char **output, struct err *e);
void undo_remote_by(undo_far_run *run, void *data);

#endif
