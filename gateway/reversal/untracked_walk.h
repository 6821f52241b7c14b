/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that the index does not name: untracked, ignored, of nested
 * repositories, or everything below a directory.
 */
#ifndef AUTOMODE_REVERSAL_UNTRACKED_WALK_H
#define AUTOMODE_REVERSAL_UNTRACKED_WALK_H

#include "reversal/found.h"
#include "reversal/ignore.h"
#include "reversal/index_read.h"

struct walk {
	void *ctx;
	struct finds *out;
	enum item_kind kind;
	const struct index_file *x; /* NULL: nothing is tracked */
	const char *prefix;	    /* of a submodule: "sub/", else "" */
	const char *name_prefix;    /* put before each name: "/" for
				     * ITEM_PATH, else "" */
	struct ignore *ignore;	    /* NULL: everything is taken */
	bool worktree;		    /* the root's .git is passed over */
	unsigned want;		    /* LOSS_* sets to fill */
	unsigned also;		    /* added to the sets of what is found */
	unsigned losses;	    /* when everything is taken: its set */
	enum found_what what;	    /* likewise */
	const char *const *within;  /* names; only these and below */
	size_t nwithin;
	struct mark skip[2]; /* directories never entered, by inode */
	unsigned nskip;
	dev_t device; /* of the root */
	/* results */
	bool unfinished; /* too deep, or a directory could not be read */
	/* inside */
	char *arena;
	size_t arena_left;
};

/* Everything below the directory rel ("" for the root itself) of the root. */
int walk_below(struct walk *w, int root, const char *rel, struct err *e);
/* Would git take the directory for a repository of its own (git 2.39,
 * dir.c, is_nonbare_repository_dir)?  When in doubt: no. */
bool walk_is_nested(int dirfd, const char *name);

#endif
