/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is to be seen in a box and where, collected in any order, then put
 * into the order in which bwrap must mount it, without what is there anyway.
 */
#ifndef AUTOMODE_SANDBOX_MOUNTS_H
#define AUTOMODE_SANDBOX_MOUNTS_H

#include "base/err.h"
#include "sandbox/bwrap.h"
#include <sys/types.h>

/* Of two entries for one place the later of this list wins. */
enum entry_kind {
	ENTRY_FOLDER, /* an empty folder, where nothing else is */
	ENTRY_TMPFS,  /* a private one; not where a bind already shows it */
	ENTRY_LINK,   /* a symbolic link; source is its text */
	ENTRY_FILE,   /* a copy of a small file, not a mount */
	ENTRY_DEVICE,
	ENTRY_READ,
	ENTRY_WRITE,
	ENTRY_PIN,     /* writable, but a mount of its own: cannot be moved */
	ENTRY_STAND,   /* writable, shows source instead of itself */
	ENTRY_PROTECT, /* read-only whatever lies around it */
	ENTRY_HIDE,    /* empty, whatever lies around it */
};

struct entry {
	enum entry_kind kind;
	const char *place;  /* absolute, real */
	const char *source; /* NULL: place */
	const char *bytes;  /* ENTRY_FILE; NULL: those of source */
	size_t len;
	mode_t mode; /* ENTRY_FILE, ENTRY_TMPFS; 0: as bwrap has it */
	bool file;   /* ENTRY_HIDE: it is not a folder */
};

struct mounts {
	void *ctx;
	struct entry *v;
	size_t n, room;
	const char *real[8]; /* paths found to be without links, lately */
	size_t nreal;
};

void mounts_init(struct mounts *m, void *ctx);
/* The entry is returned for further filling, valid until the next call. */
struct entry *
mounts_add(struct mounts *m, enum entry_kind kind, const char *place);
/* path is known to be real: its components need not be looked at. */
void mounts_real(struct mounts *m, const char *path);
/* Makes path usable by this very name: symbolic links on the way to it are
 * made again in the box.  Returns the real path (the last existing part
 * resolved, the rest as it is). */
const char *mounts_reach(struct mounts *m, const char *path);
/* Adds path as ENTRY_READ, _WRITE ... if it is there: reached by its name,
 * bound at its real place. */
void mounts_bind(struct mounts *m, enum entry_kind kind, const char *path);
/* As mounts_bind(READ), but a small regular file is copied, which costs less
 * than a mount. */
void mounts_show(struct mounts *m, const char *path);
/* Sorts, drops what is superfluous. */
void mounts_settle(struct mounts *m);
/* After mounts_settle(): the entry that says what is to be seen at path;
 * NULL: the empty root. */
const struct entry *mounts_around(const struct mounts *m, const char *path);
bool entry_is_bind(const struct entry *n); /* of a thing at its own place */
bool entry_is_writable(const struct entry *n);

#endif
