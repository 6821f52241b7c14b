/* SPDX-License-Identifier: Apache-2.0 */
/* One undo of an entry of files, shared by files_undo*.c and files_put.c. */
#ifndef AUTOMODE_REVERSAL_FILES_UNDO_H
#define AUTOMODE_REVERSAL_FILES_UNDO_H

#include "reversal/files.h"

enum file_act {
	ACT_ALREADY,	/* as before */
	ACT_PUT,	/* the kept thing to its place */
	ACT_WRITE,	/* its bytes into the file that is there: other names
			 * lead to it */
	ACT_REMOVE,	/* made by the command: into the new entry */
	ACT_FOLDER,	/* a directory made anew */
	ACT_ATTRIBUTES, /* owner, permissions, attributes, times */
	ACT_MOVE,	/* back from where it went */
	ACT_TIMES,	/* of a folder, at the very end */
	ACT_LEAVE,	/* somebody changed it since */
	ACT_CANNOT,	/* it was not kept */
};

#define FILE_NO_ITEM ((size_t)-1)

struct file_step {
	const struct file_item *it;
	enum file_act act;
	const char *as;	       /* where; it->path unless beside */
	struct file_state now; /* at `as` */
	size_t new;	       /* item of the new entry; FILE_NO_ITEM */
	bool done;
};

struct file_undo {
	void *ctx;
	struct vault *vault;
	const char *entry_dir;
	struct file_entry m; /* of the entry being undone */
	int *stashes;	     /* its folders, opened */
	struct files *f;     /* the new entry: before = present */
	int root;
	struct places *places;
	struct file_step *steps; /* in the order they are taken */
	size_t n;
	struct {
		const char *from, *to;
	} * elsewhere; /* folders that are put beside */
	size_t nelsewhere;
	const char **vacated; /* places that an earlier step empties */
	size_t nvacated;
	struct {
		const char *path;
		mode_t mode;
	} * unlocked; /* directories opened for the time of the undo */
	size_t nunlocked;
	unsigned serial;
	char *lines;
	size_t nlines;
};

/* Folder of an absolute path, and the last component; -1 with errno. */
int file_parent(struct file_undo *u, const char *path, const char **name);
/* The folder may be another one from now on. */
void file_forget(struct file_undo *u);
void file_say(struct file_undo *u, const char *path, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* files_undo_look.c */
int file_undo_look(struct file_undo *u, struct file_step *s, struct err *e);
int file_undo_see(struct file_undo *u, const char *path, bool xattrs,
		  struct file_state *out, struct err *e);
bool
file_same_attributes(const struct file_state *a, const struct file_state *b);
bool file_same_times(const struct file_state *a, const struct file_state *b);
void file_undo_relock(struct file_undo *u);
/* files_put.c: takes one step; 0, or negative. */
int file_put(struct file_undo *u, struct file_step *s, struct err *e);
const char *file_slot(uint64_t slot, char name[24]);

#endif
