/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git's index, read by ourselves: entries stay where they are in the file's
 * bytes (5 ms for 50,000 files), and what libgit2 1.5 refuses (a checksum of
 * zeros, sparse directories, 32-byte ids) does no harm.  Format:
 * gitformat-index(5).
 */
#ifndef AUTOMODE_REVERSAL_INDEX_READ_H
#define AUTOMODE_REVERSAL_INDEX_READ_H

#include "base/err.h"
#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct index_entry {
	const char *path;	  /* a sparse directory ends in a slash */
	const unsigned char *raw; /* ctime s, ns, mtime s, ns, dev, ino, mode,
				   * uid, gid, size, object id */
	uint32_t len;
	uint16_t flags, more; /* more: the extended flags */
};

/* A directory of the cache tree ("TREE"); the array is in preorder. */
struct index_tree {
	const char *name;
	const unsigned char *id; /* NULL: changed since it was written */
	uint32_t subtrees;
	uint32_t end; /* index behind the last one below it */
};

struct index_file {
	const char *raw;
	size_t raw_len;
	struct timespec mtime;
	struct index_entry *v;
	size_t n;
	struct index_tree *trees; /* [0] is the root; NULL: none */
	uint32_t ntrees;
	unsigned id_len; /* 20 or 32 */
	unsigned version;
	bool split; /* most entries are in another file: v is not all */
};

static inline uint32_t
be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static inline uint32_t
index_mode(const struct index_entry *e)
{
	return be32(e->raw + 24);
}

static inline const unsigned char *
index_id(const struct index_entry *e)
{
	return e->raw + 40;
}

static inline unsigned
index_stage(const struct index_entry *e)
{
	return e->flags >> 12 & 3;
}

static inline bool
index_skip_worktree(const struct index_entry *e)
{
	return e->more & 0x4000;
}

static inline bool
index_intent_to_add(const struct index_entry *e)
{
	return e->more & 0x2000;
}

/* A missing file is an index without entries.  ERR_SYNTAX: damaged. */
int index_read(void *ctx, const char *path, unsigned id_len,
	       struct index_file *out, struct err *e);
/* Same entries, apart from stat data and the checksum? */
bool index_same(const struct index_file *a, const struct index_file *b);
/* First entry whose path is not less than the given bytes. */
size_t index_lower(const struct index_file *x, size_t from, size_t to,
		   const char *path, size_t len);
/* The entry of that path (lowest stage) or NULL. */
const struct index_entry *
index_find(const struct index_file *x, const char *path);
/* Is there an entry below the directory? */
bool index_has_below(const struct index_file *x, const char *dir);

/* What differs between a tree (NULL: the empty one) and the index.  in_tree or
 * in_index is NULL where the path is only in the other; mode and id are the
 * tree's.  Paths that the tree has as a directory and the index as a file are
 * reported as both sides' files.  The callback stops it with non-zero.
 * Negative: a tree could not be read. */
struct tree_entry {
	uint32_t mode;
	const unsigned char *id; /* 20 bytes */
};
typedef int (*tree_diff_fn)(void *data, const char *path,
			    const struct tree_entry *in_tree,
			    const struct index_entry *in_index);
int tree_diff(git_odb *odb, const git_oid *tree, const struct index_file *x,
	      tree_diff_fn fn, void *data, struct err *e);

#endif
