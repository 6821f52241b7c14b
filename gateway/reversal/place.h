/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files as reversal/ meets them: below one of three roots, looked at without
 * following links, remembered by a mark, kept in the vault and compared later.
 */
#ifndef AUTOMODE_REVERSAL_PLACE_H
#define AUTOMODE_REVERSAL_PLACE_H

#include "reversal/manifest.h"
#include "reversal/vault_store.h"
#include <sys/stat.h>

/* What tells that a file is still the same one. */
struct mark {
	uint32_t mode; /* 0: not there */
	uint32_t mtime_ns, ctime_ns, uid;
	int64_t mtime_s, ctime_s;
	uint64_t size, ino;
};

void mark_set(struct mark *m, const struct stat *st);
/* ctime too, unless we have linked the file meanwhile */
bool mark_same(const struct mark *a, const struct mark *b, bool with_ctime);

/* Parent directories below one root; the last one stays open, since names
 * come sorted. */
struct places {
	int root; /* not owned */
	int dir;
	char *open; /* path of dir below root, "" for root itself */
	bool valid;
	int error; /* errno of the last open that failed */
};

struct places *places_new(void *ctx, int root);
/* Descriptor of the directory that holds path (below root, no link followed)
 * and the last component in *name; -1 with errno. */
int places_parent(struct places *p, const char *path, const char **name);
/* fstatat without following; 0, or errno. */
int places_mark(struct places *p, const char *path, struct mark *m);
/* Reads a regular file or a link's text whole; ERR_LIMIT beyond max.  m is
 * what was read, marked again after reading (retried when it moved). */
int places_read(void *ctx, struct places *p, const char *path, uint64_t max,
		struct mark *m, char **bytes, size_t *len, struct err *e);

/* The present as a value: raw bytes hashed, nothing stored.  Directories are
 * VALUE_DIR, what is too large to hash is VALUE_UNKNOWN. */
int places_value(void *ctx, struct places *p, const char *path, struct value *v,
		 struct mark *m, struct err *e);
/* Stores the file's bytes (or link text) in the vault. */
int
places_store(void *ctx, struct places *p, const char *path, struct vault *vault,
	     struct value *v, struct mark *m, struct err *e);
/* Hard-links the file as `to` below the descriptor, or copies it (reflink
 * where the file system can) when linking is not possible or not wanted. */
int places_link(struct places *p, const char *path, bool copy, int to_fd,
		const char *to, struct err *e);

#endif
