/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GIT_* of the caller: what each does to the meaning of a command, in one
 * table.  What is not in it stays as it is: in a box without network and
 * credentials an unknown variable changes nothing that is not kept.
 */
#include "base/path.h"
#include "base/text.h"
#include "invocation/git_config_text.h"
#include "tools/git_words.h"
#include <ctype.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

enum fate {
	FATE_KEEP = 1,
	FATE_DROP,    /* nothing of the caller's may choose this */
	FATE_NETWORK, /* programs and credentials of transports: dropped
		       * where a box reaches a remote */
	FATE_HINT,    /* which repository, which work tree */
	FATE_CONFIG,  /* configuration; read by its own functions below */
	FATE_PROGRAM, /* a command: its file is to be seen in the box */
	FATE_FILE,    /* a file or folder to be seen in the box */
	FATE_STORE,   /* a folder that git may write to */
	FATE_EXEC_PATH,
};

struct variable {
	const char *name; /* "X*": every name that begins so */
	enum fate fate;
	size_t hint; /* offset in struct repository_hints */
};

#define HINT(field) FATE_HINT, offsetof(struct repository_hints, field)
static const struct variable table[] = {
    {"GIT_ALTERNATE_OBJECT_DIRECTORIES", FATE_FILE, 0},
    {"GIT_ASKPASS", FATE_NETWORK, 0},
    {"GIT_CEILING_DIRECTORIES", HINT(ceilings)},
    {"GIT_COMMON_DIR", HINT(common_dir)},
    {"GIT_CONFIG", FATE_CONFIG, 0},
    {"GIT_CONFIG_*", FATE_CONFIG, 0},
    {"GIT_DIR", HINT(git_dir)},
    {"GIT_EDITOR", FATE_PROGRAM, 0},
    {"GIT_EXEC_PATH", FATE_EXEC_PATH, 0},
    {"GIT_EXTERNAL_DIFF", FATE_PROGRAM, 0},
    {"GIT_GRAFT_FILE", FATE_FILE, 0},
    {"GIT_INDEX_FILE", HINT(index_file)},
    {"GIT_OBJECT_DIRECTORY", FATE_STORE, 0},
    {"GIT_PAGER", FATE_PROGRAM, 0},
    {"GIT_PROXY_*", FATE_NETWORK, 0},
    /* our evidence of who made a commit */
    {"GIT_REFLOG_ACTION", FATE_DROP, 0},
    {"GIT_SEQUENCE_EDITOR", FATE_PROGRAM, 0},
    {"GIT_SHALLOW_FILE", FATE_FILE, 0},
    {"GIT_SSH", FATE_NETWORK, 0},
    {"GIT_SSH_*", FATE_NETWORK, 0},
    {"GIT_SSL_*", FATE_NETWORK, 0},
    {"GIT_TEMPLATE_DIR", FATE_FILE, 0},
    {"GIT_WORK_TREE", HINT(work_tree)},
};
#undef HINT

static const struct variable *
lookup(const char *name, size_t len)
{
	const struct variable *v;
	size_t i, n;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		v = &table[i];
		n = strlen(v->name);
		if (v->name[n - 1] == '*'
			? len >= n - 1 && !memcmp(v->name, name, n - 1)
			: len == n && !memcmp(v->name, name, n))
			return v;
	}
	return NULL;
}

void
git_drop_variable(struct git_call *g, const char *name)
{
	const char **v = g->cmd->env_drop;
	size_t n = 0;

	while (v && v[n])
		n++;
	v = talloc_realloc(g->ctx, v, const char *, n + 2);
	if (!v)
		BUG("out of memory");
	v[n] = git_text(g, "%s", name);
	v[n + 1] = NULL;
	g->cmd->env_drop = v;
}

/* "section.sub.key", as git_config_parse_key() of git: false where it dies. */
static char *
normal_key(struct git_call *g, const char *key)
{
	const char *first = strchr(key, '.'), *last = strrchr(key, '.');
	char *out, *p;

	if (!first || first == key || !last[1] ||
	    !isalpha((unsigned char)last[1]))
		return NULL;
	out = git_text(g, "%s", key);
	for (p = out; *p; p++) {
		if (p > out + (first - key) && p < out + (last - key)) {
			if (*p == '\n')
				return NULL;
			continue;
		}
		if (*p == '.')
			continue;
		if (!isalnum((unsigned char)*p) && *p != '-')
			return NULL;
		*p = (char)tolower((unsigned char)*p);
	}
	return out;
}

int
git_command_setting(struct git_call *g, const char *key, const char *value,
		    const char *origin, struct err *e)
{
	char *normal = normal_key(g, key);
	struct git_setting *v;

	if (!normal)
		return err_set(e, ERR_SYNTAX, "%s: invalid key \"%s\"", origin,
			       text_safe(g->ctx, key));
	v = talloc_realloc(g->ctx, g->commands, struct git_setting,
			   g->ncommands + 1);
	if (!v)
		BUG("out of memory");
	g->commands = v;
	v[g->ncommands++] = (struct git_setting){
	    .key = normal,
	    .value = value ? git_text(g, "%s", value) : NULL,
	    .origin = origin,
	    .level = SETTING_COMMAND};
	return 0;
}

static int
read_count(struct git_call *g, struct err *e)
{
	const char *count = invocation_env(g->in, "GIT_CONFIG_COUNT"), *key,
		   *value;
	char *end;
	unsigned long n, i;
	int rc;

	if (!count || !*count)
		return 0;
	n = strtoul(count, &end, 10);
	if (*end || n > 100000)
		return err_set(e, ERR_SYNTAX,
			       "bogus count in GIT_CONFIG_COUNT");
	for (i = 0; i < n; i++) {
		key =
		    invocation_env(g->in, git_text(g, "GIT_CONFIG_KEY_%lu", i));
		value = invocation_env(g->in,
				       git_text(g, "GIT_CONFIG_VALUE_%lu", i));
		if (!key || !value)
			return err_set(e, ERR_SYNTAX,
				       "missing config key or value "
				       "GIT_CONFIG_KEY_%lu",
				       i);
		rc = git_command_setting(g, key, value, "GIT_CONFIG_COUNT", e);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* One '...' with '\'' and '\!' inside (quote.c, sq_dequote_step).  *next:
 * what follows, NULL at the end of the text. */
static char *
dequote(struct git_call *g, const char *s, const char **next)
{
	char *out = git_text(g, "%s", s), *p = out;

	if (*s != '\'')
		return NULL;
	for (s++;; s++) {
		if (!*s)
			return NULL;
		if (*s != '\'') {
			*p++ = *s;
			continue;
		}
		if (!s[1]) {
			*next = NULL;
			break;
		}
		if (s[1] == '\\' && (s[2] == '\'' || s[2] == '!') &&
		    s[3] == '\'') {
			*p++ = s[2];
			s += 3;
			continue;
		}
		*next = s + 1;
		break;
	}
	*p = '\0';
	return out;
}

static int
read_parameters(struct git_call *g, struct err *e)
{
	const char *s = invocation_env(g->in, "GIT_CONFIG_PARAMETERS"),
		   *origin = "GIT_CONFIG_PARAMETERS";
	char *key, *value, *equals;
	int rc;

	while (s && *s) {
		if (strchr(" \t\n\r", *s)) {
			s++;
			continue;
		}
		value = NULL;
		key = dequote(g, s, &s);
		if (key && s && *s == '=') { /* 'key'='value' */
			s++;
			if (*s == '\'') {
				value = dequote(g, s, &s);
				if (!value)
					key = NULL;
			}
		} else if (key && (equals = strchr(key, '='))) {
			*equals = '\0'; /* 'key=value' */
			value = equals + 1;
		}
		if (!key || (s && *s && !strchr(" \t\n\r", *s)))
			return err_set(e, ERR_SYNTAX,
				       "bogus format in GIT_CONFIG_PARAMETERS");
		rc = git_command_setting(g, key, value, origin, e);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* GIT_TRACE=/file appends to it, as do all variables of its family; a number
 * or a truth value means stderr or an open descriptor. */
static void
trace(struct git_call *g, const char *name, const char *value)
{
	struct effect *fx;
	bool exists;

	if (!strncmp(value, "af_unix:", 8)) {
		git_drop_variable(g, name);
		return;
	}
	if (*value != '/' || !git_is_file_name(value))
		return;
	value = path_resolve(g->ctx, "/", value);
	exists = path_exists(value);
	fx = effects_add(
	    g->fx, exists ? EFFECT_FILE_OVERWRITE : EFFECT_FILE_WRITE,
	    scope_of_path(g->in, g->t->rules, g->repo, value), value);
	fx->undo = UNDO_YES;
	fx->why = git_text(g, "%s appends to it", name);
	if (exists) {
		git_loses(g, fx, LOSS_PATHS);
		losses_add_path(g->ctx, &g->cmd->losses, value);
	}
	need_write(g->ctx, &g->cmd->need, value);
}

/* "$NAME" or "${NAME}" of a shell's line; *next: what follows it. */
static const char *
parameter(struct git_call *g, const char *s, const char **next)
{
	size_t braced = s[1] == '{', n = 0;

	s += 1 + braced;
	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	*next = s + n + (braced && s[n] == '}');
	return invocation_env(g->in, git_text(g, "%.*s", (int)n, s));
}

/* The first word of a shell's line, as far as quotes and parameters go: only
 * for showing the file that it names. */
static char *
first_word(struct git_call *g, const char *s)
{
	char *out = git_text(g, "%s", "");
	const char *value, *next;
	char quoted = 0;

	for (; *s; s = next) {
		next = s + 1;
		if (*s == quoted || (!quoted && (*s == '"' || *s == '\''))) {
			quoted = quoted ? 0 : *s;
		} else if (!quoted && strchr(" \t\n;&|<>()", *s)) {
			break;
		} else if (*s == '$' && quoted != '\'') {
			value = parameter(g, s, &next);
			out = git_text(g, "%s%s", out, value ? value : "");
		} else {
			if (*s == '\\' && quoted != '\'' && s[1])
				next = ++s + 1;
			out = git_text(g, "%s%c", out, *s);
		}
	}
	return out;
}

/* The file behind a command's first word, when that is an absolute path. */
void
git_sees_program(struct git_call *g, const char *command)
{
	char *path;
	struct stat st;

	if (!command || !strchr("/\"'$", *command))
		return;
	path = first_word(g, command);
	if (*path == '/' && stat(path, &st) == 0 && S_ISREG(st.st_mode))
		git_sees_file(g, path);
}

static void
store(struct git_call *g, const char *value)
{
	char *path = path_resolve(g->ctx, g->in->cwd, value);
	enum scope scope = scope_of_path(g->in, g->t->rules, g->repo, path);

	if (scope == SCOPE_WORKSPACE || scope == SCOPE_SCRATCH)
		need_write(g->ctx, &g->cmd->need, path);
	else
		git_sees_file(g, path);
}

/* gpg writes there even when it verifies.  Not the work tree or .git as a
 * whole, and a person's own is not shown. */
static void
keyring(struct git_call *g, const char *value)
{
	char *path;

	if (!value || *value != '/' || !path_exists(value))
		return;
	path = path_resolve(g->ctx, "/", value);
	if (!g->repo ||
	    (!path_is_under(g->repo->commondir, path) &&
	     !path_is_under(path, g->repo->commondir) &&
	     !(g->repo->worktree && path_is_under(g->repo->worktree, path))))
		store(g, path);
}

static void
exec_path(struct git_call *g, const char *value)
{
	char *real = path_resolve(g->ctx, "/", value);

	/* Only the one that belongs to the program behind the shim. */
	if (!strcmp(real, "/usr/lib/git-core") ||
	    !strcmp(real, "/usr/libexec/git-core"))
		return;
	git_drop_variable(g, "GIT_EXEC_PATH");
	g->cmd->notice = "automode: GIT_EXEC_PATH was not passed on";
}

int
git_environ_read(struct git_call *g, struct err *e)
{
	const char *const *env, *equals, *value;
	const struct variable *v;
	char *name;
	int rc;

	for (env = g->in->env; *env; env++) {
		if (strncmp(*env, "GIT_", 4))
			continue;
		equals = strchr(*env, '=');
		if (!equals)
			continue;
		value = equals + 1;
		v = lookup(*env, (size_t)(equals - *env));
		if (v && v->fate == FATE_HINT)
			/* all of these fields are strings */
			memcpy((char *)&g->hints + v->hint, &value,
			       sizeof(value));
		if (v && v->fate == FATE_EXEC_PATH)
			exec_path(g, value);
		name = git_text(g, "%.*s", (int)(equals - *env), *env);
		if (!strcmp(name, "GIT_IMPLICIT_WORK_TREE"))
			g->hints.bare = git_config_truth(value) == 0;
		if (!strcmp(name, "GIT_DISCOVERY_ACROSS_FILESYSTEM"))
			g->hints.across_filesystems =
			    git_config_truth(value) == 1;
		if (v && v->fate == FATE_DROP)
			git_drop_variable(g, name);
	}
	/* In this order, and before -c: config.c, git_config_from_parameters */
	rc = read_count(g, e);
	if (rc == 0)
		rc = read_parameters(g, e);
	return rc;
}

void
git_environ_need(struct git_call *g)
{
	static const char *const programs[] = {"EDITOR", "VISUAL", "PAGER"};
	static const char *const keys[] = {"core.editor", "sequence.editor"};
	bool remote = !strcmp(g->cmd->need.box, GIT_BOX_REMOTE);
	const char *const *env, *equals, *value;
	const struct variable *v;
	char *name;
	size_t i;

	for (env = g->in->env; *env; env++) {
		if (strncmp(*env, "GIT_", 4) || !(equals = strchr(*env, '=')))
			continue;
		value = equals + 1;
		name = git_text(g, "%.*s", (int)(equals - *env), *env);
		if (!strncmp(name, "GIT_TRACE", 9))
			trace(g, name, value);
		v = lookup(*env, (size_t)(equals - *env));
		if (!v)
			continue;
		if (v->fate == FATE_NETWORK && remote)
			git_drop_variable(g, name);
		else if (v->fate == FATE_PROGRAM)
			git_sees_program(g, value);
		else if (v->fate == FATE_FILE && *value)
			git_sees_file(g, path_join(g->ctx, g->dir, value));
		else if (v->fate == FATE_STORE && *value)
			store(g, value);
	}
	for (i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		git_sees_program(g, invocation_env(g->in, programs[i]));
	for (i = 0; i < sizeof(keys) / sizeof(*keys) && g->settings &&
		    g->cmd->need.runs_code;
	     i++)
		git_sees_program(g, git_setting(g, keys[i]));
	keyring(g, invocation_env(g->in, "GNUPGHOME"));
}
