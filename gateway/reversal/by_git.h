/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts about a repository that libgit2 cannot read, by the git binary.
 * Object ids are hex digits here, 64 of them.
 */
#ifndef AUTOMODE_REVERSAL_BY_GIT_H
#define AUTOMODE_REVERSAL_BY_GIT_H

#include "reversal/by_git_run.h"
#include "reversal/reversal_work.h"

/* The project has . */
bool by_git_wanted(struct reversal *r);

/* As tree_diff(), against the real index; 1: there is no such tree. */
int by_git_diff(struct reversal *r, const char *expr, tree_diff_fn fn,
		void *data, struct err *e);
/* Id of a blob. */
void by_git_hash(const char *bytes, size_t len, unsigned char id[32]);
/* Does the old value hold commits that the new one does not? */
bool by_git_lost_between(struct reversal *r, const char *was, const char *now);
/* Commits of lines "<id>" and "^<id>"; -1: cannot tell. */
long by_git_count(struct reversal *r, const char *input);
char *by_git_subject(struct reversal *r, const char *hex);

/* by_git_keep.c: what only the old values of changed refs and the old index
 * reach, as a pack in the entry; *n: lost tips. */
int by_git_keep(struct reversal *r, const struct refs_seen *now, size_t *n,
		struct err *e);
/* Of the hard-linked store only what the project's lacks now stays. */
int by_git_trim(struct reversal *r, size_t *left, struct err *e);
/* Text for a ref that goes; NULL: nothing is lost. */
char *by_git_lost_by(struct reversal *r, const char *name, const char *shown,
		     const char *hex, const char *const *others, size_t n);

#endif
