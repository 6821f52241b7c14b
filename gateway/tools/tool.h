/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of a tool, and how to add one.
 *
 * A file gateway/tools/NAME.c defines exactly one `const struct tool
 * tool_NAME`; the folder is the list (the Makefile makes tool_list.h from
 * it: every C file there that contains "const struct tool tool_").  Nothing
 * else has to be edited: the shims are installed for all names of all tools.
 */
#ifndef AUTOMODE_TOOLS_TOOL_H
#define AUTOMODE_TOOLS_TOOL_H

#include "effects/effect.h"
#include "effects/scope.h"
#include "invocation/invocation.h"
#include "invocation/repository.h"
#include "tools/permit.h"
#include <time.h>

struct secrets;

/* A socket, file or folder of ours that the command sees under another name. */
struct need_bind {
	const char *from, *to; /* absolute */
	bool write;
};

/* A small file that exists in the box only: never on a disk. */
struct need_file {
	const char *to; /* absolute */
	const char *bytes;
	size_t len;
};

/* One host and port that the command itself may reach, in a box with a network
 * namespace of its own (transport/direct.h).  For programs that speak to a
 * host by themselves; git's transports have permits. */
struct need_egress {
	const char *host; /* name or address, without brackets */
	uint16_t port;
	bool named;    /* by the person: egress.h */
	bool optional; /* the command may do without: not there, no error */
};

/*
 * Of a session in which anything may be typed: statements pass that are of the
 * judged database alone, and each connection to another one is looked at.
 */
struct database_session {
	const char *database; /* judged, and kept before */
	const char *why;      /* for the details of what is refused */
	/* Of a database of the same server; negative: not from here.
	 * *reads: why it is only to be read, or NULL. */
	int (*judge)(void *ctx, const struct database_session *s,
		     const char *user, const char *database, const char **reads,
		     struct err *e);
	const void *data;
};

/* A PostgreSQL server that the command reaches through a relay that lets it
 * only read, and that alone (transport/pg_relay.h). */
struct need_database {
	const char *host;     /* name, address, or folder of its socket */
	const char *hostaddr; /* NULL: host is looked up */
	uint16_t port;
	const char *user;
	const char *conninfo; /* for the connection from outside; may hold the
			       * password */
	const char *why;      /* "[database \"prod\"] access = read-only" */
	const char *const *sensitive; /* tables whose rows may not come out;
				       * NULL: none */
	bool asks;		      /* the person types the password */
	/* many small messages: a server on loopback, when it is there, is met
	 * at a socket in the box, whose name shows its address and port */
	bool busy;
	const struct database_session *session; /* NULL: it only reads */
	/* the statements were judged without it: what stands before the server
	 * and takes no settings is let be */
	bool lenient;
};

#define NEED_CREDENTIAL "/run/automode/credential"

/* A file that was looked through before it is sent, as it was then. */
struct looked_through {
	const char *path; /* absolute */
	uint64_t dev, ino;
	int64_t size;
	struct timespec mtime, ctime;
};

/* What a command needs of its box beyond what the box has by itself. */
struct need {
	const char *box;   /* "git-read", "git-write", ...: profiles/NAME.box */
	const char **read; /* absolute paths to see, read-only */
	size_t nread;
	const char **write; /* absolute paths to see and change; directories,
			     * or files whose folder then is bound */
	size_t nwrite;
	/* Of those, the paths that were free of links when they were judged: a
	 * box in which one leads elsewhere is not made. */
	const char **real;
	size_t nreal;
	const char **folders; /* absolute paths that must be there, empty where
			       * nothing else shows them: what -C names */
	size_t nfolders;
	const char **judged; /* absolute paths that the effects name: shown
			      * even where credentials are hidden */
	size_t njudged;
	bool runs_code;	   /* hooks, filters, editors, shell words may run:
			    * toolchains and a private cache are bound */
	bool config_write; /* the repository's config may change; which keys
			    * is said by config_keys */
	const char **config_keys; /* globs over keys that may change, e.g.
				   * "branch.*.merge"; checked afterwards */
	size_t nconfig_keys;
	bool moves_repository; /* a git dir moves between work tree and .git:
				* both in one mount, and the configs of
				* submodules may follow */
	bool hooks_write;      /* git init, git lfs install: hooks may change */
	bool network;	       /* the code that runs may reach the network: set
				* by the pipeline from the owner's policy */
	struct transport_permit *permits; /* carried outside of the box */
	size_t npermits;
	bool treeless; /* it never looks at the files of the work tree, which
			* may be a folder that no box holds */
	bool by_name;  /* started by argv[0] on the box's PATH rather than by
			* program: it prints the name by which it was called */
	bool owners;   /* files of other users are to be made or changed: root
			* keeps the capabilities for it */
	bool ids;      /* owners, groups and access lists are told and given as
			* they are outside, where a box of who is not root
			* knows one user and one group (exec/ids.h) */
	bool signs;    /* gpg and ssh-keygen sign and verify outside
			* of the box, on its behalf */
	/* With it, of the person's own configuration, never the
	 * repository's: the programs (NULL: gpg and ssh-keygen) and the key,
	 * if one is set there. */
	struct need_signing {
		bool makes; /* else they only verify */
		const char *gpg, *ssh, *key;
	} signing;
	struct need_bind *binds; /* after all other mounts, in order */
	size_t nbinds;
	struct need_file *files; /* over whatever lies there */
	size_t nfiles;
	struct need_egress *egress;
	size_t negress;
	/* With egress: a broker answers for this one host at NEED_CREDENTIAL
	 * as git credential-cache's daemon would; NULL: there is none. */
	const struct transport_permit *credential;
	const struct need_database *database; /* NULL: none */
};

struct command {
	const char *program;  /* absolute path of the real program */
	const char **argv;    /* canonical, NULL-terminated; argv[0] = name */
	const char **env_set; /* "NAME=value" the tool wants; NULL-terminated */
	const char **env_drop;	 /* names (globs) the tool refuses to pass on */
	const char *summary;	 /* "git reset --hard", safe, for messages */
	struct repository *repo; /* NULL: none involved */
	const struct session *session; /* when it is judged; NULL: none */
	struct losses losses;
	struct need need;
	const char *notice; /* a line for stderr when it runs; NULL */
	/* One when it has ended with either status; NULL. */
	const char *unreached;
	int unreached_status[2];
	/* It runs in the place of what could not be judged, and is to fail as
	 * that would: if it ends with 0, this line, and status 1; NULL. */
	const char *not_done;
	/* Lines for the project's facts (invocation/session.h: created), true
	 * once it has ended with status 0; NULL: none. */
	const char *learned;
	/* The same of a command that is handed over, as it begins, for the
	 * facts of SESSION_CONTAINERS; NULL: none. */
	const char *makes;
	/* Nothing is changed or given away by it, as its arguments tell: the
	 * shim becomes the program with argv, without a box, as if it had
	 * never been asked for.  What that starts by name meets the shims. */
	bool hand_over;
	/* With hand_over: nothing was judged, and nothing is put on record, as
	 * if its shim had not been there. */
	bool unseen;
	/* With hand_over: the standard input has been read, and in->stdio[0] is
	 * by now a file with the same bytes, which the program gets instead. */
	bool hand_stdin;
	uint32_t hand_passed; /* the same of in->passed[], a bit each */
	/* With hand_over: the standard input passes by us, and ends where one
	 * of these shows in it that is not for that host (watched.h); NULL. */
	struct secrets *watch;
	const char *watched_for;
	bool watched_here; /* this machine: only what goes nowhere is meant */
	struct sender *watched_said; /* sender_watched(); NULL */
	/* With hand_over: the ends of a named pipe from which its program comes
	 * (to be read from, written to), open until it has opened it; 0: there
	 * is none. */
	int named_pipe[2];
	/* With hand_over: the folders that it writes into; to no other one can
	 * it, from its start on or (not now) from when it has started its ssh
	 * (exec/confine.h).  Loose: which they are cannot be said. */
	const char **confined;
	size_t nconfined;
	bool confined_now, loose;
	/* What it sends by name: has to be unchanged when it is let go. */
	struct looked_through *sends;
	size_t nsends;
	/* It fetches from this host, which nothing here trusts, into these
	 * files (absolute); NULL: it does not (effects/origin.h). */
	const char *origin;
	const char **arrives;
	size_t narrives;
	/* Into these folders under names that nobody knows beforehand. */
	const char **arrives_in;
	size_t narrives_in;
	/* What arrives is what came in: where that is from is known at the
	 * end. */
	bool passes_on;
	/* Another step to run before argv in the same or another box (for
	 * example pre-push before push); NULL: none. */
	struct command *before;
};

/* What the stage may look at besides the invocation. */
struct tool_context {
	const struct invocation *in;
	const struct scope_rules *rules;
	/* Runs an oracle (a read of the tool's own, such as `push --dry-run`)
	 * boxed; set by the pipeline, NULL in unit tests.  argv without the
	 * program; the result's context is ctx. */
	int (*oracle)(void *ctx, const struct tool_context *t,
		      const struct command *like, const char *const *argv,
		      char **output, int *status, struct err *e);
	void *oracle_data;
	/* A folder of ours that is there until the command has been judged
	 * and kept, for what an oracle brings; NULL in unit tests. */
	int (*folder)(void *ctx, const struct tool_context *t, char **path,
		      struct err *e);
	/* To be called once the repository is known, before any scope is
	 * asked for: reads the work tree's .automode into *rules.  NULL in
	 * unit tests. */
	int (*profile)(const struct tool_context *t, const char *worktree,
		       struct err *e);
	void *profile_data;
	/* Where effects/origin.h keeps its lists; NULL in unit tests. */
	const char *origins;
};

struct tool {
	const char *name;
	const char *const *names; /* NULL-terminated: all names of its shims */
	/* From argv to effects, canonical command, needs and losses.  Negative:
	 * not understood, and e->msg says what was not; the pipeline makes
	 * that a refusal (ERR_UNKNOWN) or lets the tool itself complain
	 * (ERR_SYNTAX: the tool would refuse this line without doing
	 * anything; it is then run in its read-only box for its own message
	 * and exit status: cmd->program, repo and need.box are set). */
	int (*understand)(void *ctx, const struct tool_context *t,
			  struct command *cmd, struct effects *fx,
			  struct err *e);
	/* Its losses are LOSS_FILES only where it renames, which leads to no
	 * other mount, so that nobody has to know what was mounted where when
	 * it was judged. */
	bool no_files;
};

const struct tool *toolbox_find(const char *name);
extern const struct tool *const toolbox[]; /* NULL-terminated */

/* A box has a /dev and a /proc of its own, and passed descriptors work there;
 * shared memory is a temporary folder like others. */
bool need_is_special(const char *path);
void need_read(void *ctx, struct need *n, const char *absolute);
void need_folder(void *ctx, struct need *n, const char *absolute);
void need_real(void *ctx, struct need *n, const char *absolute);
/* What a command sees, a question about it does. */
void need_looks(void *ctx, struct need *n, const struct need *like);
void need_judged(void *ctx, struct need *n, const char *absolute);
void need_write(void *ctx, struct need *n, const char *absolute);
void need_config_key(void *ctx, struct need *n, const char *glob);
void need_bind(void *ctx, struct need *n, const char *from, const char *to,
	       bool write);
/* A private, writable folder of the box's own is put around it unless
 * something else shows that folder. */
void need_file(void *ctx, struct need *n, const char *to, const char *bytes,
	       size_t len);
/* The same host and port once; named if one of them was. */
void need_egress(void *ctx, struct need *n, const struct need_egress *to);
/* Returns the copy in n, for updates to be added; valid until the next one. */
struct transport_permit *
need_permit(void *ctx, struct need *n, const struct transport_permit *permit);
void permit_update(void *ctx, struct transport_permit *p,
		   const struct permit_update *u);

#endif
