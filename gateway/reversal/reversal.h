/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 5: what would be lost, can it be kept, keep it.
 *
 *   reversal_assess()  before the verdict: looks up the loss sets in the
 *                      repository and says how far each effect can be undone
 *   reversal_keep()    after the verdict, before exec: writes the vault entry;
 *                      when it fails nothing is run
 *   reversal_finish()  after exec: records what the command left, drops the
 *                      entry when nothing changed, gives the notice line
 *
 * All three run in the worker, as the caller's uid.
 */
#ifndef AUTOMODE_REVERSAL_REVERSAL_H
#define AUTOMODE_REVERSAL_REVERSAL_H

#include "effects/effect.h"
#include "tools/tool.h"
#include "wire/channel.h"

struct reversal; /* opaque */

/* Takes the project's lock (waits up to 10 s) when the command may change
 * anything.  Sets undo and, where the tool left it NULL, why of every effect
 * with losses: "2 modified files (src/a.c, b.c), 1 untracked file", or
 * "3 commits only on feature/x (tip 1a2b3c4 \"subject\")".  An effect whose
 * sets are all empty becomes UNDO_YES.  Sets *any to whether an entry will be
 * written.  check_only: no lock, nothing written anywhere. */
int reversal_assess(void *ctx, const struct invocation *in,
		    const struct command *cmd, struct effects *fx,
		    bool check_only, struct reversal **out, struct err *e);
/* "yes", "snapshot" or "no" over all effects. */
enum undo reversal_overall(const struct effects *fx);

int reversal_keep(struct reversal *r, struct channel *monitor, struct err *e);

/* *notice: "automode: kept 2 modified files and the index; undo: automode
 * undo 7", or NULL.  Also releases the lock. */
int reversal_finish(struct reversal *r, struct channel *monitor, char **notice,
		    struct err *e);
/* Instead of reversal_finish(), for a command that runs on as the caller's own
 * process: what was kept stays as it is.  The notice, or NULL. */
char *reversal_leave(struct reversal *r, struct channel *monitor);
/* Everything that losses.removal names has been moved into the vault: the
 * tool has nothing left to do. */
bool reversal_moved(const struct reversal *r);
/* Before it is kept: that is what is going to be tried. */
bool reversal_moves(const struct reversal *r);
/* The command was not run after all: removes the entry, releases the lock. */
void reversal_abandon(struct reversal *r, struct channel *monitor);

/* Facts of a project at first sight, as session.h describes; whose its
 * branches are only when it has been opened (repository_open). */
char *reversal_project_facts(void *ctx, const struct repository *repo);
/* user.email of the person's own configuration, not of a repository's, which
 * an agent may have written; git may be NULL.  NULL: none. */
char *reversal_person(void *ctx, git_repository *git);

/* Retention, now and then, once the caller has gone on: what is too old or too
 * much leaves the vaults that were used.  After the last record. */
void reversal_tidy(struct reversal *r, struct channel *monitor);

#endif
