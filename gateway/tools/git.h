/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git, shared by the git_*.c files: one invocation as they see it.
 *
 *   git.c            global options, command word, aliases, dispatch
 *   git_environ.c    GIT_* variables: one table
 *   git_settings.c   configuration as git would see it (libgit2)
 *   git_words.c      the table of commands: name -> class, box, function
 *   git_worktree.c   checkout switch restore reset clean stash rm mv ...
 *   git_refs.c       branch tag update-ref symbolic-ref worktree notes ...
 *   git_history.c    commit merge rebase cherry-pick am filter-branch ...
 *   git_upkeep.c     gc prune repack reflog maintenance ...
 *   git_remote.c     fetch pull clone ls-remote remote submodule
 *   git_push.c       push and its relatives: refspecs, oracle, matrix
 *   git_permit.c     whom a URL of another machine means
 *   git_config.c     config, init and what writes configuration
 *   git_files.c      --output and other options that write files
 */
#ifndef AUTOMODE_TOOLS_GIT_H
#define AUTOMODE_TOOLS_GIT_H

#include "parse/git_grammar.h"
#include "tools/tool.h"
#include <talloc.h>

struct git_setting {
	const char *key;    /* section and variable lower-cased, subsection
			     * byte-exact: "branch.Foo.merge" */
	const char *value;  /* NULL: boolean true without "=" */
	const char *origin; /* a file, "-c", "GIT_CONFIG_COUNT", ... */
	enum {
		SETTING_SYSTEM = 1,
		SETTING_GLOBAL,
		SETTING_LOCAL,
		SETTING_WORKTREE,
		SETTING_COMMAND
	} level;
};

struct git_settings {
	struct git_setting *v; /* in git's reading order: last one wins */
	size_t n;
	const char **files; /* files read, includes too; absolute */
	size_t nfiles;
};

struct git_call {
	void *ctx;
	const struct tool_context *t;
	const struct invocation *in;
	struct command *cmd;  /* being filled */
	struct effects *fx;   /* being filled */
	const char **globals; /* global options to execute, canonical */
	size_t nglobals;
	struct git_setting *commands; /* -c, --config-env, GIT_CONFIG_* in
				       * git's order, normalised keys */
	size_t ncommands;
	struct repository_hints hints;
	struct repository *repo;       /* NULL: no repository here */
	struct git_settings *settings; /* loaded on first use */
	const char *word;	       /* the builtin after aliases: "push" */
	struct options opt;	       /* of that word */
	enum scope scope;	       /* of repo; SCOPE_UNKNOWN without one */
	const char *dir;	       /* effective cwd after -C, absolute */
};

/* Class of a command word for the table in git_words.c. */
enum git_class {
	GIT_READ,   /* box git-read */
	GIT_WRITE,  /* box git-write */
	GIT_CONFIG, /* box git-write-config: may write .git/config */
	GIT_REMOTE, /* box git-remote */
	GIT_REFUSE, /* not run at all; the reason is in the table */
	GIT_PLAIN,  /* prints and exits without a repository: version, help */
};

struct git_word {
	const char *name;
	enum git_class cls;
	/* Adds effects, losses, needs; may change cmd->need.box.  NULL: the
	 * class alone says it all. */
	int (*understand)(struct git_call *g, struct err *e);
	const char *why; /* GIT_REFUSE: the reason */
	bool runs_code;	 /* editors, hooks, filters, drivers may run */
	bool without;	 /* does something without a repository, too */
};
const struct git_word *git_word(const char *name);
/* Not in git 2.39: there the word may be an alias of the person's. */
bool git_word_is_newer(const char *name);

/* git_settings.c */
int git_settings_load(struct git_call *g, struct err *e);
/* Last value of a key or NULL; loads on first use. */
const char *git_setting(struct git_call *g, const char *key);
const char *git_setting_nth(struct git_call *g, const char *key, size_t i);
bool git_setting_bool(struct git_call *g, const char *key, bool fallback);
/* The entry that wins, with its level and origin; NULL: not set. */
const struct git_setting *
git_setting_entry(struct git_call *g, const char *key);
/* "core.pager (.git/config line 3)", safe: for messages. */
const char *git_setting_place(struct git_call *g, const struct git_setting *s);
/* "~/x" and paths relative to the top of the work tree; NULL: git dies. */
const char *git_setting_path(struct git_call *g, const char *value);
/* Adds to need.read what git reads of the configuration. */
void git_settings_need(struct git_call *g);

/* git_environ.c: GIT_* of the caller -> hints, commands, env_drop */
int git_environ_read(struct git_call *g, struct err *e);
/* The rest of them, when box and repository are known: traces, programs. */
void git_environ_need(struct git_call *g);
/* One setting at command level: g->commands grows by it, key normalised. */
int git_command_setting(struct git_call *g, const char *key, const char *value,
			const char *origin, struct err *e);
void git_drop_variable(struct git_call *g, const char *name);
/* Binds the file behind a command's first word if it is an absolute path. */
void git_sees_program(struct git_call *g, const char *command);

/* Helpers for the word functions (git_word_help.c) */
/* Text on g->ctx; never NULL. */
char *git_text(struct git_call *g, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
struct effect *git_effect(struct git_call *g, enum effect_kind kind,
			  const char *object); /* scope = g->scope */
/* Full name of a local branch expression's ref ("refs/heads/x"), or NULL. */
const char *git_full_ref(struct git_call *g, const char *shorthand);
/* Resolves an expression to a commit with libgit2; false: cannot tell. */
bool git_resolves(struct git_call *g, const char *expr, git_oid *oid);
/* Adds the loss bits to effect and command at once. */
void git_loses(struct git_call *g, struct effect *fx, unsigned losses);
/* Path operands relative to g->dir as absolute paths. */
const char *git_path(struct git_call *g, const char *operand);
/* The work tree is not that of the directory that holds .git, or lies outside:
 * the denial text for commands that would change it; NULL when it is well. */
const char *git_worktree_elsewhere(struct git_call *g);
/* An executable hook of that name is there (core.hooksPath respected), so
 * that skipping it would mean something. */
bool git_has_hook(struct git_call *g, const char *name);
const char *git_hooks_dir(struct git_call *g); /* NULL: none */
/* The same without what -c and GIT_CONFIG_* say. */
bool git_had_hook(struct git_call *g, const char *name);
/* The command replaces programs' choice of what to do: runs code we cannot
 * foresee, in a box without network; adds exec.config over everything. */
struct effect *git_runs(struct git_call *g, const char *what);

/* need.read for a file that git reads by itself: absolute; nothing when it lies
 * in the repository anyway, or is a credential store. */
void git_sees_file(struct git_call *g, const char *absolute);

/* git_config.c: the repository's config may change in this key (exactly, as
 * normalised); the loss is noted with it. */
void git_config_changes(struct git_call *g, const char *key);
void git_config_glob(struct git_call *g, const char *glob); /* as it is */
char *git_lower_key(struct git_call *g, const char *key);   /* as normalised */
/* git_key_judge.c: what it means that a key of the configuration is set to a
 * value, or taken away, for the commands after this one. */
void git_judge_set(struct git_call *g, const char *key, const char *value);
void git_judge_unset(struct git_call *g, const char *key);
/* git_identity.c: commits in another person's name, by option, -c or
 * variable. */
void git_judge_identity(struct git_call *g);
bool git_key_is_identity(const char *key);
/* The address is of somebody else who has commits here. */
bool git_is_colleague(struct git_call *g, const char *email);
/* The person's own address as files say it, without -c; NULL: none. */
const char *git_own_email(struct git_call *g);
bool git_config_value_signs(const char *value); /* not "false" */
/* --template and its like: what they bring is bound, and said. */
void git_uses_template(struct git_call *g);
/* The first existing folder at or above a path. */
const char *git_standing_dir(struct git_call *g, const char *path);

/* git_guard.c: what -c, GIT_CONFIG_* and the environment add to any command:
 * programs, skipped checks, weakened transports. */
int git_guard(struct git_call *g, struct err *e);
/* git_sign.c: signing and verifying is done outside, by the person's programs.
 */
void git_signs(struct git_call *g);
/* Hooks of that folder run: programs of the box; all is kept if one is new. */
void git_runs_hooks_of(struct git_call *g, const char *dir);

/* git_files.c.  path as the caller wrote it, relative to g->dir.  "-",
 * /dev/stdin, /dev/fd/N and the like are no paths and add nothing. */
bool git_is_file_name(const char *path);
void git_reads_file(struct git_call *g, const char *path);
void git_refreshes(struct git_call *g); /* the index, by the way */
void git_treeless(struct git_call *g);
/* Adds file.write or file.overwrite, the loss and the need. */
struct effect *git_writes_file(struct git_call *g, const char *path);
/* A folder whose files may be written over (format-patch -o): as above. */
struct effect *git_writes_dir(struct git_call *g, const char *path);
/* The same for new files whose names end in suffix. */
struct effect *
git_writes_files(struct git_call *g, const char *dir, const char *suffix);

#endif
