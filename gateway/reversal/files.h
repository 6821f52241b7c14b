/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that a tool changes beside git's knowledge (losses.files[]): what each
 * was, where it is kept, what it became, and putting it back.
 *
 *   files_look.c      before the verdict: what is there, how it can be kept
 *   files_dirs.c      folders held open, mounts, where a kept thing may lie
 *   files_state.c     one object's attributes: taken, compared, applied
 *   files_copy.c      one object into a slot and back
 *   files_manifest.c  the record of an entry
 *   files_keep.c      writes the entry; moves what is to be removed
 *   files_finish.c    what the command left; the notice
 *   files_living.c    ... of what is kept, under another name
 *   files_weight.c    what entries weigh, and their end
 *   files_undo.c      undo, its plan and its order
 *   files_note.c      undo: the entry that takes it back
 *   files_undo_see.c  undo: the present
 *   files_undo_look.c undo: what to do about it
 *   files_undo_kept.c undo: ... with what is kept
 *   files_names.c     undo: further names of one thing
 *   files_unmade.c    undo: what an earlier command had made
 *   files_merge.c     undo: a directory whose name is taken again
 *   files_turn.c      undo: in another order than backwards
 *   files_touch.c     undo: what several entries have in common
 *   files_order.c     undo: in another order, with changes of others between
 *   files_again.c     undo: of what was undone and done again
 *   files_pass.c      undo: what goes into later records
 *   files_inside.c    undo: what a later command took into the vault
 *   files_report.c    undo: what it tells the person
 *   files_put.c       undo, one thing at a time
 *
 * A removal that the gateway performs itself is a rename into the entry.
 * Nobody is locked out meanwhile: entries share nothing, and a pipe through
 * tee(1) may take an hour.
 */
#ifndef AUTOMODE_REVERSAL_FILES_H
#define AUTOMODE_REVERSAL_FILES_H

#include "reversal/files_entry.h"
#include "reversal/reversal_work.h"

#define FILE_PARENT (FILE_MOVED + 1) /* a folder whose times changed */

struct file_state {
	char what; /* '?' not known, '-' not there, '+' there */
	uint32_t mode, uid, gid, mtime_ns;
	uint64_t dev, rdev, ino, nlink, size;
	int64_t mtime;
	uint64_t digest;    /* over a whole directory; 0: not taken */
	const char *xattrs; /* hex, see files_state.c; NULL: not asked for */
};

enum file_kept {
	KEPT_NOT = '-',	   /* only what `before` says */
	KEPT_SELF = 's',   /* the object itself: moved or linked */
	KEPT_COPY = 'c',   /* its bytes */
	KEPT_BROKEN = 'x', /* it was written in place after all */
};

struct file_item {
	int kind;   /* enum file_loss or FILE_PARENT */
	bool whole; /* a directory with all below it is one object */
	enum file_kept kept;
	unsigned stash;	   /* of the entry */
	uint64_t slot;	   /* name there */
	const char *below; /* it lies in the slot, at this path; or NULL.  Of
			    * what an undo moved: where it lay, from / */
	const char *path, *to;
	struct file_state before, after;
	unsigned dir; /* at work: of path, in struct file_dirs */
	bool aside;   /* undo: not in the place of what stands there */
};

/* The record of an entry: <vault>/entries/ID/manifest. */
struct file_entry {
	uint64_t id, undoes;
	uint64_t of;	/* the command whose undo, undo of undo ... it is */
	uint64_t as;	/* entry that has taken its place since; or 0 */
	uint64_t shown; /* entry whose place it has taken, as people know it */
	unsigned depth; /* 0 the command, 1 its undo, 2 the undo of that */
	int64_t time;
	const char *session, *command, *state;
	const char **stashes; /* folders of kept things, absolute */
	size_t nstashes;
	struct file_item *v;
	size_t n, room;
	void *ctx;
	bool changed; /* undo: to be written again */
	size_t nread; /* items that it had */
};

/* Folders by their real path, held open while they are few. */
struct file_dir {
	const char *path;
	int fd;
	dev_t dev;
	ino_t ino;
	uint64_t mount;
	int stash; /* -1: not needed yet */
};
struct file_dirs {
	void *ctx;
	int root;
	struct file_dir *v;
	size_t n, room, open;
	char **mounts; /* mount points, absolute; NULL: not read yet */
	size_t nmounts;
};

struct files {
	struct reversal *r;
	const char *vault_dir;
	struct vault *vault;
	struct file_dirs dirs;
	struct file_entry m;
	const char *entry_dir;
	struct {
		uint64_t mount;
		dev_t dev;
		int fd;
	} * stashes;
	uint64_t slots;
	uint64_t copy_bytes, bytes, free_after;
	size_t lost;	      /* things whose bytes or names would go */
	const char *names[3]; /* the first of them */
	char *trouble;	      /* why something cannot be kept */
	const char **tops;    /* trees that are looked at again afterwards */
	size_t ntops;
	const char **expanded; /* trees that were kept name by name */
	size_t nexpanded;
	const char **unseen; /* folders in them that could not be looked into */
	size_t nunseen, room_unseen;
	const char **absent; /* folders that may come with what is made */
	size_t nabsent, room_absent;
	struct file_item *links; /* whose place a copy has taken */
	size_t nlinks, room_links;
	bool may_move, moved, wanted, kept;
	bool shared; /* what was kept has another name, and no room for two */
	bool stuck;  /* only undo can bring back what was moved */
	const char *text; /* what was kept, as the ledger has it */
};

/* --- files_state.c */
/* State of what name is in the folder; what '-' when there is nothing. */
int file_state_take(void *ctx, int dir, const char *name, bool xattrs,
		    struct file_state *s, struct err *e);
/* Is it still the same object, as far as anybody could have written to it? */
bool file_state_same(const struct file_state *a, const struct file_state *b);
/* ... and with the same owner, permissions, times and attributes? */
bool file_state_equal(const struct file_state *a, const struct file_state *b);
/* Makes owner, permissions, extended attributes and times those of s. */
int file_state_apply(int dir, const char *name, const struct file_state *s,
		     struct err *e);
/* Names, kinds, inodes, sizes and times of everything below. */
uint64_t file_tree_digest(int dir, const char *name);
/* ... as it was when things had other permissions. */
typedef mode_t file_mode_fn(void *arg, const char *path, mode_t now);
uint64_t file_tree_digest_as(int dir, const char *name, const char *path,
			     file_mode_fn *mode, void *arg);
/* A directory of ours that its mode locks is opened all the same. */
int file_open_dir(int dir, const char *name);

/* --- files_dirs.c */
void file_dirs_init(void *ctx, struct file_dirs *d, int root);
/* Index, or negative with errno: ENOENT when there is no such folder. */
int file_dirs_add(struct file_dirs *d, const char *path);
/* Its descriptor; -1 when another folder is there by now. */
int file_dirs_fd(struct file_dirs *d, unsigned i);
/* A mount point at path or below it; NULL: none. */
const char *file_dirs_mount(struct file_dirs *d, const char *path);
/* Folder where things of that folder can be moved by rename, for the entry;
 * made when make is set.  NULL: nowhere. */
char *file_stash_place(void *ctx, const struct files *f, struct file_dirs *d,
		       unsigned dir, bool make);

/* --- files_copy.c */
/* Bytes, holes included; slot is made with mode 0600. */
int file_copy_in(int dir, const char *name, int stash, const char *slot,
		 struct err *e);
/* The other way; over: written into the file that is there. */
int file_copy_out(int stash, const char *slot, int dir, const char *name,
		  bool over, struct err *e);

/* --- files_manifest.c */
void file_entry_init(void *ctx, struct file_entry *m);
struct file_item *
file_entry_add(struct file_entry *m, int kind, const char *path);
int
file_entry_write(const struct file_entry *m, const char *dir, struct err *e);
int file_entry_read(void *ctx, const char *dir, struct file_entry *m,
		    struct err *e);
/* Only `after` of folders changed: not worth a flush to the disk. */
void file_entry_write_after(const struct file_entry *m, const char *dir);

/* --- files_look.c */
int files_assess(struct reversal *r, struct err *e);
/* How far the effects can be undone, and why not. */
void files_judge(struct files *f);

/* --- files_keep.c, files_finish.c */
int files_keep(struct files *f, struct channel *monitor, struct err *e);
int files_finish(struct files *f, struct channel *monitor, char **kept,
		 uint64_t *id, struct err *e);
void files_abandon(struct files *f, struct channel *monitor);
/* files_living.c: copies of what has another name now; the links go after the
 * record is written. */
void files_copy_living(struct files *f);
void files_drop_links(struct files *f);
/* files_weight.c: after the caller has gone on */
void files_account(struct files *f, struct channel *monitor);
/* Those beside the entry's own folder, on other mounts. */
int files_drop_stashes(const struct file_entry *m, struct err *e);
int
files_stash_fd(struct files *f, unsigned dir, unsigned *stash, struct err *e);
/* Links or copies one object that is no directory. */
int files_keep_object(struct files *f, struct file_item *it, int fd,
		      const char *name, struct err *e);
/* What lies below it->path, name by name, as items of the record. */
int files_keep_tree(struct files *f, const struct file_item *it, int parent,
		    struct err *e);

#endif
