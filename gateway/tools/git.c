/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git: command word, aliases, and then the function of the word.  The order
 * is git's own (git.c of 2.39: run_argv).
 */
#include "tools/git.h"
#include "base/limits.h"
#include "base/mutant.h"
#include "base/path.h"
#include "base/text.h"
#include "invocation/environ.h"
#include "invocation/program.h"
#include "tools/git_globals.h"
#include "tools/git_words.h"
#include "tools/redirect.h"
#include <ctype.h>
#include <sys/stat.h>
#include <unistd.h>

/* alias.c of git, split_cmdline(): whitespace, two kinds of quotes and the
 * backslash; nothing else means anything. */
static int
split_alias(struct git_call *g, const char *text, struct git_line *out,
	    struct err *e)
{
	char *buffer = git_text(g, "%s", text), *to = buffer;
	const char **v = talloc_array(g->ctx, const char *, strlen(text) + 2);
	const char *from = text;
	char quoted = 0;
	size_t n = 0;

	if (!v)
		BUG("out of memory");
	v[n++] = to;
	while (*from) {
		if (!quoted && strchr(" \t\n\r", *from)) {
			*to++ = '\0';
			while (*from && strchr(" \t\n\r", *from))
				from++;
			v[n++] = to;
		} else if (!quoted && (*from == '\'' || *from == '"')) {
			quoted = *from++;
		} else if (*from == quoted) {
			quoted = 0;
			from++;
		} else {
			if (*from == '\\' && quoted != '\'' && !*++from)
				return err_set(e, ERR_SYNTAX,
					       "an alias ends with \\");
			*to++ = *from++;
		}
	}
	*to = '\0';
	if (quoted)
		return err_set(e, ERR_SYNTAX, "unclosed quote in an alias");
	v[n] = NULL;
	*out = (struct git_line){v, n};
	return 0;
}

static const char *
find_alias(struct git_call *g, const char *word)
{
	const char *value = NULL;
	size_t i;

	for (i = 0; i < g->settings->n; i++)
		if (!strncmp(g->settings->v[i].key, "alias.", 6) &&
		    !strcasecmp(g->settings->v[i].key + 6, word))
			value = g->settings->v[i].value;
	return value;
}

/* The program git would start for a word that is no builtin. */
static const char *
find_external(struct git_call *g, const char *word)
{
	char *dirs, *dir, *path, *rest, *prefix;

	if (strchr(word, '/')) {
		path = path_join(g->ctx, g->dir, git_text(g, "git-%s", word));
		return access(path, X_OK) ? NULL : path;
	}
	prefix = path_parent(g->ctx, path_parent(g->ctx, g->cmd->program));
	dirs = git_text(g, "%s/lib/git-core:%s/libexec/git-core:%s", prefix,
			prefix, environ_path(g->ctx, g->in));
	for (dir = dirs; dir; dir = rest) {
		rest = strchr(dir, ':');
		if (rest)
			*rest++ = '\0';
		if (!*dir)
			continue;
		path = git_text(g, "%s/git-%s", dir, word);
		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

static int
find_repository(struct git_call *g, struct err *e)
{
	int rc;

	rc = repository_find(g->ctx, &g->hints, g->in->uid, &g->repo, e);
	g->cmd->repo = g->repo;
	if (rc < 0) {
		g->repo = NULL;
		return rc;
	}
	if (g->repo && g->repo->worktree && g->t->profile) {
		rc = g->t->profile(g->t, g->repo->worktree, e);
		if (rc < 0)
			return rc;
	}
	g->scope = g->repo ? scope_of_repository(g->in, g->t->rules, g->repo)
			   : SCOPE_UNKNOWN;
	/* What -c said belongs to the settings, wherever an alias put it. */
	talloc_free(g->settings);
	g->settings = NULL;
	return git_settings_load(g, e);
}

/* Puts the alias's words in the place of the word, as git does; the global
 * options among them count from here on. */
static int
expand_alias(struct git_call *g, const char *value, struct git_line *l,
	     struct err *e)
{
	struct git_line words = {0};
	const char **v;
	size_t before = g->nglobals, i, n = 0;
	int rc;

	rc = split_alias(g, value, &words, e);
	if (rc < 0)
		return rc;
	v = talloc_array(g->ctx, const char *, words.n + l->n);
	if (!v)
		BUG("out of memory");
	for (i = 0; i < words.n; i++)
		v[n++] = words.v[i];
	for (i = 1; i < l->n; i++)
		v[n++] = l->v[i];
	v[n] = NULL;
	*l = (struct git_line){v, n};
	rc = git_globals_read(g, l, e);
	if (rc < 0)
		return rc;
	if (rc != GLOBALS_WORD || *l->v[0] == '-')
		return err_set(e, ERR_SYNTAX, "an alias without a command");
	for (i = before; i < g->nglobals; i++)
		if (!strcmp(g->globals[i], "-c") && i + 1 < g->nglobals)
			i++;
		else if (strcmp(g->globals[i], "-p") &&
			 strcmp(g->globals[i], "--paginate") &&
			 strncmp(g->globals[i], "--config-env=", 13))
			return err_set(e, ERR_SYNTAX,
				       "an alias that changes environment "
				       "variables");
	return find_repository(g, e);
}

static void
add_all(const char **v, size_t *n, const char *const *more, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		v[(*n)++] = more[i];
}

/* git, globals, word, arguments. */
static void
compose(struct git_call *g, const char *const *args, size_t nargs,
	bool quiet_upkeep)
{
	static const char *const upkeep[] = {"-c", "gc.auto=0", "-c",
					     "maintenance.auto=false"};
	/* What is left behind in the background ends with the box. */
	static const char *const ahead[] = {"-c", "gc.autoDetach=false"};
	static const char *const correct[] = {"-c", "help.autocorrect=never"};
	const char **v =
	    talloc_array(g->ctx, const char *, g->nglobals + nargs + 11);
	size_t n = 0;

	if (!v)
		BUG("out of memory");
	v[n++] = "git";
	add_all(v, &n, g->globals, g->nglobals);
	if (quiet_upkeep)
		add_all(v, &n, upkeep, 4);
	else if (!strcmp(g->word, "gc") || !strcmp(g->word, "maintenance"))
		add_all(v, &n, ahead, 2);
	if (!git_word(g->word) && git_setting(g, "help.autocorrect"))
		add_all(v, &n, correct, 2);
	v[n++] = g->word;
	add_all(v, &n, args, nargs);
	v[n] = NULL;
	g->cmd->argv = v;
}

/* As the caller wrote it, in the box where nothing can be changed: git says
 * itself what there is to say. */
static int
as_it_is(struct git_call *g)
{
	g->cmd->argv = (const char **)(uintptr_t)g->in->argv;
	g->cmd->need.box = GIT_BOX_READ;
	g->cmd->need.runs_code = false;
	return 0;
}

static int
external(struct git_call *g, const char *path, struct git_line *l,
	 struct err *e)
{
	const char *const *args = l->v + 1;
	const char *dir = path_parent(g->ctx, path);
	bool shipped = path_is_under(dir, "/usr");
	struct effect *fx;
	size_t nargs = l->n - 1;
	int rc;

	if (shipped && !strcmp(g->word, "lfs")) {
		rc = git_lfs(g, l, &args, &nargs, e);
		compose(g, args, nargs, false);
		return rc;
	}
	compose(g, l->v + 1, l->n - 1, false);
	if (!shipped)
		git_sees_file(g, path_resolve(g->ctx, "/", path));
	g->cmd->need.box = g->repo ? GIT_BOX_WRITE : GIT_BOX_READ;
	g->cmd->need.runs_code = true;
	if (!g->repo)
		return 0;
	fx = git_effect(g, EFFECT_EXEC_UNKNOWN, git_text(g, "git-%s", g->word));
	git_loses(g, fx, LOSS_ANYTHING);
	g->cmd->losses.journal = true;
	return 0;
}

/* The body runs through git itself: it sets GIT_PREFIX, the folder and $0 as
 * nobody else would. */
static int
shell_alias(struct git_call *g, struct git_line *l)
{
	compose(g, l->v + 1, l->n - 1, false);
	g->cmd->need.box = g->repo ? GIT_BOX_WRITE : GIT_BOX_READ;
	g->cmd->need.runs_code = true;
	if (g->repo)
		git_runs(g, git_text(g, "alias.%s", g->word));
	return 0;
}

static bool
only_help(const struct git_line *l)
{
	const char *first = l->n > 1 ? l->v[1] : "";

	return !strcmp(first, "--help") || !strcmp(first, "--help-all") ||
	       !strncmp(first, "--git-completion-helper", 23) ||
	       (l->n == 2 && !strcmp(first, "-h"));
}

static const char *
box_of(const struct git_call *g, const struct git_word *w)
{
	if (!g->repo && !w->without)
		return GIT_BOX_READ; /* git will say that there is none */
	switch (w->cls) {
	case GIT_READ:
	case GIT_PLAIN:
	case GIT_REFUSE:
		return GIT_BOX_READ;
	case GIT_WRITE:
		return GIT_BOX_WRITE;
	case GIT_CONFIG:
		return GIT_BOX_CONFIG;
	case GIT_REMOTE:
		return GIT_BOX_REMOTE;
	}
	BUG("class of %s", w->name);
}

/* A box is made of mounts; where there is no repository git would name the
 * first of them in its message, and not look beyond it. */
static void
no_repository(struct git_call *g)
{
	struct stat here, root;

	if (g->repo || stat(g->dir, &here) < 0 || stat("/", &root) < 0 ||
	    here.st_dev != root.st_dev)
		return;
	g->cmd->env_set = talloc_zero_array(g->ctx, const char *, 2);
	if (!g->cmd->env_set)
		BUG("out of memory");
	g->cmd->env_set[0] = "GIT_DISCOVERY_ACROSS_FILESYSTEM=1";
}

/* pull and fetch write their line as it was typed into the reflogs (builtin/
 * pull.c, fetch.c of git 2.39), unless GIT_REFLOG_ACTION says otherwise: it is
 * made to, since what runs is the canonical line. */
static void
say_reflog_action(struct git_call *g, const struct git_word *w,
		  const struct git_line *l)
{
	char *action;

	if ((strcmp(w->name, "pull") != 0 && strcmp(w->name, "fetch") != 0) ||
	    invocation_env(g->in, "GIT_REFLOG_ACTION"))
		return;
	action = git_text(g, "GIT_REFLOG_ACTION=%s", w->name);
	for (size_t i = 1; i < l->n; i++) {
		/* git leaves out the password of a URL here: so may it */
		if (strstr(l->v[i], "://") && strchr(l->v[i], '@'))
			return;
		action = talloc_asprintf_append(action, " %s", l->v[i]);
	}
	g->cmd->env_set = talloc_zero_array(g->ctx, const char *, 2);
	if (!g->cmd->env_set)
		BUG("out of memory");
	g->cmd->env_set[0] = action;
}

/* `add`, `pack-refs` and their like lose nothing; in a repository that is none
 * of the person's workspaces they are somebody else's files all the same. */
static void
writes_unasked(struct git_call *g)
{
	const char *box = g->cmd->need.box;
	struct effect *fx;

	if (!g->repo || g->fx->n > 0 || g->scope == SCOPE_WORKSPACE ||
	    g->scope == SCOPE_SCRATCH || mutant("outside") ||
	    (strcmp(box, GIT_BOX_WRITE) != 0 &&
	     strcmp(box, GIT_BOX_CONFIG) != 0))
		return;
	fx = git_effect(g, EFFECT_FILE_OVERWRITE, g->repo->gitdir);
	fx->undo = UNDO_NO;
	fx->why = git_text(g,
			   "git %s changes a repository outside of the "
			   "workspace",
			   g->word);
}

static int
builtin(struct git_call *g, const struct git_word *w, struct git_line *l,
	struct err *e)
{
	struct command *cmd = g->cmd;
	bool upkeep;
	int rc;

	if (w->cls == GIT_REFUSE && !mutant("words"))
		return err_set(e, ERR_UNKNOWN, "git %s %s", w->name, w->why);
	cmd->need.box = box_of(g, w);
	cmd->need.runs_code = w->runs_code;
	rc = git_command_spec(w->name)
		 ? git_grammar_read(g->ctx, w->name, l->v + 1, &g->opt, e)
		 : ERR_UNKNOWN;
	if (rc < 0 && (w->cls == GIT_READ || w->cls == GIT_PLAIN) &&
	    rc == ERR_UNKNOWN)
		return as_it_is(g);
	if (rc < 0) {
		if (!git_command_spec(w->name))
			err_set(e, rc, "git %s has no table of options",
				w->name);
		return rc;
	}
	if (w->understand && (g->repo || w->without)) {
		rc = w->understand(g, e);
		if (rc < 0)
			return rc;
	}
	rc = git_guard(g, e);
	if (rc < 0)
		return rc;
	redirect_judge(g->ctx, g->t, g->fx);
	writes_unasked(g);
	git_signs(g);
	no_repository(g);
	say_reflog_action(g, w, l);
	git_lfs_beside(g);
	git_refreshes(g);
	git_treeless(g);
	upkeep = w->cls != GIT_READ && w->cls != GIT_PLAIN &&
		 strcmp(w->name, "config") && strcmp(w->name, "gc") &&
		 strcmp(w->name, "maintenance") &&
		 strcmp(cmd->need.box, GIT_BOX_READ);
	compose(g, g->opt.canonical, g->opt.ncanonical, upkeep);
	return 0;
}

/* Builtin, external program, alias, nothing: in this order. */
static int
resolve(struct git_call *g, struct git_line *l, struct err *e)
{
	const char *seen[LIMIT_ALIAS_DEPTH], *value, *path;
	const struct git_word *w;
	size_t depth, i;
	int rc;

	for (depth = 0; depth < LIMIT_ALIAS_DEPTH; depth++) {
		g->word = l->v[0];
		if (only_help(l)) {
			as_it_is(g);
			/* man(1) and its pager, as of git help */
			g->cmd->need.runs_code = !strcmp(l->v[1], "--help");
			return 0;
		}
		w = git_word(g->word);
		/* A builtin of a newer git may be an alias to this one. */
		value = find_alias(g, g->word);
		if (w && !(value && git_word_is_newer(g->word)))
			return builtin(g, w, l, e);
		path = find_external(g, g->word);
		if (path)
			return external(g, path, l, e);
		if (!value) {
			compose(g, l->v + 1, l->n - 1, false);
			return 0;
		}
		if (*value == '!')
			return shell_alias(g, l);
		for (i = 0; i < depth; i++)
			if (!strcmp(seen[i], g->word))
				return err_set(e, ERR_SYNTAX,
					       "alias loop at '%s'",
					       text_safe(g->ctx, g->word));
		seen[depth] = g->word;
		rc = expand_alias(g, value, l, e);
		if (rc < 0)
			return rc;
	}
	return err_set(e, ERR_LIMIT, "aliases are nested more than %d deep",
		       LIMIT_ALIAS_DEPTH);
}

static int
read_line(struct git_call *g, struct err *e)
{
	struct git_line l = {g->in->argv + 1, g->in->argc - 1};
	const char *arg;
	int rc;

	rc = git_environ_read(g, e);
	if (rc < 0)
		return rc;
	rc = git_globals_read(g, &l, e);
	if (rc < 0)
		return rc;
	if (rc != GLOBALS_WORD) {
		g->word = "";
		return as_it_is(g);
	}
	arg = l.v[0];
	if (*arg == '-') {
		/* -h, --help, -v, --version: help or version, whatever
		 * follows; with the words behind it unread. */
		g->word = arg[1] == 'v' || !strcmp(arg, "--version") ? "version"
								     : "help";
		return as_it_is(g);
	}
	rc = find_repository(g, e);
	if (rc < 0)
		return rc;
	return resolve(g, &l, e);
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	struct git_call *g = talloc_zero(ctx, struct git_call);
	int rc;

	if (!g)
		BUG("out of memory");
	g->ctx = ctx;
	g->t = t;
	g->in = t->in;
	g->cmd = cmd;
	g->fx = fx;
	g->word = "";
	g->dir = t->in->cwd;
	g->hints.cwd = g->dir;
	cmd->need.box = GIT_BOX_READ;
	cmd->summary = text_command(ctx, t->in->argv, 200);
	cmd->argv = (const char **)(uintptr_t)t->in->argv;
	rc = program_find(ctx, t->in, "git", &cmd->program, e);
	if (rc < 0)
		return rc;
	rc = read_line(g, e);
	if (rc < 0) {
		as_it_is(g);
		if (g->settings)
			git_settings_need(g);
		return rc;
	}
	if (g->settings)
		git_settings_need(g);
	git_environ_need(g);
	return 0;
}

static const char *const names[] = {"git", NULL};

const struct tool tool_git = {
    .name = "git",
    .names = names,
    .understand = understand,
    .no_files = true,
};
