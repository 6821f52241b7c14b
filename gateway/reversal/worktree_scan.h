/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tracked files of one work tree against its index, by our own lstat of
 * every entry: git's status flags trust assume-unchanged, skip-worktree and
 * fsmonitor, a loss does not.
 */
#ifndef AUTOMODE_REVERSAL_WORKTREE_SCAN_H
#define AUTOMODE_REVERSAL_WORKTREE_SCAN_H

#include "reversal/found.h"
#include "reversal/index_read.h"

enum tracked_state {
	TRACKED_CLEAN = 0,
	TRACKED_MODIFIED,
	TRACKED_DELETED,
	TRACKED_SPARSE,	 /* not on disk, and not meant to be */
	TRACKED_BLOCKED, /* a directory is there, or a file is its parent */
};

struct scan {
	const char *prefix;  /* "" or "path/of/submodule/" */
	git_repository *git; /* NULL: contents cannot be compared */
	struct index_file x;
	struct mark *marks; /* per entry; NULL: not scanned yet */
	unsigned char *state;
	bool conversions; /* bytes on disk may differ from the blob's */
	bool any_mode;	  /* core.fileMode is false */
	unsigned umask;
	uint64_t hashed; /* bytes read so far for comparing */
	size_t modified, deleted, unmerged, intended;
	size_t staged; /* against HEAD; set by scan_staged() */
	const char *staged_names[5];
	size_t nstaged_names;
	const char **attributes; /* directories with a .gitattributes */
	size_t nattributes, room;
};

/* Name of an entry as an item: with the prefix.  ctx owns it if it had to be
 * made. */
const char *scan_name(void *ctx, const struct scan *s, const char *path);
/* The stat data of the entry is that of the file, and says so reliably. */
bool scan_stat_clean(const struct index_file *x, const struct index_entry *ie,
		     const struct mark *m);
/* What lies at every entry, below root, into marks[]; where errors is not NULL
 * the errno of each, or 0. */
void marks_take(const struct scan *s, int root, struct mark *marks,
		unsigned char *errors);
/* Looks at every entry; dirty ones go to the list with the losses given.
 * Entries with something in their way are TRACKED_BLOCKED. */
int scan_tracked(void *ctx, struct scan *s, struct places *p, unsigned losses,
		 struct finds *out, struct err *e);
/* One more path of the index that differs from HEAD. */
void scan_count_staged(struct scan *s, const char *path,
		       const struct index_entry *in_index);
/* Index against HEAD's tree (NULL: no commit yet). */
int
scan_staged(void *ctx, struct scan *s, const git_oid *head_tree, struct err *e);
/* Of clean files, those whose bytes git could not give back exactly: size or
 * content is not the blob's.  only: their paths, sorted; NULL: all. */
int scan_converted(void *ctx, struct scan *s, struct places *p,
		   const char *const *only, size_t n, struct finds *out,
		   struct err *e);

#endif
