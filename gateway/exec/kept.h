/* SPDX-License-Identifier: Apache-2.0 */
/* Files as they were before a command; shared by the postcheck_*.c. */
#ifndef AUTOMODE_EXEC_KEPT_H
#define AUTOMODE_EXEC_KEPT_H

#include "exec/postcheck.h"
#include <sys/stat.h>
#include <sys/types.h>

struct kept {
	const char *path;
	struct stat st; /* st_mode 0: was not there */
	char *bytes;	/* of a file, text of a link; NULL: not kept */
	size_t len;
};

struct postcheck {
	void *ctx;
	const struct command *cmd;
	char *report;	     /* lines so far, or NULL */
	struct kept *config; /* files of configuration */
	size_t nconfig;
	struct kept *pointers; /* files that say where the repository is */
	size_t npointers;
	struct kept hooks;	 /* the folder */
	struct kept *hook_links; /* hooks with more than one name */
	size_t nhook_links;
	bool alternates;    /* were there */
	struct kept *fixed; /* what git reads and never writes */
	size_t nfixed;
	struct kept *others; /* config of submodules and worktrees */
	size_t nothers;
	struct kept *hooks_below; /* of submodules, and in the work tree */
	size_t nhooks_below;
	struct kept *protected; /* of protect.path */
	size_t nprotected;
	bool too_many;
};

/* Looks at path; reads it when it is a regular file of at most max bytes, or a
 * link. */
void kept_look(void *ctx, const char *path, size_t max, struct kept *k);
/* Appends one to a list. */
struct kept *kept_add(void *ctx, struct kept **v, size_t *n);
bool kept_same(const struct kept *a, const struct kept *b);
/* Makes path as it was; the bytes must have been kept. */
int kept_restore(const struct kept *k, struct err *e);
/* "automode: put back PATH: WHAT (changed by the command)" */
void postcheck_say(struct postcheck *p, const char *verb, const char *path,
		   const char *what);

/* postcheck_config.c: compares key by key and puts back what may not change */
int
postcheck_config(struct postcheck *p, const struct kept *before, struct err *e);
/* Likewise for a file in which any key may change that starts no program. */
int postcheck_config_other(struct postcheck *p, const struct kept *before,
			   struct err *e);
/* postcheck_planted.c: other files that make later commands do something. */
void postcheck_planted_before(struct postcheck *p);
int postcheck_planted_after(struct postcheck *p, struct err *e);
/* postcheck_paths.c */
void
postcheck_paths_before(struct postcheck *p, const struct scope_rules *rules);
int postcheck_paths_after(struct postcheck *p, struct err *e);

#endif
