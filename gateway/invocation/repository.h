/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which repository and which work tree a git command means: git's own
 * discovery (setup.c of git 2.39: GIT_DIR, gitfiles, commondir, bare
 * directories, core.worktree, ceilings), done here so that it can be known
 * before git runs, and also for repositories that libgit2 cannot open.
 */
#ifndef AUTOMODE_INVOCATION_REPOSITORY_H
#define AUTOMODE_INVOCATION_REPOSITORY_H

#include "base/err.h"
#include "invocation/invocation.h"
#include <git2.h>

/* How the global options of git and GIT_* change what is found. */
struct repository_hints {
	const char *cwd;	/* after all -C; absolute, real */
	const char *git_dir;	/* --git-dir or GIT_DIR, else NULL */
	const char *work_tree;	/* --work-tree or GIT_WORK_TREE, else NULL */
	const char *common_dir; /* GIT_COMMON_DIR */
	const char *index_file; /* GIT_INDEX_FILE */
	const char *ceilings;	/* GIT_CEILING_DIRECTORIES */
	const char *command_worktree; /* core.worktree given by -c */
	bool bare;		      /* --bare, GIT_IMPLICIT_WORK_TREE=0 */
	bool across_filesystems;      /* GIT_DISCOVERY_ACROSS_FILESYSTEM */
};

struct repository {
	const char *gitdir;	/* absolute, real; .git/worktrees/x if linked */
	const char *commondir;	/* == gitdir unless linked */
	const char *worktree;	/* absolute, real; NULL when there is none */
	const char *prefix;	/* cwd below the work tree: "" or "a/b/" */
	const char *own_top;	/* the folder whose .git was found; NULL */
	const char *index_file; /* absolute */
	const char *id;		/* 16 hex digits of a hash of commondir */
	bool bare;
	bool linked;	   /* a linked worktree */
	bool explicit_dir; /* by option or environment, not discovered */
	bool foreign;	   /* gitdir or worktree belongs to another uid */
	bool odd_worktree; /* work tree is not the directory that holds .git
			    * (core.worktree, --work-tree, GIT_DIR alone), and
			    * it is not a submodule's or linked one's own */
	/* What discovery has read: <commondir>/config and, where there is one
	 * for each work tree, <gitdir>/config.worktree; NULL: no such file. */
	const char *config, *worktree_config;
	size_t config_len, worktree_config_len;
	git_repository *git;	/* NULL: libgit2 cannot read it */
	const char *unreadable; /* why not */
};

/* 0 with *out, or 0 with *out NULL where there is no repository; negative
 * where git itself would die (with *out where it lies, if that much is known:
 * a box can then show it).  libgit2 is opened lazily: see
 * repository_open(). */
int repository_find(void *ctx, const struct repository_hints *h, uid_t uid,
		    struct repository **out, struct err *e);
/* Fills r->git (owner validation off: we checked; extensions that do no harm
 * allowed) or r->unreadable.  Returns 0 either way. */
int repository_open(void *ctx, struct repository *r);
/* Opens another repository by path (a remote on this machine, a submodule). */
int repository_at(void *ctx, const char *path, uid_t uid,
		  struct repository **out, struct err *e);

#endif
