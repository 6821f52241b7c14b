/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One undo on its way, shared by undo.c and what it calls:
 *
 *   undo.c            order of the steps, the new entry, the report
 *   undo_report.c     what it tells the person
 *   undo_look.c       the present of an item, compared with the recorded
 *   undo_check.c      is everything there that will be needed
 *   undo_keep.c       the present, for the new entry; verification
 *   undo_beside.c     names for what goes beside
 *   restore_files.c   files, links, directories; also those of the git dir
 *   restore_locks.c   git's own locks; index and config under them
 *   restore_refs.c    refs and HEADs; packed ones: restore_packed.c
 *   restore_objects.c the object store
 *   restore_by_git.c  sha256 objects
 *   restore_index.c   index files compared by meaning; missing blobs
 *   restore_filter.c  what git would write for a blob at a path
 *   restore_remote.c  refs of remotes on this machine
 *   restore_box.c     git in a box, for those two
 */
#ifndef AUTOMODE_REVERSAL_UNDO_WORK_H
#define AUTOMODE_REVERSAL_UNDO_WORK_H

#include "reversal/manifest.h"
#include "reversal/undo.h"
#include "reversal/vault.h"
#include <stdbool.h>
#include <sys/stat.h>

enum step_kind {
	STEP_ALREADY, /* as before, nothing to do */
	STEP_BACK,    /* put before in its place */
	STEP_BESIDE,  /* somebody changed it since: put before beside */
	STEP_LEAVE,   /* somebody changed it since, and before was absent */
	STEP_CANNOT,  /* the entry says that it could not be kept */
};

enum seen_kind { SEEN_ABSENT, SEEN_FILE, SEEN_LINK, SEEN_DIR, SEEN_OTHER };

struct seen {
	enum seen_kind kind;
	struct stat st;
	char hex[41];	  /* of a file's bytes, once asked for; else "" */
	const char *link; /* text of a symbolic link */
};

struct step {
	const struct item *it;
	enum step_kind what;
	struct seen seen; /* of things in file systems */
	struct value now; /* of refs and remote refs */
	const char *as;	  /* where it is put; it->name unless beside */
	char *bytes;	  /* content read while checking; NULL: not held */
	size_t len;
	char wrote[41]; /* hash of the bytes that were put there */
	bool kept;	/* the present is an item of the new entry */
	bool done;
	int lock_fd; /* <name>.lock is ours; -1 */
};

/* A component that is in the way of a path, and what stands for it. */
struct detour {
	int dirfd;
	const char *from, *to;
};

struct undo {
	void *ctx;
	const struct invocation *in;
	struct channel *monitor;
	struct vault *vault;
	const char *entry_dir, *new_dir;
	struct manifest m;   /* of the entry being undone */
	struct manifest now; /* of the new entry: before = present */
	struct step *steps;  /* one an item, sorted by kind and name */
	size_t n;
	int root_fd, common_fd, tree_fd; /* tree_fd -1: no work tree */
	int files_fd;			 /* entries/<id>/files; -1 */
	struct repository *repo;	 /* opened on first use */
	git_odb *odb;			 /* the project's own objects */
	struct detour *detours;
	size_t ndetours;
	size_t held;	 /* bytes in steps */
	unsigned serial; /* of temporary names */
	struct packed *packed;
	const char **blobs, **commits; /* of the new entry */
	size_t nblobs, ncommits;
	void (*progress)(size_t done, size_t total);
	size_t ticks, total;
	char *lines;
	size_t nlines, more;
	struct undo_report *out;
};

/* Contents up to this much stay in memory between checking and writing. */
#define UNDO_HOLD (64u << 20)

/* undo_report.c: lines for people; always: also beyond the first few */
void undo_report(struct undo *u, bool dry);
void undo_say(struct undo *u, bool always, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* undo.c */
void undo_tick(struct undo *u);
/* The step of that item, or NULL. */
struct step *
undo_step(const struct undo *u, enum item_kind kind, const char *name);
bool undo_is_file(enum item_kind kind); /* lives in a file system */
/* libgit2's view; NULL when it cannot read the repository. */
git_repository *undo_git(struct undo *u);

/* undo_look.c */
int undo_look(struct undo *u, struct step *s, struct err *e);
int undo_dirfd(const struct undo *u, const struct item *it);
/* Directory of a path, O_PATH; -1 with errno; *base: last component. */
int undo_parent(int dirfd, const char *rel, const char **base);
int undo_see(struct undo *u, int dirfd, const char *rel, struct seen *out,
	     struct err *e);
int undo_hash(struct undo *u, int dirfd, const char *rel, struct seen *s,
	      struct err *e);
/* 1 equal, 0 not, negative on error. */
int undo_equals(struct undo *u, struct step *s, const struct value *v,
		struct err *e);
/* The present of an item of a file system as a value; nothing is stored. */
int
undo_value(struct undo *u, struct step *s, struct value *out, struct err *e);

/* undo_check.c */
int undo_check(struct undo *u, struct err *e);
/* Bytes of the step's before: held ones, or read again. */
int undo_bytes(struct undo *u, struct step *s, void *ctx, char **bytes,
	       size_t *len, struct err *e);
int undo_kept_fd(struct undo *u, const struct value *v, struct err *e);

/* undo_keep.c */
int undo_keep(struct undo *u, struct err *e);
int undo_keep_after(struct undo *u, struct err *e);

/* restore_files.c */
int restore_files(struct undo *u, bool git_dir, struct err *e);
bool restore_first(const struct step *s); /* attributes */

/* restore_locks.c */
void restore_unlock(struct undo *u, struct step *s);
int restore_lock_all(struct undo *u, struct err *e);
void restore_unlock_all(struct undo *u);
bool restore_is_locked_file(const struct item *it);
int restore_lock(struct undo *u, struct step *s, struct err *e);
int restore_commit(struct undo *u, struct step *s, const void *bytes,
		   size_t len, mode_t mode, struct err *e);
int restore_locked(struct undo *u, const char *base, struct err *e);

/* restore_refs.c */
int restore_ref_read(struct undo *u, const char *name, struct value *out,
		     struct err *e);
int restore_refs(struct undo *u, struct err *e);

/* restore_objects.c */
int restore_objects(struct undo *u, struct err *e);
int restore_missing(struct undo *u, struct err *e);

/* restore_by_git.c: sha256 objects */
int restore_by_git_has(struct undo *u, const char *hex, struct err *e);
/* The project has all that is in the entry's pack. */
bool restore_by_git_complete(struct undo *u);

/* restore_index.c */
/* Do these index files say the same?  False when they cannot be read. */
bool restore_index_same(const char *a, size_t alen, const char *b, size_t blen);
/* Objects that an index names and the project has lost meanwhile. */
int restore_index_blobs(struct undo *u, const char *bytes, size_t len,
			struct err *e);

/* restore_filter.c */
int restore_filter(struct undo *u, void *ctx, const char *path, const char *hex,
		   char **bytes, size_t *len, struct err *e);

/* restore_remote.c */
int restore_remote_read(struct undo *u, const char *name, struct value *out,
			struct err *e);
int restore_remote(struct undo *u, struct err *e);

/* restore_box.c */
/* Runs git without network, capabilities or writable places other than
 * write; read and write are bound at their own paths.  ERR_SYSTEM with git's
 * first line when it fails. */
struct restore_box {
	const char *const *argv;  /* "git", ... */
	const char *read, *write; /* folders; may be NULL */
	const char *input;
	size_t input_len, max_output;
	char *output;
	size_t output_len;
};
int restore_box_run(struct undo *u, void *ctx, struct restore_box *b,
		    struct err *e);
/* Environment for git without anybody's configuration. */
extern const char *const restore_git_env[];

#endif
