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

#define FILE_BESIDE    ".automode-restored" /* after a name that is taken */
#define FILE_LATER_MAX 4096 /* entries that are looked through */
#define FILE_NO_ITEM   ((size_t)-1)

struct file_step {
	const struct file_item *it;
	enum file_act act;
	const char *as;	       /* where; it->path unless beside */
	const char *in_vault;  /* a later command took it there; or NULL */
	struct file_state now; /* at `as` */
	const struct file_item *first; /* of the command, in an undo of it */
	const char *found_at; /* by the next later command; NULL: it->path */
	uint64_t passed;      /* later command that has it in its record now */
	size_t new;	      /* item of the new entry; FILE_NO_ITEM */
	bool done;
	bool over;    /* something else stands there: into the new entry */
	bool settled; /* as before an earlier command, undone since */
	bool gone_on; /* a later step takes it from there */
};

/* How an entry is undone. */
enum file_way {
	WAY_ANY,    /* whatever has been done since: files_order.c */
	WAY_BACK,   /* nothing that changed the same things came after it */
	WAY_BEFORE, /* ... and what came before it may not be there now */
};

/* What is asked for, and the vault, which is locked. */
struct file_turn {
	void *ctx;
	const struct invocation *in;
	struct channel *monitor;
	const char *vault_dir;
	struct vault *vault;
	void (*progress)(size_t done, size_t total); /* may be NULL */
	size_t done, total;			     /* undos */
	bool passes; /* what it cannot put back of folders is for later ones */
};

struct file_undo {
	void *ctx;
	enum file_way how;
	bool passes;
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
		uint64_t ino; /* of what was moved there, or 0 */
		uint64_t now; /* of what undos have put in its place */
	} * elsewhere;	      /* what is put beside, or has moved on */
	size_t nelsewhere;
	size_t *way; /* items of the new entry: folders on the way */
	size_t nway;
	const char *way_last; /* the folder that was looked at last */
	const char **vacated; /* places that an earlier step empties */
	size_t nvacated;
	struct file_step **arrived; /* that bring what is moved on */
	size_t narrived, room_arrived;
	struct {
		const char *path;
		mode_t mode;
	} * unlocked; /* directories opened for the time of the undo */
	size_t nunlocked;
	unsigned serial;
	struct {
		char *path;
		int fd;
	} kept_dir; /* the last one of file_kept_at() */
	char slot[24];
	struct file_entry *later;   /* entries that stand, oldest first */
	size_t nlater, nundos;	    /* nundos: also in turn, see WAY_BACK */
	struct file_entry *between; /* that stand, between the command and its
				     * undo, which is to be undone */
	size_t nbetween;
	struct file_item *unmade; /* of the command: what an earlier one had
				   * made, which is undone */
	size_t nunmade, room_unmade;
	bool later_read, merged;
	char *lines;
	size_t nlines;
};

/* files_undo.c: one entry; out->entry: what takes that back, which with
 * WAY_BACK and WAY_BEFORE there always is.  1: with WAY_BACK it would not lead
 * back to what was before, and nothing is done. */
int file_undo_one(struct file_turn *t, uint64_t id, enum file_way how,
		  bool dry_run, struct undo_report *out, struct err *e);
/* files_turn.c: later commands that changed the same things are taken back
 * before, and done again.  1: as above. */
int file_undo_in_turn(struct file_turn *t, uint64_t id, struct undo_report *out,
		      struct err *e);
/* The entry that has taken the place of this one. */
uint64_t file_stands_as(struct file_turn *t, uint64_t id);
bool file_is_undone(const struct file_turn *t, uint64_t id);
/* Where something is to be moved to and by now something is: that goes first.
 */
int file_make_room(struct file_undo *u, struct err *e);
/* files_touch.c: the things that entries change. */
struct file_touch;
struct file_touch *file_touch_new(void *ctx, const char *vault_dir);
/* Of that entry, and of what it is the undo of. */
void file_touch_add(struct file_touch *x, uint64_t id);
bool file_touch_same(struct file_touch *a, struct file_touch *b);

/* Folder of an absolute path, and the last component; -1 with errno. */
int file_parent(struct file_undo *u, const char *path, const char **name);
/* The folder may be another one from now on. */
void file_forget(struct file_undo *u);
/* files_report.c: a line about a path, and all of it. */
void file_say(struct file_undo *u, const char *path, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void file_report(struct file_undo *u, struct undo_report *out, bool dry);
/* It is put where it comes back from later. */
bool file_stays_inside(const struct file_step *s);
/* files_undo_look.c */
int file_undo_look(struct file_undo *u, struct file_step *s, struct err *e);
void file_put_elsewhere(struct file_undo *u, struct file_step *s);
/* files_undo_kept.c: the object itself or a copy of it is kept ... */
void file_look_kept(struct file_undo *u, struct file_step *s);
/* ... and lies in its slot. */
bool file_slot_there(struct file_undo *u, struct file_step *s);
/* Its path, or where that has gone. */
const char *file_undo_where(struct file_undo *u, const struct file_item *it);
/* Only a later command of ours has changed permissions in it. */
bool file_only_modes(struct file_undo *u, const struct file_step *s);
/* Is what is there now not what the command left? */
bool file_conflict(struct file_undo *u, const struct file_item *it,
		   const char *path, struct file_state *now);
/* files_names.c: names that the command made: of what is in folders that it
 * made, where those cannot go as a whole ... */
int file_made_unfold(struct file_undo *u, struct err *e);
/* ... and of what has others. */
void file_undo_names(struct file_undo *u);
/* files_undo_see.c */
int file_undo_see(struct file_undo *u, const char *path, bool xattrs,
		  struct file_state *out, struct err *e);
bool
file_same_attributes(const struct file_state *a, const struct file_state *b);
bool file_same_times(const struct file_state *a, const struct file_state *b);
/* Opens directories of ours on the way until file_undo_relock(). */
bool file_undo_unlock(struct file_undo *u, const char *path);
void file_undo_relock(struct file_undo *u);
/* A step empties that place; what it puts there is what another one moves away.
 */
void file_undo_vacate(struct file_undo *u, const char *path);
/* ... or one that it is in. */
bool file_is_vacated(const struct file_undo *u, const char *path);
void file_undo_arrives(struct file_undo *u, struct file_step *s);
/* files_note.c: the new entry, opened and written. */
int file_note(struct file_undo *u, const struct invocation *in,
	      struct channel *monitor, struct err *e);
/* What has become of the folders on the way to what was put back. */
int file_note_way(struct file_undo *u, struct err *e);
/* Attributes that are only in the records of later commands by now: may there
 * be such steps; true: there were, and are noted. */
bool file_may_pass(const struct file_undo *u);
bool file_note_passed(struct file_undo *u);
/* A directory that stays what it is, but for what is put into it. */
bool file_holds(const struct file_step *s);
/* files_again.c: the new entry of a command that is done again gets the record
 * of that command as a second one, which is read first. */
void file_again_write(struct file_undo *u);
int file_again_read(void *ctx, const char *dir, struct file_entry *m,
		    struct err *e);
/* ... or at its place. */
bool file_is_beside(const char *path, const char *own);
/* files_merge.c: items of u->m for directories whose names are taken again,
 * name by name where that is needed. */
int file_merge(struct file_undo *u, struct err *e);
/* Into the records: its own, and those of what made the directories. */
int file_merge_write(struct file_undo *u, struct err *e);
/* files_order.c: commands that are undone in another order.  Directories that
 * a later command moved are followed to where they are now. */
void file_follow(struct file_undo *u);
/* Itself, or an undo that is before it in the same chain. */
bool file_own_chain(const struct file_undo *u, const struct file_entry *m);
void file_take_attributes(struct file_state *to, const struct file_state *from);
/* What an undo had to put beside what is now moved out of its place. */
void file_rejoin(struct file_undo *u);
/* ... and is that what belongs in the place of this item? */
bool file_rejoined(const struct file_undo *u, const struct file_item *it);
/* What an undo of this entry found there that was ended on the way; NULL: there
 * was none. */
const struct file_state *
file_interrupted(struct file_undo *u, const char *path);
/* Permissions that a later command found there: arg is the undo. */
mode_t file_mode_before(void *arg, const char *path, mode_t now);
/* Did a later command move it, or what it stands for, to that place? */
bool file_came_later(struct file_undo *u, const char *path,
		     const struct file_state *now);
/* Did later commands, or undos, put this in the place of that? */
bool file_replaced(struct file_undo *u, const char *path,
		   const struct file_state *was, const struct file_state *by);
/* Where the undo of something later has put beside what the command left. */
const char *file_left_beside(struct file_undo *u, const struct file_item *left);
/* Has the undo of something later put this there? */
bool file_put_by_undo(struct file_undo *u, const char *path,
		      const struct file_state *by);
/* Is the file as it was before an earlier command that has been undone? */
bool file_settled(struct file_undo *u, const struct file_step *s);
/* Has the undo of an earlier command put back what was there before `is`, which
 * that command had left there? */
bool file_superseded(struct file_undo *u, const struct file_step *s,
		     const struct file_state *is);
/* What a command that has been done again since left there, has it taken the
 * attributes over that this one had given and goes back to? */
bool file_took_attributes(struct file_undo *u, const struct file_step *s);
/* Attributes that such a command had given it are not those to go back to. */
void file_inherit(struct file_undo *u, struct file_step *s);
/* files_inside.c: attributes of what went into that entry with a directory. */
void file_put_inside(struct file_undo *u, const struct file_entry *m);
/* Where the vault has the thing of that path, when a later command (undone: or
 * an undo) took it there; NULL: nowhere. */
const char *file_in_vault(struct file_undo *u, const char *path,
			  const struct file_state *is, bool undone);
/* ... when the undo of an earlier one took it there and put in its place what
 * is there now; now NULL: when a command did, with the directory it was in. */
const char *
file_taken_to(struct file_undo *u, const char *path,
	      const struct file_state *is, const struct file_state *now);
/* Is that the item's place? */
bool file_lies_at(struct file_undo *u, const struct file_entry *m,
		  const struct file_item *in, const char *place);
/* Of an undo of something earlier. */
bool file_undoes_earlier(const struct file_undo *u, const struct file_entry *m);
/* Does a command that stands keep what lies at that place of the vault? */
bool file_keeps_in(struct file_undo *u, const char *path);
/* Where what the command moved is by now; NULL: nowhere. */
const char *file_moved_to(struct file_undo *u, const struct file_item *moved,
			  struct file_state *there);
/* The same thing, whatever it is called by now. */
bool file_is_same(const struct file_state *a, const struct file_state *b);
/* Other names that lead to it would have a place of their own. */
bool file_one_name(const struct file_state *s);
/* files_unmade.c: items of what is not to be there, folders around it. */
void file_unmade(struct file_undo *u);
/* Where it was before an earlier command, undone since, moved it to where this
 * one found it: its place is free.  NULL: none. */
const char *file_came_from(struct file_undo *u, const struct file_item *it);
/* files_pass.c: what a later command found is in its record as it was before
 * both. */
void file_pass_on(struct file_undo *u);
/* files_put.c: takes one step; 0, or negative. */
int file_put(struct file_undo *u, struct file_step *s, struct err *e);
const char *file_slot(uint64_t slot, char name[24]);
/* The folder in which the kept thing lies, and its name there, good until the
 * next call; -1 with errno. */
int file_kept_at(struct file_undo *u, const struct file_item *it,
		 const char **name);

#endif
