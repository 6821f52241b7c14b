/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration as git would see it: system, global, local, work tree
 * and command line, includes in their places (git-config(1), config.c of git
 * 2.39).  Which files the caller's HOME and GIT_CONFIG_* name is respected;
 * values from files that are not the person's own count as command-level.
 */
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/path.h"
#include "invocation/git_config_text.h"
#include "tools/git_remotes.h"
#include "tools/git_words.h"
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <strings.h>
#include <unistd.h>

#define INCLUDE_DEPTH 10 /* git's MAX_INCLUDE_DEPTH */

struct loading {
	struct git_call *g;
	struct git_settings *s;
	const char *file; /* being read; NULL for the command line */
	int level, depth;
	bool by_url; /* second round: hasconfig conditions can be told */
	bool saw_by_url;
	struct err *e;
};

static int load_file(struct loading *l, const char *path);

static void
add(struct loading *l, const char *key, const char *value, const char *origin)
{
	struct git_settings *s = l->s;
	struct git_setting *v;

	if ((s->n & (s->n - 1)) == 0 && (s->n == 0 || s->n >= 16))
		s->v = have(talloc_realloc(s, s->v, struct git_setting,
					   s->n ? 2 * s->n : 16));
	v = &s->v[s->n++];
	v->key = have(talloc_strdup(s, key));
	v->value = value ? have(talloc_strdup(s, value)) : NULL;
	v->origin = origin;
	v->level = (unsigned)l->level;
}

static void
note_file(struct git_settings *s, const char *path)
{
	s->files =
	    have(talloc_realloc(s, s->files, const char *, s->nfiles + 1));
	s->files[s->nfiles++] = have(talloc_strdup(s, path));
}

/* "~/x", "~user/x", relative to dir.  NULL: git would die over it. */
static char *
expand(struct git_call *g, const char *dir, const char *path)
{
	const char *home = invocation_env(g->in, "HOME"), *slash;
	struct passwd *pw;
	char *user;

	if (*path == '~') {
		slash = strchrnul(path, '/');
		user = have(talloc_strndup(g->ctx, path + 1,
					   (size_t)(slash - path - 1)));
		if (*user) {
			pw = getpwnam(user);
			home = pw ? pw->pw_dir : NULL;
		}
		if (!home)
			return NULL;
		return (git_text(g, "%s%s", home, slash));
	}
	if (*path != '/' && !dir)
		return NULL;
	return path_join(g->ctx, dir ? dir : "/", path);
}

/* wildmatch with WM_PATHNAME; the profiles' globs mean the same. */
static bool
glob_match(struct git_call *g, char *pattern, const char *text, bool icase)
{
	char *low, *p;

	if (*pattern && pattern[strlen(pattern) - 1] == '/')
		pattern = (git_text(g, "%s**", pattern));
	if (!icase)
		return path_glob_match(pattern, text);
	low = have(talloc_strdup(g->ctx, text));
	for (p = low; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	pattern = have(talloc_strdup(g->ctx, pattern));
	for (p = pattern; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	return path_glob_match(pattern, low);
}

static bool
gitdir_is(struct loading *l, const char *pattern, bool icase)
{
	struct git_call *g = l->g;
	char *dir = l->file ? path_parent(g->ctx, l->file) : NULL, *p;

	if (!g->repo || !*pattern)
		return false;
	if (!strncmp(pattern, "./", 2)) {
		if (!dir)
			return false;
		p = (git_text(g, "%s/%s", path_resolve(g->ctx, "/", dir),
			      pattern + 2));
	} else if (*pattern == '~') {
		p = expand(g, NULL, pattern);
		if (!p)
			return false;
	} else if (*pattern == '/') {
		p = have(talloc_strdup(g->ctx, pattern));
	} else {
		p = (git_text(g, "**/%s", pattern));
	}
	return glob_match(g, p, g->repo->gitdir, icase);
}

static bool
branch_is(struct git_call *g, const char *pattern)
{
	char *text = NULL, *path;
	size_t len = 0;

	if (!g->repo)
		return false;
	path = git_text(g, "%s/HEAD", g->repo->gitdir);
	if (file_read(g->ctx, AT_FDCWD, have(path), 1 << 16, &text, &len,
		      NULL) != 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	if (strncmp(text, "ref: refs/heads/", 16))
		return false;
	return glob_match(g, have(talloc_strdup(g->ctx, pattern)), text + 16,
			  false);
}

static bool
some_url_is(struct loading *l, const char *pattern)
{
	const struct git_settings *s = l->g->settings; /* the first round */
	size_t i, n;

	l->saw_by_url = true;
	if (!l->by_url || !s)
		return false;
	for (i = 0; i < s->n; i++) {
		n = strlen(s->v[i].key);
		if (s->v[i].value && !strncmp(s->v[i].key, "remote.", 7) &&
		    n > 11 && !strcmp(s->v[i].key + n - 4, ".url") &&
		    glob_match(l->g, have(talloc_strdup(l->g->ctx, pattern)),
			       s->v[i].value, false))
			return true;
	}
	return false;
}

static bool
condition_holds(struct loading *l, const char *c)
{
	if (!strncmp(c, "gitdir:", 7))
		return gitdir_is(l, c + 7, false);
	if (!strncmp(c, "gitdir/i:", 9))
		return gitdir_is(l, c + 9, true);
	if (!strncmp(c, "onbranch:", 9))
		return branch_is(l->g, c + 9);
	if (!strncmp(c, "hasconfig:remote.*.url:", 23))
		return some_url_is(l, c + 23);
	return false;
}

static int
include(struct loading *l, const char *path)
{
	const char *outer = l->file;
	char *dir = outer ? path_parent(l->g->ctx, outer) : NULL, *full;
	int rc;

	full = expand(l->g, dir, path);
	if (!full)
		return err_set(l->e, ERR_SYNTAX,
			       "relative config includes must come from files");
	if (access(full, R_OK) < 0)
		return 0;
	if (++l->depth > INCLUDE_DEPTH)
		return err_set(l->e, ERR_SYNTAX,
			       "exceeded maximum include depth (%d)",
			       INCLUDE_DEPTH);
	rc = load_file(l, full);
	l->depth--;
	l->file = outer;
	return rc;
}

static int
each(void *data, const char *key, const char *value)
{
	struct loading *l = data;
	size_t n = strlen(key);
	char *condition;

	add(l, key, value, l->file ? l->file : "-c");
	if (!value)
		return 0;
	if (!strcmp(key, "include.path"))
		return include(l, value);
	if (n > 15 && !strncmp(key, "includeif.", 10) &&
	    !strcmp(key + n - 5, ".path")) {
		condition = have(talloc_strndup(l->g->ctx, key + 10, n - 15));
		if (condition_holds(l, condition))
			return include(l, value);
		/* git reads these in any case, to forbid URLs in them */
		if (!strncmp(condition, "hasconfig:", 10) && l->file) {
			condition = expand(
			    l->g, path_parent(l->g->ctx, l->file), value);
			if (condition && !access(condition, R_OK))
				note_file(l->s, condition);
		}
	}
	return 0;
}

static int
load_text(struct loading *l, const char *path, const char *text, size_t len)
{
	note_file(l->s, path);
	l->file = l->s->files[l->s->nfiles - 1];
	if (git_config_text(l->g->ctx, text, len, each, l, l->e) < 0)
		return err_wrap(l->e, "%s", path);
	return 0;
}

static int
load_file(struct loading *l, const char *path)
{
	char *text = NULL;
	size_t len = 0;
	int rc;

	/* The usual way to say "none". */
	if (!*path || !strcmp(path, "/dev/null"))
		return 0;
	rc = file_read(l->g->ctx, AT_FDCWD, path, LIMIT_CONFIG_FILE, &text,
		       &len, l->e);
	if (rc < 0 && errno == EACCES)
		return 0; /* as git: a person's file that cannot be read */
	if (rc != 0)
		return rc > 0 ? 0 : rc;
	return load_text(l, path, text, len);
}

static int
load_global(struct loading *l)
{
	struct git_call *g = l->g;
	const char *home = invocation_env(g->in, "HOME"),
		   *xdg = invocation_env(g->in, "XDG_CONFIG_HOME"),
		   *given = invocation_env(g->in, "GIT_CONFIG_GLOBAL"),
		   *own = invocation_home(g->in);
	bool theirs;
	char *path;
	int rc = 0;

	if (given) {
		l->level = SETTING_COMMAND;
		return load_file(l, path_join(g->ctx, g->in->cwd, given));
	}
	theirs = home && own && !strcmp(home, own);
	l->level = theirs ? SETTING_GLOBAL : SETTING_COMMAND;
	path = NULL;
	if (xdg && *xdg) {
		path = git_text(g, "%s/git/config", xdg);
		if (!home || !path_is_under(xdg, home))
			l->level = SETTING_COMMAND;
	} else if (home) {
		path = git_text(g, "%s/.config/git/config", home);
	}
	if (path)
		rc = load_file(l, path_join(g->ctx, g->in->cwd, path));
	l->level = theirs ? SETTING_GLOBAL : SETTING_COMMAND;
	if (rc < 0 || !home)
		return rc;
	path = (git_text(g, "%s/.gitconfig", home));
	return load_file(l, path_join(g->ctx, g->in->cwd, path));
}

static int
load_system(struct loading *l)
{
	const char *no = invocation_env(l->g->in, "GIT_CONFIG_NOSYSTEM"),
		   *given = invocation_env(l->g->in, "GIT_CONFIG_SYSTEM");

	if (no && git_config_truth(no) != 0)
		return 0;
	l->level = given ? SETTING_COMMAND : SETTING_SYSTEM;
	if (given)
		return load_file(l, path_join(l->g->ctx, l->g->in->cwd, given));
	return load_file(l, "/etc/gitconfig");
}

static int
load_all(struct loading *l)
{
	struct git_call *g = l->g;
	const struct repository *r = g->repo;
	size_t i;
	int rc;

	if ((rc = load_system(l)) < 0 || (rc = load_global(l)) < 0)
		return rc;
	if (r && r->config) {
		l->level = SETTING_LOCAL;
		rc = load_text(l, git_text(g, "%s/config", r->commondir),
			       r->config, r->config_len);
	}
	if (rc == 0 && r && r->worktree_config) {
		l->level = SETTING_WORKTREE;
		rc = load_text(l, git_text(g, "%s/config.worktree", r->gitdir),
			       r->worktree_config, r->worktree_config_len);
	}
	l->level = SETTING_COMMAND;
	l->file = NULL;
	for (i = 0; rc == 0 && i < g->ncommands; i++)
		rc = each(l, g->commands[i].key, g->commands[i].value);
	return rc;
}

int
git_settings_load(struct git_call *g, struct err *e)
{
	struct loading l;
	int round, rc;

	if (g->settings)
		return 0;
	for (round = 0; round < 2; round++) {
		l = (struct loading){.g = g, .by_url = round > 0, .e = e};
		l.s = have(talloc_zero(g->ctx, struct git_settings));
		rc = load_all(&l);
		if (rc < 0) {
			/* git is to find the same mistake there */
			for (size_t i = 0; i < l.s->nfiles; i++)
				git_sees_file(g, l.s->files[i]);
			g->settings = NULL;
			return rc;
		}
		g->settings = l.s;
		if (!l.saw_by_url)
			break;
	}
	return 0;
}

const char *
git_setting_nth(struct git_call *g, const char *key, size_t i)
{
	size_t k;

	if (git_settings_load(g, NULL) < 0)
		return NULL;
	for (k = 0; k < g->settings->n; k++)
		if (!strcmp(g->settings->v[k].key, key) && i-- == 0)
			return g->settings->v[k].value ? g->settings->v[k].value
						       : "true";
	return NULL;
}

const struct git_setting *
git_setting_entry(struct git_call *g, const char *key)
{
	size_t k;

	if (git_settings_load(g, NULL) < 0)
		return NULL;
	for (k = g->settings->n; k-- > 0;)
		if (!strcmp(g->settings->v[k].key, key))
			return &g->settings->v[k];
	return NULL;
}

const char *
git_setting(struct git_call *g, const char *key)
{
	const struct git_setting *s = git_setting_entry(g, key);

	return !s ? NULL : s->value ? s->value : "true";
}

bool
git_setting_bool(struct git_call *g, const char *key, bool fallback)
{
	const struct git_setting *s = git_setting_entry(g, key);
	int truth = s ? git_config_truth(s->value) : -1;

	return truth < 0 ? fallback : truth;
}

/* Settings that name a file which git, not we, is going to open. */
static const char *const path_keys[] = {
    "core.excludesfile", "core.attributesfile",	  "core.hookspath",
    "commit.template",	 "init.templatedir",	  "gpg.ssh.allowedsignersfile",
    "mailmap.file",	 "blame.ignorerevsfile",  "format.signaturefile",
    "diff.orderfile",	 "gpg.ssh.revocationfile"};

/* The remote that this setting makes one to be asked for missing objects, or
 * NULL. */
static const char *
promisor_of(struct git_call *g, const struct git_setting *s)
{
	static const char *const ends[] = {".promisor", ".partialclonefilter"};
	size_t n = strlen(s->key), k;

	if (!strcmp(s->key, "extensions.partialclone"))
		return s->value;
	for (size_t i = 0; i < 2 && !strncmp(s->key, "remote.", 7); i++) {
		k = strlen(ends[i]);
		if (n > 7 + k && !strcmp(s->key + n - k, ends[i]))
			return git_text(g, "%.*s", (int)(n - k - 7),
					s->key + 7);
	}
	return NULL;
}

/* A partial clone fetches what it lacks whenever it needs it, as long as it may
 * write: of remotes on this machine, and of hosts that it had when the session
 * began. */
static void
promisors_need(struct git_call *g)
{
	const char *box = g->cmd->need.box, *name, *why;
	struct git_remote r;

	if (!g->repo)
		return;
	for (size_t i = 0; i < g->settings->n; i++) {
		name = promisor_of(g, &g->settings->v[i]);
		if (!name || git_remote_look(g, name, &r, NULL) < 0 ||
		    !r.nfetch)
			continue;
		if (r.fetch[0].transport == GIT_URL_HOST
			? git_remote_scope(g, &r, &r.fetch[0], false, &why) !=
			      SCOPE_TRUSTED
			: r.fetch[0].transport != GIT_URL_PATH)
			continue;
		git_url_reach(g, &r.fetch[0], false, NULL);
		git_permit_named(g, &r.fetch[0]);
		g->cmd->need.box = box;
		/* what a read fetches has to go somewhere */
		if (!strcmp(box, GIT_BOX_READ))
			need_write(
			    g->ctx, &g->cmd->need,
			    git_text(g, "%s/objects", g->repo->commondir));
	}
}

/* Whatever the caller's git could read of its configuration it can read in the
 * box too, except credential stores, which an include could name. */
void
git_settings_need(struct git_call *g)
{
	static const char *const beside[] = {"ignore", "attributes"};
	const char *home = invocation_env(g->in, "HOME"),
		   *xdg = invocation_env(g->in, "XDG_CONFIG_HOME"), *value;
	char *path;
	size_t i;

	for (i = 0; i < g->settings->nfiles; i++)
		git_sees_file(g, g->settings->files[i]);
	for (i = 0; i < 2 && (home || xdg); i++) {
		path = xdg && *xdg ? git_text(g, "%s/git/%s", xdg, beside[i])
		       : home
			   ? git_text(g, "%s/.config/git/%s", home, beside[i])
			   : NULL;
		if (path && !access(path, R_OK))
			git_sees_file(g, path);
	}
	promisors_need(g);
	for (i = 0; i < sizeof(path_keys) / sizeof(*path_keys); i++) {
		value = git_setting(g, path_keys[i]);
		if (!value || !*value)
			continue;
		path = expand(g,
			      g->repo && g->repo->worktree ? g->repo->worktree
							   : g->dir,
			      value);
		if (path && !access(path, R_OK))
			git_sees_file(g, path);
	}
}

/* A path of the configuration ("~/x", relative to the top of the work tree) as
 * an absolute one, or NULL. */
const char *
git_setting_path(struct git_call *g, const char *value)
{
	return expand(g,
		      g->repo && g->repo->worktree ? g->repo->worktree : g->dir,
		      value);
}
