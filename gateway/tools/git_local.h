/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the words for local work share: HEAD and branches, protected ones,
 * commits already published, files in the way of a tree, the two common
 * bundles of effects (discarding, ending an operation halfway).
 *
 *   git_local.c      refs, HEAD, settings
 *   git_trees.c      trees in the way, discarding, aborting
 *   git_review.c     hooks skipped, signatures, published commits
 *   git_worktree.c   checkout switch restore reset
 *   git_clean.c      clean rm mv
 *   git_stash.c      stash
 *   git_index.c      add read-tree checkout-index update-index sparse-checkout
 *   git_patch.c      apply am
 *   git_linked.c     worktree
 *   git_refs.c       branch; git_tags.c: tag update-ref symbolic-ref ...
 *   git_history.c    commit merge; git_replay.c: rebase cherry-pick ...
 *   git_bisect.c     bisect
 *   git_upkeep.c     gc prune repack reflog maintenance rerere
 *   git_stale.c      what gc would find to drop
 */
#ifndef AUTOMODE_TOOLS_GIT_LOCAL_H
#define AUTOMODE_TOOLS_GIT_LOCAL_H

#include "tools/git_words.h"

/* Opens the repository with libgit2 on first use; NULL where it cannot. */
git_repository *local_repo(struct git_call *g);
/* Full name of the branch that HEAD names (it may be unborn), or NULL:
 * detached or not known. */
const char *local_head(struct git_call *g);
/* HEAD holds a commit id, no branch. */
bool local_head_detached(struct git_call *g);
/* The name itself or, where it is a symbolic ref, what it ends in. */
const char *local_follow(struct git_call *g, const char *ref);
/* Does the ref exist?  true when that cannot be told. */
bool local_ref_exists(struct git_call *g, const char *ref);
/* Is the local branch (full name; NULL: which one is not known) protected? */
bool local_protected(struct git_call *g, const char *ref);
/* Is the one commit contained in the other?  false when it cannot be told. */
bool
local_contains(struct git_call *g, const git_oid *newer, const git_oid *older);

const char *local_operand(const struct git_call *g, size_t i); /* or NULL */
const char *local_rev(struct git_call *g, size_t i); /* "-" is "@{-1}" */
/* Number of -x given minus what --no-x took back. */
size_t local_times(const struct options *o, const char *name);
/* The last of the names given (not negated), or NULL: exclusive modes. */
const char *local_last(const struct options *o, const char *const *names);
/* Subcommand, or the first operand where the table has none. */
const char *local_subcommand(struct git_call *g, size_t *first_operand);
/* Value of a key as all files say, without -c and the environment. */
const char *local_setting_below(struct git_call *g, const char *key);
bool local_truth(const char *value); /* as git reads a boolean; NULL: true */

/* An effect that by itself loses nothing: undo is yes. */
struct effect *
local_note(struct git_call *g, enum effect_kind kind, const char *object);
/* An effect with losses; scope outside where the work tree is not the
 * repository's own. */
struct effect *local_lose(struct git_call *g, enum effect_kind kind,
			  const char *object, unsigned losses);
/* Ditto on a local ref: protected ones get that scope.  ref NULL: a branch
 * that cannot be named beforehand, shown as `shown`. */
struct effect *local_ref(struct git_call *g, enum effect_kind kind,
			 const char *ref, const char *shown, unsigned losses);
/* The ref is made to point at the expression, whatever it pointed at. */
void local_set_ref(struct git_call *g, const char *ref, const char *to,
		   enum effect_kind kind);
/* HEAD's branch gains commits in the ordinary way. */
void local_advance(struct git_call *g);
/* Only the record is to be taken: refs, HEAD, index. */
void local_journal(struct git_call *g, unsigned losses);
/* Untracked and ignored files where paths of the tree go. */
void local_tree(struct git_call *g, const char *expr);
void local_in_the_way(struct git_call *g, const char *expr);
/* Both kinds of uncommitted work; object for the messages, NULL: all. */
void local_discard(struct git_call *g, unsigned tracked, unsigned index);
/* --abort and --skip: conflict resolutions, staged and unstaged work. */
void local_abort(struct git_call *g, const char *what);
/* LOSS_SUBMODULES when the command goes into submodules. */
unsigned local_recurse(struct git_call *g);
/* Reads only: nothing is added, the box is the read-only one. */
int local_reads(struct git_call *g);
/* The branch's section in the configuration may be written. */
void local_branch_keys(struct git_call *g, const char *branch);
void local_config_box(struct git_call *g);
/* Protected when a plain path operand from `from` on is. */
enum scope local_paths_scope(struct git_call *g, size_t from);
/* Path operands from `from` on as one text, NULL without any. */
const char *local_paths_text(struct git_call *g, size_t from);
/* Would a new branch from this start (NULL: HEAD) get an upstream written to
 * the configuration? */
bool local_tracks(struct git_call *g, const char *start);
/* The merge puts the other side's paths below a folder, so that its tree does
 * not tell where they go. */
void local_shifts(struct git_call *g);
/* Are changes put aside and applied again behind it?  What is staged comes
 * back unstaged. */
bool local_autostash(struct git_call *g, const char *key);
bool local_plain_path(struct git_call *g, const char *operand);
/* --pathspec-from-file=FILE is read. */
void local_pathspec_file(struct git_call *g);

/* git_stale.c: is there anything that gc drops although the settings are the
 * ones git ships? */
bool local_stale(struct git_call *g);

/* git_review.c */
void local_skips_hooks(struct git_call *g, const char *const *hooks);
void local_unsigned(struct git_call *g);
/* "origin/main" when the commit is already there, else NULL. */
const char *local_published(struct git_call *g, const git_oid *oid);
/* The command line without one option, for `instead`. */
const char *local_without(struct git_call *g, const char *option);

#endif
