/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What gh or glab gets in its box: variables by a list of those it may have,
 * its configuration as files of the box's own, and the repository read-only
 * with a configuration made for it, in which nothing names a program.
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/forge.h"
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>

/* What every program in a box may have; names of others are dropped, among
 * them those that make the Go runtime print what it sends (GODEBUG). */
static const char *const harmless[] = {"NO_COLOR",
				       "CLICOLOR*",
				       "COLORTERM",
				       "TERM",
				       "LANG",
				       "LC_*",
				       "LANGUAGE",
				       "TZ",
				       "HOME",
				       "USER",
				       "LOGNAME",
				       "PWD",
				       "COLUMNS",
				       "LINES",
				       "CI",
				       "TMPDIR",
				       "TMP",
				       "TEMP",
				       "SSL_CERT_DIR",
				       "SSL_CERT_FILE",
				       "PATH",
				       "SHLVL",
				       "GLAMOUR_STYLE",
				       "XDG_CONFIG_HOME",
				       NULL};

static const char *const git_env[] = {"GIT_CONFIG_GLOBAL=/dev/null",
				      "GIT_CONFIG_SYSTEM=/dev/null",
				      "GIT_CONFIG_NOSYSTEM=1",
				      "GIT_ATTR_NOSYSTEM=1",
				      "GIT_TERMINAL_PROMPT=0",
				      "GIT_OPTIONAL_LOCKS=0",
				      "GIT_PAGER=cat",
				      "PATH=/usr/local/bin:/usr/bin:/bin",
				      NULL};

static bool
listed(const char *const *globs, const char *name)
{
	for (; globs && *globs; globs++)
		if (fnmatch(*globs, name, 0) == 0)
			return true;
	return false;
}

void
forge_set_env(struct forge_call *f, const char *entry)
{
	struct command *cmd = f->cmd;
	size_t n = 0;

	while (cmd->env_set && cmd->env_set[n])
		n++;
	cmd->env_set =
	    talloc_realloc(f->ctx, cmd->env_set, const char *, (unsigned)n + 2);
	if (!cmd->env_set)
		BUG("out of memory");
	cmd->env_set[n] = entry;
	cmd->env_set[n + 1] = NULL;
}

/* A file that the environment names and the program is to read. */
static void
sees(struct forge_call *f, const char *name)
{
	const char *value = invocation_env(f->in, name);

	if (value && *value == '/' &&
	    scope_of_path(f->in, f->t->rules, NULL,
			  path_resolve(f->ctx, "/", value)) != SCOPE_SECRET)
		need_read(f->ctx, &f->cmd->need, value);
}

void
forge_environ(struct forge_call *f)
{
	const char **drop =
	    talloc_zero_array(f->ctx, const char *, (unsigned)f->in->envc + 1);
	const char *const *set;
	size_t n = 0;

	if (!drop)
		BUG("out of memory");
	for (size_t i = 0; i < f->in->envc; i++) {
		size_t len = strcspn(f->in->env[i], "=");
		char *name = talloc_strndup(f->ctx, f->in->env[i], len);

		if (!listed(harmless, name) && !listed(f->kind->keep_env, name))
			drop[n++] = name;
	}
	f->cmd->env_drop = drop;
	for (set = git_env; *set; set++)
		forge_set_env(f, *set);
	for (set = f->kind->set_env; *set; set++)
		forge_set_env(f, *set);
	sees(f, "SSL_CERT_FILE");
	sees(f, "SSL_CERT_DIR");
}

const char *const *
forge_tokens(const struct forge_call *f)
{
	static const char *const none[] = {NULL};
	const char *const *names = !strcmp(f->host, f->kind->host)
				       ? f->kind->token_env
				       : f->kind->other_token_env;

	return f->scope == SCOPE_TRUSTED && names ? names : none;
}

static void
add_tokens(struct forge_call *f)
{
	for (const char *const *names = forge_tokens(f); *names; names++) {
		const char *value = invocation_env(f->in, *names);

		if (value && *value)
			forge_set_env(f, forge_text(f, "%s=%s", *names, value));
	}
}

int
forge_check_program(struct forge_call *f, struct err *e)
{
	const char *real = path_resolve(f->ctx, "/", f->cmd->program);
	enum scope scope = scope_of_path(f->in, f->t->rules, f->repo, real);

	if (scope == SCOPE_WORKSPACE || scope == SCOPE_SCRATCH ||
	    session_made(f->in->session, real))
		return err_set(e, ERR_UNKNOWN,
			       "%s is not given the person's token: it lies "
			       "in a workspace, or is newer than this session",
			       text_safe(f->ctx, real));
	return 0;
}

static bool
begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static bool
ends(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

/* Keys that say where things are and who one is; none of them names a
 * program or changes what git executes. */
static bool
is_plain_key(const char *key)
{
	static const char *const remote[] = {".url",	       ".pushurl",
					     ".fetch",	       ".gh-resolved",
					     ".glab-resolved", ".lfsurl"};
	static const char *const branch[] = {".remote", ".merge", ".pushremote",
					     ".gh-merge-base",
					     ".gh-pr-base-branch"};
	static const char *const whole[] = {"core.repositoryformatversion",
					    "core.bare",
					    "core.filemode",
					    "core.ignorecase",
					    "core.symlinks",
					    "core.autocrlf",
					    "core.eol",
					    "core.abbrev",
					    "extensions.objectformat",
					    "extensions.refstorage",
					    "user.name",
					    "user.email",
					    "github.user",
					    "gitlab.user",
					    "remote.pushdefault",
					    "push.default",
					    "checkout.defaultremote",
					    "init.defaultbranch",
					    "lfs.url",
					    "lfs.pushurl",
					    "lfs.batch",
					    "lfs.concurrenttransfers",
					    "lfs.fetchinclude",
					    "lfs.fetchexclude",
					    "lfs.repositoryformatversion",
					    "http.sslcainfo",
					    "http.postbuffer",
					    "http.version"};

	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++)
		if (!strcmp(key, whole[i]))
			return true;
	if (begins(key, "url."))
		return ends(key, ".insteadof") || ends(key, ".pushinsteadof");
	for (size_t i = 0; i < 6 && begins(key, "remote."); i++)
		if (ends(key, remote[i]))
			return true;
	for (size_t i = 0; i < 5 && begins(key, "branch."); i++)
		if (ends(key, branch[i]))
			return true;
	return false;
}

static char *
escaped(struct forge_call *f, const char *s)
{
	char *out = talloc_array(f->ctx, char, 2 * strlen(s) + 1), *to = out;

	if (!out)
		BUG("out of memory");
	for (; *s; s++) {
		if (*s == '"' || *s == '\\' || *s == '\n' || *s == '\t')
			*to++ = '\\';
		*to++ = *s == '\n' ? 'n' : (char)(*s == '\t' ? 't' : *s);
	}
	*to = '\0';
	return out;
}

/* section.sub.name = value, as a file has it. */
static char *
add_setting(struct forge_call *f, char *text, const char *key,
	    const char *value)
{
	const char *first = strchr(key, '.'), *name = strrchr(key, '.');

	if (!first || (value && strchr(key, '\n')))
		return text;
	if (first == name)
		text = talloc_asprintf_append(text, "[%.*s]\n",
					      (int)(first - key), key);
	else
		text = talloc_asprintf_append(
		    text, "[%.*s \"%s\"]\n", (int)(first - key), key,
		    escaped(f, talloc_strndup(f->ctx, first + 1,
					      (size_t)(name - first - 1))));
	if (!value)
		return talloc_asprintf_append(text, "\t%s\n", name + 1);
	return talloc_asprintf_append(text, "\t%s = \"%s\"\n", name + 1,
				      escaped(f, value));
}

int
forge_repository(struct forge_call *f, const char *more, struct err *e)
{
	const struct repository *r = f->repo;
	char *text = talloc_strdup(f->ctx, ""), *path;
	int rc = git_settings_load(f->git, e);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < f->git->settings->n; i++) {
		const struct git_setting *s = &f->git->settings->v[i];

		if (!strcmp(s->key, "http.sslcainfo") &&
		    (s->level > SETTING_GLOBAL || !s->value))
			continue; /* whom to believe is for the person */
		if (!strcmp(s->key, "http.sslcainfo"))
			need_read(f->ctx, &f->cmd->need,
				  path_join(f->ctx, "/", s->value));
		if (is_plain_key(s->key))
			text = add_setting(f, text, s->key, s->value);
	}
	text = talloc_asprintf_append(text, "%s", more);
	path = path_join(f->ctx, r->commondir, "config");
	need_file(f->ctx, &f->cmd->need, path, text, strlen(text));
	path = path_join(f->ctx, r->gitdir, "config.worktree");
	if (path_exists(path))
		need_file(f->ctx, &f->cmd->need, path, "", 0);
	return 0;
}

int
forge_box(struct forge_call *f, struct err *e)
{
	int rc = 0;

	f->cmd->need.box = FORGE_BOX;
	if (f->scope == SCOPE_TRUSTED) {
		rc = forge_check_program(f, e);
		if (rc == 0)
			rc = f->kind->config(f, e);
		add_tokens(f);
	}
	if (rc == 0 && f->repo)
		rc = forge_repository(f, "", e);
	return rc;
}
