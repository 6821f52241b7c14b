/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One command on its way through this stage:
 *
 *   reversal.c       the public calls and their order
 *   assess.c         looks up the loss sets; nothing is written
 *   assess_staged.c  staged versions that only the index has
 *   assess_files.c   files beside the index; how each is kept
 *   in_the_way.c     what lies where a tree's paths go
 *   submodules.c     work trees of submodules
 *   losses_text.c    how far each effect can be undone, and the text for it
 *   keep.c           writes the entry: files
 *   keep_git.c       writes the entry: index, logs, state, config, objects
 *   keep_objects.c   writes the entry: the object store
 *   finish.c         what the command left, what stays of the entry
 *   finish_tracked.c clean files that changed, files that were made
 *   fallback.c       a split index, joined by git itself
 *   by_git.c         sha256 objects: facts from the git binary
 *   by_git_keep.c    sha256 objects: what only old refs reach
 *   notice.c         the line for the person
 *   lost_commits.c   tips that nothing else reaches, as a text
 *   lost_copy.c      their objects into the vault
 *   remote_keep.c    refs of remotes
 */
#ifndef AUTOMODE_REVERSAL_REVERSAL_WORK_H
#define AUTOMODE_REVERSAL_REVERSAL_WORK_H

#include "reversal/found.h"
#include "reversal/ignore.h"
#include "reversal/index_read.h"
#include "reversal/refs_seen.h"
#include "reversal/reversal.h"
#include "reversal/vault_store.h"
#include "reversal/worktree_scan.h"

/* Sets that live in a work tree or an index. */
#define LOSS_TREE                                                              \
	(LOSS_TRACKED | LOSS_INDEX | LOSS_IN_THE_WAY | LOSS_UNTRACKED |        \
	 LOSS_IGNORED | LOSS_NESTED | LOSS_SUBMODULES)
/* Sets that an entry always holds, since it costs little. */
#define LOSS_RECORDS                                                           \
	(LOSS_REFS | LOSS_OBJECTS | LOSS_CONFIG | LOSS_STATE | LOSS_RERERE |   \
	 LOSS_WORKTREE_ADMIN)

/* Sets whose commands change the index and the files it names. */
#define LOSS_CHECKOUT                                                          \
	(LOSS_TRACKED | LOSS_INDEX | LOSS_IN_THE_WAY | LOSS_SUBMODULES)

/* Why a set could not be looked up; such a set cannot be kept either. */
struct trouble {
	unsigned losses;
	const char *why;
};

struct files;	/* files.h */
struct db_kept; /* db.h */

/* A staged version that only the index has. */
struct alone {
	const char *path, *id;
};

struct reversal {
	struct files *files; /* of losses.files[]: an entry of its own */
	struct db_kept *db;  /* of losses.databases[]: likewise */
	const struct invocation *in;
	const struct command *cmd;
	struct effects *fx;
	const struct repository *repo;
	unsigned what; /* LOSS_* of all steps of the command */
	bool journal, idle, check_only, entry, can_link;
	struct vault *vault;
	uid_t uid;
	int root_fd, common_fd, tree_fd; /* -1: none */
	struct places *root, *common, *tree;
	struct finds finds;
	struct trouble *trouble;
	size_t ntrouble, trouble_room;
	struct scan main;
	bool scanned, indexed;
	struct scan *subs;
	size_t nsubs, subs_room;
	const char **changing; /* tracked paths that a tree has otherwise */
	size_t nchanging, changing_room;
	bool changing_known;
	struct refs_seen refs;
	bool refs_known;
	/* keep */
	struct manifest m;
	uint64_t id, bytes;
	char *dir; /* of the entry */
	int files_fd;
	unsigned nfiles;
	const char **pins; /* blobs */
	size_t npins, pins_room;
	struct alone *alone; /* LOSS_INDEX stands for these only */
	size_t nalone, alone_room;
	unsigned id_len;	 /* 0: not asked yet */
	const char **staged_ids; /* sha256 blobs that HEAD has not */
	size_t nstaged_ids, staged_room;
	struct timespec start;
	struct manifest seen; /* files of the git dir that were there before */
	bool git_listed;
	bool kept;
};

/* Does the command change more than files beside the index? */
static inline bool
changes_repository(const struct reversal *r)
{
	return r->journal || (r->what & (LOSS_RECORDS | LOSS_CHECKOUT));
}

/* Only the index is to be kept, no file of the work tree changes. */
static inline bool
index_alone(const struct reversal *r)
{
	return r->nalone && !r->journal &&
	       !(r->what & LOSS_TREE & ~(unsigned)LOSS_INDEX);
}

/* assess.c */
int assess_look(struct reversal *r, struct err *e);
void assess_trouble(struct reversal *r, unsigned losses, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int assess_index(struct reversal *r, struct err *e);
/* Of object ids: 20 or 32. */
unsigned assess_id_length(struct reversal *r);
int assess_scan(struct reversal *r, unsigned losses, struct err *e);
int assess_refs(struct reversal *r, struct err *e);
/* also: sets that each thing found belongs to besides */
int assess_untracked(struct reversal *r, unsigned want, unsigned also,
		     struct err *e);
struct places *assess_places(const struct reversal *r, enum item_kind kind);
/* Kind and item name of an absolute path. */
enum item_kind
assess_name(const struct reversal *r, const char *path, const char **name);
/* name as its places take it (ITEM_PATH without the first slash) */
const char *item_rel(enum item_kind kind, const char *name);
/* Chooses how each found thing is kept, and which cannot be. */
void assess_tiers(struct reversal *r);
int assess_paths(struct reversal *r, const struct losses *l, struct err *e);
int assess_git_dir(struct reversal *r, struct err *e);
struct ignore *
assess_ignore(struct reversal *r, void *ctx, const char *worktree,
	      const char *commondir, git_repository *git);
void
assess_skip(const struct reversal *r, struct mark skip[2], unsigned *nskip);

/* assess_staged.c: LOSS_STAGED becomes LOSS_INDEX, or nothing. */
int assess_staged(struct reversal *r, struct err *e);
/* Has one of those lost its place? */
bool staged_gone(const struct reversal *r, const struct index_file *now);

/* fallback.c: what libgit2 and our own reader cannot read, by git itself */
int fallback_split(struct reversal *r, struct index_file *x, struct err *e);

/* in_the_way.c */
int in_the_way(struct reversal *r, struct err *e);
/* Something may lie at path or above it where a tracked file belongs. */
int in_the_way_at(struct reversal *r, const struct scan *s, const char *path,
		  const struct tree_entry *will, struct err *e);

/* submodules.c */
int submodules_look(struct reversal *r, struct err *e);

/* losses_text.c */
void losses_judge(struct reversal *r);

/* lost_commits.c */
/* NULL: nothing would be lost. */
char *lost_by(struct reversal *r, const struct effect *fx);

/* lost_copy.c: what only the old values of changed refs reach goes into the
 * vault; *commits: what to pin */
void lost_copy(struct reversal *r, const struct refs_seen *now,
	       const char ***commits, size_t *n);
bool lost_between(struct reversal *r, const char *was, const char *now);

/* keep.c */
void keep_clean(struct reversal *r);
int keep_files(struct reversal *r, struct err *e);
int
keep_one(struct reversal *r, struct item *it, struct found *f, struct err *e);
void keep_pin(struct reversal *r, const struct value *v);

/* keep_git.c */
int keep_git(struct reversal *r, struct err *e);
/* Is a merge, rebase, bisect ... in progress? */
bool keep_git_busy(struct reversal *r);
int keep_gitfile(struct reversal *r, const char *name, struct err *e);
int keep_objects(struct reversal *r, struct err *e);
/* Removes from entries/<id>/objects what the store still has; *left: files
 * that stay. */
int keep_objects_trim(struct reversal *r, size_t *left, struct err *e);
/* New state files, logs and so on that were not there before. */
int keep_git_new(struct reversal *r, struct err *e);

/* remote_keep.c */
int remotes_look(struct reversal *r, struct err *e);
int remotes_keep(struct reversal *r, struct err *e);
char *remotes_why(struct reversal *r, enum undo *undo);
/* What the remotes say now, where they are on this machine. */
void remotes_after(struct reversal *r);

/* finish.c, notice.c */
int finish_compare(struct reversal *r, bool *matters, struct err *e);
int finish_tracked(struct reversal *r, const struct index_file *now,
		   bool *matters, struct err *e);
/* What entry i was, for an item: a clean file's bytes are its blob's. */
void tracked_before(struct reversal *r, const struct scan *s, size_t i,
		    struct value *v);
void finish_parents(struct reversal *r);
char *notice_line(struct reversal *r, void *ctx);
/* Is it to be said when the command has ended? */
bool notice_worth(struct reversal *r, size_t lost_commits);

#endif
