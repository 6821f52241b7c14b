/* SPDX-License-Identifier: Apache-2.0 */
/* Object ids gathered from refs and reflogs; commits that only they reach. */
#ifndef AUTOMODE_REVERSAL_LOST_COMMITS_H
#define AUTOMODE_REVERSAL_LOST_COMMITS_H

#include "reversal/reversal_work.h"

struct oids {
	void *ctx;
	git_oid *v;
	size_t n, room;
};

/* Passes over what is no id of 40 digits, and the id of zeros. */
void lost_add_hex(struct oids *o, const char *hex);
/* New ids of reflog lines. */
void lost_add_lines(struct oids *o, const char *text, size_t len);
/* Those of a reflog as it is now; of a long one the newest. */
void lost_add_log(struct reversal *r, struct oids *o, const char *name);
/* The name of a ref's reflog below the common directory. */
char *lost_log_of(void *ctx, const char *ref);
/* The stash's reflog as the entry kept it; false: it did not change. */
bool lost_stash_log(struct reversal *r, char **bytes, size_t *len);
bool lost_is_commit(git_repository *git, const git_oid *id);

#endif
