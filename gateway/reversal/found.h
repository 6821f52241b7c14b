/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was found that a command may destroy: a list of files and
 * directories, each with what it is and how it will be kept.
 */
#ifndef AUTOMODE_REVERSAL_FOUND_H
#define AUTOMODE_REVERSAL_FOUND_H

#include "reversal/place.h"

enum found_what {
	FOUND_MODIFIED = 1, /* tracked, content or mode is not the index's */
	FOUND_DELETED,	    /* tracked, not on disk */
	FOUND_CONVERTED,    /* tracked and clean, but its bytes are not the
			     * blob's (line ends, filters) */
	FOUND_UNTRACKED,
	FOUND_IGNORED,
	FOUND_IN_THE_WAY,
	FOUND_NESTED, /* of a repository within the work tree */
	FOUND_PATH,   /* named by the command */
	FOUND_DIR,    /* a directory whose mode or existence matters */
	FOUND_ABSENT, /* not there, may be made by the command */
};

enum tier {
	TIER_NONE, /* nothing to store */
	TIER_BLOB, /* bytes in kept.git */
	TIER_LINK, /* hard link */
	TIER_COPY, /* reflink or copy */
};

struct found {
	const char *name; /* as the item's */
	struct mark at;
	enum item_kind kind;
	enum found_what what;
	enum tier tier;
	unsigned losses; /* LOSS_* sets that it belongs to */
	bool own_bytes;	 /* may be written in place: never a hard link */
	bool unit;	 /* of a directory that goes as a whole: link tier */
	bool away;	 /* on another file system than the root */
	const char *problem; /* cannot be kept, and why */
};

struct finds {
	void *ctx;
	struct found *v;
	size_t n, room;
	bool over; /* more than LIMIT_KEEP_LINKS: the list is not all */
};

/* name must outlive the list. */
struct found *
finds_add(struct finds *f, enum item_kind kind, const char *name,
	  enum found_what what, unsigned losses, const struct mark *at);
/* Sorts by kind and name and joins what was found twice. */
void finds_settle(struct finds *f);
struct found *finds_find(const struct finds *f, enum item_kind kind,
			 const char *name); /* settled list only */

#endif
