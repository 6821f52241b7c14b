/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command may destroy, as far as its arguments tell: sets that
 * reversal/ then looks up in the repository.  A set is a superset; what is
 * in it and survives is not kept.
 *
 * With H, I, W = HEAD tree, index, files on disk:
 */
#ifndef AUTOMODE_EFFECTS_LOSSES_H
#define AUTOMODE_EFFECTS_LOSSES_H

#include <stdbool.h>
#include <stddef.h>

enum loss {
	/* refs that move or go away, HEAD, their reflogs; all of them are
	 * recorded by name and value, so no names are needed here */
	LOSS_REFS = 1 << 0,
	/* tracked p with W(p) != I(p): unstaged changes, deletions, modes */
	LOSS_TRACKED = 1 << 1,
	/* staged changes: I(p) != H(p), conflict stages, intent-to-add */
	LOSS_INDEX = 1 << 2,
	/* untracked or ignored files that lie where a path of trees[] goes,
	 * as file or as directory */
	LOSS_IN_THE_WAY = 1 << 3,
	/* untracked files that are not ignored, whole work tree */
	LOSS_UNTRACKED = 1 << 4,
	/* ignored files, whole work tree */
	LOSS_IGNORED = 1 << 5,
	/* nested repositories (clean -ff) */
	LOSS_NESTED = 1 << 6,
	/* unreachable objects and reflog entries: the whole object store and
	 * all reflogs, by hard link and copy */
	LOSS_OBJECTS = 1 << 7,
	/* .git/config, config.worktree */
	LOSS_CONFIG = 1 << 8,
	/* MERGE_*, rebase-*, sequencer, BISECT_*, ... and info/, shallow */
	LOSS_STATE = 1 << 9,
	/* paths[]: files or whole directories, whatever they are */
	LOSS_PATHS = 1 << 10,
	/* rr-cache */
	LOSS_RERERE = 1 << 11,
	/* work tree of submodules (recursively, as TRACKED|UNTRACKED there) */
	LOSS_SUBMODULES = 1 << 12,
	/* a ref of a remote; kept by fetching it into the vault */
	LOSS_REMOTE_REF = 1 << 13,
	/* .git/worktrees/NAME: index, HEAD, logs of a linked worktree */
	LOSS_WORKTREE_ADMIN = 1 << 14,
	/* files[]: with or without a repository around them */
	LOSS_FILES = 1 << 15,
	/* databases[]: whole, by a dump */
	LOSS_DATABASE = 1 << 16,
	/* staged p with I(p) != H(p) and I(p) != W(p): only the index has
	 * it.  Looked up first; where there is none nothing is kept. */
	LOSS_STAGED = 1 << 17,
};
/* Code that we cannot foresee runs in the box: everything of the project. */
#define LOSS_ANYTHING                                                          \
	(LOSS_REFS | LOSS_TRACKED | LOSS_INDEX | LOSS_UNTRACKED |              \
	 LOSS_IGNORED | LOSS_NESTED | LOSS_OBJECTS | LOSS_CONFIG |             \
	 LOSS_STATE | LOSS_RERERE | LOSS_SUBMODULES | LOSS_WORKTREE_ADMIN)

struct remote_loss {
	const char *url;  /* as git would contact it */
	const char *ref;  /* full name on the remote */
	const char *was;  /* hex oid now on the remote; NULL: not there */
	const char *will; /* hex oid after the push; NULL: deleted */
	const char *from; /* a repository of ours that holds `was`, fetched
			   * for the verdict; NULL: the project does, or url
			   * is a path */
};

/* What happens to one file or tree outside of git's own knowledge: the tools
 * that write files (rm, mv, cp, tee ...) say it, reversal/ keeps it. */
enum file_loss {
	FILE_REMOVED = 1, /* the whole operand goes: moved into the vault by
			   * rename where it may be */
	FILE_REPLACED,	  /* another file takes the name: a hard link keeps it
			   * (the tool unlinks or renames over it) */
	FILE_REWRITTEN,	  /* changed in place: reflink or copy beforehand */
	FILE_ATTRIBUTES,  /* modes, owners, times, xattrs only */
	FILE_MADE,	  /* not there now; undo removes it if unchanged */
	FILE_MOVED,	  /* goes to `to`; undo moves it back */
};

struct file_change {
	enum file_loss kind;
	const char *path; /* absolute; parent real, last component as it is */
	const char *to;	  /* FILE_MOVED: absolute */
	bool tree;	  /* with everything below (FILE_ATTRIBUTES -R ...);
			   * FILE_REMOVED and _MOVED always mean all of it */
};

enum database_engine {
	DATABASE_POSTGRESQL = 0, /* conninfo as libpq reads it */
	DATABASE_REDIS,		 /* conninfo: lines host=, port=, socket=,
				  * user=, pass=, tls= */
	DATABASE_MYSQL,		 /* conninfo: options of the client, a line
				  * each, and pass=, database= */
	DATABASE_OTHER,		 /* nothing can keep it */
};

/* A database whose content the command may destroy. */
struct database_session;

struct database_loss {
	const char *label;    /* "app_dev on 127.0.0.1", safe text */
	const char *conninfo; /* as the engine has it; may hold a password */
	const char *cluster;  /* Debian's --cluster; NULL */
	bool dropped;	      /* the database itself goes */
	enum database_engine engine;
	/* Redis: lines "db N" and "key N HEX"; NULL: all that the server has */
	const char *part;
	/* PostgreSQL: lost only if these statements take more with them than
	 * they say (rows of parse/sql_touch.c, commas between); NULL: lost */
	const char *touched;
	/* In the same form, where all is kept: those whose rows may be
	 * elsewhere, where no dump finds them; NULL: none. */
	const char *rows;
	bool asks; /* the client asks for a password, whatever is known */
	/* MySQL: how far the statements go (enum sql_reach), and what its
	 * server's other databases are; NULL: they are all kept */
	unsigned reach;
	const struct database_session *session;
};

struct losses {
	unsigned what;	    /* LOSS_* of the whole command */
	bool trees_unknown; /* the target cannot be named beforehand: all
			     * ignored and untracked files may be in the way */
	const char **trees; /* tree-ish expressions for LOSS_IN_THE_WAY */
	size_t ntrees;
	const char **paths; /* absolute, for LOSS_PATHS */
	size_t npaths;
	const char **within; /* pathspec prefixes below the work tree (plain
			      * directories or files) that limit UNTRACKED and
			      * IGNORED; none: the whole tree */
	size_t nwithin;
	struct remote_loss *remotes;
	size_t nremotes;
	struct file_change *files; /* LOSS_FILES */
	size_t nfiles;
	struct database_loss *databases; /* LOSS_DATABASE */
	size_t ndatabases;
	/* All of files[] are FILE_REMOVED operands of a removal that the
	 * gateway may perform itself, with rm's own messages: rename into the
	 * vault instead of running the tool (exec/removal.h). */
	bool removal;
	bool journal; /* record refs, HEAD and index even when nothing would be
		       * lost, so that the command can be undone (amend,
		       * rebase, reset, branch -f, stash) */
};

void losses_add_tree(void *ctx, struct losses *l, const char *treeish);
void losses_add_path(void *ctx, struct losses *l, const char *absolute);
void losses_add_within(void *ctx, struct losses *l, const char *path);
void
losses_add_remote(void *ctx, struct losses *l, const struct remote_loss *r);

void losses_add_file(void *ctx, struct losses *l, const struct file_change *f);
/* The same conninfo once, with the parts of both. */
void
losses_add_database(void *ctx, struct losses *l, const struct database_loss *d);

#endif
