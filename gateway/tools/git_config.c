/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git config and git init: what writes configuration, and whether a key
 * would make later commands run, redirect or trust something else.
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/git_keys.h"
#include "tools/git_words.h"
#include <ctype.h>
#include <sys/stat.h>
#include <unistd.h>

enum place {
	PLACE_LOCAL = 1,
	PLACE_WORKTREE,
	PLACE_GLOBAL,
	PLACE_SYSTEM,
	PLACE_FILE
};

enum action {
	ACTION_READ = 1,
	ACTION_SET,
	ACTION_UNSET,
	ACTION_SECTION,
	ACTION_EDIT
};

struct config_call {
	enum place place;
	enum action action;
	const char *file; /* PLACE_FILE */
	const char *key;  /* normalised as far as it goes; section: as given */
	const char
	    *value; /* ACTION_SET; ACTION_SECTION: the new name or NULL */
	bool add;
};

char *
git_lower_key(struct git_call *g, const char *key)
{
	char *out = git_text(g, "%s", key), *first, *last, *p;

	first = strchr(out, '.');
	last = strrchr(out, '.');
	for (p = out; *p; p++)
		if (!first || p < first || p > last)
			*p = (char)tolower((unsigned char)*p);
	return out;
}

static void
read_place(struct git_call *g, struct config_call *c)
{
	const char *file = options_value(&g->opt, "file");

	c->place = PLACE_LOCAL;
	if (!file)
		file = invocation_env(g->in, "GIT_CONFIG");
	if (options_on(&g->opt, "system"))
		c->place = PLACE_SYSTEM;
	else if (options_on(&g->opt, "global"))
		c->place = PLACE_GLOBAL;
	else if (options_on(&g->opt, "worktree"))
		c->place = PLACE_WORKTREE;
	else if (options_on(&g->opt, "local"))
		c->place = PLACE_LOCAL;
	else if (file) {
		c->place = PLACE_FILE;
		c->file = file;
	}
}

static bool
any_on(struct git_call *g, const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (options_on(&g->opt, names[i]))
			return true;
	return false;
}

/* `git config [options] name [value [pattern]]` */
static enum action
classic(struct git_call *g, struct config_call *c)
{
	static const char *const reads[] = {
	    "get",  "get-all",	 "get-regexp",	 "get-urlmatch",
	    "list", "get-color", "get-colorbool"};
	static const char *const unsets[] = {"unset", "unset-all"};
	static const char *const sections[] = {"rename-section",
					       "remove-section"};
	static const char *const sets[] = {"add", "replace-all"};
	size_t n = g->opt.noperands;

	if (any_on(g, reads, sizeof(reads) / sizeof(*reads)))
		return ACTION_READ;
	if (options_on(&g->opt, "edit"))
		return ACTION_EDIT;
	if (any_on(g, unsets, 2))
		return ACTION_UNSET;
	if (any_on(g, sections, 2))
		return ACTION_SECTION;
	c->add = options_on(&g->opt, "add");
	return any_on(g, sets, 2) || n >= 2 ? ACTION_SET : ACTION_READ;
}

static enum action
by_word(struct git_call *g, struct config_call *c, const char *word)
{
	if (!strcmp(word, "set")) {
		c->add = options_on(&g->opt, "append");
		return ACTION_SET;
	}
	if (!strcmp(word, "unset"))
		return ACTION_UNSET;
	if (!strcmp(word, "edit"))
		return ACTION_EDIT;
	if (!strcmp(word, "rename-section") || !strcmp(word, "remove-section"))
		return ACTION_SECTION;
	return ACTION_READ; /* list, get */
}

static const char *
global_file(struct git_call *g)
{
	const char *given = invocation_env(g->in, "GIT_CONFIG_GLOBAL"),
		   *home = invocation_env(g->in, "HOME"),
		   *xdg = invocation_env(g->in, "XDG_CONFIG_HOME");
	char *plain, *other;

	if (given)
		return path_join(g->ctx, g->dir, given);
	if (!home)
		return NULL;
	plain = git_text(g, "%s/.gitconfig", home);
	other = xdg && *xdg ? git_text(g, "%s/git/config", xdg)
			    : git_text(g, "%s/.config/git/config", home);
	return !path_exists(plain) && path_exists(other) ? other : plain;
}

static const char *
system_file(struct git_call *g)
{
	const char *given = invocation_env(g->in, "GIT_CONFIG_SYSTEM");

	return given ? path_join(g->ctx, g->dir, given) : "/etc/gitconfig";
}

/* A file that git reads as configuration, now or for another of its
 * repositories: .git/modules/x/config, an included file. */
static bool
is_configuration(struct git_call *g, const char *real)
{
	const char *name = path_base(real);
	size_t i;

	if (!strcmp(name, ".gitmodules") || !strcmp(name, ".lfsconfig"))
		return false;
	if (!strcmp(name, ".gitconfig") || !strcmp(name, "config.worktree"))
		return true;
	if (!strcmp(name, "config") &&
	    path_exists(git_text(g, "%s/HEAD", path_parent(g->ctx, real))))
		return true;
	for (i = 0; g->settings && i < g->settings->nfiles; i++)
		if (!strcmp(path_resolve(g->ctx, g->dir, g->settings->files[i]),
			    real))
			return true;
	return false;
}

/* What holds for every repository of the person. */
static void
writes_global(struct git_call *g, const struct config_call *c, const char *real,
	      enum scope scope)
{
	struct effect *fx;
	bool one_key =
	    c->key && (c->action == ACTION_SET || c->action == ACTION_UNSET);
	const char *now = one_key ? git_setting(g, c->key) : NULL;

	/* kept first: a file of the person's that this changes one line of */
	if (one_key &&
	    (git_key_is_everyday(c->key, c->value) ||
	     (c->action == ACTION_SET && !now && git_key_is_identity(c->key)) ||
	     (c->action == ACTION_SET && now && c->value && !c->add &&
	      !strcmp(now, c->value)) ||
	     (!strcmp(c->key, "safe.directory") && c->value && g->repo &&
	      g->repo->worktree && !strcmp(c->value, g->repo->worktree)))) {
		fx = effects_add(g->fx, EFFECT_FILE_WRITE, scope, real);
		fx->undo = UNDO_YES;
		fx->why = git_text(g, "%s, for every repository",
				   text_safe(g->ctx, c->key));
		if (path_exists(real)) {
			git_loses(g, fx, LOSS_PATHS);
			losses_add_path(g->ctx, &g->cmd->losses, real);
		}
		need_write(g->ctx, &g->cmd->need, real);
		return;
	}
	/* first: it is the reason, not that a file is written for it */
	fx = effects_add(g->fx, EFFECT_PERSIST, scope,
			 c->key ? c->key : path_base(real));
	fx->undo = UNDO_NO;
	fx->why = git_text(g,
			   "%s is the person's own configuration and holds "
			   "for every repository",
			   text_safe(g->ctx, real));
	fx->instead = c->action == ACTION_SET && c->key && c->value
			  ? git_text(g, "git config --local %s ...",
				     text_safe(g->ctx, c->key))
			  : "git config --local, or git -c KEY=VALUE for one "
			    "command";
	if (c->action == ACTION_SET && one_key && c->value)
		git_judge_set(g, c->key, c->value);
	git_writes_file(g, real);
}

/* A file that is not this repository's: judged as a file, and by its key. */
static void
writes_elsewhere(struct git_call *g, const struct config_call *c,
		 const char *file)
{
	const char *real = path_resolve(g->ctx, g->dir, file);
	enum scope scope =
	    c->place == PLACE_SYSTEM && !strcmp(file, "/etc/gitconfig")
		? SCOPE_SYSTEM
		: scope_of_path(g->in, g->t->rules, g->repo, real);

	if (!g->repo || !strcmp(g->cmd->need.box, GIT_BOX_CONFIG))
		g->cmd->need.box = GIT_BOX_WRITE;
	if (scope == SCOPE_SCRATCH) {
		git_writes_file(g, file);
		return;
	}
	if (c->place != PLACE_FILE || scope != SCOPE_WORKSPACE) {
		writes_global(g, c, real, scope);
		return;
	}
	if (is_configuration(g, real)) {
		if (c->action == ACTION_SET && c->key && c->value)
			git_judge_set(g, c->key, c->value);
		else if (c->action == ACTION_EDIT)
			git_runs(g, "an editor on configuration");
	}
	git_writes_file(g, file);
}

void
git_config_glob(struct git_call *g, const char *glob)
{
	g->cmd->need.config_write = true;
	need_config_key(g->ctx, &g->cmd->need, glob);
	git_loses(g, NULL, LOSS_CONFIG);
}

/* '*' and its like in a subsection would widen the permission. */
void
git_config_changes(struct git_call *g, const char *key)
{
	char *glob = git_text(g, "%s", key), *p;

	for (p = glob; *p; p++)
		if (strchr("*?[]{}\\", *p))
			*p = '?';
	git_config_glob(g, glob);
}

/* All of a section under another name, NULL: gone.  What a key does there that
 * it did not do before is judged as if it were set. */
static void
changes_section(struct git_call *g, const char *old, const char *new)
{
	char *prefix = git_text(g, "%s.", git_lower_key(g, old));
	const struct git_setting *s;
	size_t i, n = strlen(prefix);
	const char *key;

	for (i = 0; i < g->settings->n; i++) {
		s = &g->settings->v[i];
		if (strncasecmp(s->key, prefix, n) || strchr(s->key + n, '.') ||
		    s->level < SETTING_LOCAL)
			continue;
		git_judge_unset(g, s->key);
		if (!new)
			continue;
		key = git_lower_key(g, git_text(g, "%s.%s", new, s->key + n));
		if (git_key_does(key, s->value) !=
		    git_key_does(s->key, s->value))
			git_judge_set(g, key, s->value);
	}
}

static void
writes_local(struct git_call *g, struct config_call *c)
{
	struct effect *fx;

	if (g->scope != SCOPE_WORKSPACE && g->scope != SCOPE_SCRATCH) {
		fx = git_effect(g, EFFECT_FILE_OVERWRITE, "config");
		git_loses(g, fx, LOSS_CONFIG);
	}
	switch (c->action) {
	case ACTION_READ:
		return;
	case ACTION_SET:
		if (c->key && c->value)
			git_judge_set(g, c->key, c->value);
		if (c->key && !c->add && c->value &&
		    !git_config_value_signs(c->value))
			git_judge_unset(g, c->key);
		break;
	case ACTION_UNSET:
		if (c->key)
			git_judge_unset(g, c->key);
		break;
	case ACTION_SECTION:
		if (c->key)
			changes_section(g, c->key, c->value);
		if (c->key)
			git_config_changes(g, c->key);
		need_config_key(g->ctx, &g->cmd->need,
				git_text(g, "%s.**", c->key ? c->key : ""));
		if (c->value)
			need_config_key(g->ctx, &g->cmd->need,
					git_text(g, "%s.**", c->value));
		return;
	case ACTION_EDIT:
		fx = git_effect(g, EFFECT_PERSIST, "config");
		fx->undo = UNDO_NO;
		fx->why = "an editor could set any key";
		fx->instead = "git config KEY VALUE";
		g->cmd->need.runs_code = true;
		git_config_changes(g, "x");
		need_config_key(g->ctx, &g->cmd->need, "**");
		return;
	}
	if (c->key)
		git_config_changes(g, c->key);
}

int
git_do_config(struct git_call *g, struct err *e)
{
	const char *word = g->opt.subcommand;
	struct config_call c = {0};
	const char *const *v = g->opt.operands;
	size_t n = g->opt.noperands;

	(void)e;
	read_place(g, &c);
	c.action = word ? by_word(g, &c, word) : classic(g, &c);
	if (c.action == ACTION_READ) {
		g->cmd->need.box = GIT_BOX_READ;
		if (c.place == PLACE_FILE)
			git_reads_file(g, c.file);
		return 0;
	}
	c.key = n > 0 ? v[0] : NULL;
	c.value = n > 1 ? v[1] : NULL;
	if (c.key && c.action != ACTION_SECTION)
		c.key = git_lower_key(g, c.key);
	g->cmd->need.box = GIT_BOX_CONFIG;
	switch (c.place) {
	case PLACE_LOCAL:
	case PLACE_WORKTREE:
		if (!g->repo) {
			g->cmd->need.box = GIT_BOX_READ;
			return 0;
		}
		writes_local(g, &c);
		return 0;
	case PLACE_FILE:
		if (g->repo &&
		    !strcmp(path_resolve(g->ctx, g->dir, c.file),
			    git_text(g, "%s/config", g->repo->commondir))) {
			writes_local(g, &c);
			return 0;
		}
		writes_elsewhere(g, &c, c.file);
		return 0;
	case PLACE_GLOBAL:
		if (global_file(g))
			writes_elsewhere(g, &c, global_file(g));
		return 0;
	case PLACE_SYSTEM:
		writes_elsewhere(g, &c, system_file(g));
		return 0;
	}
	return 0;
}

bool
git_config_value_signs(const char *value)
{
	return strcmp(value, "false") && strcmp(value, "no") &&
	       strcmp(value, "off") && strcmp(value, "0") && *value;
}

/* Hooks come with a template; they run as soon as there is a commit. */
void
git_uses_template(struct git_call *g)
{
	const char *template = options_value(&g->opt, "template"),
		   *from = "--template";
	const struct git_setting *s = git_setting_entry(g, "init.templatedir");

	if (!template) {
		template = invocation_env(g->in, "GIT_TEMPLATE_DIR");
		from = "GIT_TEMPLATE_DIR";
	}
	if (!template && s && s->level > SETTING_GLOBAL && s->value) {
		template = git_setting_path(g, s->value);
		from = "init.templateDir";
	}
	if (!template || !*template)
		return;
	git_reads_file(g, template);
	if (access(
		git_text(g, "%s/hooks", path_resolve(g->ctx, g->dir, template)),
		F_OK))
		return;
	g->cmd->need.runs_code = true;
	/* In a box that shows nothing but the new folder they harm nothing. */
	if (g->cmd->repo)
		git_runs(g, git_text(g, "hooks from %s", from));
}

/* what comes into it, not the folder, which may be a workspace root */
static void
makes_repository(struct git_call *g, const char *where, const char *dir)
{
	enum scope scope = scope_of_path(g->in, g->t->rules, NULL, dir);
	struct effect *fx;

	if (scope == SCOPE_SYSTEM || scope == SCOPE_SECRET) {
		fx = effects_add(g->fx, EFFECT_FILE_WRITE, scope, where);
		fx->undo = UNDO_YES;
	}
}

/* .git is renamed to there: both have to lie in one mount, in a folder of the
 * caller's.  Nothing runs that is not git itself.  Where .git is a file, or
 * linked work trees have one, those are not for a command to write to. */
static bool
moves_apart(struct git_call *g, const char *to)
{
	const struct repository *r = g->repo;
	const char *top = path_parent(g->ctx, to);
	struct stat st, own;

	if (!r->worktree || lstat(r->worktree, &own) < 0 ||
	    strcmp(r->commondir, git_text(g, "%s/.git", r->worktree)) != 0 ||
	    path_exists(git_text(g, "%s/worktrees", r->commondir)))
		return false;
	while (!path_is_under(r->worktree, top))
		top = path_parent(g->ctx, top);
	if (lstat(top, &st) < 0 || !S_ISDIR(st.st_mode) ||
	    st.st_uid != own.st_uid || st.st_dev != own.st_dev || !top[1] ||
	    st.st_mode & S_ISVTX)
		return false;
	g->cmd->need.moves_repository = true;
	need_write(g->ctx, &g->cmd->need, top);
	return true;
}

/* Undo moves it back, to where a file is by then. */
static void
moved_from(struct git_call *g, const char *from, const char *to)
{
	const struct file_change moved = {FILE_MOVED, .path = from, .to = to},
				 made = {FILE_MADE, .path = from};

	losses_add_file(g->ctx, &g->cmd->losses, &moved);
	losses_add_file(g->ctx, &g->cmd->losses, &made);
}

static void
puts_apart(struct git_call *g, const char *apart, bool moved)
{
	const char *to = path_resolve(g->ctx, g->dir, apart);
	struct effect *fx;

	need_write(g->ctx, &g->cmd->need, to);
	if (!g->repo)
		return;
	/* .git of a repository that is there already, to where nothing is */
	fx = git_effect(g, EFFECT_FILE_WRITE, apart);
	git_loses(g, fx, moved ? LOSS_FILES : LOSS_CONFIG | LOSS_STATE);
	if (moved)
		moved_from(g, g->repo->commondir, to);
}

int
git_do_init(struct git_call *g, struct err *e)
{
	const char *where = g->opt.noperands > 0 ? g->opt.operands[0] : ".",
		   *apart = options_value(&g->opt, "separate-git-dir"), *real,
		   *dir = g->hints.git_dir;
	bool moved = false;

	real = path_resolve(g->ctx, g->dir, where);
	git_uses_template(g);
	makes_repository(g, where, git_text(g, "%s/.git", real));
	if (dir && *dir && !g->repo) {
		dir = path_resolve(g->ctx, real, dir);
		makes_repository(g, g->hints.git_dir, dir);
		need_write(g->ctx, &g->cmd->need, dir);
	}
	/* Not the repository around it, unless that is the one. */
	if (g->repo && !g->repo->explicit_dir && !g->repo->bare &&
	    (!g->repo->worktree || strcmp(g->repo->worktree, real))) {
		/* A new one inside it: then its box guards its own .git. */
		if (!g->repo->worktree ||
		    !path_is_under(real, g->repo->worktree))
			g->cmd->repo = NULL;
		g->repo = NULL;
		talloc_free(g->settings);
		g->settings = NULL;
		if (git_settings_load(g, e) < 0)
			return e->code;
	}
	if (g->repo) {
		g->cmd->need.hooks_write = true;
		g->cmd->need.config_write = true;
		need_config_key(g->ctx, &g->cmd->need, "core.*");
		need_config_key(g->ctx, &g->cmd->need, "extensions.*");
		need_config_key(g->ctx, &g->cmd->need, "receive.*");
		moved = apart &&
			moves_apart(g, path_resolve(g->ctx, g->dir, apart));
		if (!moved)
			git_loses(g, NULL, LOSS_CONFIG);
	} else {
		g->cmd->need.box = GIT_BOX_WRITE;
	}
	if (!g->cmd->repo || g->repo)
		need_write(g->ctx, &g->cmd->need, real);
	if (apart)
		puts_apart(g, apart, moved);
	return 0;
}
