/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manifest of a vault entry: what was there before a command and what it
 * left, item by item.  Undo needs nothing else: for each item, where the
 * present equals `after`, put back `before`; where it equals `before` already,
 * do nothing; else restore beside.
 *
 * On disk: one line a field set, tab-separated, names escaped like
 * text_safe() but reversible (backslash octal); header lines first:
 *
 *	automode-entry 1
 *	id 7
 *	time 1768471200
 *	session s1
 *	commondir /p/.git
 *	gitdir /p/.git
 *	worktree /p
 *	command git reset --hard
 *	state open|kept|undone
 *	undoes 5                      this entry is the undo of entry 5
 *	item KIND NAME BEFORE AFTER   (see below; AFTER "?" while open)
 *
 * Written with file_write() (atomic), before the command with state open and
 * again afterwards with state kept.
 */
#ifndef AUTOMODE_REVERSAL_MANIFEST_H
#define AUTOMODE_REVERSAL_MANIFEST_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum item_kind {
	ITEM_REF,     /* name: full ref name; value: VALUE_OID | VALUE_SYMREF |
		       * VALUE_ABSENT.  HEAD and the HEADs of linked work
		       * trees ("worktrees/x/HEAD") are items of this kind */
	ITEM_FILE,    /* name: path below the work tree (any bytes) */
	ITEM_GITFILE, /* name: path below commondir: index, logs/..., config,
		       * MERGE_HEAD, worktrees/x/index, rr-cache/...; restored
		       * as raw bytes */
	ITEM_PATH,    /* name: absolute path outside the work tree */
	ITEM_OBJECTS, /* name: "objects"; before: VALUE_KEPT; every file of
		       * entries/<id>/objects missing in the store is linked
		       * back */
	ITEM_REMOTE,  /* name: URL, space, ref; values VALUE_OID/ABSENT */
};

enum value_kind {
	VALUE_UNKNOWN, /* "?" */
	VALUE_ABSENT,  /* "-" */
	VALUE_OID,     /* "o:<hex>"            refs */
	VALUE_SYMREF,  /* "s:<target>"         refs */
	VALUE_BLOB,    /* "b:<mode>:<hex>:<size>"  a file's raw bytes are the
			* blob <hex> in the vault or in the project's objects;
			* mode octal with permissions: 100644, 100600 ... */
	VALUE_LINK,    /* "l:<hex>[:<time>]"   a symbolic link, text is blob */
	VALUE_DIR,     /* "d:<mode>[:<text>]"  a directory (empty ones too);
			* text: its times and attributes, see dir_state.c */
	VALUE_KEPT,    /* "k:<mode>:<size>:<path below entries/id/files>"  the
			* file itself is kept there (link or rename tier) */
	VALUE_INDEX,   /* "i:<mode>:<hex>"     a file that is what git writes
			* when it checks out blob <hex> at that path, filters
			* included */
	VALUE_OTHER,   /* "x:<text>"           something else; not restored */
	VALUE_NODE,    /* "n:<mode>:<rdev>[:<time>]"  a FIFO, socket or device;
			* mode with its type, rdev decimal */
};

struct value {
	enum value_kind kind;
	unsigned mode;
	uint64_t size;
	const char *text; /* hex, target or kept path */
	/* of a link or a node, "<seconds>.<nanoseconds>"; 0: not known */
	uint64_t mtime_s, mtime_ns;
};

struct item {
	enum item_kind kind;
	const char *name;
	struct value before, after;
};

struct manifest {
	uint64_t id, undoes; /* undoes 0: none */
	int64_t time;
	const char *session, *commondir, *gitdir, *worktree; /* worktree "" */
	const char *command;				     /* safe text */
	const char *state;
	struct item *items;
	size_t n;
	void *ctx;
	struct manifest_index *index; /* of manifest.c */
};

/* Empty, state "open", strings "". */
void manifest_init(void *ctx, struct manifest *m);
/* The item of that kind and name, new (both values unknown) or the one that
 * is there already.  name is copied.  The pointer holds until the next
 * manifest_add(). */
struct item *
manifest_add(struct manifest *m, enum item_kind kind, const char *name);
struct item *
manifest_find(const struct manifest *m, enum item_kind kind, const char *name);
/* Never true for VALUE_UNKNOWN, not even against itself.  Of modes only the
 * permission bits count. */
bool value_equal(const struct value *a, const struct value *b);
int
manifest_write(const struct manifest *m, const char *entry_dir, struct err *e);
int manifest_read(void *ctx, const char *entry_dir, struct manifest *m,
		  struct err *e);

#endif
