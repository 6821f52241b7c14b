/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kinds of places, as tables: critical folders, credentials, what runs later,
 * settings of agents, automode's own.
 */
#include "tools/path_class.h"
#include "base/path.h"
#include "invocation/git_config_text.h"
#include "invocation/program.h"
#include <string.h>
#include <talloc.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Below the home folder; a slash at the end: everything in there. */
static const char *const start_files[] = {
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".bash_logout",
    ".bash_aliases",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".zlogin",
    ".zlogout",
    ".kshrc",
    ".mkshrc",
    ".cshrc",
    ".tcshrc",
    ".login",
    ".inputrc",
    ".xinitrc",
    ".xprofile",
    ".xsession",
    ".xsessionrc",
    ".pam_environment",
    ".vimrc",
    ".gvimrc",
    ".exrc",
    ".vim/",
    ".emacs",
    ".emacs.d/",
    ".nanorc",
    ".tmux.conf",
    ".screenrc",
    ".curlrc",
    ".wgetrc",
    ".popt",
    ".psqlrc",
    ".sqliterc",
    ".gdbinit",
    ".lldbinit",
    ".pythonrc",
    ".pythonstartup",
    ".irbrc",
    ".pryrc",
    ".Rprofile",
    ".perldb",
    ".lessfilter",
    ".gitconfig",
    ".config/git/",
    ".config/fish/",
    ".config/nvim/",
    ".config/autostart/",
    ".config/systemd/",
    ".config/environment.d/",
    ".config/direnv/",
    ".config/zsh/",
    ".config/pip/pip.conf",
    ".local/bin/",
    "bin/",
    ".ssh/authorized_keys",
    ".ssh/authorized_keys2",
    ".ssh/rc",
    ".ssh/config",
    ".ssh/environment",
    ".config/Code/User/",
    ".vscode/",
    ".local/share/systemd/",
    ".local/share/applications/",
    ".npmrc",
    ".cargo/config",
    ".cargo/config.toml",
    ".cargo/bin/",
    ".asdfrc",
    ".mise.toml",
    ".config/mise/",
    ".envrc",
};

static const char *const agent_files[] = {
    ".claude/",	      ".claude.json",	 ".codex/",	 ".gemini/",
    ".cursor/",	      ".aider.conf.yml", ".continue/",	 ".config/opencode/",
    ".config/goose/", ".windsurf/",	 ".config/amp/",
};

static const char *const own_files[] = {
    ".local/state/automode/",
    ".config/automode/",
};

/* Anywhere in a project. */
static const char *const project_starts[] = {
    ".envrc",
    ".vscode/tasks.json",
    ".vscode/launch.json",
    ".vscode/settings.json",
    ".idea/workspace.xml",
};

static const char *const project_agents[] = {
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".mcp.json",
    ".codex/config.toml",
    ".cursor/mcp.json",
    ".gemini/settings.json",
};

bool
path_listed(const char *below, const char *const *list, size_t n)
{
	for (size_t i = 0; below && i < n; i++) {
		size_t len = strlen(list[i]);

		if (list[i][len - 1] == '/' &&
		    (!strncmp(below, list[i], len) ||
		     (!strncmp(below, list[i], len - 1) && !below[len - 1])))
			return true;
		if (!strcmp(below, list[i]))
			return true;
	}
	return false;
}

/* NULL: not below the home folder. */
const char *
path_below_home(struct operands *os, const char *path)
{
	return os->home ? path_below(path, os->home) : NULL;
}

/* The end of path matches a whole entry, component by component. */
static bool
ends_listed(const char *path, const char *const *list, size_t n)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < n; i++) {
		size_t own = strlen(list[i]);

		if (len > own && path[len - own - 1] == '/' &&
		    !strcmp(path + len - own, list[i]))
			return true;
	}
	return false;
}

/* Where automode's own files lie, as far as this caller's environment and
 * this process tell. */
static bool
is_own(struct operands *os, const char *path, const char *below)
{
	const char *dir = invocation_env(os->in, "AUTOMODE_STATE_DIR");
	const char *run = invocation_env(os->in, "XDG_RUNTIME_DIR");

	if (path_listed(below, own_files, COUNT(own_files)))
		return true;
	if (dir && dir[0] == '/' && dir[1] &&
	    path_is_under(path, path_resolve(os->ctx, "/", dir)))
		return true;
	if (run && run[0] == '/' &&
	    path_is_under(path,
			  path_join(os->ctx, path_resolve(os->ctx, "/", run),
				    "automode")))
		return true;
	dir = program_shim_dir();
	if (dir[0] == '/' && path_is_under(path, path_parent(os->ctx, dir)))
		return true;
	dir = program_share_dir();
	return (dir[0] == '/' && path_is_under(path, dir)) ||
	       strstr(path, "/automode-vault") ||
	       path_is_under(path, "/etc/automode");
}

/* Something in a git dir: .git itself, what runs, the store, or the rest
 * (locks, MERGE_HEAD, the index ...), which is PATH_PLAIN. */
static enum path_kind
kind_in_git(const char *path)
{
	static const char *const hooks[] = {"hooks/", "config",
					    "config.worktree",
					    "info/attributes", "info/grafts"};
	static const char *const store[] = {"objects/",	   "refs/", "HEAD",
					    "packed-refs", "logs/", "modules/",
					    "worktrees/"};
	const char *at = path, *git = NULL, *rest;
	size_t len;

	while ((at = strstr(at, "/.git"))) {
		if (at[5] == '/' || !at[5])
			git = at;
		at += 5;
	}
	if (!git)
		return PATH_PLAIN;
	rest = git + 5;
	if (!*rest)
		return PATH_REPOSITORY;
	rest++;
	len = strlen(rest);
	if (strstr(rest, "hooks/") ||
	    (len > 6 && !strcmp(rest + len - 6, "/hooks")) ||
	    (strchr(rest, '/') && !strcmp(path_base(rest), "config") &&
	     !strncmp(rest, "modules/", 8)))
		return PATH_HOOK;
	if (path_listed(rest, hooks, COUNT(hooks)))
		return PATH_HOOK;
	if (len > 5 && !strcmp(rest + len - 5, ".lock"))
		return PATH_PLAIN;
	return path_listed(rest, store, COUNT(store)) ? PATH_REPOSITORY
						      : PATH_PLAIN;
}

/* The workspace itself, or a folder in which it lies. */
static bool
holds_workspace(struct operands *os, const char *path)
{
	const struct operand_place *p =
	    operand_place(os, path_join(os->ctx, os->in->cwd, "x"));

	if (os->start && path_is_under(os->start, path))
		return true;
	return p && p->ours && p->repo->worktree &&
	       p->scope == SCOPE_WORKSPACE &&
	       path_is_under(p->repo->worktree, path);
}

/* DESIGN's workspace: the work tree around the current folder, or what the
 * session began in or above. */
static enum scope
scope_at(struct operands *os, const char *path)
{
	const struct operand_place *p = operand_place(os, path);
	enum scope s = scope_of_path(os->in, os->t->rules,
				     p && p->ours ? p->repo : NULL, path);

	/* an old file of another checkout may have a new inode */
	if (s == SCOPE_SCRATCH && p && p->repo && !p->ours && path_exists(path))
		return SCOPE_WORKSPACE;
	if ((s == SCOPE_HOME || s == SCOPE_OUTSIDE) && os->start &&
	    (!p || p->ours) && path_is_under(path, os->start))
		return SCOPE_WORKSPACE;
	return s;
}

static void
special(struct path_class *c, enum path_kind kind, enum scope scope,
	const char *why)
{
	c->kind = kind;
	c->why = why;
	if (scope != SCOPE_UNKNOWN)
		c->scope = scope;
}

static int
take_worktree(void *data, const char *key, const char *value)
{
	const char **to = data;

	if (!strcmp(key, "core.worktree") && value)
		*to = talloc_strdup(NULL, value);
	return 0;
}

/* The git dir of a submodule of which nothing is checked out: after `git
 * submodule deinit`, which unsets its core.worktree, or `git rm`. */
static bool
is_left_module(struct operands *os, const char *path)
{
	const char *worktree = NULL, *at = strstr(path, "/.git/modules/");
	struct err e = {0};
	bool left;

	if (!at || !path_exists(path_join(os->ctx, path, "HEAD")) ||
	    !path_exists(path_join(os->ctx, path, "objects")) ||
	    git_config_file(os->ctx, path_join(os->ctx, path, "config"),
			    take_worktree, &worktree, &e) < 0)
		return false;
	left = !worktree ||
	       !path_exists(path_join(
		   os->ctx, path_resolve(os->ctx, path, worktree), ".git"));
	talloc_free((char *)(uintptr_t)worktree);
	return left;
}

static void
classify_git(struct operands *os, const char *path, struct path_class *c)
{
	const struct operand_place *p = operand_place(os, path);
	enum path_kind kind = kind_in_git(path);

	if (kind == PATH_PLAIN ||
	    (kind == PATH_REPOSITORY && is_left_module(os, path)))
		return;
	if (kind == PATH_HOOK)
		special(c, kind, p && p->ours ? p->scope : SCOPE_UNKNOWN,
			"git runs it, or is told by it what to run");
	else if (p && p->scope != SCOPE_SCRATCH &&
		 !(os->in->session && p->repo &&
		   session_made(os->in->session, p->repo->gitdir)))
		special(c, kind, SCOPE_PROTECTED,
			"it is the repository itself: commits, stashes and "
			"branches that are nowhere else");
}

static void
classify_plain(struct operands *os, const char *below, const char *path,
	       struct path_class *c)
{
	bool home;

	if (path_listed(below, agent_files, COUNT(agent_files)) ||
	    ends_listed(path, project_agents, COUNT(project_agents)))
		special(c, PATH_AGENT, SCOPE_UNKNOWN,
			"it tells a coding agent what it may do");
	else if ((path_listed(below, start_files, COUNT(start_files)) &&
		  !path_is_new_program(os, below, path)) ||
		 ends_listed(path, project_starts, COUNT(project_starts)))
		special(c, PATH_START, SCOPE_UNKNOWN,
			"what is in there runs later, unasked");
	else if (path_is_credential(os, path, &home) && home)
		special(c, PATH_SECRET, SCOPE_SECRET, "credentials are there");
}

void
path_classify(struct operands *os, const struct operand *o, const char *path,
	      struct path_class *c)
{
	const char *below = path_below_home(os, path);
	const struct stat *st = o && !strcmp(o->target, path) ? &o->to
				: o && o->there		      ? &o->st
							      : NULL;

	*c = (struct path_class){.scope = scope_at(os, path)};
	if (c->scope == SCOPE_HOME && path_is_own_making(os, path))
		c->scope = SCOPE_WORKSPACE;
	if (!path[1] || !strchr(path + 1, '/')) {
		special(c, PATH_ROOT, SCOPE_SYSTEM,
			"it is the root of the system or next below it");
		return;
	}
	if (below && !*below) {
		special(c, PATH_HOME, SCOPE_SYSTEM, "it is the home folder");
		return;
	}
	if (os->home && path_is_under(os->home, path)) {
		special(c, PATH_HOME, SCOPE_SYSTEM,
			"the home folder lies in it");
		return;
	}
	if (is_own(os, path, below)) {
		special(c, PATH_GATEWAY, SCOPE_PROTECTED,
			"automode keeps its own files there");
		return;
	}
	if (o && o->mount && !strcmp(path, o->path)) {
		special(c, PATH_MOUNT, SCOPE_SYSTEM, "it is a mount point");
		return;
	}
	if (st && (S_ISBLK(st->st_mode) || S_ISCHR(st->st_mode))) {
		if (c->scope != SCOPE_SCRATCH)
			special(c, PATH_DEVICE, SCOPE_SYSTEM, "it is a device");
		else if (path_is_under(path, "/dev"))
			c->kind = PATH_SINK;
		if (c->kind != PATH_PLAIN)
			return;
	}
	if (holds_workspace(os, path)) {
		special(c, PATH_WORKSPACE, SCOPE_UNKNOWN,
			"the workspace itself lies there");
		return;
	}
	if (strstr(path, "/.git")) {
		classify_git(os, path, c);
		if (c->kind)
			return;
	}
	classify_plain(os, below, path, c);
}

void
path_classify_tree(struct operands *os, const char *dir, struct path_class *c)
{
	const struct scope_rules *rules = os->t->rules;
	const struct operand_place *p =
	    operand_place(os, path_join(os->ctx, dir, "x"));

	if (c->kind != PATH_PLAIN)
		return;
	for (size_t i = 0; rules && i < rules->nprotected_paths; i++) {
		const char *glob = rules->protected_paths[i], *at;
		size_t len = strcspn(glob, "*?[");

		while (glob[len] && len && glob[len - 1] != '/')
			len--;
		at = talloc_strndup(os->ctx, glob, len);
		if (*glob != '/' && (!p || !p->repo || !p->repo->worktree))
			continue;
		if (*glob != '/')
			at = path_join(os->ctx, p->repo->worktree,
				       *at ? at : ".");
		if (!len || !path_is_under(path_clean(os->ctx, at), dir) ||
		    !path_exists(at))
			continue;
		special(
		    c, PATH_PLAIN, SCOPE_PROTECTED,
		    talloc_asprintf(os->ctx, "the profile protects %s", glob));
		return;
	}
	if (path_holds_credentials(os, dir))
		special(c, PATH_SECRET, SCOPE_SECRET,
			"credentials of the person lie in it");
	else if (p && p->repo && p->repo->worktree &&
		 !strcmp(p->repo->worktree, dir) && !p->ours &&
		 !path_is_own_making(os, dir))
		special(c, PATH_CHECKOUT, SCOPE_UNKNOWN,
			"it is the work tree of another repository");
}
