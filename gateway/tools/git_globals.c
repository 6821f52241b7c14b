/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of git's global options, and reading them: left to right, no
 * abbreviations, no clusters.
 */
#include "tools/git_globals.h"
#include "base/path.h"
#include "base/text.h"
#include <stddef.h>
#include <sys/stat.h>

static void
push_global(struct git_call *g, const char *arg)
{
	g->globals =
	    talloc_realloc(g->ctx, g->globals, const char *, g->nglobals + 1);
	if (!g->globals)
		BUG("out of memory");
	g->globals[g->nglobals++] = arg;
}

static int
change_dir(struct git_call *g, const char *dir, struct err *e)
{
	struct stat st;
	char *to;

	if (!*dir) /* "-C ''" stays where it is (git(1)) */
		return 0;
	to = path_resolve(g->ctx, g->dir, dir);
	if (stat(to, &st) < 0 || !S_ISDIR(st.st_mode))
		return err_set(e, ERR_SYNTAX, "cannot change to '%s'",
			       text_safe(g->ctx, dir));
	need_folder(g->ctx, &g->cmd->need, path_join(g->ctx, g->dir, dir));
	g->dir = to;
	g->hints.cwd = to;
	return 0;
}

static int
set_config(struct git_call *g, const char *text, struct err *e)
{
	const char *equals = strchr(text, '=');

	if (!equals)
		return git_command_setting(g, text, NULL, "-c", e);
	return git_command_setting(
	    g, git_text(g, "%.*s", (int)(equals - text), text), equals + 1,
	    "-c", e);
}

static int
set_config_env(struct git_call *g, const char *text, struct err *e)
{
	const char *equals = strrchr(text, '='), *value;

	if (!equals || !equals[1])
		return err_set(e, ERR_SYNTAX, "invalid --config-env \"%s\"",
			       text_safe(g->ctx, text));
	value = invocation_env(g->in, equals + 1);
	if (!value)
		return err_set(e, ERR_SYNTAX,
			       "missing environment variable '%s'",
			       text_safe(g->ctx, equals + 1));
	return git_command_setting(
	    g, git_text(g, "%.*s", (int)(equals - text), text), value,
	    "--config-env", e);
}

enum global_takes { TAKES_NOTHING = 1, TAKES_NEXT, TAKES_BOTH };

/* Options that need nothing but to be passed on are not more than a name. */
static const struct global {
	const char *name;
	enum global_takes takes;
	int (*set)(struct git_call *g, const char *value, struct err *e);
	size_t hint; /* offset in repository_hints plus 1; 0: none */
	bool refused;
} globals[] = {
    {"-C", TAKES_NEXT, change_dir, 0, false},
    {"-c", TAKES_NEXT, set_config, 0, false},
    {"--config-env", TAKES_BOTH, set_config_env, 0, false},
    {"--git-dir", TAKES_BOTH, NULL,
     offsetof(struct repository_hints, git_dir) + 1, false},
    {"--work-tree", TAKES_BOTH, NULL,
     offsetof(struct repository_hints, work_tree) + 1, false},
    {"--namespace", TAKES_BOTH, NULL, 0, false},
    {"--attr-source", TAKES_BOTH, NULL, 0, false},
    {"--super-prefix", TAKES_BOTH, NULL, 0, true},
    {"--shallow-file", TAKES_NEXT, NULL, 0, true},
    {"--bare", TAKES_NOTHING, NULL, 0, false},
    {"-p", TAKES_NOTHING, NULL, 0, false},
    {"--paginate", TAKES_NOTHING, NULL, 0, false},
    {"-P", TAKES_NOTHING, NULL, 0, false},
    {"--no-pager", TAKES_NOTHING, NULL, 0, false},
    {"--no-replace-objects", TAKES_NOTHING, NULL, 0, false},
    {"--no-lazy-fetch", TAKES_NOTHING, NULL, 0, false},
    {"--no-optional-locks", TAKES_NOTHING, NULL, 0, false},
    {"--no-advice", TAKES_NOTHING, NULL, 0, false},
    {"--literal-pathspecs", TAKES_NOTHING, NULL, 0, false},
    {"--no-literal-pathspecs", TAKES_NOTHING, NULL, 0, false},
    {"--glob-pathspecs", TAKES_NOTHING, NULL, 0, false},
    {"--noglob-pathspecs", TAKES_NOTHING, NULL, 0, false},
    {"--icase-pathspecs", TAKES_NOTHING, NULL, 0, false},
};

static const struct global *
find_global(const char *arg, const char **attached)
{
	size_t i, n;

	for (i = 0; i < sizeof(globals) / sizeof(*globals); i++) {
		n = strlen(globals[i].name);
		if (strncmp(arg, globals[i].name, n))
			continue;
		*attached = NULL;
		if (!arg[n])
			return &globals[i];
		if (arg[n] == '=' && globals[i].takes == TAKES_BOTH) {
			*attached = arg + n + 1;
			return &globals[i];
		}
	}
	return NULL;
}

static int
one_global(struct git_call *g, const struct global *o, const char *value,
	   struct err *e)
{
	if (o->refused)
		return err_set(e, ERR_UNKNOWN,
			       "git %s is for git itself and is not accepted",
			       o->name);
	if (o->takes == TAKES_NEXT) {
		push_global(g, o->name);
		push_global(g, value);
	} else {
		push_global(g, value ? git_text(g, "%s=%s", o->name, value)
				     : o->name);
	}
	if (o->hint)
		memcpy((char *)&g->hints + o->hint - 1, &value, sizeof(value));
	if (!strcmp(o->name, "--bare")) {
		g->hints.bare = true;
		if (!g->hints.git_dir)
			g->hints.git_dir = g->dir;
	}
	return o->set ? o->set(g, value, e) : 0;
}

static bool
prints_and_exits(const char *arg)
{
	static const char *const names[] = {"--exec-path", "--html-path",
					    "--man-path", "--info-path"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(arg, names[i]))
			return true;
	return !strncmp(arg, "--list-cmds=", 12);
}

/* Reads global options off the line. */
int
git_globals_read(struct git_call *g, struct git_line *l, struct err *e)
{
	const struct global *o;
	const char *arg, *value;
	int rc;

	for (; l->n > 0 && *l->v[0] == '-'; l->v++, l->n--) {
		arg = l->v[0];
		if (!strcmp(arg, "-h") || !strcmp(arg, "--help") ||
		    !strcmp(arg, "-v") || !strcmp(arg, "--version"))
			return GLOBALS_WORD;
		if (prints_and_exits(arg))
			return GLOBALS_PRINT;
		if (!strncmp(arg, "--exec-path=", 12))
			return err_set(e, ERR_UNKNOWN,
				       "git --exec-path=%s would run programs "
				       "of that folder in place of git's own",
				       text_safe(g->ctx, arg + 12));
		o = find_global(arg, &value);
		if (!o)
			return err_set(e, ERR_SYNTAX, "unknown option: %s",
				       text_safe(g->ctx, arg));
		if (o->takes != TAKES_NOTHING && !value) {
			if (l->n < 2)
				return err_set(e, ERR_SYNTAX,
					       "no value given for %s", arg);
			l->v++;
			l->n--;
			value = l->v[0];
		}
		rc = one_global(g, o, value, e);
		if (rc < 0)
			return rc;
	}
	return l->n > 0 ? GLOBALS_WORD : GLOBALS_NONE;
}
