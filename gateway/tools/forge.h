/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that speak to a forge with the person's token (gh, glab): what
 * they have in common.
 *
 *   forge.c         from the words to effects, by the program's table
 *   forge_host.c    which host a command means, and is it the person's
 *   forge_box.c     what the box gets: token, configuration, repository
 *   forge_files.c   files that a command sends or writes
 *   forge_secrets.c credentials in what it sends
 *   forge_config.c  the programs' YAML files, as far as they are used
 *
 * They run in the box "forge", whose network reaches the hosts of one forge
 * and nothing else, with the person's token and without any program that a
 * repository or the caller's environment could name: no pager, no editor, no
 * browser, no hook; git reads a configuration made for it.
 */
#ifndef AUTOMODE_TOOLS_FORGE_H
#define AUTOMODE_TOOLS_FORGE_H

#include "parse/cobra.h"
#include "tools/git.h"

#define FORGE_BOX "forge"

enum forge_class {
	FORGE_NONE = 0, /* a bug: refused */
	FORGE_GROUP,	/* prints help */
	FORGE_LOCAL,	/* looks at its own files, contacts nobody */
	FORGE_READ,	/* asks the host */
	FORGE_CHANGE,	/* resource.change */
	FORGE_DELETE,	/* resource.delete */
	FORGE_PUBLISH,	/* publish */
	FORGE_SECRET,	/* secret.write */
	FORGE_SEND,	/* net.send, to whoever has the address */
	FORGE_REFUSE,	/* what says why */
};

struct forge_call;

#define FORGE_DONE 1
#define FORGE_SAID 2

struct forge_word {
	struct cobra_command c;
	enum forge_class cls;
	const char *what;    /* noun of the object; FORGE_REFUSE: the reason */
	const char *instead; /* a command that automode accepts; NULL */
	/* Files are sent: operands from sends - 1 on; 0: none are. */
	unsigned char sends;
	/* Adds what depends on flags and operands; NULL.  0, or negative, or
	 * FORGE_SAID: the class does not count; FORGE_DONE: cmd is complete. */
	int (*more)(struct forge_call *f, struct err *e);
};

/* What differs between the programs. */
struct forge {
	const char *name;   /* of the program */
	const char *family; /* of its credentials */
	const struct forge_word *words;
	size_t nwords;
	const char *host; /* where it goes without any other word */
	const char *const *host_env, *const *repo_env; /* NULL-terminated */
	/* The caller's variables that hold a token for host, or for any other
	 * host: handed on. */
	const char *const *token_env, *const *other_token_env;
	const char *const *keep_env; /* globs, NULL-terminated */
	const char *const *set_env;
	const char *dir_env; /* names its configuration folder */
	const char *dir;     /* below ~/.config */
	/* The flags that end in a file's content: "body-file" */
	const char *const *file_flags;
	const char *const *field_flags; /* key=@file */
	const char *const *web_flags;	/* would start a browser or editor */
	/* Names the hosts of the forge behind `host`. */
	void (*reach)(struct forge_call *f, const char *host, uint16_t port);
	/* Files of its configuration folder for the box. */
	int (*config)(struct forge_call *f, struct err *e);
	/* An alias, as it stands in the configuration; NULL: none. */
	const char *(*alias)(struct forge_call *f, const char *word);
	/* What a first word means that is neither command nor alias. */
	int (*other)(struct forge_call *f, const char *word, struct err *e);
};

struct forge_setting {
	const char *path; /* keys with '\n' between: a key holds any other */
	const char *value;
};
struct forge_settings {
	struct forge_setting *v;
	size_t n;
};

struct forge_call {
	void *ctx;
	const struct tool_context *t;
	const struct invocation *in;
	struct command *cmd;
	struct effects *fx;
	const struct forge *kind;
	const struct forge_word *word;
	struct cobra_line line;
	struct repository *repo;
	struct git_call *git;	/* for the repository's configuration */
	const char *dir;	/* cwd, real */
	const char *config_dir; /* of the caller's environment */
	/* of the person: read once, when asked for */
	struct forge_settings *hosts, *config;
	const char *host, *slug; /* resolved; slug "owner/repo" or NULL */
	enum scope scope;	 /* of host */
	uint16_t port;
};

/* forge.c */
int forge_understand(void *ctx, const struct tool_context *t,
		     const struct forge *kind, struct command *cmd,
		     struct effects *fx, struct err *e);
char *forge_text(struct forge_call *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* An effect on the forge; object: the repository (or host), what (NULL:
 * nothing), the first operand. */
struct effect *
forge_effect(struct forge_call *f, enum effect_kind kind, const char *what);
/* The same with an object as it is. */
struct effect *forge_effect_on(struct forge_call *f, enum effect_kind kind,
			       const char *object);

/* "acme/widgets issue 7 comment" for repos/acme/widgets/issues/7/comments, a
 * path of GitHub's interface; NULL: of no repository (gh_api.c). */
char *forge_path_object(void *ctx, const char *path);

/* forge_graphql.c: a GraphQL text without a mutation; and the JSON object that
 * carries one, with nothing else in it but variables and operationName. */
bool forge_query_reads(const char *text);
bool forge_request_reads(const char *json);

/* forge_host.c: sets host, port, slug and scope. */
int forge_find_host(struct forge_call *f, struct err *e);
/* Another host or repository that the command names: judged alike. */
int forge_names_host(struct forge_call *f, const char *host, struct err *e);
/* "[HOST/]OWNER/REPO" or an address; the host, or NULL. */
const char *
forge_host_of(struct forge_call *f, const char *text, const char **slug);
bool forge_knows_host(struct forge_call *f, const char *host);

/* forge_box.c */
int forge_box(struct forge_call *f, struct err *e);
void forge_environ(struct forge_call *f);
/* The settings of all levels that name no program, then more, in the place of
 * the repository's own file. */
int forge_repository(struct forge_call *f, const char *more, struct err *e);
void forge_set_env(struct forge_call *f, const char *entry);
/* The program may have the person's token. */
int forge_check_program(struct forge_call *f, struct err *e);
/* The variables of the caller whose tokens go to this host. */
const char *const *forge_tokens(const struct forge_call *f);

/* forge_files.c */
void forge_reads_file(struct forge_call *f, const char *path, bool sends);
void forge_writes(struct forge_call *f, const char *path, bool folder,
		  bool overwrites);
/* What the flags of kind->file_flags and the operands from sends on name. */
void forge_files(struct forge_call *f);

/* forge_secrets.c: credentials in what the words, files and stdin of the line
 * would leave on the forge. */
int forge_secrets(struct forge_call *f, struct err *e);

/* forge_config.c */
int forge_yaml(void *ctx, const char *text, struct forge_settings *out,
	       struct err *e);
const char *forge_setting(const struct forge_settings *s, const char *path);
/* A file of the configuration folder; never NULL, without entries when it is
 * not there. */
int forge_config_file(struct forge_call *f, const char *name,
		      struct forge_settings **out, struct err *e);
/* The same again as text: of keep's paths (NULL: all). */
char *forge_dump(struct forge_call *f, const struct forge_settings *s,
		 bool (*keep)(const char *path));
/* Words of an alias: quotes and backslashes as a shell reads them, nothing
 * expanded. */
int forge_split(void *ctx, const char *text, const char ***words, size_t *n,
		struct err *e);

#endif
